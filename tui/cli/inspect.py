"""Commands that show what the review shows: `list`, `show`, `diff`, `savings`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path

import click

from core.mining.comparing import run_savings
from core.model.candidate import Candidate, Savings
from core.model.errors import InputError
from core.model.text import plural, visible
from core.promotion.projection import projection
from core.promotion.savings import added
from core.session import Session
from core.store.policy import CohortKey, Mode
from tui.cli.as_json import difference_json, listing, savings_json, standing_json
from tui.cli.as_text import ahead_text, amounts, avoided, print_diff, print_list, print_view, saved_text, unknown_text
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
        told = {**standing_json(view), **view.candidate.wire()}
        print_json({**told, "savings": savings_json(view.candidate.savings)})
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
        by_run, missing = _by_run(session, view.candidate)
        runs = session.snapshot.runs
        ids = [example.trace_id for example in view.candidate.examples]
    total = view.candidate.savings
    # A run that was changed may be shorter now.
    steps = [_sum(column, total) for column in zip_longest(*(parts for _, parts in by_run), fillvalue=Savings())]
    ahead = projection(total, len(ids), [runs[one].started_at if one in runs else None for one in ids])
    if as_json:
        print_json(
            {
                "lineage": view.lineage,
                "candidate_id": view.candidate.id,
                "runs": len(ids),
                "total": savings_json(total),
                "by_run": [{"trace_id": one, "savings": savings_json(_sum(parts, total))} for one, parts in by_run],
                "missing": [{"trace_id": one, "reason": reason} for one, reason in missing],
                "by_step": [
                    {"index": step.index, "name": step.name, "savings": savings_json(part)}
                    for step, part in zip(view.candidate.steps, steps, strict=False)
                ],
                "projection": None if ahead is None else {**asdict(ahead), "basis": ahead.basis},
            }
        )
        return
    click.echo(f"{visible(view.label)}: {plural(len(ids), 'run')} together would have saved")
    click.echo(saved_text(total))
    for line in unknown_text(total):
        click.echo(line)
    if ahead is not None:
        click.echo(f"  a day {ahead_text(ahead, total)}, {ahead.basis}")
    if missing:
        click.echo(f"  {len(missing):,} of {len(ids):,} runs cannot be read and are not in the steps (--json has all):")
        click.echo(wrapped(missing[0][1], 4))
    rows = [
        [str(step.index), step.name, avoided(part), *amounts(part)]
        for step, part in zip(view.candidate.steps, steps, strict=False)
    ]
    if rows:
        table(["step", "name", "model calls", "tokens in", "tokens out", "USD", "time"], rows)


def _sum(parts: Iterable[Savings], total: Savings) -> Savings:
    """Some of the parts of a total together: where no run records what was avoided, no part of it is known either."""
    return added(parts).replace(unrecorded=total.unrecorded)


def _by_run(
    session: Session, candidate: Candidate
) -> tuple[list[tuple[str, tuple[Savings, ...]]], list[tuple[str, str]]]:
    """What each example's run would have saved, step by step; and the runs that cannot be read any more, and why."""
    found, missing = [], []
    for example in candidate.examples:
        try:
            trace = session.trace(example.trace_id)
        except InputError as error:
            missing.append((example.trace_id, str(error)))
        else:
            found.append((example.trace_id, run_savings(candidate, example, trace)))
    return found, missing
