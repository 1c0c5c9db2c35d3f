"""`assay check`: whether everything that was approved still holds, for cron and CI."""

from __future__ import annotations

from pathlib import Path

import click

from core.model.text import visible
from core.review.criteria import holds_no_longer
from core.store.policy import CohortKey, Mode
from tui.cli.as_json import standing_json
from tui.cli.exits import Exit
from tui.cli.opening import AS_JSON, TRACES, opened, workspace_options
from tui.cli.printing import print_json, wrapped


@click.command()
@TRACES
@workspace_options
@AS_JSON
@click.pass_context
def check(
    ctx: click.Context, traces: Path, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, as_json: bool
) -> None:
    """Check that everything approved still holds. Ends with 1 and names what does not.

    That is what became stale or drifted, or has approvals that a later policy does not count as enough.

    Ends with 5 when the policy cannot be read.
    """
    with opened(traces, workspace, mode, cohort) as session:
        snapshot = session.snapshot
    broken = [view for view in snapshot.candidates if holds_no_longer(view)]
    held = sum(view.status == "ready" for view in snapshot.candidates)
    faults = snapshot.journal.faults
    if as_json:
        print_json(
            {
                "ok": not broken and not faults,
                "approved": held + len(broken),
                "broken": [standing_json(v) for v in broken],
                "journal_faults": faults,
            }
        )
    else:
        for view in broken:
            click.echo(f"{view.status}: {visible(view.label)} ({view.lineage})")
            for reason in view.reasons:
                click.echo(wrapped(f"- {reason}", 2))
        for fault in faults:
            click.echo(wrapped(f"journal: {fault}", 0))
        click.echo(f"{held} of {held + len(broken)} approved workflows hold")
    ctx.exit(Exit.NO if broken or faults else Exit.DONE)
