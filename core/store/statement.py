"""A decision as the in-toto-style statement that a journal line carries (spec/review.md, The journal)."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from core.model.decision import CrashpackRef, Decision
from core.model.errors import InputError
from core.model.jsontext import JsonError, canonical, parse
from core.model.record import DecodeError
from core.store.envelope import Signature

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
"""What kind of JSON the payload is."""

PREDICATE_TYPE = "urn:assay:decision:v1"
"""What the statement says about its subject: a decision of ours."""

_PREDICATE = (
    "seq",
    "time",
    "actor",
    "kind",
    "reason",
    "crashpack",
    "policy_digest",
    "host",
    "program",
    "prev",
    "detail",
)
_DIGESTS = {"behaviour_sha256": "behaviour_digest", "evidence_sha256": "evidence_digest"}
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def statement(decision: Decision) -> dict[str, Any]:
    """The statement of a decision. Raises ValueError when a digest is not `sha256:` and 64 hex digits or empty."""
    wire = decision.wire()
    for name in _DIGESTS.values():
        if wire[name] and not _DIGEST.fullmatch(wire[name]):
            raise ValueError(f"{name}: expected sha256: and 64 hex digits")
    subject = {
        "name": decision.lineage,
        "annotations": {"candidate_id": decision.candidate_id},
        "digest": {key: wire[name].removeprefix("sha256:") for key, name in _DIGESTS.items() if wire[name]},
    }
    return {
        "_type": STATEMENT_TYPE,
        "predicateType": PREDICATE_TYPE,
        "subject": [subject],
        "predicate": {name: wire[name] for name in _PREDICATE},
    }


def encode_payload(decision: Decision) -> bytes:
    """The canonical JSON of a decision's statement. Raises InputError for text that UTF-8 cannot carry."""
    try:
        return canonical(statement(decision))
    except TypeError as error:
        raise InputError(f"the decision cannot be written: {error}") from None


def decode_payload(payload: bytes) -> Decision:
    """The decision of a payload. Raises DecodeError unless `encode_payload` gives back exactly these bytes."""
    try:
        value = parse(payload)
    except JsonError as error:
        raise DecodeError(f"payload: {error}") from None
    outer = _object(value, "payload", {"_type", "predicateType", "subject", "predicate"})
    for key, expected in (("_type", STATEMENT_TYPE), ("predicateType", PREDICATE_TYPE)):
        if outer[key] != expected:
            raise DecodeError(f"{key}: expected {expected!r}")
    subjects = outer["subject"]
    if not isinstance(subjects, list) or len(subjects) != 1:
        raise DecodeError("subject: expected a list of one")
    subject = _object(subjects[0], "subject[0]", {"name", "annotations", "digest"})
    annotations = _object(subject["annotations"], "annotations", {"candidate_id"})
    digests = _object(subject["digest"], "digest", set(), _DIGESTS.keys())
    fields = dict(_object(outer["predicate"], "predicate", set(_PREDICATE)))
    fields["lineage"], fields["candidate_id"] = subject["name"], annotations["candidate_id"]
    fields |= {_DIGESTS[key]: f"sha256:{hexes}" for key, hexes in digests.items()}
    decision = Decision.decode(fields)
    try:
        again = encode_payload(decision)
    except (ValueError, InputError) as error:
        raise DecodeError(str(error)) from None
    if again != payload:
        raise DecodeError("payload: it is not written in the one way in which this program writes it")
    return decision


def _object(value: object, place: str, needed: set[str], more: Collection[str] = ()) -> Mapping[str, Any]:
    """A JSON object that has all the needed fields and, besides, only some of `more`. Raises DecodeError."""
    if not isinstance(value, dict):
        raise DecodeError(f"{place}: expected an object")
    if missing := sorted(needed - value.keys()):
        raise DecodeError(f"{place}.{missing[0]}: missing")
    if unknown := sorted(value.keys() - needed - set(more)):
        raise DecodeError(f"{place}: unknown field {unknown[0]!r}")
    return value


Judge = Callable[[Sequence[Signature], str, Mapping[str, Any]], Mapping[str, Any]]
"""Says what signatures are worth under a decision of this actor with this detail: the fields `signed` and `keyid`."""


def recall_line(line: bytes, judge: Judge) -> Decision:
    """The decision of a line that `unseal` and `decode_payload` accepted before; nothing is checked."""
    envelope = parse(line)
    outer = parse(base64.b64decode(envelope["payload"]))
    subject, fields = outer["subject"][0], outer["predicate"]
    fields["lineage"], fields["candidate_id"] = subject["name"], subject["annotations"]["candidate_id"]
    fields |= {_DIGESTS[key]: f"sha256:{hexes}" for key, hexes in subject["digest"].items()}
    if fields["crashpack"] is not None:
        fields["crashpack"] = CrashpackRef.model_construct(**fields["crashpack"])
    if envelope["signatures"]:
        signatures = tuple(Signature.model_construct(**signature) for signature in envelope["signatures"])
        fields |= judge(signatures, fields["actor"], fields["detail"])
    return Decision.model_construct(**fields)
