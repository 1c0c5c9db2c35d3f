"""Segments as Parquet files: a row per run, its actions and values as lists, texts as texts.

Tables that runs share (forms of actions, value texts, digests) stand in the file's metadata, so that a file means the
same by itself wherever it lies. What needs only some columns is spared the others, and the big tables.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from core.columns.encode import NOTES
from core.columns.segment import MAGIC, NONE, Array, DamagedError, Segment, from_bytes, to_bytes

_BIG = 1 << 20
"""Bytes of a file that several threads are worth while for."""

_WIDE = 4
"""Numbers of a run's stamp, and of its usage."""

_SHARED = {"word_bytes", "word_ends", "digests", "kinds", "usd"}
"""The arrays that are tables of all runs."""

_SAID, _NAMES = ("forms", "shapes"), "columns"
"""What the header says of a segment, and of the file."""

_ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What numpy, Arrow and the decoders of texts raise over bytes that nobody wrote so."""

_TABLES, _HEADER, _LAYOUT = b"assay.tables", b"assay.header", b"assay.layout"


def encode(segment: Segment) -> bytes:
    """A segment as a Parquet file."""
    arrays = segment.arrays
    notes = _text_array(arrays["note_bytes"], arrays["note_ends"])
    begin = pa.array(arrays["run_begin"].astype(np.int32))
    places = arrays["act_values"].astype(np.int64)
    columns: dict[str, pa.Array] = {}
    tables: dict[str, Array] = {}
    for name, array in arrays.items():
        kind, _, short = name.partition("_")
        if kind == "run" and short in NOTES:
            missing = array == NONE
            columns[short] = notes.take(pa.array(np.where(missing, 0, array), mask=missing))
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
    told = {
        _TABLES: _packed(to_bytes({}, tables)),
        _HEADER: _packed(orjson.dumps({**{name: segment.header[name] for name in _SAID}, _NAMES: sorted(columns)})),
        _LAYOUT: MAGIC,
    }
    return to_parquet(pa.table(columns).replace_schema_metadata(told))


def _text_array(data: Array, ends: Array) -> pa.Array:
    """Texts that stand one after the other; the last number is the end."""
    return pa.StringArray.from_buffers(
        len(ends) - 1, pa.py_buffer(ends.astype(np.int32)), pa.py_buffer(np.ascontiguousarray(data))
    )


def _packed(data: bytes) -> bytes:
    return base64.b64encode(zstandard.ZstdCompressor(1, write_checksum=True).compress(data))


def _unpacked(text: bytes) -> bytes:
    return zstandard.decompress(base64.b64decode(text))


def to_parquet(table: pa.Table) -> bytes:
    """A table, with the metadata of its schema, as a Parquet file."""
    out = BytesIO()
    metadata = table.schema.metadata or {}
    # Arrow's own description of the schema would hold all metadata a second time. Without dictionaries, for which zstd
    # makes up, it takes half the time and is a fifth smaller.
    settings = {"compression": "zstd", "compression_level": 1, "use_dictionary": False, "store_schema": False}
    settings["write_page_checksum"] = True
    with pq.ParquetWriter(out, table.schema, **settings) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({key.decode(): value.decode() for key, value in metadata.items()})
    return out.getvalue()


def from_parquet(data: bytes, columns: list[str] | None = None) -> pa.Table:
    """The table of a Parquet file, all of it or some columns, with its metadata. Raises DamagedError."""
    try:
        file = pq.ParquetFile(BytesIO(data), page_checksum_verification=True)
        table = file.read(columns=columns, use_threads=len(data) > _BIG)
        if columns is not None and len(table.column_names) != len(set(columns)):
            raise DamagedError("a column is missing")
    except (pa.ArrowException, OSError, ValueError, KeyError) as error:
        raise DamagedError(str(error)) from None
    return table.replace_schema_metadata(file.metadata.metadata)


def decode(data: bytes, only: Sequence[str] | None = None) -> Segment:
    """The segment of a Parquet file; `only` some of its arrays, beside forms, shapes and notes. Raises DamagedError."""
    try:
        return _decoded(data, only)
    except (*_ODD, pa.ArrowException, zstandard.ZstdError) as error:
        raise DamagedError(str(error) or type(error).__name__) from None


def _decoded(data: bytes, only: Sequence[str] | None) -> Segment:
    columns_only = None if only is None else [_column(name) for name in only if name not in _SHARED]
    table = from_parquet(data, columns_only)
    metadata = table.schema.metadata or {}
    if metadata.get(_LAYOUT) != MAGIC:
        raise DamagedError("columns of another version of assay")
    arrays: dict[str, Array] = {}
    names = sorted(table.column_names)
    if only is None or not _SHARED.isdisjoint(only):
        tables = from_bytes(_unpacked(metadata[_TABLES])).arrays
        arrays.update((name, array) for name, array in tables.items() if only is None or name in only)
    columns = {name: table.column(name).combine_chunks() for name in table.column_names}
    _texts(columns, arrays)
    counted = next((column for name, column in columns.items() if name.startswith("act_")), None)
    # Without actions the runs are counted as if they had none.
    begin = np.zeros(len(table) + 1, np.uint32) if counted is None else _numpy(counted.offsets)
    arrays["run_begin"] = begin.astype(np.uint32)
    for name, column in columns.items():
        if name == "act_values":
            arrays[name] = np.concatenate([[0], np.cumsum(_numpy(column.values), dtype=np.int64)]).astype(np.uint32)
        elif name == "values" or name.startswith("act_"):
            arrays[name] = _numpy(column.values)
        elif name.startswith("run_"):
            arrays[name] = _flat(column)
    header = orjson.loads(_unpacked(metadata[_HEADER]))
    if only is None and header.get(_NAMES, names) != names:  # earlier versions did not say them
        raise DamagedError("the names of its columns are wrong")
    return Segment({name: header[name] for name in _SAID}, arrays, b"")


def _column(array: str) -> str:
    """Where an array stands in the file."""
    short = array.removeprefix("run_")
    return short if short in NOTES else array


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
    if pa.types.is_list(column.type):
        return _numpy(column.flatten()).reshape(-1, _WIDE)
    return _numpy(column)


def _numpy(column: Any) -> Array:
    made: Array = column.to_numpy(zero_copy_only=False)
    return made


def _texts(columns: dict[str, pa.Array], arrays: dict[str, Array]) -> None:
    """The texts of all columns as one table of notes, and their numbers."""
    blocks, lengths, base = [np.zeros(0, np.uint8)], [np.zeros(0, np.int64)], 0
    for name in (name for name in NOTES if name in columns):
        coded = columns.pop(name).dictionary_encode()
        texts = coded.dictionary
        numbers = _numpy(coded.indices.fill_null(-1)).astype(np.int64)
        arrays[f"run_{name}"] = np.where(numbers < 0, NONE, numbers + base).astype(np.uint32)
        if len(texts):
            _, ends, data = texts.buffers()
            places = np.frombuffer(ends, np.int32)[texts.offset : texts.offset + len(texts) + 1]
            blocks.append(np.frombuffer(data or b"", np.uint8)[places[0] : places[-1]])
            lengths.append(np.diff(places).astype(np.int64))
            base += len(texts)
    arrays["note_bytes"] = np.concatenate(blocks)
    arrays["note_ends"] = np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.uint32)
