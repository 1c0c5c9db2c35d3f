"""Columns are the same once they were written as Parquet, and when only some runs of them are left."""

from __future__ import annotations

import base64
from random import Random
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cluster.parquet import decode, encode, from_parquet, to_parquet
from core.cluster.select import select
from core.columns import rows
from core.columns.library import Library
from core.columns.names import Names
from core.columns.segment import NONE, DamagedError, Segment
from tests.columns.making import library_of, made, run_fields

RUNS = st.lists(run_fields, min_size=1, max_size=6)


def told(segment: Segment, row: int) -> list[Any]:
    """Everything that a segment says of a run, whatever numbers its tables have."""
    (volume,) = Library(Names()).adding(segment).volumes
    arrays, values = segment.arrays, []
    begin, end = segment.run_begin[row : row + 2].tolist()
    for at in range(begin, end):
        first, last = segment.act_values[at : at + 2].tolist()
        values.append(
            (
                segment.forms[segment.act_form[at]],
                volume.paths[segment.act_shape[at]],
                [segment.words[int(number)] for number in segment.values[first:last]],
                segment.digests[segment.act_effects[at]].tolist(),
                segment.digests[segment.act_output[at]].tolist(),
                float(segment.usd[segment.act_usd[at]]),
                [int(arrays[f"act_{name}"][at]) for name in ("calls", "read", "written", "wall", "duration")],
            )
        )
    kind, allowed = int(segment.run_kind[row]), int(segment.run_allowed[row])
    return [
        values,
        rows.unit(volume, row),
        rows.sha256(volume, row),
        rows.trace_id(volume, row),
        rows.source_hash(volume, row),
        rows.action_ids(volume, row),
        rows.usage(volume, row),
        rows.exclusion(volume, row),
        [segment.note(f"run_{name}", row) for name in ("goal", "success_criteria", "started_at", "run_id")],
        None if kind == NONE else segment.kinds[kind].tolist(),
        None if allowed == NONE else segment.words[allowed],
        [arrays[f"run_{name}"][row].tolist() for name in ("stamp", "size", "backwards", "receipts", "idhash", "part")],
    ]


def segment_of(fields: list[dict[str, Any]]) -> Segment:
    library, _ = library_of([made(one, number) for number, one in enumerate(fields)])
    return library.volumes[0].segment


@settings(deadline=None, max_examples=40)
@given(RUNS)
def test_parquet_keeps_everything(fields: list[dict[str, Any]]) -> None:
    segment = segment_of(fields)
    again = decode(encode(segment))
    assert [told(again, row) for row in range(again.runs)] == [told(segment, row) for row in range(segment.runs)]


@settings(deadline=None, max_examples=40)
@given(RUNS, st.data())
def test_some_runs_keep_everything_and_nothing_of_others(fields: list[dict[str, Any]], data: st.DataObject) -> None:
    segment = segment_of(fields)
    chosen = data.draw(st.lists(st.integers(0, segment.runs - 1), unique=True))
    some = select(segment, np.array(chosen, np.int64))
    assert [told(some, row) for row in range(some.runs)] == [told(segment, row) for row in chosen]
    units = {f"{number:04d}.json".encode() for number in range(segment.runs) if number not in chosen}
    assert not units & set(some.notes.all())
    words = some.words.all()
    assert [segment.words.all().index(word) for word in words] == sorted(map(segment.words.all().index, words))
    assert len(words) <= len(some.values) + some.runs


def test_rows_are_readable_by_others() -> None:
    table = from_parquet(encode(segment_of([{"actions": [{"name": "a"}], "workflow_id": "w"}])))
    (row,) = table.select(["unit", "id", "workflow_id"]).to_pylist()
    assert row == {"unit": "0000.json", "id": "run-0", "workflow_id": "w"}


def test_what_is_no_parquet_is_damaged() -> None:
    with pytest.raises(DamagedError):
        decode(b"PAR1 nothing")


def test_what_became_something_else_is_damaged() -> None:
    fields = [{"actions": [{"name": f"n{n % 3}", "inputs": {"a": n}} for n in range(9)]} for _ in range(40)]
    data = encode(segment := segment_of(fields))
    wanted = [told(segment, row) for row in range(segment.runs)]
    seen, chance = 0, Random(3)
    for _ in range(400):
        flipped = bytearray(data)
        flipped[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
        try:
            again = decode(bytes(flipped))
        except DamagedError:
            seen += 1
            continue
        assert [told(again, row) for row in range(again.runs)] == wanted
    assert seen > 200
    for cut in range(0, len(data), len(data) // 50):
        with pytest.raises(DamagedError):
            decode(data[:cut])


@pytest.mark.parametrize("key", [b"assay.tables", b"assay.header"])
@pytest.mark.parametrize("text", [b"!", b"QUJD", base64.b64encode(zstandard.compress(b"{")), None])
def test_tables_that_are_none_are_damage(key: bytes, text: bytes | None) -> None:
    table = from_parquet(encode(segment_of([{"actions": [{"name": "a"}]}])))
    metadata = {**table.schema.metadata, key: text}
    held = {name: value for name, value in metadata.items() if value is not None}
    with pytest.raises(DamagedError):
        decode(to_parquet(table.replace_schema_metadata(held)))
