"""What was found in the traces folder, and what changed there since the last look: values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeAlias

from core.model.trace import Trace

if TYPE_CHECKING:  # columns need numpy, which nobody has to wait for who only looks
    from core.columns.facts import RunFacts
    from core.columns.segment import Row


def signed(number: int) -> int:
    """A number as 64 bits hold it: times far off, and some file systems' inodes, take more."""
    return (number + 2**63) % 2**64 - 2**63


class Stamp(NamedTuple):
    """How a file looked from outside; two looks with one stamp mean the same bytes, but for very young files.

    Each number is `signed`.
    """

    mtime_ns: int
    """Last change of the bytes, nanoseconds since 1970 by the clock of the file system."""
    size: int
    """Bytes."""
    inode: int
    ctime_ns: int
    """Last change of bytes, name or rights, nanoseconds since 1970."""

    @property
    def touched(self) -> float:
        """The later of both changes, Unix seconds."""
        return max(self.mtime_ns, self.ctime_ns) / 1e9


class LoadedFile(NamedTuple):
    """A file that holds a run."""

    unit: str
    """Path below the traces folder."""
    stamp: Stamp
    """Taken before the bytes were read, so that a later change shows as another stamp."""
    sha256: str
    """Of the bytes, 64 hex digits."""
    size: int
    """Bytes that were read."""
    trace: Trace | None = None
    """The run, where it is kept whole."""
    facts: RunFacts | None = None
    """What the engine needs of it, where only that is kept; soon it becomes a row."""
    row: Row | None = None
    """Its row among the columns, where it has one already."""


@dataclass(frozen=True, slots=True)
class ManyRuns:
    """A file of another tool that holds several runs, or what is none besides."""

    unit: str
    """Of the file."""
    stamp: Stamp
    sha256: str
    """Of the file's bytes, 64 hex digits; its runs have the same."""
    size: int
    """Bytes that were read."""
    files: tuple[LoadedFile, ...]
    """The runs, each under a unit of its own."""
    problems: tuple[BrokenFile, ...]
    """What in the file is no run, each under a unit of its own, or under the file's."""


@dataclass(frozen=True, slots=True)
class SameFile:
    """A file whose bytes are those that the caller has already decoded."""

    unit: str
    stamp: Stamp
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class BrokenFile:
    """A path that cannot be read as a run, and why; the texts may quote the file and are as hostile as it."""

    unit: str
    stamp: Stamp | None
    """None for what is no file: a link, a sub-folder."""
    rule: str
    """Short name of what is wrong, the same for all problems of a kind."""
    reason: str
    """A sentence."""
    place: str = ""
    """Where in the file: `line 3 column 7`, `actions[2].cost`; empty when it is the whole file."""
    advice: str = ""
    """What a person can do about it."""
    size: int | None = None
    """Bytes on disk."""
    unfinished: bool = False
    """Whether it looks cut short, as a file does that is still being written."""


FileReading: TypeAlias = LoadedFile | ManyRuns | SameFile | BrokenFile


@dataclass(frozen=True, slots=True)
class FileProblem:
    """A path that is not in use, or not in its present form, as the screens list it."""

    state: Literal["settling", "quarantined"]
    """A settling file may still become good, and its last good version stays in use."""
    unit: str
    rule: str
    reason: str
    place: str = ""
    advice: str = ""
    size: int | None = None
    first_seen: float | None = field(default=None, compare=False)
    """Unix seconds at which the path was first seen in trouble; no part of what makes two problems equal."""


def problem_of(
    found: BrokenFile, state: Literal["settling", "quarantined"] = "quarantined", first_seen: float | None = None
) -> FileProblem:
    """A broken file as the problem that is shown."""
    return FileProblem(
        state=state,
        unit=found.unit,
        rule=found.rule,
        reason=found.reason,
        place=found.place,
        advice=found.advice,
        size=found.size,
        first_seen=first_seen,
    )


_NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ChangeSet:
    """What differs from what was told before; every unit is in one of `loaded`, `problems` and `gone` only."""

    loaded: Mapping[str, LoadedFile] = field(default_factory=lambda: _NOTHING)
    """New or changed runs by unit, those that were read one by one in path order; an earlier problem of the unit is
    over."""
    problems: Mapping[str, FileProblem] = field(default_factory=lambda: _NOTHING)
    """New or changed problems by unit, in path order. A quarantined unit's run is no longer in use; a settling
    unit's is."""
    gone: frozenset[str] = frozenset()
    """Units that have neither a run nor a problem any more."""
    more: bool = False
    """Whether further changes are known and not read yet: take these in, and mine when the last has come."""

    def __bool__(self) -> bool:
        return bool(self.loaded or self.problems or self.gone)

    def __len__(self) -> int:
        return len(self.loaded) + len(self.problems) + len(self.gone)

    @property
    def touched(self) -> frozenset[str]:
        """Units of which nothing told earlier counts any more: all but the settling ones."""
        return self.gone.union(self.loaded, (u for u, p in self.problems.items() if p.state == "quarantined"))
