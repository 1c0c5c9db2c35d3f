"""What a volume found out about windows as bytes, for another process that has the same segment.

Of a segment that never changes the same answers are true for ever: they are kept beside it, and taken over by whoever
opens it again. They are bound to the segment by its checksum, and only say what follows from its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
import numpy as np

from core.columns.faults import Faults
from core.columns.library import Volume
from core.columns.segment import MAGIC, SUM, DamagedError, checksum
from core.columns.segment import to_bytes as segment_bytes
from core.columns.windows import Summary

BEGINS = b"assay-answers-2\n"
"""Begins all answers; another number when questions, answers or what they come to are others."""

HEAD = len(MAGIC) + SUM
"""Bytes at the beginning of a segment that tell it from others."""

_MOST = 2**63
"""Above which a sum is not kept: it is found out again."""


class _Faults(msgspec.Struct, array_like=True, gc=False):
    """core.columns.faults.Faults as bytes, little endian."""

    key: bytes
    about: bytes
    windows: bytes
    bits: bytes


class _Summary(msgspec.Struct, array_like=True, gc=False):
    key: bytes
    about: bytes
    found: Summary


class _Answers(msgspec.Struct, array_like=True, gc=False):
    """Everything that is kept of a volume."""

    segment: bytes
    """The checksum of its bytes."""
    summaries: list[_Summary]
    faults: list[_Faults]


_DECODER = msgspec.msgpack.Decoder(_Answers)


def to_bytes(volume: Volume, segment: bytes | None = None) -> bytes:
    """What a volume found out, with a checksum. `segment` is its `segment_sum`, where that is known."""
    return encoded(volume.known, _sum_of(volume) if segment is None else segment)


def encoded(known: Mapping[bytes, tuple[bytes, object]], segment: bytes) -> bytes:
    """Answers (`Volume.known`) about the segment with a `segment_sum` as bytes."""
    made = _Answers(segment, [], [])
    for key, (about, found) in known.items():
        if isinstance(found, Faults):
            windows, bits = found.windows.astype("<u4"), found.bits.astype("<u8")
            made.faults.append(_Faults(key, about, windows.tobytes(), bits.tobytes()))
        elif isinstance(found, Summary) and all(abs(one) < _MOST for one in (*found.avoided, found.remaining)):
            made.summaries.append(_Summary(key, about, found))
    body = msgspec.msgpack.encode(made)
    return BEGINS + checksum(body) + body


def recall(volume: Volume, data: bytes, segment: bytes | None = None) -> None:
    """Let a volume take over what was found out about its segment. `segment` is its `segment_sum`, where that is known.

    Raises DamagedError (`decoded`); the volume knows then what it knew.
    """
    volume.known |= decoded(data, _sum_of(volume) if segment is None else segment)


def decoded(data: bytes, segment: bytes) -> dict[bytes, tuple[bytes, object]]:
    """What some bytes tell of the segment with a `segment_sum`, as `Volume.known`.

    Raises DamagedError for bytes that are not whole, of another version, or about another segment.
    """
    start = len(BEGINS) + SUM
    if not data.startswith(BEGINS) or checksum(data[start:]) != data[len(BEGINS) : start]:
        raise DamagedError("no whole answers of this version")
    try:
        made = _DECODER.decode(data[start:])
        known: dict[bytes, tuple[bytes, object]] = {one.key: (one.about, one.found) for one in made.summaries}
        known |= {one.key: (one.about, _faults(one)) for one in made.faults}
    except (msgspec.DecodeError, ValueError) as error:
        raise DamagedError(str(error)) from None
    if made.segment != segment:
        raise DamagedError("answers about another segment")
    return known


def segment_sum(data: bytes) -> bytes:
    """What tells a segment's bytes from others; the first ones, `HEAD` of them, are enough."""
    return bytes(data[len(MAGIC) : HEAD])


def _sum_of(volume: Volume) -> bytes:
    segment = volume.segment
    return segment_sum(segment.data or segment_bytes(segment.header, segment.arrays))


def _faults(one: _Faults) -> Faults:
    windows, bits = np.frombuffer(one.windows, "<u4"), np.frombuffer(one.bits, "<u8")
    if len(windows) != len(bits):
        raise ValueError("faults without their windows")
    return Faults(windows.astype(np.int64), bits.astype(np.uint64))
