"""Snapshots and candidates as text for people."""

from __future__ import annotations

import click

from core.live.snapshot import CandidateView, Snapshot
from core.model.candidate import Savings
from core.model.jsontext import Json, pretty
from core.model.shares import confidence, digits
from core.model.text import plural, visible
from core.promotion.projection import Projection
from core.shadow.differences import MISSING, Difference
from tui.cli.printing import table, wrapped


def saved_text(total: Savings) -> str:
    """What was saved, in a line."""
    tokens_in, tokens_out, cost, time = amounts(total)
    calls = UNKNOWN + " model calls" if total.unrecorded else plural(total.model_calls_avoided, "model call")
    left = plural(total.remaining_model_calls, "model call remains", "model calls remain")
    return f"  {calls}, {tokens_in} tokens in, {tokens_out} tokens out, {cost}, {time}; {left}"


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
        UNKNOWN if cost is None else f"{_at_least(saved.unknown_cost_calls)}{_usd(cost)}",
        UNKNOWN if time is None else f"{_at_least(saved.unknown_time_calls)}{time:,} ms",
    ]


def _at_least(unknown: int | None) -> str:
    """What an amount begins with of which so many calls say nothing."""
    return "at least " if unknown else ""


def _usd(amount: float) -> str:
    """US dollars in four digits behind the point, and more where these would say none."""
    return f"${amount:.4f}" if amount == 0 or abs(amount) >= 0.00005 else f"${digits(amount)}"


def unknown_text(saved: Savings) -> list[str]:
    """How many avoided calls are not in the sums, because they record nothing."""
    counts = (
        ("price", saved.unknown_cost_calls),
        ("tokens", saved.unknown_token_calls),
        ("time", saved.unknown_time_calls),
    )
    if saved.unrecorded:
        return ["  no run records the model calls that chose these steps, so what they cost is unknown"]
    avoided = plural(saved.model_calls_avoided, "avoided call")
    return [
        f"  {calls:,} of {avoided} {'records' if calls == 1 else 'record'} no {what}" for what, calls in counts if calls
    ]


def ahead_text(ahead: Projection, total: Savings) -> str:
    """What a day would save of what was saved in all, in a line."""
    tokens, cost, calls = ahead.tokens_per_day, ahead.usd_per_day, ahead.calls_per_day
    said = (
        f"{UNKNOWN if calls is None else _mean(calls, 1)} model calls",
        f"{UNKNOWN if tokens is None else _at_least(total.unknown_token_calls) + _mean(tokens, 0)} tokens",
        f"cost {UNKNOWN if cost is None else _at_least(total.unknown_cost_calls) + _usd(cost)}",
    )
    rate = digits(ahead.runs_per_day)
    return f"{rate} run{'' if rate == '1' else 's'}: {', '.join(said)}"


def _mean(amount: float, places: int) -> str:
    """A number with so many digits behind the point, and more where these would say none."""
    return digits(amount) if 0 < abs(amount) < 0.5 / 10**places else f"{amount:,.{places}f}"


def print_list(snapshot: Snapshot) -> None:
    """The candidates, the counts and the problems."""
    rows = [
        [
            view.status.replace("_", " "),
            view.label,
            view.cohort or "(none)",
            str(len(view.candidate.steps)),
            f"{len(view.candidate.examples)}/{view.cohort_runs if view.proposed else '-'}",
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
        f"runs       {view.occurrence}; shadow {_compared(view)}\n"
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
    click.echo(
        f"{visible(view.label)}: {len(failing):,} of {plural(compared, 'compared run differs', 'compared runs differ')}"
    )
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
