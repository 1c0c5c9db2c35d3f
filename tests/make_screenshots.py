"""Draws the pictures of every screen from the sample runs: `make screenshots`.

SVG as Textual writes it, but loading nothing from the network, and PNG from the same SVG with a font of this machine
(DejaVu Sans Mono has all the signs; another folder of fonts with `make screenshots ARGS="--fonts DIR"`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import click

from core.live.reviewing import Request
from core.live.snapshot import Activity, Snapshot
from core.model.decision import DecisionKind
from core.session import Session
from core.store.config import VARIABLE, config_folder
from core.store.policy import Mode
from tests.samples_source import SAMPLES
from tui.app import AssayApp
from tui.picture import FONT_FOLDERS, NO_FONT, best_font, clean, png
from tui.shooting import settled

ROOT = Path(__file__).parent.parent
PICTURES_FOLDER = ROOT / "screenshots"
NOW = 1_795_165_200.0
"""The moment of every picture: 20 November 2026, 9:00 UTC."""
WIDE, TALL, BROAD, SMALL = (140, 34), (120, 44), (170, 34), (80, 24)


@dataclass(frozen=True)
class Picture:
    """How to come to one picture: open the first candidate of a cohort or stay at home, then press keys."""

    name: str
    opens: str = ""
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = WIDE
    theme: str = ""
    decided: bool = False
    """Whether two decisions are recorded before."""
    mode: Mode = "exact"
    """How candidates are mined."""


PICTURES: tuple[Picture, ...] = (
    Picture("home"),
    Picture("home-light", theme="assay-light"),
    Picture("home-monochrome", theme="assay-monochrome"),
    Picture("home-80x24", size=SMALL),
    Picture("filter", keys=("slash", *"risk:high")),
    Picture("marked", keys=("v", "v", "v")),
    Picture("bulk", keys=("v", "v", "r")),
    Picture("jump", keys=("f",)),
    Picture("palette", keys=("ctrl+p", *"theme")),
    Picture("overview", "release-cli", ("1",)),
    Picture("overview-80x24", "release-cli", ("1",), SMALL),
    Picture("divergences", "release-sdk", ("2",)),
    Picture("divergences-80x24", "release-sdk", ("2",), SMALL),
    Picture("generalised", "release-sdk", ("2",), mode="generalised"),
    Picture("savings", "release-cli", ("3",), TALL),
    Picture("savings-80x24", "release-cli", ("3",), SMALL),
    Picture("savings-monochrome", "release-cli", ("3",), TALL, theme="assay-monochrome"),
    Picture("workflow", "release-cli", ("4",)),
    Picture("evidence", "release-sdk", ("5",), BROAD),
    Picture("evidence-80x24", "release-sdk", ("5",), SMALL),
    Picture("promotion", "support-refund", ("6",)),
    Picture("run", "release-cli", ("5", "enter")),
    Picture("raw", "release-cli", ("5", "enter", "o")),
    Picture("approve", "release-cli", ("a",), TALL),
    Picture("approve-80x24", "release-cli", ("a",), SMALL),
    Picture("reject", "release-sdk", ("r",)),
    Picture("needs-work", "release-sdk", ("w",)),
    Picture("revoke", "triage-issue", ("u",), decided=True),
    Picture("rename", "release-sdk", ("m",)),
    Picture("allow", "release-sdk", ("2", "x")),
    Picture("approved", "triage-issue", ("4",), decided=True),
    Picture("totals", keys=("T",), size=TALL, decided=True),
    Picture("totals-80x24", keys=("T",), size=SMALL, decided=True),
    Picture("totals-monochrome", keys=("T",), size=TALL, theme="assay-monochrome", decided=True),
    Picture("journal", keys=("J",), decided=True),
    Picture("crashpack", keys=("J", "c", "R"), decided=True),
    Picture("redaction", "support-refund", ("E",)),
    Picture("problems", keys=("p",)),
    Picture("help", keys=("question_mark",)),
)
"""Every picture, in the order in which a reviewer comes by."""


class StillSession(Session):
    """A workspace that was read once and stands still, under names that are the same on every machine."""

    @property
    def workspace(self) -> Path:
        return Path(f"{self.traces}.assay")

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        """Show what was read, and say that it is watched."""
        problems = tuple(replace(problem, first_seen=NOW - 95) for problem in self.snapshot.problems)
        on_snapshot(replace(self.snapshot, problems=problems))
        on_activity(Activity(phase="watching", watching="events", last_change=NOW - 12))


def opened(mode: Mode) -> StillSession:
    """The samples below the working folder, read."""
    session = StillSession.open(
        Path("traces"),
        actor="release-lead@tidewater.example",
        mode=mode,
        clock=lambda: "2026-11-20T09:00:00.000Z",
    )
    session.refresh()
    assert isinstance(session, StillSession)
    return session


def decide(session: Session) -> None:
    """An approval and a rejection, from a machine without a name of its own."""
    reasons: tuple[tuple[str, DecisionKind, str], ...] = (
        ("triage-issue", "approve", "read every step and all eleven runs"),
        ("release-sdk", "reject", "signed and unsigned releases are not one workflow"),
    )
    for cohort, kind, reason in reasons:
        view = next(view for view in session.snapshot.candidates if view.cohort == cohort)
        request = Request(kind, view.lineage, view.behaviour_digest, session.reviewer, reason, view, view.warnings)
        with patch("socket.gethostname", return_value="desk"):
            session.decide(request)


async def drawn(picture: Picture) -> str:
    """The SVG of one picture."""
    # Every picture has a workspace and settings of its own: no decisions, filters or ways of mining of others.
    shutil.rmtree("traces.assay", ignore_errors=True)
    shutil.rmtree(config_folder(), ignore_errors=True)
    session = opened(picture.mode)
    if picture.decided:
        decide(session)
    app = AssayApp(session, clock=lambda: NOW)
    app.animation_level = "none"
    if picture.theme:
        app.theme = picture.theme
    async with app.run_test(size=picture.size) as pilot:
        await settled(app, pilot.pause)
        if picture.opens:
            of_cohort = [v for v in session.snapshot.candidates if v.cohort == picture.opens]
            app.open_candidate(max(of_cohort, key=lambda view: len(view.decisions)).lineage)
            await settled(app, pilot.pause)
        for key in picture.keys:
            await pilot.press(key)
            await settled(app, pilot.pause)
        return clean(app.export_screenshot(title="assay"))


def main(arguments: list[str] | None = None) -> int:
    """Draw all pictures, or those that are named; the exit code."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the screens.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(p.name for p in PICTURES)}")
    parser.add_argument("--fonts", type=Path, help="a folder with monospace fonts")
    parser.add_argument("--out", type=Path, default=PICTURES_FOLDER, help="where the pictures go")
    given = parser.parse_args(arguments)
    fonts, out = given.fonts and given.fonts.resolve(), given.out.resolve()
    if best_font([fonts] if fonts else FONT_FOLDERS) is None:
        click.echo(NO_FONT, err=True)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    chosen = [picture for picture in PICTURES if not given.names or picture.name in given.names]
    with tempfile.TemporaryDirectory(prefix="assay-pictures-") as scratch:
        os.environ[VARIABLE] = f"{scratch}/settings"
        os.chdir(scratch)
        shutil.copytree(SAMPLES, "traces", ignore=shutil.ignore_patterns("incoming"))
        for number, picture in enumerate(chosen, 1):
            svg = asyncio.run(drawn(picture))
            (out / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
            (out / f"{picture.name}.png").write_bytes(png(svg, fonts))
            click.echo(f"{number:2} of {len(chosen)}  {picture.name}")
        os.chdir(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
