"""Problems in order, and the story of one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.live.snapshot import Problem, ProblemState
from tui import words
from tui.format import ago, count
from tui.text import plain
from tui.views.line import Line, bullet, labelled, paragraph, text

_STATES = list(words.PROBLEM)


def grouped(problems: Iterable[Problem]) -> dict[tuple[ProblemState, str], dict[str, Problem]]:
    """Problems by state and rule, the states in the order of the words, else as they come; by key within."""
    groups: dict[tuple[ProblemState, str], dict[str, Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.state, problem.rule), {})[problem.key] = problem
    return dict(sorted(groups.items(), key=lambda group: (_STATES.index(group[0][0]), group[0][1])))


def detail_lines(problem: Problem, now: float, width: int) -> list[Line]:
    """Reason, place, advice, size and age; `now` is in Unix seconds."""
    return [*_told(problem, width), *_facts(problem, now, width)]


def _told(problem: Problem, width: int) -> Iterator[Line]:
    sign = words.PROBLEM[problem.state]
    yield from paragraph(plain(problem.unit, "bold"), width)
    yield from paragraph(text(str(sign), sign.style) + plain(f" · {problem.rule}"), width)
    yield Line(text(""))
    yield from paragraph(plain(problem.reason), width)
    if problem.advice:
        yield from bullet(text("→ ", "$accent"), plain(problem.advice), width)
    yield Line(text(""))


def _facts(problem: Problem, now: float, width: int) -> Iterator[Line]:
    yield from labelled("place", plain(problem.place or "the whole file"), width, 12)
    if problem.size is not None:
        yield from labelled("size", text(f"{count(problem.size)} bytes"), width, 12)
    if problem.first_seen is not None:
        yield from labelled("first seen", text(ago(max(now - problem.first_seen, 0))), width, 12)
    yield from labelled("means", text(words.PROBLEM[problem.state].meaning, "$text-muted"), width, 12)
