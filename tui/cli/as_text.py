"""Snapshots and candidates as text for people."""

from __future__ import annotations

import click

from core.live.snapshot import CandidateView, Snapshot
from core.model.candidate import Savings
from core.model.jsontext import Json, pretty
from core.model.shares import confidence
from core.model.text import plural, visible
from core.promotion.projection import Projection
from core.shadow.differences import MISSING, Difference
from tui.cli.printing import table, wrapped


def saved_text(total: Savings) -> str:
    """What was saved, in a line."""
    tokens_in, tokens_out, cost, time = amounts(total)
    return (
        f"  {avoided(total)} model calls, {tokens_in} tokens in, {tokens_out} tokens out, {cost}, {time}; "
        f"{total.remaining_model_calls:,} model calls remain"
    )


UNKNOWN = "unknown"


def avoided(saved: Savings) -> str:
    """How many model calls; unknown where no run records them."""
    return UNKNOWN if saved.unrecorded else f"{saved.model_calls_avoided:,}"


def amounts(saved: Savings) -> list[str]:
    """Tokens in and out, USD and time; what no avoided call records is unknown, and not all of them a lower bound."""
    tokens, cost, time = saved.tokens_known, saved.usd_known, saved.ms_known
    least = _at_least(saved.unknown_token_calls)
    return [
        *((f"{least}{count:,}" for count in tokens) if tokens is not None else (UNKNOWN, UNKNOWN)),
        UNKNOWN if cost is None else f"{_at_least(saved.unknown_cost_calls)}${cost:.4f}",
        UNKNOWN if time is None else f"{_at_least(saved.unknown_time_calls)}{time:,} ms",
    ]


def _at_least(unknown: int | None) -> str:
    """What an amount begins with of which so many calls say nothing."""
    return "at least " if unknown else ""


def unknown_text(saved: Savings) -> list[str]:
    """How many avoided calls are not in the sums, because they record nothing."""
    counts = (
        ("price", saved.unknown_cost_calls),
        ("tokens", saved.unknown_token_calls),
        ("time", saved.unknown_time_calls),
    )
    if saved.unrecorded:
        return ["  no run records the model calls that chose these steps, so what they cost is unknown"]
    avoided = f"{saved.model_calls_avoided:,} avoided calls"
    return [f"  {calls:,} of {avoided} record no {what}" for what, calls in counts if calls]


def ahead_text(ahead: Projection) -> str:
    """What a day would save, in a line."""
    least = "at least " if ahead.lower_bound else ""
    tokens = UNKNOWN if ahead.tokens_per_day is None else f"{least}{ahead.tokens_per_day:,.0f}"
    cost = UNKNOWN if ahead.usd_per_day is None else f"{least}${ahead.usd_per_day:.4f}"
    calls = UNKNOWN if ahead.calls_per_day is None else f"{ahead.calls_per_day:,.1f}"
    return f"{ahead.runs_per_day:.3g} runs: {calls} model calls, {tokens} tokens, cost {cost}"


def print_list(snapshot: Snapshot) -> None:
    """The candidates, the counts and the problems."""
    rows = [
        [
            view.status.replace("_", " "),
            view.label,
            view.cohort or "(none)",
            str(len(view.candidate.steps)),
            f"{len(view.candidate.examples)}/{view.cohort_runs}",
            confidence(view.candidate.confidence),
            _compared(view),
            view.risk,
            view.lineage,
        ]
        for view in snapshot.candidates
    ]
    if rows:
        table(["status", "workflow", "cohort", "steps", "runs", "confidence", "shadow", "risk", "lineage"], rows)
    else:
        click.echo("No candidates: nothing repeats in enough runs of a cohort yet.")
    click.echo(f"{snapshot.loaded} runs loaded, {snapshot.excluded} excluded, {snapshot.quarantined} quarantined")
    for problem in snapshot.problems:
        place = f" ({visible(problem.place)})" if problem.place else ""
        click.echo(f"  {problem.state}: {visible(problem.unit)}: {visible(problem.reason)}{place}")
    for notice in (*snapshot.journal.faults, *snapshot.notices):
        click.echo(f"warning: {visible(notice)}", err=True)


def _compared(view: CandidateView) -> str:
    """`23 pass (4 only thanks to allow rules), 0 fail`."""
    ruled = f" ({view.allowed} only thanks to allow rules)" if view.allowed else ""
    return f"{view.passed} pass{ruled}, {view.failed} fail"


def print_view(view: CandidateView) -> None:
    """One candidate."""
    candidate = view.candidate
    click.echo(f"{visible(view.label)}  [{view.status.replace('_', ' ')}]")
    for reason in (*view.reasons, *candidate.rejection_reasons):
        click.echo(wrapped(f"- {reason}", 2))
    for obstacle in view.obstacles:
        click.echo(wrapped(f"- it cannot be approved now: {obstacle}", 2))
    click.echo(f"lineage    {view.lineage}\ncandidate  {candidate.id}\nbehaviour  {view.behaviour_digest}")
    click.echo(f"evidence   {view.evidence_digest}")
    click.echo(
        f"runs       {plural(len(candidate.examples), 'example')} of {view.cohort_runs}, shadow {_compared(view)}\n"
        f"confidence {confidence(candidate.confidence)}\nrisk       {view.risk}"
    )
    click.echo("saves" + saved_text(candidate.savings)[1:])
    for step in candidate.steps:
        click.echo(f"{step.index:>3}. {visible(step.name)} ({visible(step.kind)}, {step.segment})")
        for effect in step.side_effects:
            click.echo(wrapped(f"changes {effect.kind} {effect.target}", 5))
    for warning in view.warnings:
        click.echo(wrapped(f"warning: {warning}", 0))
    for change in view.changes:
        click.echo(wrapped(f"changed: {change.text}", 0))
    for decision in view.decisions:
        told = f"{decision.seq}. {decision.time} {decision.actor} ({decision.signed}): {decision.kind}"
        click.echo(wrapped(f"{told} {decision.reason or ''}", 0))


def print_diff(
    view: CandidateView, failing: dict[str, tuple[Difference, ...]], units: dict[str, str], compared: int
) -> None:
    """Every difference of every run that differs."""
    click.echo(f"{visible(view.label)}: {len(failing)} of {compared} compared runs differ")
    for trace_id, some in failing.items():
        click.echo(f"\n{visible(trace_id)} ({visible(units[trace_id])})")
        for difference in some:
            mark = "*" if difference.first else "-"
            click.echo(wrapped(f"{mark} {difference.message} {difference.pointer}", 2))
            click.echo(wrapped(f"expected {_text(difference.expected)}", 6, lines=True))
            click.echo(wrapped(f"observed {_text(difference.observed)}", 6, lines=True))
    for change in view.changes:
        click.echo(wrapped(f"since the approval: {change.text}", 0))


def _text(value: Json) -> str:
    if value is MISSING:
        return "nothing"
    text = pretty(value).decode()
    return text if len(text) < 2000 else text[:2000] + "…"
