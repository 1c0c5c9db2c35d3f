"""Runs of a library looked at as runs: their ids, hashes, and what a list of them shows."""

from __future__ import annotations

import numpy as np
import orjson

from core.columns.library import Indexes, Library, Volume
from core.columns.segment import NONE
from core.mining.exclude import Exclusion
from core.model.trace import Usage

_PREFIX = np.frombuffer(b"sha256:", np.uint8)


def sha256(volume: Volume, row: int) -> str:
    """The hex digest of a run's file."""
    return bytes(volume.segment.run_sha[row]).hex()


def source_hash(volume: Volume, row: int) -> str:
    """A run's source hash."""
    claimed = volume.segment.note("run_source_hash", row)
    return f"sha256:{sha256(volume, row)}" if claimed is None else claimed


def trace_id(volume: Volume, row: int) -> str:
    """A run's id."""
    return volume.segment.note("run_id", row) or ""


def unit(volume: Volume, row: int) -> str:
    """A run's unit."""
    return volume.segment.note("run_unit", row) or ""


def action_ids(volume: Volume, row: int) -> list[str]:
    """The ids of a run's actions."""
    ids: list[str] = orjson.loads(volume.segment.note("run_ids", row) or "[]")
    return ids


def usage(volume: Volume, row: int) -> Usage:
    """What a run cost."""
    calls, read, written, wall = volume.segment.run_usage[row].tolist()
    return Usage(
        model_calls=calls,
        input_tokens=read,
        output_tokens=written,
        total_cost_usd=float(volume.segment.run_usd[row]),
        wall_ms=wall,
    )


def exclusion(volume: Volume, row: int) -> Exclusion | None:
    """Why a run may not be mined."""
    cause = volume.segment.note("run_exclusion", row)
    return None if cause is None else Exclusion(*orjson.loads(cause))


def hashed(library: Library, runs: Indexes) -> bytes:
    """The source hashes of some runs, in order, each with a NUL behind it."""
    parts = library.split(runs)
    claimed = [volume.segment.run_source_hash[rows] != NONE for volume, _, rows in parts]
    if any(some.any() for some in claimed):
        return b"".join(source_hash(*library.place(run)).encode() + b"\0" for run in runs.tolist())
    made = np.zeros((len(runs), 7 + 64 + 1), np.uint8)
    made[:, :7] = _PREFIX
    for volume, chosen, rows in parts:
        made[chosen, 7:71] = np.frombuffer(volume.segment.run_sha[rows].tobytes().hex().encode(), np.uint8).reshape(
            -1, 64
        )
    return made.tobytes()
