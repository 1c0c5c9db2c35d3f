"""The DSSE envelope around every line of the journal: what is signed, its type, and the signatures.

Source: the DSSE protocol, version 1 (design/trust.md); a signature covers type and bytes, never the bytes alone.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import ClassVar

from pydantic import ConfigDict

from core.model.jsontext import JsonError, canonical, parse
from core.model.record import DecodeError, Record, Text

PAYLOAD_TYPE = "application/vnd.in-toto+json"
"""The type of every payload in the journal."""


class Signature(Record):
    """One signature over the pre-authentication encoding; `sig` is base64."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    keyid: Text
    sig: Text


class _Envelope(Record):
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    payload: Text
    payloadType: Text  # noqa: N815 - DSSE's own name
    signatures: tuple[Signature, ...]


def pae(payload: bytes, payload_type: str = PAYLOAD_TYPE) -> bytes:
    """DSSE's pre-authentication encoding: the bytes that a signature covers."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(payload), payload)


def seal(payload: bytes, signatures: Sequence[Signature] = ()) -> bytes:
    """The envelope of a payload as canonical JSON, without a newline."""
    body = base64.b64encode(payload).decode()
    return canonical(_Envelope(payload=body, payloadType=PAYLOAD_TYPE, signatures=tuple(signatures)))


def unseal(line: bytes) -> tuple[bytes, tuple[Signature, ...]]:
    """The payload and signatures of an envelope. Raises DecodeError unless `seal` gives back exactly these bytes."""
    try:
        envelope = _Envelope.decode(parse(line))
    except JsonError as error:
        where = f" at column {error.column}" if error.place else ""
        raise DecodeError(f"it is not JSON: {error.reason}{where}") from None
    if envelope.payloadType != PAYLOAD_TYPE:
        raise DecodeError(f"payloadType: expected {PAYLOAD_TYPE!r}")
    try:
        payload = base64.b64decode(envelope.payload, validate=True)
    except (binascii.Error, ValueError):
        raise DecodeError("payload: expected base64") from None
    if seal(payload, envelope.signatures) != line:
        raise DecodeError("it is not written in the one way in which this program writes it")
    return payload, envelope.signatures
