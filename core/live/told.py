"""What was told about each unit, so that only differences are told again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from core.live.changes import BrokenFile, ChangeSet, FileProblem, LoadedFile, ManyRuns, problem_of
from core.live.layered import Layered
from core.live.names import order_of

if TYPE_CHECKING:
    from core.live.filed import Filed


@dataclass(slots=True)
class Told:
    """Present runs and problems, and what of them is not told yet. Runs are remembered by the digest of their bytes."""

    good: Layered[str] = field(default_factory=Layered)
    """sha256 of the bytes that were last decoded, by unit."""
    problems: dict[str, FileProblem] = field(default_factory=dict)
    _runs: dict[str, frozenset[str]] = field(default_factory=dict)
    """Units of what a file of several runs holds, by the file's unit."""
    _units: set[str] = field(default_factory=set)
    _many: Layered[LoadedFile] = field(default_factory=Layered)
    """Runs that were loaded at once, as long as nothing else is told of them."""
    _news: dict[str, LoadedFile | FileProblem | None] = field(default_factory=dict)

    def known(self, unit: str) -> str:
        """The sha256 that need not be decoded again; empty when a problem would have to be taken back besides."""
        return "" if unit in self.problems else self.good.get(unit, "")

    def load(self, file: LoadedFile) -> None:
        """A run is new or another one, or its problem is over."""
        if self._runs:
            self._let_go(file.unit)
        self._load(file)

    def load_filed(self, files: Filed) -> None:
        """The same of very many at once."""
        if self._many or self._runs:
            for place, unit in enumerate(files.units):
                self._let_go(unit)
                self._load(files.at(place))
            return
        for unit in self.problems.keys() & files.index.keys():
            del self.problems[unit]
        for unit in self._news.keys() & files.index.keys():
            del self._news[unit]
        self.good.lay(Layered(files.digests))
        self._many = Layered(files)

    def load_many(self, found: ManyRuns, at: float) -> None:
        """A file holds several runs, or other ones; `at` is Unix seconds, for what in it is no run."""
        units = frozenset({file.unit for file in found.files} | {one.unit for one in found.problems})
        self._let_go(found.unit, units)
        if found.unit not in units:
            self.forget(found.unit)
        for file in found.files:
            self._load(file)
        for problem in found.problems:
            self.good.pop(problem.unit, None)
            self.trouble(problem, "quarantined", at)
        self.good[found.unit] = found.sha256
        self._runs[found.unit] = units - {found.unit}

    def _load(self, file: LoadedFile) -> None:
        self.good[file.unit] = file.sha256
        self.problems.pop(file.unit, None)
        self._news[file.unit] = file

    def _let_go(self, unit: str, kept: frozenset[str] = frozenset()) -> None:
        """What a file held is no longer there, but for some units."""
        for run in self._runs.pop(unit, frozenset()) - kept:
            self.forget(run)

    def trouble(self, found: BrokenFile, state: Literal["settling", "quarantined"], at: float) -> None:
        """A unit cannot be used; `at` is Unix seconds. A settling unit is told once, however it changes meanwhile."""
        before = self.problems.get(found.unit)
        if state == "settling" and before is not None and before.state == "settling":
            return
        if state == "quarantined":
            self._let_go(found.unit)
        first_seen = at if before is None else before.first_seen
        problem = problem_of(found, state, first_seen)
        if problem != before:
            self.problems[found.unit] = problem
            self._news[found.unit] = problem

    def forget(self, unit: str) -> None:
        """A unit is no longer there, nor what it held."""
        self._let_go(unit)
        self.good.pop(unit, None)
        self.problems.pop(unit, None)
        self._news[unit] = None

    def take(self, *, more: bool = False) -> ChangeSet:
        """Everything that is not told yet, as one change set; it counts as told from now on."""
        loaded: dict[str, LoadedFile] = {}
        problems: dict[str, FileProblem] = {}
        gone: set[str] = set()
        for unit in sorted(self._news, key=order_of):
            match self._news[unit]:
                case LoadedFile() as file:
                    loaded[unit] = file
                case FileProblem() as problem:
                    problems[unit] = problem
                case None if unit in self._units:
                    gone.add(unit)
        every = self._many.updated(self._news, loaded) if self._many else loaded
        self._news, self._many = {}, Layered()
        self._units.difference_update(gone)
        self._units.update(every, problems)
        return ChangeSet(every, problems, frozenset(gone), more)
