"""`assay prune`: old crashpacks are removed when somebody asks for it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from core.model.errors import WorkspaceError
from core.model.text import plural
from core.review.prune import prune as remove_old
from core.store.trouble import shown
from core.store.workspace import Workspace
from tui.cli.kinds import PLACE
from tui.cli.opening import AS_JSON, TRACES
from tui.cli.printing import print_json, wrapped


@click.command()
@TRACES
@click.option(
    "--keep", type=click.IntRange(min=1), required=True, metavar="N", help="How many of the newest crashpacks stay."
)
@click.option("--dry-run", is_flag=True, help="Only say what would be removed.")
@click.option("--workspace", type=PLACE, help="Where decisions are kept, when not beside TRACES.")
@AS_JSON
def prune(traces: Path, keep: int, dry_run: bool, workspace: Path | None, as_json: bool) -> None:
    """Remove old crashpacks: all but the newest N and those that a live decision names.

    A decision is live as long as it counts: the latest one of each reviewer on a candidate, unless it was taken back.
    Of each candidate that was ever decided on one stays as well: from it the candidate is compared once it is no
    longer proposed. The journal is never touched, and `assay verify` goes on telling which crashpacks were pruned.
    Nothing is removed when the journal or the policy cannot be relied on (exit code 5).
    """
    store = Workspace.open(traces, workspace, create=False)
    if not store.exists:
        raise WorkspaceError(f"there is no workspace at {shown(store.folder)}; name one with --workspace")
    found = remove_old(store, keep, dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **asdict(found)})
        return
    for name in found.removed:
        click.echo(f"{'would remove' if dry_run else 'removed'} {name}")
    for name in found.damaged:
        click.echo(wrapped(f"{name} stays, for it is not what the journal recorded; `assay verify` tells more", 0))
    kept = len(found.newest) + len(found.in_use) + len(found.damaged)
    click.echo(f"{plural(len(found.removed), 'crashpack')} {'would go' if dry_run else 'removed'}, {kept} stay")
