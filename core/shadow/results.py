"""The results of a comparison, however many there are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from core.model.candidate import Standing, TraceResult
from core.model.late import Late

Stands = tuple[Standing | None, bool]
"""How a run stands to a generalised workflow, and whether its comparison passes."""


class LateResults(Late[TraceResult]):
    """Results that are made when somebody looks at them; which of them fail is known from the start."""

    __slots__ = ("allowed", "failing", "standings")

    def __init__(
        self,
        count: int,
        make: Callable[[int], TraceResult],
        failing: Sequence[int],
        allowed: int = 0,
        make_all: Callable[[], Iterable[TraceResult]] | None = None,
        standings: Mapping[Stands, int] | None = None,
    ) -> None:
        super().__init__(count, make, make_all)
        self.allowed = allowed
        """How many pass only thanks to allow rules."""
        self.failing = tuple(failing)
        """The indexes of those that fail, ascending."""
        self.standings = standings
        """How many there are of each standing; None where it is not known yet."""


def failing_results(results: Sequence[TraceResult]) -> list[TraceResult]:
    """Those that fail, in order."""
    if isinstance(results, LateResults):
        return [results[index] for index in results.failing]
    return [result for result in results if not result.passed]


def count_standings(results: Sequence[TraceResult]) -> Mapping[Stands, int]:
    """How many there are of each standing."""
    if isinstance(results, LateResults) and results.standings is not None:
        return results.standings
    return Counter((result.standing, result.passed) for result in results)


def count_failing(results: Sequence[TraceResult]) -> int:
    """How many fail."""
    return len(results.failing) if isinstance(results, LateResults) else sum(not result.passed for result in results)


def count_allowed(results: Sequence[TraceResult]) -> int:
    """How many pass only thanks to allow rules."""
    if isinstance(results, LateResults):
        return results.allowed
    return sum(result.passed and bool(result.allowed) for result in results)
