"""How crashpacks, the journal and the dialogs of names and rules look: wide and at 80x24."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.live.snapshot import JournalView
from core.model.decision import CrashpackRef
from tests.tui import fakes
from tests.tui.packs import made_pack
from tests.tui.reviewed import Held, world
from tests.tui.seen import worked
from tui.screens.candidate import CandidateScreen
from tui.screens.crashpack import CrashpackScreen
from tui.screens.journal import JournalScreen

SIZES = pytest.mark.parametrize("size", [(150, 44), (80, 24)], ids=["wide", "narrow"])


def after(*keys: str) -> Callable[[Any], Any]:
    """Press keys and wait until nothing moves."""

    async def run(pilot: Any) -> None:
        for key in ("", *keys):
            if key:
                await pilot.press(key)
            for _ in range(2):
                await worked(pilot.app)
                await pilot.pause()
        pilot.app.clear_notifications()
        await pilot.pause()

    return run


def journal(**changes: Any) -> Held:
    ready, blocked = fakes.view("triage_issue", "ready"), fakes.view("deploy_docs", "blocked")
    pack = CrashpackRef(name="candidate_x-001", digest="sha256:" + "a" * 64)
    made = (
        fakes.decision(ready, seq=1, crashpack=pack, signed="trusted", keyid="c" * 64),
        fakes.decision(blocked, "reject", seq=2, actor="bo@example.com", reason="deploys on Fridays", crashpack=pack),
        fakes.decision(blocked, "allow", seq=3, actor="cy@example.com", detail={"pointer": "/at", "step": 2}),
        fakes.decision(ready, "rename", seq=4, reason=None, detail={"name": "triage_issue"}),
        fakes.decision(ready, "revoke", seq=5, reason=fakes.HOSTILE),
    )
    shown = fakes.snapshot(ready, blocked, journal=JournalView(made, **changes))
    return Held(fakes.FakeReviewing(shown), JournalScreen())


@SIZES
def test_journal(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(journal(), terminal_size=size, run_before=after())


def test_journal_with_faults(snap_compare: Any) -> None:
    faults = ("line 6 was changed: it is not the one that was recorded", "line 8 holds decision 9")
    app = journal(faults=faults, torn_tail="120 bytes of a last line that was never acknowledged")
    assert snap_compare(app, terminal_size=(100, 30), run_before=after())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, named so that what is made below it is the same everywhere."""
    monkeypatch.chdir(tmp_path)
    return Path()


@SIZES
@pytest.mark.parametrize("keys", [(), ("R",), ("down", "down", "down")], ids=["overview", "replay", "ledger"])
def test_crashpack(snap_compare: Any, here: Path, keys: tuple[str, ...], size: tuple[int, int]) -> None:
    made = made_pack(here, "reject", broken=1)
    app = Held(made.reviewing, CrashpackScreen(made.reviewing, made.folder))
    assert snap_compare(app, terminal_size=size, run_before=after(*keys))


def test_crashpack_that_differs(snap_compare: Any, here: Path) -> None:
    made = made_pack(here, "reject", broken=1)
    made.change("fixtures/run-2.json", b'"failed": 0', b'"failed": 7')
    app = Held(made.reviewing, CrashpackScreen(made.reviewing, made.folder))
    assert snap_compare(app, terminal_size=(150, 44), run_before=after("R"))


@SIZES
def test_allow_dialog(snap_compare: Any, size: tuple[int, int]) -> None:
    folder, view = world()
    app = Held(folder, CandidateScreen(folder, view.lineage))
    assert snap_compare(app, terminal_size=size, run_before=after("2", "n", "x"))


def test_rename_dialog(snap_compare: Any) -> None:
    folder, view = world()
    app = Held(folder, CandidateScreen(folder, view.lineage))
    assert snap_compare(app, terminal_size=(80, 24), run_before=after("m"))
