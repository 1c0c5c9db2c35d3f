"""`assay verify`: whether the workspace is what the journal says."""

from __future__ import annotations

from pathlib import Path

import click

from core.model.errors import AssayError, WorkspaceError
from core.model.text import plural
from core.review.rebuilt import as_it_stands
from core.review.verify import verify as check
from core.review.verify_bundle import AsItStands
from core.store.journal import Head
from core.store.trouble import is_there, shown
from core.store.workspace import Workspace
from tui.cli.exits import Exit
from tui.cli.kinds import PLACE
from tui.cli.opening import AS_JSON, TRACES, only_looking
from tui.cli.printing import print_json, wrapped


@click.command()
@TRACES
@click.option("--workspace", type=PLACE, help="Where decisions are kept, when not beside TRACES.")
@click.option("--expect-head", metavar="SEQ:DIGEST", help="A head printed earlier, which the journal must still have.")
@AS_JSON
@click.pass_context
def verify(ctx: click.Context, traces: Path, workspace: Path | None, expect_head: str | None, as_json: bool) -> None:
    """Check the journal's chain and signatures, the crashpacks and the promotion files.

    Prints the journal's head: kept elsewhere and given to --expect-head, it shows later that no older journal was put
    back. Ends with 1 when something is wrong.
    """
    expected = None if expect_head is None else Head.parse(expect_head, "--expect-head")
    store = Workspace.open(traces, workspace, create=False)
    missing = "" if is_there(store.folder) else f"there is no workspace at {shown(store.folder)}"
    if missing and workspace is not None and expected is None:
        raise WorkspaceError(f"{missing}; name one with --workspace")
    present, unseen = _as_it_stands(ctx, traces, store)
    found = check(store, present, expected, unseen)
    notes = (*found.notes, f"{missing}, so there was nothing to check") if missing else found.notes
    if as_json:
        print_json(
            {
                "ok": not found.problems,
                "decisions": found.decisions,
                "crashpacks": found.crashpacks,
                "bundles": found.bundles,
                "head": str(found.head),
                "signatures": found.signatures,
                "problems": found.problems,
                "notes": notes,
            }
        )
    else:
        counts = {"decision": found.decisions, "crashpack": found.crashpacks, "bundle": found.bundles}
        click.echo(", ".join(plural(count, noun) for noun, count in counts.items()))
        click.echo(f"signatures: {', '.join(f'{count} {kind}' for kind, count in found.signatures.items())}")
        click.echo(f"head {found.head}")
        for note in notes:
            click.echo(wrapped(f"note: {note}", 0))
        for problem in found.problems:
            click.echo(wrapped(f"- {problem}", 0))
        click.echo("everything holds" if not found.problems else plural(len(found.problems), "problem"))
    ctx.exit(Exit.NO if found.problems else Exit.DONE)


def _as_it_stands(ctx: click.Context, traces: Path, store: Workspace) -> tuple[AsItStands | None, str]:
    """How everything stands by the runs, and why that is not known; nothing is written."""
    if not store.exists:
        return None, ""
    try:
        store.redactor(store.load_policy())
        session = ctx.with_resource(only_looking(traces, store))
        state = session.adopt()
        if state.journal.faults:
            return None, "the journal is damaged"
        if not state.journal.decisions:
            return None, ""
        session.refresh()
        return as_it_stands(session.adopt()), ""
    except AssayError as error:
        return None, str(error)
