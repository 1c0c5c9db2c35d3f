"""Compared runs in groups that differ the same way: failing groups first, the largest of them on top."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.model.candidate import TraceResult
from core.model.text import visible
from core.shadow.differences import Difference

_OWN_WORDS = re.compile(r"(side effects differ) for action .*", re.DOTALL)

MAX_PLACES = 3
"""Places that a group's title names before it counts the rest."""

Places = tuple[str, ...]
"""Where a run differs: `step 3 /version`, in order, each once."""


@dataclass(frozen=True, slots=True)
class Group:
    """Runs that agree, or that differ at the same places."""

    key: str
    title: str
    passed: bool
    results: tuple[TraceResult, ...]

    @property
    def by_rule(self) -> bool:
        """Whether its runs agree only thanks to allow rules."""
        return self.key == "agree:rules"


def places(found: Sequence[Difference]) -> Places:
    """Where the differences of one run are."""
    return tuple(dict.fromkeys(_place(difference) for difference in found))


def _place(difference: Difference) -> str:
    if difference.step is None and difference.kind == "signature":
        return visible(difference.message)
    who = f"step {difference.step}" if difference.step is not None else "the run"
    what = "" if difference.kind == "output" and difference.pointer != "/" else f" {difference.kind.replace('_', ' ')}"
    if difference.kind == "receipts":
        who, what = "replay", ""
    where = "" if difference.pointer == "/" else f" {difference.pointer}"
    return visible(f"{who}{what}{where}")


def said_places(result: TraceResult) -> Places:
    """Where a run differs as far as its result tells, before the run itself has been read."""
    return tuple(dict.fromkeys(visible(_OWN_WORDS.sub(r"\1", detail)) for detail in result.details))


def group(results: Sequence[TraceResult], known: Mapping[str, Places]) -> tuple[Group, ...]:
    """All results in groups, those that agree by rule apart.

    `known` holds, by trace id, the places of the runs that were read.
    """
    failing: dict[Places, list[TraceResult]] = {}
    for result in results:
        if not result.passed:
            failing.setdefault(known.get(result.trace_id) or said_places(result), []).append(result)
    ordered = sorted(failing.items(), key=lambda item: (-len(item[1]), item[0]))
    groups = [
        Group("differ:" + "\n".join(where), _title(where, len(runs)), False, tuple(runs)) for where, runs in ordered
    ]
    for key, ruled, note in (("agree:rules", True, " only thanks to allow rules"), ("agree", False, "")):
        agreeing = tuple(result for result in results if result.passed and bool(result.allowed) is ruled)
        if agreeing:
            verb = "run agrees" if len(agreeing) == 1 else "runs agree"
            groups.append(Group(key, f"{len(agreeing):,} {verb}{note}", True, agreeing))
    return tuple(groups)


def _title(where: Places, count: int) -> str:
    verb = "run differs" if count == 1 else "runs differ"
    if not where:
        return f"{count:,} {verb}"
    named = ", ".join(where[:MAX_PLACES])
    more = f" and {len(where) - MAX_PLACES} more" if len(where) > MAX_PLACES else ""
    return f"{count:,} {verb}: {named}{more}"
