"""The runs that speak for or against a candidate, as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from core.live.snapshot import CandidateView, Run, Snapshot
from core.model.candidate import TraceResult
from tui import words
from tui.format import NOTHING, count, duration, short, usd
from tui.text import plain
from tui.widgets.table import Column, Section


@dataclass(frozen=True, slots=True)
class Evidence:
    """One run: what it is for the candidate, how it compares, and what is known of it."""

    trace_id: str
    source_hash: str
    example: bool
    result: TraceResult | None
    run: Run | None


def evidence(view: CandidateView, snapshot: Snapshot) -> list[Section[Evidence]]:
    """Examples first, then the runs that were only compared; keys are the trace ids behind `r:`."""
    made = view.candidate
    results = {result.trace_id: result for result in made.shadow.traces}
    examples = {
        f"r:{e.trace_id}": Evidence(
            e.trace_id, e.source_hash, True, results.get(e.trace_id), snapshot.runs.get(e.trace_id)
        )
        for e in made.examples
    }
    others = {
        f"r:{r.trace_id}": Evidence(r.trace_id, r.source_hash, False, r, snapshot.runs.get(r.trace_id))
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


def _cost(run: Run) -> str:
    """What a run cost; calls that cost nothing at all say nothing of their price."""
    usage = run.usage
    return usd(usage.total_cost_usd) if usage.total_cost_usd or not usage.model_calls else "unknown"


def _of(run: Run | None, said: str) -> Content:
    return plain(said) if run else plain("gone", "$text-error")


COLUMNS: tuple[Column[Evidence], ...] = (
    Column("verdict", "verdict", _verdict, 9, 14, 9, _order),
    Column("run", "run", lambda r, _: plain(r.trace_id), 12, 44, 10, lambda r: r.trace_id),
    Column(
        "started",
        "started",
        lambda r, _: _known(r.run.started_at if r.run else None),
        20,
        25,
        5,
        lambda r: (r.run.started_at or "") if r.run else "",
    ),
    Column(
        "cost",
        "cost",
        lambda r, _: _of(r.run, _cost(r.run) if r.run else ""),
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
        lambda r, _: _of(r.run, duration(r.run.usage.wall_ms) if r.run else ""),
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
        lambda r, _: _of(r.run, short(r.run.usage.input_tokens + r.run.usage.output_tokens) if r.run else ""),
        7,
        9,
        4,
        lambda r: r.run.usage.input_tokens + r.run.usage.output_tokens if r.run else -1,
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
    Column("hash", "hash", lambda r, _: plain(r.source_hash.removeprefix("sha256:"), "$text-muted"), 12, 64, 2, str),
    Column(
        "file",
        "file",
        lambda r, _: _known(r.run.unit if r.run else None),
        16,
        40,
        6,
        lambda r: r.run.unit if r.run else "",
    ),
)
