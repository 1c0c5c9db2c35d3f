"""`assay shot`: the picture of a screen, without a terminal."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import click

from core.model.errors import InputError
from core.model.text import visible
from core.store.files import write_file
from core.store.places import check_unread
from core.store.policy import CohortKey, Mode
from tui.cli.kinds import PLACE
from tui.cli.opening import named, open_session, workspace_options

ENDINGS = (".svg", ".png")
LEAST, MOST = (40, 12), (500, 200)
"""Columns and lines that a picture may have."""


def columns_and_lines(_: click.Context, __: click.Parameter, value: str) -> tuple[int, int]:
    """Both numbers of a size such as `120x40`."""
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", value)
    columns, lines = (int(found[1]), int(found[2])) if found else (0, 0)
    if not (LEAST[0] <= columns <= MOST[0] and LEAST[1] <= lines <= MOST[1]):
        raise click.BadParameter(f"{value!r} is not a size from 40x12 to 500x200, such as 120x40")
    return columns, lines


NAMES = (
    "home", "overview", "divergences", "savings", "workflow", "evidence", "promotion", "approve", "reject",
    "crashpack", "run", "totals", "problems", "journal", "help",
)  # fmt: skip
"""The screens that have a name (tui.shooting.SCREENS, which a test compares)."""


@click.command()
@click.argument("traces", type=PLACE)
@click.option("--screen", "name", type=click.Choice(NAMES), default="home", show_default=True, help="Which screen.")
@click.option("--candidate", metavar="CANDIDATE", help="Which candidate; by default the first of the list.")
@click.option("--press", "keys", multiple=True, metavar="KEY", help="Press a key there first, e.g. `n`; repeatable.")
@click.option(
    "--size",
    default="120x40",
    show_default=True,
    metavar="COLUMNSxLINES",
    callback=columns_and_lines,
    help="How much the screen holds.",
)
@click.option("--theme", metavar="NAME", help="How it looks; by default the theme that was chosen last.")
@click.option("--fonts", type=PLACE, help="Fonts for a PNG.")
@click.option(
    "--out",
    type=PLACE,
    required=True,
    help="Where: a name in .svg or .png.",
)
@workspace_options
def shot(
    traces: Path,
    name: str,
    candidate: str | None,
    keys: tuple[str, ...],
    size: tuple[int, int],
    theme: str | None,
    fonts: Path | None,
    out: Path,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
) -> None:
    """Draw a screen of the review as SVG or PNG, without a terminal.

    Nothing is decided, whatever keys are pressed. The SVG fetches and runs nothing, whatever text stands in the runs.
    PNG needs resvg-py: pip install 'assay[picture]'.
    """
    if out.suffix not in ENDINGS:
        raise click.UsageError(f"the name of a picture ends in {' or '.join(ENDINGS)}, not {out.name!r}")
    check_unread(out, traces)
    from tui.picture import png

    svg = drawn(traces, name, candidate, keys, size, theme, workspace, mode, cohort)
    write_file(out, png(svg, fonts) if out.suffix == ".png" else svg.encode())
    click.echo(visible(str(out)))


def drawn(
    traces: Path,
    name: str,
    candidate: str | None,
    keys: tuple[str, ...],
    size: tuple[int, int],
    theme: str | None,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
) -> str:
    """The SVG. Raises InputError for what is not there: a candidate, a theme, a key."""
    # Imported here: it takes a third of a second, which no other command should pay.
    from tui.app import AssayApp
    from tui.read_only import Still
    from tui.shooting import is_key
    from tui.shooting import shot as take
    from tui.themes import THEMES

    themes = [known.name for known in THEMES]
    if theme is not None and theme not in themes:
        raise InputError(f"there is no theme {theme!r}; there are {', '.join(themes)}")
    if wrong := [key for key in keys if not is_key(key)]:
        raise InputError(f"{wrong[0]!r} is no key; keys are named like n, enter, ctrl+s or question_mark")
    with open_session(traces, workspace, mode, cohort) as session:
        session.refresh()
        lineage = named(session.snapshot, candidate).lineage if candidate is not None else ""
        app = AssayApp(Still(session))
        if theme is not None:
            app.theme = theme
        return asyncio.run(take(app, size, name, lineage, keys))
