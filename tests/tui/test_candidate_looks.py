"""How the candidate's screens look, as pictures: wide and at 80x24."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.live.reviewing import Refused
from core.promotion.changes import Change
from tests.tui import fakes
from tests.tui.reviewed import Held, good_world, world
from tests.tui.seen import worked
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.screens.trace import TraceScreen

WIDE, NARROW = (160, 45), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])


def ready(*keys: str) -> Callable[[Any], Any]:
    """Press keys and wait until nothing moves."""

    async def run(pilot: Any) -> None:
        await pilot.pause()
        for key in (*keys, ""):
            if key:
                await pilot.press(key)
            await worked(pilot.app)
            await pilot.pause()
        await pilot.pause()

    return run


def candidate_screen() -> Held:
    folder, view = world()
    change = Change("step 2 expected output", '{"version":"1.1.0"}', '{"version":"1.2.0"}', "it changed")
    view = replace(view, changes=(change,), decisions=(fakes.decision(view, behaviour_digest="sha256:0ld"),))
    folder.snapshot = replace(
        folder.snapshot,
        candidates=tuple(view if v.lineage == view.lineage else v for v in folder.snapshot.candidates),
    )
    return Held(folder, CandidateScreen(folder, view.lineage))


@SIZES
@pytest.mark.parametrize(
    "key", ["1", "2", "3", "5", "6"], ids=["overview", "divergences", "savings", "evidence", "promotion"]
)
def test_candidate_tabs(snap_compare: Any, key: str, size: tuple[int, int]) -> None:
    assert snap_compare(candidate_screen(), terminal_size=size, run_before=ready(key))


@SIZES
def test_approve_dialog(snap_compare: Any, size: tuple[int, int]) -> None:
    folder, view = good_world()
    leak = "an approval point of the source runs was never resolved by anyone, so nobody can say who agreed"
    view = replace(view, risk="high", warnings=(*view.warnings, leak))
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    assert snap_compare(app, terminal_size=size, run_before=ready("space"))


def test_refused_as_stale(snap_compare: Any) -> None:
    folder, view = good_world()
    steps = list(view.candidate.steps)
    steps[0] = steps[0].replace(name="read_everything")
    fresh = replace(view, candidate=view.candidate.replace(steps=tuple(steps)))
    folder.refusal = Refused(("the behaviour changed since it was read",), fresh, stale=True)
    app = Held(folder, DecisionDialog(folder, view, "approve"))
    assert snap_compare(app, terminal_size=(100, 36), run_before=ready("space", "ctrl+s"))


@SIZES
def test_trace(snap_compare: Any, size: tuple[int, int]) -> None:
    folder, _ = world()
    app = Held(folder, TraceScreen(folder, "trace_6", (1, 4), step=1))
    assert snap_compare(app, terminal_size=size, run_before=ready())
