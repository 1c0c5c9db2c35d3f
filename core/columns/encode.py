"""Facts of runs gathered into a segment."""

from __future__ import annotations

from array import array
from collections import defaultdict
from hashlib import blake2b
from itertools import chain, count
from typing import Any

import numpy as np
import orjson

from core.columns.facts import NUMBERS, RunFacts
from core.columns.segment import NONE, Array, Segment, from_bytes, to_bytes
from core.columns.texts import CUT, cut
from core.mining.exclude import Exclusion

try:
    from core.columns.compiled import Columns, Table
except ImportError:  # no compiler was there when this was installed
    from core.columns.numbers import Columns, Table  # type: ignore[assignment]

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


def id_hash(trace_id: str) -> bytes:
    """8 bytes by which runs are looked up; different ids may share them."""
    made = _EMPTY.copy()
    made.update(trace_id.encode())
    return made.digest()


_EMPTY = blake2b(digest_size=8)


class Encoder:
    """Gathers runs."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self._actions = Columns()

    @property
    def size(self) -> int:
        """How many runs were added."""
        return len(self._rows)

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
    ) -> None:
        """Add a run: its unit, how its file looked (core.live.changes.Stamp), hex digest and number of its bytes.

        `sure` is whether the stamp alone tells the bytes: not of a file that was changed a moment before.
        `part` tells it from the other runs of a file that holds several.
        """
        file = unit.removesuffix(part)
        if not file.endswith(".json"):  # the same bytes are read in another way there
            part += file[file.rfind(".") :]
        replay = run.replay
        self._rows.append(
            (
                unit,
                run.id,
                None if run.source_hash == f"sha256:{sha256}" else run.source_hash,
                run.workflow_id,
                run.goal,
                run.success_criteria,
                run.started_at,
                run.finished_at,
                run.action_ids,
                None if run.exclusion is None else _told(run.exclusion),
                replay.run_id if replay else None,
                stamp,
                sha256,
                sure,
                part,
                size,
                len(self._actions.form),
                run.backwards,
                replay.kind if replay else None,
                replay.receipts if replay else 0,
                replay.allowed if replay and replay.receipts else None,
                run.spent,
            )
        )
        self._actions.add(run.actions)

    def finish(self) -> Segment:
        """The segment of everything that was added."""
        made = self.columns()
        return from_bytes(to_bytes(made.header, made.arrays), sure=True)

    def columns(self) -> Segment:
        """The same without its bytes."""
        row = dict(zip((*NOTES, *_OTHERS), zip(*self._rows, strict=True), strict=False)) if self._rows else _NO_ROWS
        arrays: dict[str, Array] = {}
        notes = Table()
        for name in NOTES:
            notes.add_each(row[name], NONE, column := array("q"))
            arrays[f"run_{name}"] = np.array(column, np.uint32)
        arrays["run_stamp"] = np.fromiter(chain.from_iterable(row["stamp"]), np.int64).reshape(-1, 4)
        arrays["run_sha"] = np.frombuffer(bytes.fromhex("".join(row["sha"])), np.uint8).reshape(-1, 32)
        arrays["run_idhash"] = np.frombuffer(b"".join(map(id_hash, row["id"])), np.uint64)
        arrays["run_part"] = np.frombuffer(b"".join([id_hash(x) if x else bytes(8) for x in row["part"]]), np.uint64)
        arrays["run_sure"] = np.array(row["sure"], np.bool_)
        arrays["run_size"] = np.array(row["size"], np.int64)
        arrays["run_begin"] = np.array([*row["begin"], len(self._actions.form)], np.uint32)
        arrays["run_backwards"] = np.array(row["backwards"], np.bool_)
        kinds = _numbers()
        arrays["run_kind"] = np.array([*map(kinds.__getitem__, row["kind"])], np.uint32)
        arrays["run_receipts"] = _least(np.array(row["receipts"], np.int64))
        receipts = [NONE if text is None else self._actions.words.of(text.encode()) for text in row["allowed"]]
        spent: list[Any] = [*zip(*row["spent"], strict=True)] or [()] * 5
        arrays["run_usage"] = _least(np.array(spent[:4], np.int64).T)
        arrays["run_usd"] = np.array(spent[4], np.float64)
        ranks, texts, ends = self._actions.words.ordered(CUT, cut)
        renumbered = np.frombuffer(ranks, np.uint32)
        allowed = np.array(receipts, np.uint32)
        allowed[allowed != NONE] = renumbered[allowed[allowed != NONE]]
        arrays["run_allowed"] = allowed
        self._finish_actions(arrays, renumbered)
        arrays["note_bytes"], arrays["note_ends"] = _block(notes.joined(), notes.ends())
        arrays["word_bytes"], arrays["word_ends"] = _block(texts, ends)
        arrays["digests"] = np.frombuffer(self._actions.digests.joined(), np.uint64).reshape(-1, 2)
        arrays["kinds"] = np.frombuffer(b"".join([k for k in kinds if k is not None]), np.uint64).reshape(-1, 2)
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


def _numbers() -> dict[Any, int]:
    """A table that gives what it has not seen before the next number, and None that of what is not there."""
    return defaultdict(count().__next__, {None: NONE})


def _told(cause: Exclusion) -> str:
    return orjson.dumps((cause.rule, cause.reason, cause.key, cause.action_id, cause.action_index)).decode()


_OTHERS = (
    "stamp",
    "sha",
    "sure",
    "part",
    "size",
    "begin",
    "backwards",
    "kind",
    "receipts",
    "allowed",
    "spent",
)
_NO_ROWS: dict[str, tuple[Any, ...]] = dict.fromkeys((*NOTES, *_OTHERS), ())


def _block(texts: bytes, ends: bytes) -> tuple[Array, Array]:
    return np.frombuffer(texts, np.uint8), np.frombuffer(ends, np.uint32)


def _least(numbers: Array) -> Array:
    """The numbers in the smallest type that holds them all."""
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    kinds = (np.uint8, np.uint16, np.uint32, np.int64) if low >= 0 else (np.int8, np.int16, np.int32, np.int64)
    return numbers.astype(next(kind for kind in kinds if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max))
