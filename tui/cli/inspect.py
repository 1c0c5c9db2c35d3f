"""Commands that show what the review shows: `list`, `show`, `diff`, `savings`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from core.live.snapshot import CandidateView, Problem, Snapshot
from core.model.candidate import Savings
from core.model.jsontext import Json, pretty
from core.model.text import visible
from core.model.trace import Action
from core.promotion.savings import savings as saved
from core.promotion.savings import step_savings
from core.session import Session
from core.shadow.differences import MISSING, Difference
from core.store.policy import CohortKey, Mode
from tui.cli.exits import Exit
from tui.cli.opening import AS_JSON, CANDIDATE, TRACES, named, opened, workspace_options
from tui.cli.printing import print_json, table, wrapped


@click.command("list")
@TRACES
@workspace_options
@AS_JSON
def list_candidates(
    traces: Path, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, as_json: bool
) -> None:
    """List the candidates of a traces folder, the runs that were read, and the problems."""
    with opened(traces, workspace, mode, cohort) as session:
        snapshot = session.snapshot
    if as_json:
        print_json(listing(snapshot))
        return
    _print_list(snapshot)


@click.command()
@TRACES
@CANDIDATE
@workspace_options
@AS_JSON
def show(
    traces: Path, candidate: str, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, as_json: bool
) -> None:
    """Show one candidate: its steps, its status and why, its digests.

    CANDIDATE is a lineage, a candidate id or an unambiguous prefix of either.
    """
    with opened(traces, workspace, mode, cohort) as session:
        view = named(session.snapshot, candidate)
    if as_json:
        print_json({**standing_json(view), **view.candidate.wire()})
        return
    _print_view(view)


@click.command()
@TRACES
@CANDIDATE
@workspace_options
@AS_JSON
@click.pass_context
def diff(
    ctx: click.Context,
    traces: Path,
    candidate: str,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    as_json: bool,
) -> None:
    """Show every difference between a candidate and the runs that it was compared with.

    Ends with 1 when there is one.
    """
    with opened(traces, workspace, mode, cohort) as session:
        view = named(session.snapshot, candidate)
        found = {result.trace_id: session.differences(view, result.trace_id) for result in view.candidate.shadow.traces}
        units = {trace_id: session.snapshot.runs[trace_id].unit for trace_id in found}
    failing = {trace_id: some for trace_id, some in found.items() if some}
    if as_json:
        print_json(
            {
                "lineage": view.lineage,
                "candidate_id": view.candidate.id,
                "compared": len(found),
                "runs": [
                    {"trace_id": key, "unit": units[key], "differences": [difference_json(d) for d in some]}
                    for key, some in failing.items()
                ],
                "changes": [
                    {"where": c.where, "before": c.before, "after": c.after, "text": c.text} for c in view.changes
                ],
            }
        )
    else:
        _print_diff(view, failing, units, len(found))
    ctx.exit(Exit.NO if failing or view.changes else Exit.DONE)


@click.command()
@TRACES
@CANDIDATE
@workspace_options
@AS_JSON
def savings(
    traces: Path, candidate: str, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, as_json: bool
) -> None:
    """Show what a candidate would have saved, per run, in total and step by step."""
    with opened(traces, workspace, mode, cohort) as session:
        view = named(session.snapshot, candidate)
        windows = _windows(session, view)
    steps = step_savings(windows)
    if as_json:
        print_json(
            {
                "lineage": view.lineage,
                "candidate_id": view.candidate.id,
                "runs": len(windows),
                "total": view.candidate.savings,
                "by_run": [
                    {"trace_id": example.trace_id, "savings": saved([window])}
                    for example, window in zip(view.candidate.examples, windows, strict=True)
                ],
                "by_step": [
                    {"index": step.index, "name": step.name, "savings": part}
                    for step, part in zip(view.candidate.steps, steps, strict=True)
                ],
            }
        )
        return
    click.echo(f"{visible(view.label)}: {len(windows)} runs together would have saved")
    click.echo(_saved_text(view.candidate.savings))
    rows = [
        [str(step.index), step.name, f"{part.model_calls_avoided:,}", f"{part.input_tokens_avoided:,}",
         f"{part.output_tokens_avoided:,}", f"${part.estimated_cost_usd_avoided:.4f}", f"{part.wall_ms_avoided:,} ms"]
        for step, part in zip(view.candidate.steps, steps, strict=True)
    ]  # fmt: skip
    table(["step", "name", "model calls", "tokens in", "tokens out", "USD", "time"], rows)


def listing(snapshot: Snapshot) -> dict[str, Json]:
    """What `list --json` prints."""
    return {
        "traces": {
            "loaded": snapshot.loaded,
            "excluded": snapshot.excluded,
            "quarantined": snapshot.quarantined,
        },
        "candidates": [_summary(view) for view in snapshot.candidates],
        "problems": [_problem(problem) for problem in snapshot.problems],
        "journal": {
            "decisions": len(snapshot.journal.decisions),
            "faults": snapshot.journal.faults,
            "torn_tail": snapshot.journal.torn_tail,
        },
        "notices": snapshot.notices,
    }


def standing_json(view: CandidateView) -> dict[str, Any]:
    """How a lineage stands, as JSON."""
    return {
        "lineage": view.lineage,
        "candidate_id": view.candidate.id,
        "label": view.label,
        "cohort": view.cohort,
        "status": view.status,
        "reasons": view.reasons,
        "risk": view.risk,
        "behaviour_digest": view.behaviour_digest,
        "evidence_digest": view.evidence_digest,
        "proposed": view.proposed,
        "review_warnings": view.warnings,
        "obstacles": view.approvable,
        "notes": view.notes,
        "changes": [{"where": c.where, "before": c.before, "after": c.after, "text": c.text} for c in view.changes],
        "decisions": view.decisions,
    }


def _summary(view: CandidateView) -> dict[str, Any]:
    candidate = view.candidate
    return {
        **standing_json(view),
        "name": candidate.name,
        "steps": candidate.steps,
        "examples": candidate.examples,
        "cohort_runs": view.cohort_runs,
        "confidence": candidate.confidence,
        "sequence_signature": candidate.sequence_signature,
        "rejection_reasons": candidate.rejection_reasons,
        "savings": candidate.savings,
        "shadow": candidate.shadow,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "state": problem.state,
        "unit": problem.unit,
        "rule": problem.rule,
        "reason": problem.reason,
        "place": problem.place,
        "advice": problem.advice,
        "size": problem.size,
    }


def difference_json(difference: Difference) -> dict[str, Any]:
    """A difference as JSON; `expected` or `observed` is left out where there is nothing."""
    made = {
        "step": difference.step,
        "kind": difference.kind,
        "pointer": difference.pointer,
        "message": difference.message,
        "first": difference.first,
    }
    sides = {"expected": difference.expected, "observed": difference.observed}
    return made | {name: value for name, value in sides.items() if value is not MISSING}


def _windows(session: Session, view: CandidateView) -> list[tuple[Action, ...]]:
    """The matched actions of each example."""
    length = len(view.candidate.steps)
    return [
        session.trace(example.trace_id).actions[example.start_index : example.start_index + length]
        for example in view.candidate.examples
    ]


def _saved_text(total: Savings) -> str:
    return (
        f"  {total.model_calls_avoided:,} model calls, {total.input_tokens_avoided:,} tokens in, "
        f"{total.output_tokens_avoided:,} tokens out, ${total.estimated_cost_usd_avoided:.4f}, "
        f"{total.wall_ms_avoided:,} ms; {total.remaining_model_calls:,} model calls remain"
    )


def _print_list(snapshot: Snapshot) -> None:
    rows = [
        [
            view.status.replace("_", " "),
            view.label,
            view.cohort or "(none)",
            str(len(view.candidate.steps)),
            f"{len(view.candidate.examples)}/{view.cohort_runs}",
            f"{view.candidate.confidence:.2f}",
            f"{view.passed} pass, {view.failed} fail",
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


def _print_view(view: CandidateView) -> None:
    candidate = view.candidate
    click.echo(f"{visible(view.label)}  [{view.status.replace('_', ' ')}]")
    for reason in (*view.reasons, *candidate.rejection_reasons):
        click.echo(wrapped(f"- {reason}", 2))
    click.echo(f"lineage    {view.lineage}\ncandidate  {candidate.id}\nbehaviour  {view.behaviour_digest}")
    click.echo(f"evidence   {view.evidence_digest}")
    click.echo(
        f"runs       {len(candidate.examples)} examples of {view.cohort_runs}, shadow {view.passed} pass, "
        f"{view.failed} fail\nconfidence {candidate.confidence:.2f}\nrisk       {view.risk}"
    )
    click.echo("saves" + _saved_text(candidate.savings)[1:])
    for step in candidate.steps:
        click.echo(f"{step.index:>3}. {visible(step.name)} ({visible(step.kind)}, {step.segment})")
        for effect in step.side_effects:
            click.echo(wrapped(f"changes {effect.kind} {effect.target}", 5))
    for warning in view.warnings:
        click.echo(wrapped(f"warning: {warning}", 0))
    for change in view.changes:
        click.echo(wrapped(f"changed: {change.text}", 0))
    for decision in view.decisions:
        click.echo(
            wrapped(f"{decision.seq}. {decision.time} {decision.actor}: {decision.kind} {decision.reason or ''}", 0)
        )


def _print_diff(
    view: CandidateView, failing: dict[str, tuple[Difference, ...]], units: dict[str, str], compared: int
) -> None:
    click.echo(f"{visible(view.label)}: {len(failing)} of {compared} compared runs differ")
    for trace_id, some in failing.items():
        click.echo(f"\n{visible(trace_id)} ({visible(units[trace_id])})")
        for difference in some:
            mark = "*" if difference.first else "-"
            click.echo(wrapped(f"{mark} {difference.message} {difference.pointer}", 2))
            click.echo(wrapped(f"expected {_text(difference.expected)}", 6))
            click.echo(wrapped(f"observed {_text(difference.observed)}", 6))
    for change in view.changes:
        click.echo(wrapped(f"since the approval: {change.text}", 0))


def _text(value: Json) -> str:
    if value is MISSING:
        return "nothing"
    text = pretty(value).decode()
    return text if len(text) < 2000 else text[:2000] + "…"
