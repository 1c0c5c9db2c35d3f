"""Segments under one numbering of runs, signatures and forms."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from hashlib import blake2b
from itertools import pairwise
from typing import Any, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from core.columns.names import Names
from core.columns.segment import NONE, Segment

Indexes = npt.NDArray[np.integer[Any]]
Codes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Array = npt.NDArray[Any]
Answer = TypeVar("Answer")

_PREFIX = b"sha256:"

HASH = np.dtype(f"V{len(_PREFIX) + 64 + 1}")
"""A source hash as text with a NUL behind it."""

_QUESTIONS = 500
"""Answers above which a volume forgets for another one the one that was asked for longest ago."""


class Volume:
    """A segment with the numbers that its tables have in the library."""

    def __init__(self, segment: Segment, names: Names) -> None:
        self.segment = segment
        self.forms = [names.form(form) for form in segment.forms]
        self.signs, self.left, self.approvals = names.about(self.forms)
        self.sign = self.signs.astype(np.int32)[segment.act_form] if self.forms else np.zeros(0, np.int32)
        """The signature of every action."""
        self.begin = segment.run_begin.astype(np.int64)
        notes = segment.notes
        self.workflow = _numbers(segment.run_workflow_id, notes, names)
        self.criteria = _numbers(segment.run_success_criteria, notes, names)
        self.criterion = dict(zip(segment.run_success_criteria.tolist(), self.criteria.tolist(), strict=True))
        """The number of what runs have to reach, by the segment's number of its text."""
        self.excluded: Flags = segment.run_exclusion != NONE
        self.length = np.diff(self.begin)
        self.receipts = segment.run_receipts
        self.failures: dict[int, str] = {}
        """What is said of runs that fail, which are the same ones again and again, by index."""
        self._noted: dict[Hashable, Any] = {}
        self.apart: tuple[tuple[str, ...], Flags] | None = None
        """Which runs are only compared, with what that was told by."""
        self.known: dict[bytes, tuple[bytes, object]] = dict(segment.known)
        """What was found out about windows, by what was asked about which ones: these, and the answer.

        What was asked for last is at the end. All of it says the same in every library and process
        (core.columns.answers).
        """
        self._names = names

    @cached_property
    def goal(self) -> npt.NDArray[np.int32]:
        """The number of the goal of every run, -1 for none.

        Numbered when it is asked for: mostly each run has a goal of its own, and texts that have a number stay.
        """
        return _numbers(self.segment.run_goal, self.segment.notes, self._names)

    @cached_property
    def purpose(self) -> Flags:
        """Whether a run states what it is for, as its goal or as its workflow."""
        stated: Flags = (self.segment.run_goal != NONE) | (self.segment.run_workflow_id != NONE)
        return stated

    def remembered(self, asked: bytes, about: bytes, answer: Callable[[], Answer]) -> Answer:
        """The answer to a `question` about some windows (`about`), from the last time when it was the same."""
        key = key_of(asked, about)
        known = self.known.pop(key, None)
        if known is None:
            known = (about, answer())
            if len(self.known) >= _QUESTIONS:
                del self.known[next(iter(self.known))]
        self.known[key] = known
        return known[1]  # type: ignore[return-value]

    def noted(self, asked: Hashable, answer: Callable[[], Answer]) -> Answer:
        """The same of what is quick to find out again, and is kept nowhere else; `asked` tells the windows as well."""
        if asked not in self._noted:
            if len(self._noted) >= _QUESTIONS:
                self._noted.clear()
            self._noted[asked] = answer()
        return self._noted[asked]  # type: ignore[no-any-return]

    def digest_number(self, digest: bytes) -> int:
        """The number that a digest has in the segment; -1 when it is not there."""
        one, two = np.frombuffer(digest, np.uint64)
        order = self._digest_order
        at = int(np.searchsorted(self.segment.digests[:, 0], one, sorter=order))
        while at < len(order) and self.segment.digests[order[at], 0] == one:
            if self.segment.digests[order[at], 1] == two:
                return int(order[at])
            at += 1
        return -1

    @cached_property
    def keys(self) -> npt.NDArray[np.uint64]:
        """Two numbers of every run (`Library.keys`)."""
        made = self.segment.run_sha[:, :16].copy().view(np.uint64)
        made[:, 1] ^= self.segment.run_part
        return made

    @cached_property
    def hashes(self) -> Array:
        """The digest of every run's file as text, `sha256:…` with a NUL behind it, as one item each."""
        made = np.zeros((self.segment.runs, HASH.itemsize), np.uint8)
        made[:, : len(_PREFIX)] = np.frombuffer(_PREFIX, np.uint8)
        digits = self.segment.run_sha.tobytes().hex().encode()
        made[:, len(_PREFIX) : -1] = np.frombuffer(digits, np.uint8).reshape(-1, 64)
        return made.view(HASH).ravel()

    @cached_property
    def claims(self) -> bool:
        """Whether a run claims a source hash of its own."""
        return bool((self.segment.run_source_hash != NONE).any())

    @cached_property
    def tells(self) -> bool:
        """Whether a run has receipts."""
        return bool(self.receipts.any())

    @cached_property
    def _digest_order(self) -> Array:
        return np.argsort(self.segment.digests[:, 0]).astype(np.uint32)

    @cached_property
    def paths(self) -> tuple[tuple[str, ...], ...]:
        """Of every shape the paths of its values: those of parameters begin with `p.`, those of inputs with `i.`."""
        return tuple(
            (*(f"p.{name}" for name in names), *(f"i.{path}" for path in paths)) for names, paths in self.segment.shapes
        )


