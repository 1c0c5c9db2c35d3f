"""Problems in order, and the story of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from textual.content import Content

from core.live.snapshot import Problem, ProblemState
from core.model.text import plural, visible
from tui import words
from tui.filter import every_term
from tui.format import age, ago, count, size
from tui.text import plain, shortened
from tui.views.line import Line, bullet, labelled, paragraph, text
from tui.widgets.table import Column

_STATES = list(words.PROBLEM)
FIELDS = ("state", "rule")
"""What a term of the filter may be about; other terms are looked for everywhere."""

SHOWN_FOLDED = 100
"""Files of a folded group that are named; there may be ten thousand."""


def columns(now: Callable[[], float]) -> tuple[Column[Problem], ...]:
    """The columns of the list, from left to right; `now` is in Unix seconds."""

    def seen(problem: Problem, _: int) -> Content:
        past = "" if problem.first_seen is None else age(max(now() - problem.first_seen, 0))
        return Content.styled(past, "$text-muted")

    def bytes_(problem: Problem, _: int) -> Content:
        return Content.styled("" if problem.size is None else size(problem.size), "$text-muted")

    return (
        Column("file", "file", lambda p, w: Content(shortened(p.unit, w)), 24, 120, 100, lambda p: p.unit),
        Column("place", "place", lambda p, _: plain(p.place, "$text-muted"), 16, 30, 60, lambda p: p.place),
        Column("size", "size", bytes_, 8, 9, 40, lambda p: p.size or 0, right=True, falling=True),
        Column("seen", "seen", seen, 6, 8, 50, lambda p: p.first_seen or 0.0, right=True, falling=True),
    )


def heading(group: tuple[ProblemState, str]) -> str:
    """The title of a group: `✗ quarantined: invalid JSON`."""
    return f"{words.PROBLEM[group[0]]}: {visible(group[1])}"


def accepts(problem: Problem, wanted: str) -> bool:
    """Whether a problem has every term of a filter: words of path, reason or place, or `state:…`, `rule:…`."""
    return every_term(wanted, lambda term: _has(problem, term))


def _has(problem: Problem, term: str) -> bool:
    field, colon, value = term.partition(":")
    if colon and field in FIELDS:
        return value in str(getattr(problem, field)).casefold()
    return term in f"{problem.unit} {problem.rule} {problem.state} {problem.place} {problem.reason}".casefold()


def completions(written: str, problems: Iterable[Problem]) -> list[str]:
    """What the last term of a text could go on as."""
    head, space, last = written.rpartition(" ")
    if not last:
        return []
    rules = dict.fromkeys(problem.rule for problem in problems)
    options = [f"{field}:" for field in FIELDS] + [f"state:{state}" for state in _STATES]
    options += [f'rule:"{rule}"' if " " in rule else f"rule:{rule}" for rule in rules if visible(rule) == rule]
    return [head + space + option for option in options if option.startswith(last.lower()) and option != last]


def grouped(problems: Iterable[Problem]) -> dict[tuple[ProblemState, str], dict[str, Problem]]:
    """Problems by state and rule, the states in the order of the words, else as they come; by key within."""
    groups: dict[tuple[ProblemState, str], dict[str, Problem]] = {}
    for problem in problems:
        groups.setdefault((problem.state, problem.rule), {})[problem.key] = problem
    return dict(sorted(groups.items(), key=lambda group: (_STATES.index(group[0][0]), group[0][1])))


def folded_lines(hidden: Iterable[Problem], width: int) -> list[Line]:
    """What a folded group holds: the names of its files."""
    units = [problem.unit for problem in hidden]
    told = f"{plural(len(units), 'problem')} folded away; Enter or z shows {'it' if len(units) == 1 else 'them'}."
    lines = [*paragraph(text(told), width), Line(text(""))]
    for unit in units[:SHOWN_FOLDED]:
        lines += bullet(text("· ", "$text-muted"), plain(unit), width)
    if len(units) > SHOWN_FOLDED:
        lines.append(Line(text(f"… and {count(len(units) - SHOWN_FOLDED)} more", "$text-muted")))
    return lines


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
