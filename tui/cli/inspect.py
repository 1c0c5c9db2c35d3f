"""Commands that show what the review shows: `list`, `show`, `diff`, `savings`."""

from __future__ import annotations

from pathlib import Path

import click

from core.live.snapshot import CandidateView
from core.model.text import visible
from core.model.trace import Action
from core.promotion.savings import savings as saved
from core.promotion.savings import step_savings
from core.session import Session
from core.store.policy import CohortKey, Mode
from tui.cli.as_json import difference_json, listing, standing_json
from tui.cli.as_text import print_diff, print_list, print_view, saved_text
from tui.cli.exits import Exit
from tui.cli.opening import AS_JSON, CANDIDATE, TRACES, named, opened, workspace_options
from tui.cli.printing import print_json, table


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
    print_list(snapshot)


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
    print_view(view)


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
        print_diff(view, failing, units, len(found))
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
    click.echo(saved_text(view.candidate.savings))
    rows = [
        [str(step.index), step.name, f"{part.model_calls_avoided:,}", f"{part.input_tokens_avoided:,}",
         f"{part.output_tokens_avoided:,}", f"${part.estimated_cost_usd_avoided:.4f}", f"{part.wall_ms_avoided:,} ms"]
        for step, part in zip(view.candidate.steps, steps, strict=True)
    ]  # fmt: skip
    table(["step", "name", "model calls", "tokens in", "tokens out", "USD", "time"], rows)


def _windows(session: Session, view: CandidateView) -> list[tuple[Action, ...]]:
    """The matched actions of each example."""
    length = len(view.candidate.steps)
    return [
        session.trace(example.trace_id).actions[example.start_index : example.start_index + length]
        for example in view.candidate.examples
    ]