def question(kind: str, *asked: object) -> bytes:
    """Tells a question about windows from others; texts, bytes and numbers say what is asked."""
    return blake2b(msgspec.msgpack.encode((kind, *asked)), digest_size=16).digest()


def about(rows: Indexes, starts: Indexes) -> bytes:
    """Tells some windows of a segment from others: in which rows, and where."""
    made = blake2b(rows.astype("<u4", copy=False).data, digest_size=16)
    made.update(starts.astype("<u4", copy=False).data)
    return made.digest()


def key_of(asked: bytes, about: bytes) -> bytes:
    """Tells a `question` about some windows of a segment from others."""
    return blake2b(asked + about, digest_size=16).digest()


def _numbers(column: npt.NDArray[np.uint32], notes: Sequence[bytes], names: Names) -> npt.NDArray[np.int32]:
    found, where = np.unique(column, return_inverse=True)
    numbers = [-1 if number == NONE else names.text(notes[number].decode()) for number in found.tolist()]
    return np.array(numbers, np.int32)[where]


Part = tuple[Volume, Indexes, Indexes]
Parts = list[Part]
"""Some runs by volume: the volume, which of the runs are in it, ascending, and their indexes there."""


class Library:
    """Some volumes, each run with a number of its own: those of the first volume, then those of the second, …

    Immutable, but for names that are added.
    """

    def __init__(self, names: Names, volumes: Sequence[Volume] = ()) -> None:
        self.names, self.volumes = names, tuple(volumes)
        sizes = [volume.segment.runs for volume in self.volumes]
        self.base: Indexes = np.cumsum([0, *sizes]).astype(np.int64)
        """The number of the first run of each volume; the last number is the end."""
        self._base: list[int] = self.base.tolist()

    @cached_property
    def _number(self) -> npt.NDArray[np.uint16]:
        """The volume of every run."""
        return np.repeat(np.arange(len(self.volumes), dtype=np.uint16), np.diff(self.base))

    def adding(self, *segments: Segment) -> Library:
        """The library with some more segments."""
        return Library(self.names, (*self.volumes, *(Volume(segment, self.names) for segment in segments)))

    def column(self, name: str) -> Array:
        """`run_idhash`, `excluded`, `workflow` or `goal` of every run, by its number."""
        parts = [getattr(v if hasattr(v, name) else v.segment, name) for v in self.volumes]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def gather(self, name: str, runs: Indexes, parts: Parts | None = None) -> Indexes:
        """`workflow`, `criteria` (numbers of texts, -1 for none), `purpose`, `receipts` or `length` of some runs.

        `parts` are these runs by volume, where that is known.
        """
        made = np.zeros(len(runs), np.int64)
        for volume, chosen, here in self.split(runs) if parts is None else parts:
            made[chosen] = getattr(volume, name)[here]
        return made

    def keys(self, runs: Indexes) -> npt.NDArray[np.uint64]:
        """Two numbers for each of some runs that tell its bytes, and which run of its file it is, from others."""
        made = np.zeros((len(runs), 2), np.uint64)
        for volume, chosen, here in self.split(runs):
            made[chosen] = volume.keys[here]
        return made

    def number(self, runs: Indexes) -> npt.NDArray[np.uint16]:
        """The number of the volume of each of some runs."""
        return self._number[runs]

    def place(self, run: int) -> tuple[Volume, int]:
        """The volume of a run, and its index there."""
        number = bisect_right(self._base, run) - 1
        return self.volumes[number], run - self._base[number]

    def split(self, runs: Indexes) -> Parts:
        """Runs by volume: the volume, which of the given runs are in it, and their indexes there."""
        number = self._number[runs]
        if (number[1:] >= number[:-1]).all():  # as those mostly are that were read together
            order = np.arange(len(runs))
        else:
            order = np.argsort(number, kind="stable")
            number = number[order]
        ends = np.searchsorted(number, np.arange(len(self.volumes) + 1, dtype=number.dtype)).tolist()
        made: Parts = []
        for which, (begin, end) in enumerate(pairwise(ends)):
            if begin < end:
                chosen = order[begin:end]
                made.append((self.volumes[which], chosen, runs[chosen] - self._base[which]))
        return made

    def actions_of(self, runs: Indexes) -> tuple[Codes, Codes]:
        """The signatures of some runs, one run after the other, and where each begins; the last number is the end."""
        parts = self.split(runs)
        lengths = np.zeros(len(runs), np.int64)
        for volume, chosen, here in parts:
            lengths[chosen] = volume.length[here]
        ends: Codes = np.concatenate([[0], np.cumsum(lengths)])
        made = np.zeros(ends[-1], np.int64)
        for volume, chosen, here in parts:
            size = lengths[chosen]
            offset = np.arange(size.sum()) - np.repeat(np.cumsum(size) - size, size)
            made[np.repeat(ends[chosen], size) + offset] = volume.sign[np.repeat(volume.begin[here], size) + offset]
        return made, ends
