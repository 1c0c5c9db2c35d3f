"""A segment: some runs as columns, immutable, and the same bytes in memory, in the cache and between processes."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from hashlib import sha256
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

from core.columns.facts import Shape
from core.columns.texts import Texts

Array = npt.NDArray[Any]

MAGIC = b"assay-columns-5\n"
"""Begins every segment; another number for another layout."""

_ALIGNED = 8
SUM = 16
"""Bytes of a checksum."""

NONE = 2**32 - 1
"""The number of a text that is not there."""


class Row(NamedTuple):
    """One run of a segment."""

    segment: Segment
    place: int


class DamagedError(ValueError):
    """Bytes that are no whole segment of this layout."""


class Segment:
    """Some runs as columns.

    Per run (`run_*`), per action (`act_*`, those of a run together, `run_begin` says where) and per value
    (`values`, those of an action together, `act_values` says where). What is shared stands in tables: `forms`,
    `shapes`, `digests` (of outputs and effects), `notes` (texts of runs) and `words` (value texts, ascending).
    """

    def __init__(self, header: Mapping[str, Any], arrays: Mapping[str, Array], data: bytes) -> None:
        self._header, self._arrays = header, arrays
        self.data = data
        """The segment as bytes."""
        self.known: Mapping[bytes, tuple[bytes, object]] = {}
        """What was found out about its windows earlier (core.columns.answers)."""

    def __getattr__(self, name: str) -> Array:
        try:
            return self.__dict__["_arrays"][name]  # type: ignore[no-any-return]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def header(self) -> Mapping[str, Any]:
        """What is no array: the forms and shapes."""
        return self._header

    @property
    def arrays(self) -> Mapping[str, Array]:
        """All arrays by name."""
        return self._arrays

    @property
    def runs(self) -> int:
        """How many runs it holds."""
        return len(self.run_begin) - 1

    @cached_property
    def forms(self) -> tuple[bytes, ...]:
        """The forms of actions (core.columns.facts.form_of)."""
        return tuple(form.encode() for form in self._header["forms"])

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shapes of values."""
        return tuple((tuple(names), tuple(paths)) for names, paths in self._header["shapes"])

    @cached_property
    def notes(self) -> Texts:
        """Texts of runs."""
        return Texts(self.note_bytes.data, self.note_ends)

    @cached_property
    def words(self) -> Texts:
        """Value texts in ascending order, by the whole text also where only a beginning is kept."""
        return Texts(self.word_bytes.data, self.word_ends)

    def note(self, column: str, run: int) -> str | None:
        """A text of a run."""
        number = self._arrays[column][run]
        return None if number == NONE else self.notes[number].decode()

    def units(self) -> list[str]:
        """The unit of every run. Not kept: of very many runs they take more than their numbers."""
        return [unit or "" for unit in self.column("run_unit")]

    def column(self, name: str) -> list[str | None]:
        """A text of every run."""
        numbers = self._arrays[name]
        there = np.flatnonzero(numbers != NONE)
        texts = self.notes.decoded(numbers[there])
        if len(texts) == len(numbers):
            return texts  # type: ignore[return-value]
        made: list[str | None] = [None] * len(numbers)
        for run, text in zip(there.tolist(), texts, strict=True):
            made[run] = text
        return made


def to_bytes(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """A segment as bytes; with a checksum, so that damage is noticed."""
    layout, place = {}, 0
    parts: list[bytes | memoryview] = []
    for name, array in arrays.items():
        layout[name] = (array.dtype.str, list(array.shape), place, array.nbytes)
        flat = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
        parts += [memoryview(flat), bytes(-array.nbytes % _ALIGNED)]  # type: ignore[arg-type]
        place += array.nbytes + -array.nbytes % _ALIGNED
    head = orjson.dumps({**header, "layout": layout})
    head += b" " * (-(len(MAGIC) + SUM + 8 + len(head)) % _ALIGNED)
    body = (len(head).to_bytes(8, "little"), head, *parts)
    return b"".join((MAGIC, checksum(*body), *body))


def checksum(*parts: bytes | memoryview) -> bytes:
    """16 bytes that tell whether some bytes are whole. Processors of today do SHA-256 in hardware."""
    made = sha256()
    for part in parts:
        made.update(part)
    return made.digest()[:SUM]


def from_bytes(data: bytes, *, sure: bool = False) -> Segment:
    """The segment that some bytes are; `sure` is whether they are known to be one. Raises DamagedError."""
    header, begin = head_of(data, sure=sure)
    try:
        arrays = {
            name: np.frombuffer(data, np.dtype(kind), size // np.dtype(kind).itemsize, begin + place).reshape(shape)
            for name, (kind, shape, place, size) in header["layout"].items()
        }
    except (ValueError, KeyError, TypeError) as error:
        raise DamagedError(str(error)) from None
    return Segment(header, arrays, data)


def head_of(data: bytes, *, sure: bool = False) -> tuple[Mapping[str, Any], int]:
    """The header of a segment's bytes, and where its arrays begin. Raises DamagedError."""
    start = len(MAGIC) + SUM
    if not sure and (not data.startswith(MAGIC) or checksum(memoryview(data)[start:]) != data[len(MAGIC) : start]):
        raise DamagedError("not a whole segment")
    base = start + 8 + int.from_bytes(data[start : start + 8], "little")
    try:
        header = orjson.loads(data[start + 8 : base])
    except ValueError as error:
        raise DamagedError(str(error)) from None
    return header, base
