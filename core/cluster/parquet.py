"""Segments as Parquet files: a row per run, its actions and values as lists, texts as texts.

Tables that runs share (forms of actions, value texts, digests) stand in the file's metadata, so that a file means the
same by itself wherever it lies.
"""

from __future__ import annotations

import base64
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from core.columns.segment import MAGIC, NONE, Array, DamagedError, Segment, from_bytes, to_bytes

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

_BIG = 1 << 20
"""Bytes of a file that several threads are worth while for."""

_TABLES, _LAYOUT = b"assay.tables", b"assay.layout"


def encode(segment: Segment) -> bytes:
    """A segment as a Parquet file."""
    arrays = segment.arrays
    begin = pa.array(arrays["run_begin"].astype(np.int32))
    places = arrays["act_values"].astype(np.int64)
    columns: dict[str, pa.Array] = {}
    tables: dict[str, Array] = {}
    for name, array in arrays.items():
        kind, _, short = name.partition("_")
        if kind == "run" and short in NOTES:
            columns[short] = pa.array(segment.column(name), pa.string())
        elif name == "run_begin":
            continue
        elif kind == "run":
            columns[name] = _per_run(array)
        elif name == "act_values":
            columns[name] = pa.ListArray.from_arrays(begin, pa.array(np.diff(places).astype(np.int32)))
        elif kind == "act":
            columns[name] = pa.ListArray.from_arrays(begin, pa.array(array))
        elif name == "values":
            ends = places[arrays["run_begin"].astype(np.int64)].astype(np.int32)
            columns[name] = pa.ListArray.from_arrays(pa.array(ends), pa.array(array))
        elif not name.startswith("note_"):
            tables[name] = array
    packed = zstandard.compress(to_bytes(segment.header, tables), 3)
    table = pa.table(columns).replace_schema_metadata({_TABLES: base64.b64encode(packed), _LAYOUT: MAGIC})
    return to_parquet(table)


def to_parquet(table: pa.Table) -> bytes:
    """A table as a Parquet file."""
    out = BytesIO()
    pq.write_table(table, out, compression="zstd", compression_level=1)
    return out.getvalue()


def from_parquet(data: bytes, columns: list[str] | None = None) -> pa.Table:
    """The table of a Parquet file, all of it or some columns. Raises DamagedError."""
    try:
        return pq.ParquetFile(BytesIO(data)).read(columns=columns, use_threads=len(data) > _BIG)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DamagedError(str(error)) from None


def decode(data: bytes) -> Segment:
    """The segment of a Parquet file. Raises DamagedError."""
    table = from_parquet(data)
    metadata = table.schema.metadata or {}
    if metadata.get(_LAYOUT) != MAGIC:
        raise DamagedError("columns of another version of assay")
    tables = from_bytes(zstandard.decompress(base64.b64decode(metadata[_TABLES])))
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    arrays: dict[str, Array] = dict(tables.arrays)
    _texts(columns, arrays)
    first = columns["act_values"]
    arrays["run_begin"] = _numpy(first.offsets).astype(np.uint32)
    for name, column in columns.items():
        if name == "act_values":
            arrays[name] = np.concatenate([[0], np.cumsum(_numpy(column.values), dtype=np.int64)]).astype(np.uint32)
        elif name == "values" or name.startswith("act_"):
            arrays[name] = _numpy(column.values)
        elif name.startswith("run_"):
            arrays[name] = _flat(column)
    return Segment(tables.header, arrays, b"")


def _per_run(array: Array) -> pa.Array:
    if array.ndim == 1:
        return pa.array(array)
    flat = np.ascontiguousarray(array)
    if flat.dtype == np.uint8:
        return pa.FixedSizeBinaryArray.from_buffers(
            pa.binary(flat.shape[1]), len(flat), [None, pa.py_buffer(flat.tobytes())]
        )
    return pa.FixedSizeListArray.from_arrays(pa.array(flat.ravel()), flat.shape[1])


def _flat(column: pa.Array) -> Array:
    if pa.types.is_fixed_size_binary(column.type):
        width = column.type.byte_width
        data = np.frombuffer(column.buffers()[1] or b"", np.uint8)
        return data[column.offset * width : (column.offset + len(column)) * width].reshape(-1, width)
    if pa.types.is_fixed_size_list(column.type):
        return _numpy(column.flatten()).reshape(-1, column.type.list_size)
    return _numpy(column)


def _numpy(column: Any) -> Array:
    made: Array = column.to_numpy(zero_copy_only=False)
    return made


def _texts(columns: dict[str, pa.Array], arrays: dict[str, Array]) -> None:
    """The texts of all columns as one table of notes, and their numbers."""
    blocks, lengths, base = [], [np.zeros(0, np.int64)], 0
    for name in NOTES:
        coded = columns.pop(name).dictionary_encode()
        texts = coded.dictionary.cast(pa.binary())
        numbers = _numpy(coded.indices.fill_null(-1)).astype(np.int64)
        arrays[f"run_{name}"] = np.where(numbers < 0, NONE, numbers + base).astype(np.uint32)
        listed = texts.to_pylist()
        blocks.append(b"".join(listed))
        lengths.append(np.array([len(text) for text in listed], np.int64))
        base += len(listed)
    arrays["note_bytes"] = np.frombuffer(b"".join(blocks), np.uint8)
    arrays["note_ends"] = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.uint32)
