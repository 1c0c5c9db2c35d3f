"""`assay review TRACES`, or simply `assay TRACES`: the screens."""

from __future__ import annotations

import codecs
import os
import sys
from pathlib import Path

import click

from core.model.errors import InputError
from core.model.text import visible
from core.model.uncollected import uncollected
from core.review.command import in_shell
from core.session import Session
from core.store.policy import CohortKey, Mode
from tui.cli.exits import Exit
from tui.cli.kinds import PLACE
from tui.cli.opening import is_result, open_session, workspace_options
from tui.terminal import ending, is_in_browser

TURN = 0.001
"""Seconds after which the threads that read and rank let the screen go on; Python's own 5 ms are felt in the keys."""


@click.command()
@click.argument("traces", type=PLACE, required=False)
@click.option(
    "--from",
    "result",
    type=PLACE,
    metavar="RESULT",
    help="Review a result of `assay mine` instead of a folder; every command with a workspace takes RESULT for TRACES.",
)
@workspace_options
@click.option("--as", "actor", metavar="ACTOR", help="Who decides; by default git's user.email, else the OS user.")
@click.option("--read-only", is_flag=True, help="Show everything and record no decision.")
@click.option("--plain", is_flag=True, help="Talk in plain ASCII lines: for screen readers, dumb terminals and pipes.")
def review(
    traces: Path | None,
    result: Path | None,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    actor: str | None,
    *,
    read_only: bool = False,
    plain: bool = False,
) -> None:
    """Review the candidates of a traces folder on screen.

    Needs a terminal, except with --plain; `assay list TRACES` prints the same without one.
    """
    traces = _chosen(traces, result)
    if not plain and (reason := unfit()):
        named = in_shell(traces)
        click.echo(f"assay: {reason}; use `assay list {named}`, or `assay review --plain {named}` instead", err=True)
        sys.exit(Exit.USAGE)
    session = open_session(traces, workspace, mode, cohort, actor)
    try:
        if plain:
            _talk(session, read_only=read_only)
            return
        # Imported here: it takes a third of a second, which no other command should pay.
        with uncollected(stays=True):
            from tui.app import AssayApp
            from tui.read_only import ReadOnly

        sys.setswitchinterval(TURN)
        app = AssayApp(ReadOnly(session) if read_only else session, greeting=True)
        if is_in_browser():
            from tui.web.driver import Drawing

            app.driver_class = Drawing
        with ending(app.leave):
            app.run()
    finally:
        session.close()
    sys.exit(app.return_code or Exit.DONE)


def _chosen(traces: Path | None, result: Path | None) -> Path:
    """The folder to review. Raises UsageError, or InputError for what should be a result and is none."""
    if traces is not None and result is None:
        return traces
    if result is None or traces is not None:
        raise click.UsageError("Name a traces folder, or a result with --from.")
    if not is_result(result):
        raise InputError(f"{visible(str(result))} is no result; make one with `assay mine DATASET --to RESULT`")
    return result


def _talk(session: Session, *, read_only: bool) -> None:
    """The review in plain lines, from standard input to standard output."""
    from tui.plain.review import PlainReview
    from tui.plain.talk import Talk
    from tui.read_only import ReadOnly

    def read(question: str) -> str:
        click.echo(question, nl=False)
        if not (line := sys.stdin.readline()):
            raise EOFError
        return line

    PlainReview(ReadOnly(session) if read_only else session, Talk(read, click.echo)).run()


def unfit() -> str:
    """Why the screens cannot be shown here; empty when they can, in a terminal or in a browser (`assay serve`)."""
    if is_in_browser():
        return ""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return "the review needs a terminal"
    if not sys.stderr.isatty():
        return "the review is drawn on standard error, which is not a terminal here"
    if (written := codecs.lookup(sys.stderr.encoding).name) != "utf-8":
        return f"the review is drawn in UTF-8, and the locale says {written} here (LANG, LC_ALL)"
    if os.environ.get("TERM", "dumb") in ("dumb", ""):
        return "the review needs a terminal that can move its cursor (TERM is dumb)"
    return ""
