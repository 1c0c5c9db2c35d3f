"""`assay demo`: the review on a copy of the sample runs, to which new ones keep coming."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import click

from core.model.text import visible
from core.review.command import in_shell
from core.store.places import sibling
from core.store.policy import Mode
from core.store.workspace import Workspace
from tui.cli.kinds import PLACE
from tui.cli.review import review, unfit
from tui.demo import Dropper, arriving, lay_out


@click.command()
@click.option(
    "--keep",
    "keep",
    metavar="DIR",
    type=PLACE,
    help="Use this folder and keep it: a new one, or that of an earlier demo to go on with.",
)
@click.option(
    "--every",
    type=click.FloatRange(min=0.2, max=3600),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="How often something arrives.",
)
@click.option(
    "--mode",
    type=click.Choice(["exact", "generalised"]),
    help="How candidates are mined, for a new demo; the samples are made to tell the stories of exact.",
)
@click.pass_context
def demo(context: click.Context, keep: Path | None, every: float, mode: Mode | None) -> None:
    """Try the review on sample runs that keep arriving.

    The samples are copied to a folder of their own. It is removed at the end, unless you decided something there.
    """
    if reason := unfit():
        raise click.UsageError(reason)
    folder = keep or Path(tempfile.mkdtemp(prefix="assay-demo-"))
    traces = lay_out(folder)
    if mode is None and not Workspace.open(traces, create=False).exists:
        mode = "exact"
    try:
        with arriving(Dropper(traces, folder / "arriving").step, every):
            context.invoke(review, traces=traces, mode=mode)
    finally:
        click.echo(_farewell(folder, traces, kept=keep is not None))


def _farewell(folder: Path, traces: Path, *, kept: bool) -> str:
    """Remove the folder when nothing in it matters to anybody; what became of it, for people."""
    journal = Workspace(traces, sibling(traces, traces)).journal_file
    decided = journal.is_file() and journal.stat().st_size > 0
    if not (kept or decided):
        shutil.rmtree(folder, ignore_errors=True)
        return "Nothing was decided, so the demo's folder is gone again."
    kept_in = visible(str(folder))
    return f"Traces and decisions are kept in {kept_in}; go on with: assay demo --keep {in_shell(folder)}"
