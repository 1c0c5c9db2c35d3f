"""The runs that speak for or against a candidate, as rows of a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from textual.content import Content

from core.live.snapshot import CandidateView, Run, Snapshot
from core.model.candidate import TraceResult
from core.model.trace import Usage
from core.traces.times import moment
from tui import words
from tui.format import NOTHING, count, instant, short
from tui.text import plain, shortened
from tui.views.usage import price, time, tokens
from tui.widgets.table import Column, Section


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run: how it compares, and what is known of it."""

    trace_id: str
    source_hash: str
    result: TraceResult | None
    run: Run | None


def evidence(view: CandidateView, snapshot: Snapshot) -> list[Section[Evidence]]:
    """Examples first, then the runs that were only compared; keys are the trace ids behind `r:`."""
    made = view.candidate
    results = {result.trace_id: result for result in made.shadow.traces}
    examples = {
        f"r:{e.trace_id}": Evidence(e.trace_id, e.source_hash, results.get(e.trace_id), snapshot.runs.get(e.trace_id))
        for e in made.examples
    }
    others = {
        f"r:{r.trace_id}": Evidence(r.trace_id, r.source_hash, r, snapshot.runs.get(r.trace_id))
        for r in made.shadow.traces
        if f"r:{r.trace_id}" not in examples
    }
    return [Section("Examples: mined and compared", examples), Section("Compared only", others)]


def _verdict(row: Evidence, _: int) -> Content:
    if row.result is None:
        return plain("? not compared", "$text-warning")
    sign = words.FAILED if not row.result.passed else words.BY_RULE if row.result.allowed else words.PASSED
    return plain(str(sign), sign.style)


def _order(row: Evidence) -> int:
    return 1 if row.result is None else 2 if row.result.passed else 0


def _known(value: str | None) -> Content:
    return plain(value) if value else plain(NOTHING, "$text-muted")


def _used(run: Run | None, tell: Callable[[Usage], str | None]) -> Content:
    """What a run took, where it says so."""
    if run is None:
        return plain("gone", "$text-error")
    said = tell(run.usage)
    return plain("unknown", "$text-muted") if said is None else plain(said)


def _tokens(usage: Usage) -> str | None:
    return None if (used := tokens(usage)) is None else short(used)


def _of(run: Run | None, said: str) -> Content:
    return plain(said) if run else plain("gone", "$text-error")


def _hash(row: Evidence) -> str:
    return row.source_hash.removeprefix("sha256:")


def _began(row: Evidence) -> tuple[bool, float, str]:
    """When a run began, as runs write it in many ways; what is no time stands before all that are."""
    said = (row.run.started_at or "") if row.run else ""
    at = moment(said)
    return at is not None, at or 0.0, said


COLUMNS: tuple[Column[Evidence], ...] = (
    Column("verdict", "verdict", _verdict, 9, 14, 9, _order),
    Column("run", "run", lambda r, w: Content(shortened(r.trace_id, w)), 12, 44, 10, lambda r: r.trace_id, good=36),
    Column(
        "started",
        "started",
        lambda r, _: _known(instant(r.run.started_at) if r.run and r.run.started_at else None),
        20,
        20,
        5,
        _began,
    ),
    Column(
        "cost",
        "cost",
        lambda r, _: _used(r.run, price),
        8,
        10,
        8,
        lambda r: r.run.usage.total_cost_usd if r.run else -1.0,
        right=True,
        falling=True,
    ),
    Column(
        "time",
        "time",
        lambda r, _: _used(r.run, lambda usage: time(usage.wall_ms)),
        12,
        14,
        7,
        lambda r: r.run.usage.wall_ms if r.run else -1,
        right=True,
        falling=True,
    ),
    Column(
        "tokens",
        "tokens",
        lambda r, _: _used(r.run, _tokens),
        7,
        9,
        4,
        lambda r: (tokens(r.run.usage) or 0) if r.run else -1,
        right=True,
        falling=True,
    ),
    Column(
        "actions",
        "actions",
        lambda r, _: _of(r.run, count(r.run.actions) if r.run else ""),
        7,
        8,
        3,
        lambda r: r.run.actions if r.run else -1,
        right=True,
        falling=True,
    ),
    Column("hash", "hash", lambda r, _: plain(_hash(r), "$text-muted"), 12, 64, 1, _hash),
    Column(
        "file",
        "file",
        lambda r, width: _known(shortened(r.run.unit, width) if r.run else None),
        16,
        60,
        2,
        lambda r: r.run.unit if r.run else "",
    ),
)
