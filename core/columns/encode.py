"""Facts of runs gathered into a segment."""

from __future__ import annotations

from array import array
from collections import defaultdict
from itertools import count
from typing import TYPE_CHECKING

import numpy as np
import orjson

from core.columns.facts import NUMBERS, RunFacts
from core.columns.segment import NONE, Array, Segment, from_bytes, to_bytes
from core.mining.exclude import Exclusion

if TYPE_CHECKING:
    from core.columns.compiled import Splitter

try:
    from core.columns.compiled import Columns, Table, add_all, digest
except ImportError:  # no compiler was there when this was installed
    from core.columns.numbers import Columns, Table, add_all, digest  # type: ignore[assignment]

NOTES = (
    "unit",
    "id",
    "source_hash",
    "workflow_id",
    "goal",
    "success_criteria",
    "started_at",
    "finished_at",
    "ids",
    "exclusion",
    "run_id",
)
"""The texts of a run."""

_STAMP, _USAGE = 4, 4
_NUMBERS = ("size", "begin", "sure", "backwards", "kind", "receipts", "allowed")
"""The numbers of a run, behind those of its stamp and of what it spent."""


def id_hash(trace_id: str) -> bytes:
    """8 bytes by which runs are looked up; different ids may share them."""
    return digest(trace_id.encode(), 8)


_NOWHERE = bytes(8)


