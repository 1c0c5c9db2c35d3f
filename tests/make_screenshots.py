"""Draws the pictures of every screen from the sample runs: `make screenshots`.

SVG as Textual writes it, but loading nothing from the network, and PNG from the same SVG with a font of this machine
(DejaVu Sans Mono has all the signs; another folder of fonts with `make screenshots ARGS="--fonts DIR"`).
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

import click
from textual.app import App

from core.live.reviewing import Request
from core.live.snapshot import Activity, Snapshot
from core.model.decision import DecisionKind
from core.session import Session
from core.store.config import VARIABLE
from tests.samples_source import SAMPLES
from tui.app import AssayApp

ROOT = Path(__file__).parent.parent
PICTURES_FOLDER = ROOT / "screenshots"
NOW = 1_795_165_200.0
"""The moment of every picture: 20 November 2026, 9:00 UTC."""
WIDE, SMALL = (140, 34), (80, 24)


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


PICTURES: tuple[Picture, ...] = (
    Picture("home"),
    Picture("home-light", theme="assay-light"),
    Picture("home-80x24", size=SMALL),
    Picture("filter", keys=("slash", *"risk:high")),
    Picture("overview", "release-cli", ("1",)),
    Picture("divergences", "release-sdk", ("2",)),
    Picture("divergences-80x24", "release-sdk", ("2",), SMALL),
    Picture("savings", "release-cli", ("3",)),
    Picture("workflow", "release-cli", ("4",)),
    Picture("evidence", "release-sdk", ("5",)),
    Picture("promotion", "support-refund", ("6",)),
    Picture("run", "release-cli", ("5", "enter")),
    Picture("approve", "release-cli", ("a",)),
    Picture("reject", "release-sdk", ("r",)),
    Picture("allow", "release-sdk", ("2", "x")),
    Picture("journal", keys=("J",), decided=True),
    Picture("crashpack", keys=("J", "c", "R"), decided=True),
    Picture("problems", keys=("p",)),
    Picture("help", keys=("question_mark",)),
)
"""Every picture, in the order in which a reviewer comes by."""

FONTS = ("DejaVuSansMono", "JetBrainsMono-Regular", "FiraCode-Regular", "LiberationMono-Regular", "Menlo", "Monaco")
"""Font files by preference."""
FAMILIES = ("DejaVu Sans Mono", "JetBrains Mono", "Fira Code", "Liberation Mono", "Menlo", "Monaco")
"""Their families, in the same order."""
FONT_FOLDERS = (
    Path("/usr/share/fonts"),
    Path("/usr/local/share/fonts"),
    Path.home() / ".local/share/fonts",
    Path.home() / ".fonts",
    Path.home() / "Library/Fonts",
    Path("/Library/Fonts"),
    Path("/System/Library/Fonts"),
)
NO_FONT = """\
No monospace font was found, so no PNG can be drawn. Install one, for example
  Debian, Ubuntu:  apt install fonts-dejavu-core   (or fonts-firacode)
  macOS:           brew install font-fira-code
or name a folder of fonts: make screenshots ARGS="--fonts DIR\""""
_REMOTE_FONT = re.compile(r',\s*url\("[^"]*"\)\s*format\("[^"]*"\)')


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


def opened() -> StillSession:
    """The samples below the working folder, read."""
    session = StillSession.open(
        Path("traces"),
        actor="release-lead@tidewater.example",
        mode="exact",
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
    if picture.decided:
        # Other pictures show a workspace without decisions, and this one only its own.
        shutil.rmtree("traces.assay", ignore_errors=True)
    session = opened()
    if picture.decided:
        decide(session)
    app = AssayApp(session, clock=lambda: NOW)
    app.animation_level = "none"
    if picture.theme:
        app.theme = picture.theme
    async with app.run_test(size=picture.size) as pilot:
        await settled(app, pilot.pause)
        if picture.opens:
            app.open_candidate(next(v.lineage for v in session.snapshot.candidates if v.cohort == picture.opens))
            await settled(app, pilot.pause)
        for key in picture.keys:
            await pilot.press(key)
            await settled(app, pilot.pause)
        return local_fonts_only(app.export_screenshot(title="assay"))


async def settled(app: App[None], pause: Callable[[], Awaitable[None]]) -> None:
    """Wait until nothing is on its way to the screen."""
    for _ in range(3):
        await pause()
        await app.workers.wait_for_complete()


def local_fonts_only(svg: str) -> str:
    """An SVG whose fonts are not fetched from anywhere."""
    return _REMOTE_FONT.sub("", svg)


def best_font(folders: Iterable[Path]) -> str | None:
    """The family of the best monospace font in some folders."""
    found = {path.stem for folder in folders for path in folder.rglob("*.tt[fc]")}
    return next((family for file, family in zip(FONTS, FAMILIES, strict=True) if file in found), None)


def png(svg: str, family: str, fonts: Path | None) -> bytes:
    """An SVG as pixels, drawn with one family of fonts."""
    import resvg_py

    folders = [str(fonts)] if fonts else None
    text = svg.replace("Fira Code", family)
    return bytes(resvg_py.svg_to_bytes(svg_string=text, font_dirs=folders, monospace_family=family))


def main(arguments: list[str] | None = None) -> int:
    """Draw all pictures, or those that are named; the exit code."""
    parser = argparse.ArgumentParser(description="Draw the pictures of the screens.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"one of: {', '.join(p.name for p in PICTURES)}")
    parser.add_argument("--fonts", type=Path, help="a folder with monospace fonts")
    parser.add_argument("--out", type=Path, default=PICTURES_FOLDER, help="where the pictures go")
    given = parser.parse_args(arguments)
    fonts, out = given.fonts and given.fonts.resolve(), given.out.resolve()
    family = best_font([fonts] if fonts else FONT_FOLDERS)
    if family is None:
        click.echo(NO_FONT, err=True)
        return 1
    out.mkdir(parents=True, exist_ok=True)
    chosen = [picture for picture in PICTURES if not given.names or picture.name in given.names]
    with tempfile.TemporaryDirectory(prefix="assay-pictures-") as scratch:
        os.environ[VARIABLE] = scratch
        os.chdir(scratch)
        shutil.copytree(SAMPLES, "traces", ignore=shutil.ignore_patterns("incoming"))
        for number, picture in enumerate(chosen, 1):
            svg = asyncio.run(drawn(picture))
            if picture.decided:
                shutil.rmtree("traces.assay")
            (out / f"{picture.name}.svg").write_text(svg, encoding="utf-8")
            (out / f"{picture.name}.png").write_bytes(png(svg, family, fonts))
            click.echo(f"{number:2} of {len(chosen)}  {picture.name}")
        os.chdir(ROOT)
    return 0


if __name__ == "__main__":
    sys.exit(main())
