"""A dataset: runs as Parquet, in parts that hold whole runs (README, Beyond one machine).

DATASET/
  dataset.json            what it holds: source, parts; replaced as a whole, so that it is always a true one
  files/NAME.parquet      the files that a part was read from, with their stamps; written last, so its part is whole
  runs/NAME.parquet       their runs
  quarantine/NAME.parquet what of them cannot be used, and why

A part's name is made from what it holds. Parts that are not in dataset.json were left by a broken-off ingest, and the
next one takes them over.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import NamedTuple

import msgspec
import pyarrow as pa

from core.cluster.parquet import decode, encode, from_parquet, to_parquet
from core.cluster.place import Place
from core.cluster.source import Source
from core.columns.segment import MAGIC, DamagedError, Segment
from core.live.changes import BrokenFile, Stamp
from core.model.errors import InputError
from core.model.jsontext import JsonError, compact, parse, pretty, sha256_hex
from core.model.text import visible

FORMAT = 1
"""The version of the layout."""

MANIFEST = "dataset.json"

FOLDERS = ("files", "quarantine", "runs")
"""Of a part's files, in the order in which they are removed: without the first it is none."""

_QUARANTINED = pa.schema(
    [(name, pa.string()) for name in ("unit", "rule", "reason", "place", "advice")] + [("size", pa.int64())]
)
_PART, _SUM = b"assay.part", b"assay.part.sum"
"""What the table of files tells of the part besides, and the sha256 of that."""

_STAMP = ("mtime_ns", "size", "inode", "ctime_ns")
_FILES = pa.schema([("file", pa.string()), *((name, pa.int64()) for name in _STAMP), ("sha256", pa.string())])


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a dataset."""

    name: str
    files: int
    runs: int
    actions: int
    quarantined: int
    """Files, or records of them, that cannot be used."""
    size: int
    """Bytes of the runs as Parquet."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a dataset holds."""

    source: str
    max_size: int
    """Bytes above which a file was not read."""
    effects: str = ""
    """The effects.toml that other tools' runs were read with."""
    parts: tuple[Part, ...] = ()
    young: Mapping[str, str] = field(default_factory=dict)
    """Files that were changed so shortly before they were read that their stamp does not tell their bytes: sha256 by
    file."""

    @property
    def runs(self) -> int:
        """How many runs it holds."""
        return sum(part.runs for part in self.parts)

    @property
    def actions(self) -> int:
        """How many actions they have."""
        return sum(part.actions for part in self.parts)

    @property
    def quarantined(self) -> int:
        """How many files or records cannot be used."""
        return sum(part.quarantined for part in self.parts)

    @property
    def name(self) -> str:
        """Tells this content from another."""
        return blake2b(repr((self.source, sorted(p.name for p in self.parts))).encode(), digest_size=12).hexdigest()


def load(place: Place) -> Manifest:
    """What a dataset holds. Raises InputError."""
    if not place.has(MANIFEST):
        raise InputError(f"{visible(place.url)} is no dataset; make one with `assay ingest SOURCE --to DATASET`")
    try:
        value = parse(place.read(MANIFEST))
        if value["format"] != FORMAT or value["columns"] != MAGIC.decode():
            raise InputError(
                f"the dataset {visible(place.url)} was made by another version of assay; ingest into a new one"
            )
        told = {name: value[name] for name in ("source", "max_size", "parts", "young")}
        return msgspec.convert({**told, "effects": value.get("effects", "")}, Manifest)
    except (JsonError, KeyError, TypeError, msgspec.ValidationError) as error:
        raise InputError(
            f"{visible(place.url)}/{MANIFEST} is damaged: {visible(str(error))}; remove it and ingest again, with "
            "--effects where it had any"
        ) from None


def save(place: Place, manifest: Manifest) -> None:
    """Make this what the dataset holds. Raises InputError."""
    told = {
        "format": FORMAT,
        "columns": MAGIC.decode(),
        "source": manifest.source,
        "max_size": manifest.max_size,
        "effects": manifest.effects,
        "parts": [asdict(part) for part in manifest.parts],
        "young": dict(manifest.young),
    }
    place.write(MANIFEST, pretty(told))


class Basis(NamedTuple):
    """What the content of a part depends on besides its files."""

    source: str
    max_size: int
    """Bytes above which a file was not read."""
    effects: str
    """sha256 (hex) of the effects.toml; empty where there is none."""


def basis_of(source: Source, max_size: int) -> Basis:
    """What parts depend on that are read from a source now."""
    return Basis(source.url, max_size, sha256_hex(source.effects.encode()) if source.effects else "")


def part_name(files: Iterable[tuple[str | int, ...]], basis: Basis) -> str:
    """The name of a part that holds what these files were: of each its name, its stamp's numbers and its sha256."""
    return blake2b(compact([MAGIC.decode(), *basis, sorted(files)]), digest_size=12).hexdigest()


