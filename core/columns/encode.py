"""Facts of runs gathered into a segment."""

from __future__ import annotations

from array import array
from collections import defaultdict
from hashlib import blake2b
from itertools import accumulate, chain, count
from typing import Any

import numpy as np
import orjson

from core.columns.facts import NONE_DIGEST, RunFacts
from core.columns.segment import NONE, Array, Segment, from_bytes, to_bytes
from core.columns.texts import block, kept

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
    return blake2b(trace_id.encode(), digest_size=8).digest()


class Encoder:
    """Gathers runs."""

    def __init__(self) -> None:
        self.size = 0
        """How many runs were added."""
        # Each of these gives what it has not seen before the next number.
        self._notes: dict[str, int] = defaultdict(count().__next__)
        self._words: dict[str, int] = defaultdict(count().__next__)
        self._forms: dict[bytes, int] = defaultdict(count().__next__)
        self._shapes: dict[bytes, int] = defaultdict(count().__next__)
        self._digests: dict[bytes, int] = defaultdict(count(1).__next__, {NONE_DIGEST: 0})
        self._kinds: dict[bytes, int] = defaultdict(count().__next__)
        self._per_run: dict[str, list[Any]] = {name: [] for name in (*NOTES, *_OTHERS)}
        self._usd_run = array("d")
        self._per_action = {name: array("q") for name in _PER_ACTION}
        self._usd = array("d")
        self._values = array("I")

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
        row, note = self._per_run, self._note
        own_hash = run.source_hash == f"sha256:{sha256}"
        excluded, replay, usage = run.exclusion, run.replay, run.usage
        cause = None
        if excluded is not None:
            cause = orjson.dumps(
                (excluded.rule, excluded.reason, excluded.key, excluded.action_id, excluded.action_index)
            ).decode()
        row["unit"].append(note(unit))
        row["id"].append(note(run.id))
        row["source_hash"].append(NONE if own_hash else note(run.source_hash))
        row["workflow_id"].append(note(run.workflow_id))
        row["goal"].append(note(run.goal))
        row["success_criteria"].append(note(run.success_criteria))
        row["started_at"].append(note(run.started_at))
        row["finished_at"].append(note(run.finished_at))
        row["ids"].append(note(orjson.dumps(run.action_ids).decode()))
        row["exclusion"].append(note(cause))
        row["run_id"].append(note(replay.run_id if replay else None))
        row["stamp"].append(stamp)
        row["sha"].append(bytes.fromhex(sha256))
        row["sure"].append(sure)
        row["part"].append(id_hash(part) if part else bytes(8))
        row["idhash"].append(id_hash(run.id))
        row["size"].append(size)
        row["begin"].append(len(self._usd))
        row["backwards"].append(run.backwards)
        row["kind"].append(self._kinds[replay.kind] if replay else NONE)
        row["receipts"].append(replay.receipts if replay else 0)
        row["allowed"].append(self._words[replay.allowed] if replay and replay.receipts else NONE)
        row["usage"].append((usage.model_calls, usage.input_tokens, usage.output_tokens, usage.wall_ms))
        self._usd_run.append(usage.total_cost_usd)
        self._add_actions(run)
        self.size += 1

    def _add_actions(self, run: RunFacts) -> None:
        if not run.actions:
            return
        forms, effects, outputs, shapes, texts, calls, read, written, dollars, wall, durations = zip(
            *run.actions, strict=True
        )
        column, digest = self._per_action, self._digests.__getitem__
        column["form"].extend(map(self._forms.__getitem__, forms))
        column["effects"].extend(map(digest, effects))
        column["output"].extend(map(digest, outputs))
        column["shape"].extend(map(self._shapes.__getitem__, shapes))
        column["values"].extend(accumulate(map(len, texts[:-1]), initial=len(self._values)))
        self._values.extend(map(self._words.__getitem__, chain.from_iterable(texts)))
        column["calls"].extend(calls)
        column["read"].extend(read)
        column["written"].extend(written)
        column["wall"].extend(wall)
        column["duration"].extend(durations)
        self._usd.extend(dollars)

    def _note(self, text: str | None) -> int:
        return NONE if text is None else self._notes[text]

    def finish(self) -> Segment:
        """The segment of everything that was added."""
        words = sorted(self._words)
        renumbered = np.zeros(len(words), np.uint32)
        renumbered[[self._words[word] for word in words]] = np.arange(len(words), dtype=np.uint32)
        row = self._per_run
        arrays: dict[str, Array] = {f"run_{name}": np.array(row[name], np.uint32) for name in NOTES}
        arrays["run_stamp"] = np.array(row["stamp"], np.int64).reshape(-1, 4)
        arrays["run_sha"] = np.frombuffer(b"".join(row["sha"]), np.uint8).reshape(-1, 32)
        arrays["run_idhash"] = np.frombuffer(b"".join(row["idhash"]), np.uint64)
        arrays["run_part"] = np.frombuffer(b"".join(row["part"]), np.uint64)
        arrays["run_sure"] = np.array(row["sure"], np.bool_)
        arrays["run_size"] = np.array(row["size"], np.int64)
        arrays["run_begin"] = np.array([*row["begin"], len(self._usd)], np.uint32)
        arrays["run_backwards"] = np.array(row["backwards"], np.bool_)
        arrays["run_kind"] = np.array(row["kind"], np.uint32)
        arrays["run_receipts"] = _least(np.array(row["receipts"], np.int64))
        allowed = np.array(row["allowed"], np.uint32)
        allowed[allowed != NONE] = renumbered[allowed[allowed != NONE]]
        arrays["run_allowed"] = allowed
        arrays["run_usage"] = _least(np.array(row["usage"], np.int64).reshape(-1, 4))
        arrays["run_usd"] = np.frombuffer(self._usd_run, np.float64)
        self._finish_actions(arrays, renumbered)
        arrays["note_bytes"], arrays["note_ends"] = _block([text.encode() for text in self._notes])
        arrays["word_bytes"], arrays["word_ends"] = _block([kept(word) for word in words])
        arrays["digests"] = np.frombuffer(b"".join(self._digests), np.uint64).reshape(-1, 2)
        arrays["kinds"] = np.frombuffer(b"".join(self._kinds), np.uint64).reshape(-1, 2)
        header = {
            "forms": [form.decode() for form in self._forms],
            "shapes": [orjson.loads(shape) for shape in self._shapes],
        }
        return from_bytes(to_bytes(header, arrays))

    def _finish_actions(self, arrays: dict[str, Array], renumbered: Array) -> None:
        for name, column in self._per_action.items():
            arrays[f"act_{name}"] = _least(np.frombuffer(column, np.int64))
        arrays["act_values"] = np.append(arrays["act_values"].astype(np.uint32), np.uint32(len(self._values)))
        table, codes = np.unique(np.frombuffer(self._usd, np.float64), return_inverse=True)
        arrays["act_usd"], arrays["usd"] = _least(codes), table
        arrays["values"] = _least(renumbered[np.frombuffer(self._values, np.uint32)])


_OTHERS = (
    "stamp",
    "sha",
    "sure",
    "part",
    "idhash",
    "size",
    "begin",
    "backwards",
    "kind",
    "receipts",
    "allowed",
    "usage",
)
_PER_ACTION = ("form", "effects", "output", "shape", "values", "calls", "read", "written", "wall", "duration")


def _block(texts: list[bytes]) -> tuple[Array, Array]:
    data, ends = block(texts)
    return np.frombuffer(data, np.uint8), ends


def _least(numbers: Array) -> Array:
    """The numbers in the smallest type that holds them all."""
    low, high = (int(numbers.min()), int(numbers.max())) if numbers.size else (0, 0)
    kinds = (np.uint8, np.uint16, np.uint32, np.int64) if low >= 0 else (np.int8, np.int16, np.int32, np.int64)
    return numbers.astype(next(kind for kind in kinds if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max))
