"""How states look that are seen seldom: faults, drift that arrives, nothing there, too much there, hostile text."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.live.snapshot import Activity, Problem, Snapshot
from core.model.jsontext import pretty
from core.review.exporting import Source
from tests.tui import fakes
from tests.tui.reviewed import Held, settled
from tests.tui.test_home_pictures import pictured
from tui.crash import Fault
from tui.screens.fault import FaultDialog
from tui.screens.problems import ProblemsScreen
from tui.screens.redaction import RedactionScreen

NARROW = (80, 24)


def test_a_fault(snap_compare: Any) -> None:
    fault = Fault("5f1c0a9b", "KeyError", Path("/home/ana/.config/assay/crash-5f1c0a9b.txt"))
    app = Held(fakes.FakeReviewing(), FaultDialog(fault))
    assert snap_compare(app, terminal_size=NARROW, run_before=settled)


def test_drift_that_arrives(snap_compare: Any) -> None:
    shown = fakes.snapshot(fakes.view("rotate_keys", "ready"), fakes.view("sync_labels", "needs_approval"))
    app = pictured(shown)

    async def drifting(pilot: Any) -> None:
        await settled(pilot)
        reason = "approved, and now 1 of 6 runs fails the shadow comparison"
        drifted = replace(shown.candidates[0], status="drifted", reasons=(reason,))
        app.reviewing.push(replace(shown, candidates=(drifted, shown.candidates[1])))
        await settled(pilot)

    assert snap_compare(app, terminal_size=NARROW, run_before=drifting)


def test_reading_takes_long(snap_compare: Any) -> None:
    app = pictured(Snapshot(), Activity(phase="reading", done=680, total=1_204))
    assert snap_compare(app, terminal_size=NARROW)


def test_nothing_matches_the_filter(snap_compare: Any) -> None:
    assert snap_compare(pictured(), press=["slash", *"saves>900", "enter"], terminal_size=NARROW)


def test_hostile_text(snap_compare: Any) -> None:
    """Nothing in it may move, colour, ring or click."""
    hostile = fakes.view(fakes.HOSTILE, "needs_approval")
    assert snap_compare(pictured(fakes.snapshot(hostile)), terminal_size=(100, 30))


def test_thousands_of_problems(snap_compare: Any) -> None:
    found = tuple(Problem("quarantined", f"runs/{n:04}.json", "invalid JSON", "it ends early") for n in range(5_000))
    app = Held(fakes.FakeReviewing(replace(fakes.snapshot(), problems=found)), ProblemsScreen())

    async def far_down(pilot: Any) -> None:
        await settled(pilot)
        await pilot.press("end", "up", "up")
        await settled(pilot)

    assert snap_compare(app, terminal_size=NARROW, run_before=far_down)


def redaction(folder: Path, *values: str) -> Held:
    """The review of a bundle in whose run these values stand."""
    run = {"goal": "ship it", "steps": [{"output": {"token": value, "ok": True}} for value in values]}
    source = Source("lineage_1961eb1ef5a29aa4", {"fixtures/run-0.json": pretty(run)}, sealed=False)
    live = fakes.FakeReviewing()
    app = Held(live, RedactionScreen(live, lambda *_: source))
    # The header has read the name that the picture shows already.
    live.traces, live.workspace = folder, folder.with_name("work")
    return app


@pytest.mark.parametrize("size", [(140, 30), NARROW], ids=["wide", "narrow"])
def test_what_was_taken_out(snap_compare: Any, tmp_path: Path, size: tuple[int, int]) -> None:
    app = redaction(tmp_path, "[redacted:github_token:5f1c0a9be3d2]", "[redacted:sensitive_keys:77aa0a9be3d2]", "none")
    assert snap_compare(app, terminal_size=size, run_before=settled)


def test_nothing_was_taken_out(snap_compare: Any, tmp_path: Path) -> None:
    assert snap_compare(redaction(tmp_path, "none"), terminal_size=NARROW, run_before=settled)