def write_part(
    place: Place,
    basis: Basis,
    files: Mapping[str, tuple[Stamp, str]],
    segment: Segment,
    problems: Sequence[BrokenFile],
    young: Mapping[str, str],
) -> Part:
    """Write a part: its files at last; `young` is that of `Manifest`. Raises InputError."""
    rows = [(file, *stamp, sha256) for file, (stamp, sha256) in files.items()]
    name = part_name(rows, basis)
    data = encode(segment)
    place.write(f"runs/{name}.parquet", data)
    place.write(f"quarantine/{name}.parquet", to_parquet(quarantine_table(problems)))
    actions = int(segment.run_begin[-1])
    part = Part(name, len(files), segment.runs, actions, len(problems), len(data))
    columns = [*zip(*rows, strict=True)] or [()] * len(_FILES)
    text = compact({**asdict(part), **basis._asdict(), "young": dict(young)})
    told = {_PART: text, _SUM: sha256_hex(text)}
    table = pa.table(dict(zip(_FILES.names, columns, strict=True)), schema=_FILES).replace_schema_metadata(told)
    place.write(f"files/{name}.parquet", to_parquet(table))
    return part


def quarantine_table(problems: Iterable[BrokenFile]) -> pa.Table:
    """Files or records that cannot be used, as a table."""
    rows = [{name: getattr(one, name) for name in _QUARANTINED.names} for one in problems]
    return pa.Table.from_pylist(rows, schema=_QUARANTINED)


class DamagedPartError(InputError):
    """A file of a part is not what was written."""


def _damaged(place: Place, name: str, error: Exception) -> DamagedPartError:
    file = visible(f"{place.url}/{name}")
    return DamagedPartError(f"{file} is damaged: {visible(str(error))}; remove it and ingest again")


def runs_of(place: Place, name: str, only: Sequence[str] | None = None) -> Segment:
    """The runs of a part, or `only` some arrays of them (core.cluster.parquet.decode). Raises InputError."""
    data = place.read(file := f"runs/{name}.parquet")
    try:
        return decode(data, only)
    except DamagedError as error:
        raise _damaged(place, file, error) from None


def quarantined_of(place: Place, name: str) -> list[BrokenFile]:
    """What of a part's files cannot be used. Raises InputError."""
    data = place.read(file := f"quarantine/{name}.parquet")
    try:
        return from_quarantine(data)
    except (DamagedError, TypeError) as error:
        raise _damaged(place, file, error) from None


def from_quarantine(data: bytes) -> list[BrokenFile]:
    """What a table of problems tells. Raises DamagedError."""
    return [BrokenFile(stamp=None, **row) for row in from_parquet(data).to_pylist()]


class Read(NamedTuple):
    """What a part was read from."""

    part: Part
    basis: Basis
    files: dict[str, tuple[Stamp, str]]
    """By unit: stamp and sha256 (of what is broken the rule instead)."""
    young: dict[str, str]
    """That of `Manifest`, when it was read."""


def files_of(place: Place, name: str) -> Read:
    """What a part was read from. Raises InputError."""
    data = place.read(file := f"files/{name}.parquet")
    try:
        return _read_of(from_parquet(data), name)
    except (DamagedError, JsonError, KeyError, TypeError, AttributeError) as error:
        raise _damaged(place, file, error) from None


def _read_of(table: pa.Table, name: str) -> Read:
    """What a table tells. Raises DamagedError and what comes of a table that is another one."""
    text = (table.schema.metadata or {})[_PART]
    if (table.schema.metadata or {}).get(_SUM, digest := sha256_hex(text).encode()) != digest:
        raise DamagedError("what it tells of the part has changed")
    told = parse(text)
    basis, young = Basis(told.pop("source"), told.pop("max_size"), told.pop("effects", "")), told.pop("young")
    columns = [table.column(column).to_pylist() for column in _FILES.names]
    rows = [*zip(*columns, strict=True)]
    if part_name(rows, basis) != name:
        raise DamagedError("it is the table of another part")
    return Read(Part(**told), basis, {file: (Stamp(*stamp), sha) for file, *stamp, sha in rows}, young)


def part_names(place: Place) -> set[str]:
    """The names of all parts that are whole, whether the dataset is said to hold them or not."""
    every = set.intersection(*(place.names(folder) for folder in FOLDERS))
    return {name.removesuffix(".parquet") for name in every if name.endswith(".parquet")}


def remove_others(place: Place, kept: Collection[str]) -> None:
    """Remove every part but some, its files first, so that what is left is none; and what was begun to be written.

    Raises InputError.
    """
    for folder in FOLDERS:
        for file in sorted(place.names(folder)):
            if file.removesuffix(".parquet") not in kept:
                place.remove(f"{folder}/{file}")
