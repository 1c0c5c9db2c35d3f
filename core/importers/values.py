"""What the importers pass around: formats, parts of runs, runs, and what was left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from core.importers.effects import NO_EFFECTS, Effects
from core.model.jsontext import Json

TraceJson: TypeAlias = dict[str, Any]
"""A crystallization trace as plain JSON, valid by construction (spec/traces.md)."""


class Left(NamedTuple):
    """Something in a source that became no action; the texts may quote the source and are as hostile as it."""

    place: str
    """Where in the file: `line 7`, `item 3`, `line 7 item 3`; empty for the whole file."""
    reason: str
    fault: bool = True
    """Whether something is lost by it; else it is left out by a stated rule."""
    number: int = 0
    """The number of the run that would have stood here; 0 when that is not known."""
    times: int = 1
    """How often it was met in the run."""


class Part(NamedTuple):
    """What one record adds to a run, with everything taken out that the run will not hold."""

    hint: str
    """Text that stands in every record of the run and is found by the format's `hints`."""
    key: str
    """Which of the runs with this hint."""
    value: Any


Typed: TypeAlias = tuple[Any, bytes | None]
"""A record as its format decodes it itself, and the bytes that tell it from others; or a plain JSON value, or the
JsonError that it is none, without bytes."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person states about the sources."""

    effects: Effects = NO_EFFECTS
    workflow_id: str | None = None
    """For runs whose format names no workflow."""
    max_record: int = 64 * 1024 * 1024
    """Bytes of a record beyond which it is left out."""


USUAL = Options()
"""Nothing stated."""

Mapped: TypeAlias = Iterable[TraceJson | Left]
"""The runs of some gathered parts, usually one, and what was left out of them."""


@dataclass(frozen=True, slots=True)
class Format:
    """A format of recorded runs; an extension offers one under the entry point group `assay.importers`.

    Without `hints` every record is a run of its own.
    """

    name: str
    """What `--format` takes."""
    title: str
    """For people."""
    sees: Callable[[Json], bool]
    """Whether a record is of this format; must answer for any JSON value."""
    part: Callable[[Json], Part | Left]
    """What a record adds to which run; the place of what is left out is filled in by the caller."""
    runs: Callable[[Sequence[Any], Options], Mapped]
    """The runs made of the values of all parts with one key, in the order of the file."""
    hints: re.Pattern[bytes] | None = None
    """Finds, as group 1 in the bytes of a record, the hints of the runs that it belongs to; more than these do no
    harm."""
    typed: Callable[[bytes], tuple[bool, Iterable[Typed]] | None] | None = None
    """A quicker way to whether a JSON text is one record, and to its records, for `part` to take; None for a text that
    has to go the general way."""
    stays: Callable[[TraceJson], str] | None = None
    """What stays the same about a run while it grows, where its id does not: a longer run takes its place."""
    joined: Callable[[Any, Any], Any | None] | None = None
    """What two records of a file, each of which could be a run, are together where the later one tells all of the
    earlier one again and goes on; None where they are two runs."""


class Run(NamedTuple):
    """A run that was found in a source."""

    number: int
    """The how manyth run of the file it is, from 1."""
    place: str
    """Where its first record stands."""
    trace: TraceJson


Found: TypeAlias = Run | Left


@dataclass(slots=True)
class Notes:
    """Reasons gathered while a run is made."""

    _faults: list[str] = field(default_factory=list)
    _rules: dict[str, int] = field(default_factory=dict)

    def fault(self, reason: str) -> None:
        """Something could not be mapped."""
        self._faults.append(reason)

    def rule(self, reason: str) -> None:
        """Something is left out on purpose."""
        self._rules[reason] = self._rules.get(reason, 0) + 1

    def add(self, left: Iterable[Left]) -> None:
        """Note again what was noted elsewhere."""
        for one in left:
            (self.fault if one.fault else self.rule)(one.reason)

    def take(self) -> Iterator[Left]:
        """Everything noted so far: each fault, and each rule with how often it was met."""
        faults, rules = self._faults, self._rules
        self._faults, self._rules = [], {}
        yield from (Left("", reason) for reason in faults)
        yield from (Left("", reason, fault=False, times=times) for reason, times in rules.items())

    def __bool__(self) -> bool:
        return bool(self._faults or self._rules)