class Encoder:
    """Gathers runs. Of each only numbers are kept: what is looked at once more at the end is far from hand by then."""

    def __init__(self) -> None:
        self._actions = Columns()
        self._notes, self._noted = Table(), array("q")
        self._numbers, self._usd = array("q"), array("d")
        self._digests, self._id_hashes = bytearray(), bytearray()
        self._parts: dict[int, bytes] = {}
        self._kinds: defaultdict[bytes, int] = defaultdict(count().__next__)

    @property
    def size(self) -> int:
        """How many runs were added."""
        return len(self._usd)

    def add(
        self,
        unit: str,
        stamp: tuple[int, int, int, int],
        sha256: str,
        size: int,
        run: RunFacts,
        *,
        sure: bool = True,
        part: str = "",
        split: Splitter | None = None,
    ) -> None:
        """Add a run: its unit, how its file looked (core.live.changes.Stamp), hex digest and number of its bytes.

        `sure` is whether the stamp alone tells the bytes: not of a file that was changed a moment before.
        `part` tells it from the other runs of a file that holds several. `split` has its actions, where `run` has not.
        """
        (name, source_hash, workflow_id, goal, criteria, started, finished, spent, actions, ids, *_) = run
        exclusion, replay = run.exclusion, run.replay
        source = None if source_hash == f"sha256:{sha256}" else source_hash
        cause = None if exclusion is None else _told(exclusion)
        run_id, kind, receipts, allowed = None, NONE, 0, NONE
        if replay is not None:
            run_id, kind, receipts = replay.run_id, self._kinds[replay.kind], replay.receipts
            allowed = self._actions.words.of(replay.allowed.encode()) if receipts else NONE
        told = (unit, name, source, workflow_id, goal, criteria, started, finished, ids, cause, run_id)
        self._notes.add_each(told, NONE, self._noted)
        file = unit.removesuffix(part) if part else unit
        if not file.endswith(".json"):  # the same bytes are read in another way there
            part += file[file.rfind(".") :]
        if part:
            self._parts[len(self._usd)] = id_hash(part)
        begin = len(self._actions.form)
        usage, usd = spent[:4], spent[4]
        add_all(self._numbers, (*stamp, *usage, size, begin, sure, run.backwards, kind, receipts, allowed))
        self._usd.append(usd)
        self._digests += bytes.fromhex(sha256)
        self._id_hashes += id_hash(name)
        if split is None:
            self._actions.add(actions)
        else:
            self._actions.take(split)

    def finish(self) -> Segment:
        """The segment of everything that was added."""
        made = self.columns()
        return from_bytes(to_bytes(made.header, made.arrays), sure=True)

    def columns(self) -> Segment:
        """The same without its bytes."""
        noted = np.frombuffer(self._noted, np.int64).reshape(-1, len(NOTES)).astype(np.uint32)
        arrays: dict[str, Array] = {f"run_{name}": noted[:, at].copy() for at, name in enumerate(NOTES)}
        numbers = np.frombuffer(self._numbers, np.int64).reshape(-1, _STAMP + _USAGE + len(_NUMBERS))
        of_run = dict(zip(_NUMBERS, numbers[:, _STAMP + _USAGE :].T, strict=True))
        parts = b"".join([self._parts.get(run, _NOWHERE) for run in range(self.size)] if self._parts else ())
        arrays["run_stamp"] = numbers[:, :_STAMP].copy()
        arrays["run_sha"] = np.frombuffer(bytes(self._digests), np.uint8).reshape(-1, 32)
        arrays["run_idhash"] = np.frombuffer(bytes(self._id_hashes), np.uint64)
        arrays["run_part"] = np.frombuffer(parts or bytes(8 * self.size), np.uint64)
        arrays["run_sure"] = of_run["sure"].astype(np.bool_)
        arrays["run_size"] = of_run["size"].copy()
        arrays["run_begin"] = np.append(of_run["begin"], len(self._actions.form)).astype(np.uint32)
        arrays["run_backwards"] = of_run["backwards"].astype(np.bool_)
        arrays["run_kind"] = of_run["kind"].astype(np.uint32)
        arrays["run_receipts"] = _least(of_run["receipts"])
        arrays["run_usage"] = _least(numbers[:, _STAMP : _STAMP + _USAGE])
        arrays["run_usd"] = np.array(self._usd, np.float64)
        ranks, texts, ends = self._actions.words.ordered()
        renumbered = np.frombuffer(ranks, np.uint32)
        allowed = of_run["allowed"].astype(np.uint32)
        allowed[allowed != NONE] = renumbered[allowed[allowed != NONE]]
        arrays["run_allowed"] = allowed
        self._finish_actions(arrays, renumbered)
        arrays["note_bytes"], arrays["note_ends"] = _block(self._notes.joined(), self._notes.ends())
        arrays["word_bytes"], arrays["word_ends"] = _block(texts, ends)
        arrays["digests"] = np.frombuffer(self._actions.digests.joined(), np.uint64).reshape(-1, 2)
        arrays["kinds"] = np.frombuffer(b"".join(self._kinds), np.uint64).reshape(-1, 2)
        header = {
            "forms": [form.decode() for form in self._actions.forms],
            "shapes": [orjson.loads(shape) for shape in self._actions.shapes],
        }
        return Segment(header, arrays, b"")

    def _finish_actions(self, arrays: dict[str, Array], renumbered: Array) -> None:
        given = self._actions
        numbers = dict(zip(NUMBERS, _rows(given.numbers, len(NUMBERS)), strict=True))
        effects, outputs = _rows(given.digest, 2)
        column = {"form": given.form, "effects": effects, "output": outputs, "shape": given.shape} | numbers
        column["usd"] = given.usd
        begins = np.zeros(len(given.form) + 1, np.uint32)
        np.cumsum(column.pop("count"), out=begins[1:])
        for name, found in column.items():
            arrays[f"act_{name}"] = _least(np.asarray(found, np.int64))
        arrays["act_values"] = begins
        arrays["usd"] = np.frombuffer(given.amounts.joined(), np.float64)
        arrays["values"] = _least(renumbered[np.frombuffer(given.values, np.int64)])


def _rows(numbers: array[int], width: int) -> Array:
    """Numbers, of which so many belong together, as a row for the first of each, one for the second, …"""
    return np.frombuffer(numbers, np.int64).reshape(-1, width).T


def _told(cause: Exclusion) -> str:
    return orjson.dumps((cause.rule, cause.reason, cause.key, cause.action_id, cause.action_index)).decode()


def _block(texts: bytes, ends: bytes) -> tuple[Array, Array]:
    return np.frombuffer(texts, np.uint8), np.frombuffer(ends, np.uint32)


def _least(numbers: Array) -> Array:
    """The numbers in the smallest type that holds them all."""
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    kinds = (np.uint8, np.uint16, np.uint32, np.int64) if low >= 0 else (np.int8, np.int16, np.int32, np.int64)
    return numbers.astype(next(kind for kind in kinds if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max))
