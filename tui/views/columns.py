"""The columns of the home screen, and in which order they make room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.candidate import Savings
from core.model.shares import confidence
from tui import words
from tui.format import NOTHING, age, bar, count, duration, short, usd
from tui.text import arrowed, plain
from tui.views.amounts import UNKNOWN, Told, number, standing, together
from tui.widgets.table import Column

Mark = Literal["", "new", "changed"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A candidate as a row: its view, and whether it is new to the reviewer."""

    view: CandidateView
    mark: Mark = ""
    changed: float | None = None
    """Seconds since it appeared or changed; None when it did neither since the review began."""


def tokens(view: CandidateView) -> int:
    """Tokens in and out that all examples together would have saved."""
    return view.candidate.savings.input_tokens_avoided + view.candidate.savings.output_tokens_avoided


def _status(row: Shown, width: int) -> Content:
    sign = words.STATUS[row.view.status]
    # The heading above the rows says it in words.
    return Content.styled(sign.glyph if width < len(str(sign)) else str(sign), sign.style)


def _workflow(row: Shown, width: int) -> Content:
    if not row.mark:
        return Content.styled(arrowed(row.view.label, width), "bold")
    label = arrowed(row.view.label, width - len(row.mark) - 1)
    return Content.assemble((label, "bold"), " ", (row.mark, "$accent reverse"))


def _steps(row: Shown, _: int) -> Content:
    fuzzy, sign = row.view.fuzzy_steps, words.SEGMENT["fuzzy"]
    said = Content(str(len(row.view.candidate.steps)))
    return Content.assemble(said, " ", (f"{sign.glyph}{fuzzy}", sign.style)) if fuzzy else said


def _runs(row: Shown, _: int) -> Content:
    found, whole = len(row.view.candidate.examples), row.view.cohort_runs
    # What is proposed no longer has the examples of its decision, which are no share of today's runs.
    share = short(whole).replace(" ", "") if row.view.proposed else NOTHING
    return Content.assemble(short(found).replace(" ", ""), (f"/{share}", "$text-muted"))


def _confidence(row: Shown, width: int) -> Content:
    share = row.view.candidate.confidence
    return Content.assemble(confidence(share), (" " + bar(share, width - 5) if width >= 9 else "", "$text-muted"))


def shadow(view: CandidateView, width: int = 80) -> Content:
    """How many compared runs agree and differ: `✓12 ✗1`, closer together where it has to be, and then rounded.

    `✓12≈3`: three of the twelve only by rule; where there is no room for how many, the sign alone.
    """
    if not view.candidate.shadow.traces:
        return Content.styled(NOTHING, "$text-muted")
    good, rule, bad = words.PASSED, words.BY_RULE, words.FAILED

    def told(number: int, digits: int) -> str:
        return short(number, digits).replace(" ", "")

    for gap, digits, counted in ((" ", 1, True), ("", 1, True), ("", 0, True), ("", 0, False)):
        said = Content.styled(f"{good.glyph}{told(view.passed, digits)}", good.style)
        if view.allowed:
            how_many = told(view.allowed, digits) if counted else ""
            said = Content.assemble(said, (f"{rule.glyph}{how_many}", rule.style))
        if view.failed:
            said = Content.assemble(said, gap, (f"{bad.glyph}{told(view.failed, digits)}", bad.style))
        if said.cell_length <= width:
            break
    return said


def _risk(row: Shown, _: int) -> Content:
    sign = words.RISK[row.view.risk]
    return Content.styled(str(sign), sign.style)


def _changed(row: Shown, _: int) -> Content:
    return Content.styled("" if row.changed is None else age(row.changed), "$text-muted")


def _cohort(row: Shown, _: int) -> Content:
    return plain(row.view.cohort or NOTHING, "$text-muted")


_STATUS_ORDER = list(words.STATUS)
_RISK_ORDER = list(words.RISK)


def _saved(name: str, amount: Callable[[Savings], float], tell: Told) -> Callable[[Shown, int], Content]:
    """A column of what is saved; the sign of a lower bound moves closer where room is short."""

    def cell(row: Shown, width: int) -> Content:
        saved = row.view.candidate.savings
        known, _ = standing([saved], name)
        said = together([saved], name, amount(saved), tell)
        return plain(said if len(said) <= width else said.replace("≥ ", "≥"), "" if known else "$text-muted")

    return cell


COLUMNS: tuple[Column[Shown], ...] = (
    Column("status", "status", _status, 16, 16, 100, lambda r: _STATUS_ORDER.index(r.view.status), brief=1),
    Column("workflow", "workflow", _workflow, 26, 60, 99, lambda r: r.view.label.casefold(), good=38),
    Column("steps", "steps", _steps, 7, 7, 47, lambda r: len(r.view.candidate.steps), falling=True),
    Column("runs", "runs", _runs, 7, 11, 49, lambda r: len(r.view.candidate.examples), right=True, falling=True),
    Column("confidence", "confidence", _confidence, 10, 12, 75, lambda r: r.view.candidate.confidence, falling=True),
    Column("shadow", "shadow", lambda r, width: shadow(r.view, width), 9, 12, 90, lambda r: -r.view.failed),
    Column(
        "saves",
        "saves",
        _saved("cost", lambda saved: saved.estimated_cost_usd_avoided, usd),
        9,
        11,
        80,
        lambda r: r.view.candidate.savings.estimated_cost_usd_avoided,
        right=True,
        falling=True,
    ),
    Column(
        "tokens",
        "tokens",
        _saved("tokens", lambda saved: saved.input_tokens_avoided + saved.output_tokens_avoided, short),
        7,
        8,
        40,
        lambda r: tokens(r.view),
        right=True,
        falling=True,
    ),
    Column(
        "time",
        "time",
        _saved("wall time", lambda saved: saved.wall_ms_avoided, duration),
        12,
        12,
        30,
        lambda r: r.view.candidate.savings.wall_ms_avoided,
        right=True,
        falling=True,
    ),
    Column("risk", "risk", _risk, 8, 8, 85, lambda r: _RISK_ORDER.index(r.view.risk), falling=True),
    Column("cohort", "cohort", _cohort, 10, 20, 20, lambda r: r.view.cohort.casefold()),
    Column(
        "changed",
        "changed",
        _changed,
        9,
        9,
        45,
        lambda r: float("inf") if r.changed is None else r.changed,
    ),
)
"""All columns, from left to right."""


def exact(view: CandidateView) -> str:
    """The savings with all their digits, for where there is room: `$3.20, 13,950 tokens, 4 min 12 s in all`."""
    saved = view.candidate.savings
    if saved.unrecorded:
        return f"{UNKNOWN}: no run records the calls that chose its steps"
    cost = together([saved], "cost", saved.estimated_cost_usd_avoided, usd)
    used = together([saved], "tokens", saved.input_tokens_avoided + saved.output_tokens_avoided, number)
    time = together([saved], "wall time", saved.wall_ms_avoided, duration)
    return f"{cost}, {used} tokens, {time}, {count(saved.model_calls_avoided)} model calls in all"
