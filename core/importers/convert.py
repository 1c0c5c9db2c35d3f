"""A file of another tool as runs: its records told apart, gathered by run, and mapped.

Of formats that spread a run over several records the parts of a run are held until its last record has passed, so that
memory depends on how many runs are under way at once and not on the size of the file; where that last record stands is
found by a first pass over files that are not small.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from core.importers.dense import TOO_DENSE, Room, most_actions, taken_by, too_dense
from core.importers.records import Record, opened
from core.importers.registry import BUILT_IN, recognised
from core.importers.texts import Source, chunks
from core.importers.values import USUAL, Format, Found, Left, Options, Part, Run, TraceJson
from core.model.jsontext import compact
from core.model.text import is_blank
from core.model.trace import Trace

_LOOKED_AT = 64
"""First records of a file that tell its format."""

_ONE_PASS = 8 * 1024 * 1024
"""Bytes of a file whose runs are held until its end."""

UNKNOWN = "none of its records has a known format; assay import --help names those that are read"
"""Why a file is no file of runs."""


def format_of(source: Source, options: Options = USUAL) -> Format | None:
    """The format of a file, by its first records; None when none is known. Raises OSError."""
    source = replace(source, passed=None)
    records = (
        found.value for chunk in _chunks(source, options) for found in opened(chunk) if isinstance(found, Record)
    )
    return recognised(list(islice(records, _LOOKED_AT)))


def why_unknown(source: Source, options: Options = USUAL) -> Left:
    """Why no format is known: its first record that is none, else that no format sees them. Raises OSError."""
    for chunk in chunks(replace(source, passed=None), options.max_record):
        one = chunk if isinstance(chunk, Left) else next(opened(chunk), None)
        return one if isinstance(one, Left) else Left("", UNKNOWN)
    return Left("", "it holds no record")


def found(source: Source, made: Format, options: Options = USUAL, room: Room | None = None) -> Iterator[Found]:
    """The runs of a file and what was left out of it, as they are found. Raises OSError.

    Who keeps the runs hands over the room for all that is made of the file, and takes what they need from it. Where
    every record is a run, a run's number counts the records, bad ones too; else it counts the runs.
    """
    if made.hints is None:
        return _each(source, made, options)
    return _gathered(source, made, options, room or Room(source.size))


def _chunks(source: Source, options: Options) -> Iterator[Any]:
    return (chunk for chunk in chunks(source, options.max_record) if not isinstance(chunk, Left))


def _records(source: Source, made: Format, options: Options) -> Iterator[tuple[int, Record | Left]]:
    """All records, each with the number of its JSON text."""
    for number, chunk in enumerate(chunks(source, options.max_record)):
        if isinstance(chunk, Left):
            yield number, chunk
            continue
        for one in opened(chunk, made.typed):
            yield number, one


_GROWING = 16
"""How many runs may be told again by a later record before they count as whole."""

_GROWING_BYTES = 4 * 1024 * 1024


class _Growing:
    """Runs that a later record may tell again and go on with, in the order of their last records."""

    def __init__(self, made: Format, options: Options, name: str) -> None:
        self._held: list[tuple[_Group, int]] = []
        self._made, self._options, self._name = made, options, name

    def take(self, group: _Group, number: int) -> Iterator[Found]:
        """Take a record in, with what is whole now."""
        for at, (earlier, _) in enumerate(self._held):
            if self._made.joined and (value := self._made.joined(earlier.values[0], group.values[0])) is not None:
                del self._held[at]
                group.values = [value]
                yield Left(earlier.place, "a record that a later one tells again and goes on with", fault=False)
                break
        self._held.append((group, number))
        while len(self._held) > _GROWING or (
            len(self._held) > 1 and sum(held.taken for held, _ in self._held) > _GROWING_BYTES
        ):
            yield from self._whole(*self._held.pop(0))

    def rest(self) -> Iterator[Found]:
        """All runs, for nothing follows."""
        while self._held:
            yield from self._whole(*self._held.pop(0))

    def _whole(self, group: _Group, number: int) -> Iterator[Found]:
        return _mapped(group, self._made, self._options, self._name, number)


def _each(source: Source, made: Format, options: Options) -> Iterator[Found]:
    """The runs of a format whose every record is one, but for those that a later record tells again."""
    growing = _Growing(made, options, source.name)
    for number, (_, record) in enumerate(_records(source, made, options), 1):
        if isinstance(record, Left):
            yield from growing.rest()  # for what is told is told in the order of the file
            yield record._replace(number=number)
            continue
        text = record.text or compact(record.value)
        if too_dense(text, most_actions(record.value)):
            yield from growing.rest()
            yield Left(record.place, TOO_DENSE, number=number)
            continue
        part = _part(made, record)
        if isinstance(part, Left):
            yield from growing.rest()
            yield part._replace(number=number)
            continue
        group = _Group(record.place, [part.value], hashlib.sha256(text), len(text))
        if made.joined is None:
            yield from _mapped(group, made, options, source.name, number)
        else:
            yield from growing.take(group, number)
    yield from growing.rest()


@dataclass(slots=True)
class _Group:
    """The parts of a run that is not complete."""

    place: str
    values: list[Any]
    digest: Any = field(default_factory=hashlib.sha256)
    taken: int = 0
    """About how many bytes of memory its parts take."""


class _Open:
    """Runs under way, by hint and key."""

    def __init__(self, room: Room) -> None:
        self._groups: dict[str, dict[str, _Group]] = {}
        self._room = room

    def take(self, part: Part, record: Record) -> bool:
        """Put a part to its run, unless what is under way takes too much memory."""
        text = record.text or compact(record.value)
        taken = taken_by(text, most_actions(record.value) if record.text is None else 0)
        if taken > self._room.left:
            return False
        runs = self._groups.setdefault(part.hint, {})
        group = runs.get(part.key)
        if group is None:
            group = runs[part.key] = _Group(record.place, [])
        group.values.append(part.value)
        group.digest.update(text)
        group.digest.update(b"\n")
        group.taken += taken
        self._room.left -= taken
        return True

    def close(self, hint: str) -> Iterator[_Group]:
        """The runs of a hint, which are complete."""
        for group in self._groups.pop(hint, {}).values():
            self._room.left += group.taken  # the run takes over what its parts hold
            yield group

    def rest(self) -> Iterator[_Group]:
        """All runs, in the order of their first records."""
        while self._groups:
            yield from self.close(next(iter(self._groups)))


def _gathered(source: Source, made: Format, options: Options, room: Room) -> Iterator[Found]:
    """The runs of a format that spreads them over records."""
    last = _last_places(replace(source, passed=None), made, options) if source.size > _ONE_PASS else {}
    under_way, count = _Open(room), 0
    touched: set[str] = set()
    before = 0

    def complete(groups: Iterator[_Group]) -> Iterator[Found]:
        nonlocal count
        for group in groups:
            for one in _mapped(group, made, options, source.name, count + 1):
                count += isinstance(one, Run)
                yield one._replace(number=count) if isinstance(one, Run) else one

    for number, record in _records(source, made, options):
        if number != before:
            for hint in sorted([hint for hint in touched if last.get(hint) == before]):
                yield from complete(under_way.close(hint))
            touched.clear()
            before = number
        if isinstance(record, Left):
            yield record
            continue
        part = _part(made, record)
        if isinstance(part, Left):
            yield part
            continue
        if not under_way.take(part, record):
            yield Left(record.place, f"{TOO_DENSE}: the runs under way fill the memory that its size allows")
        elif last:
            touched.add(part.hint)
    yield from complete(under_way.rest())


def _last_places(source: Source, made: Format, options: Options) -> dict[str, int]:
    """By hint, the number of the last JSON text in which it stands."""
    assert made.hints is not None
    last: dict[bytes, int] = {}
    for number, chunk in enumerate(chunks(source, options.max_record)):
        if not isinstance(chunk, Left):
            last.update(dict.fromkeys(made.hints.findall(chunk.data), number))
    return {hint.decode(errors="replace"): number for hint, number in last.items()}


def _part(made: Format, record: Record) -> Part | Left:
    try:
        part = made.part(record.value)
    except Exception as error:  # noqa: BLE001 - a record that an importer fails on costs that record
        return Left(record.place, f"the importer {made.name} fails on it: {type(error).__name__}: {error}")
    return part._replace(place=record.place) if isinstance(part, Left) else part


def _mapped(group: _Group, made: Format, options: Options, name: str, number: int) -> Iterator[Found]:
    digest = group.digest.hexdigest()
    try:
        for one in made.runs(group.values, options):
            if isinstance(one, Left):
                yield one._replace(place=group.place)
            else:
                yield Run(number, group.place, _finished(one, made, options, name, digest))
    except Exception as error:  # noqa: BLE001 - as above
        reason = f"the importer {made.name} fails on it: {type(error).__name__}: {error}"
        yield Left(group.place, reason, number=number if made.hints is None else 0)


def _finished(trace: TraceJson, made: Format, options: Options, name: str, digest: str) -> TraceJson:
    """A run with what only its place in a file tells. Raises DecodeError when an extension made it wrong."""
    if not any(made is one for one in BUILT_IN):
        Trace.decode(trace)
    if trace.get("source") is None:
        trace["source"] = name.encode(errors="surrogateescape").decode(errors="replace")
    if trace.get("source_hash") is None:
        trace["source_hash"] = f"sha256:{digest}"
    if is_blank(trace.get("id") or ""):
        trace["id"] = f"{made.name}-{digest[:16]}"
    if trace.get("workflow_id") is None:
        trace["workflow_id"] = options.workflow_id
    return trace
