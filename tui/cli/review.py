"""`assay review TRACES`, or simply `assay TRACES`: the screens."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from core.session import Session
from core.store.policy import CohortKey, Mode
from tui.cli.exits import Exit
from tui.cli.opening import workspace_options

WEB_DRIVER = "textual.drivers.web_driver:WebDriver"
"""What textual-serve has the screens drawn by."""


@click.command()
@click.argument("traces", type=click.Path(path_type=Path))
@workspace_options
@click.option("--as", "actor", metavar="ACTOR", help="Who decides; by default git's user.email, else the OS user.")
@click.option("--read-only", is_flag=True, help="Show everything and record no decision.")
def review(
    traces: Path,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    actor: str | None,
    *,
    read_only: bool = False,
) -> None:
    """Review the candidates of a traces folder on screen.

    Needs a terminal; `assay list TRACES` prints the same without one.
    """
    if reason := unfit():
        click.echo(f"assay: {reason}; use `assay list {traces}` instead", err=True)
        sys.exit(Exit.USAGE)
    session = Session.open(traces, workspace=workspace, mode=mode, cohort=cohort, actor=actor)
    try:
        # Imported here: it takes a third of a second, which no other command should pay.
        from tui.app import AssayApp
        from tui.read_only import ReadOnly

        app = AssayApp(ReadOnly(session) if read_only else session)
        app.run()
    finally:
        session.close()
    sys.exit(app.return_code or Exit.DONE)


def unfit() -> str:
    """Why the screens cannot be shown here; empty when they can, in a terminal or in a browser (`assay serve`)."""
    if os.environ.get("TEXTUAL_DRIVER") == WEB_DRIVER:
        return ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "the review needs a terminal"
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return "the review needs a terminal that can move its cursor (TERM is dumb)"
    return ""
