"""What can be done with a crashpack: replay, minimise, export, and the ways to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from core.crashpack.events import TraceEvent
from core.crashpack.minimise import minimise
from core.model.decision import CrashpackRef
from core.store.archive import unpack
from core.store.files import read_folder
from tests.tui import fakes
from tests.tui.packs import Made, held, made_pack, read_file, rows, screen
from tests.tui.reviewed import Held, changed, settled, words, world
from tests.tui.seen import found, toasts
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.crashpack import CrashpackScreen
from tui.screens.journal import JournalScreen
from tui.views.pack_summary import minimised_words
from tui.widgets.document import Document

WIDE, NARROW = (140, 44), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


@pytest.fixture
def pack(tmp_path: Path) -> Made:
    return made_pack(tmp_path, "reject", broken=1)


@SIZES
async def test_replaying_an_intact_crashpack_comes_out_as_recorded(pack: Made, size: tuple[int, int]) -> None:
    app = held(pack)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press("R")
        await settled(pilot)
        said = screen(app).pane.page.text
        assert "Everything comes out as recorded" in said
        for check in ("crashpack", "witnesses", "oracle promotion", "shadow comparison", "behaviour"):
            assert f"✓ {check}" in said
        assert "Replay  ✓ same as recorded" in words(app)
        assert toasts(app) == [f"{pack.folder.name}: ✓ same as recorded"]


async def test_replay_reads_the_disk_now_and_names_the_first_difference(pack: Made) -> None:
    app = held(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        pack.change("fixtures/run-2.json", b'"failed": 0', b'"failed": 7')
        await pilot.press("down", "enter")
        await settled(pilot)
        said = screen(app).pane.page.text
        first = said.splitlines().index("First difference")
        assert "fixtures/run-2.json" in said.splitlines()[first + 1]
        assert "step 2 output differs at /failed" in " ".join(said.split())
        assert rows(app)["f:fixtures/run-2.json"].startswith("✗ ")
        assert "✗ 1 problem" in words(app)
        assert "differs" in toasts(app)[0]


async def test_a_crashpack_that_is_gone_says_so_and_can_be_left(pack: Made) -> None:
    gone = Held(pack.reviewing, CrashpackScreen(pack.reviewing, pack.folder.with_name("gone-001")))
    async with gone.run_test(size=NARROW) as pilot:
        await settled(pilot)
        assert "does not exist" in " ".join(words(gone).split())
        assert "`assay verify`" in words(gone)
        await pilot.press("M", "R")
        await settled(pilot)
        assert "It could not be replayed" in screen(gone).pane.page.text
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(gone.screen, CrashpackScreen)


async def test_minimising_leaves_what_shows_the_failure(pack: Made) -> None:
    before = read_folder(pack.folder)
    app = held(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("M")
        await settled(pilot)
        said = words(app)
        assert "Minimised events  3 events left" in said
        assert "the failure stays" in said
        assert "quiescence violation" in said
    assert read_folder(pack.folder) == before


def test_minimising_says_why_nothing_went() -> None:
    plain = [TraceEvent(seq=n, kind="user_trace", data={"Message": f"step {n}"}) for n in range(3)]
    assert minimised_words(minimise(plain)) == "3 events, none dropped: no event shows a failure"
    needed = [TraceEvent(seq=0, kind="io_error")]
    assert minimised_words(minimise(needed)) == "1 event, none dropped: every event is needed"


async def test_export_asks_for_a_whole_path_where_the_current_folder_was_removed(
    pack: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (gone := tmp_path / "gone").mkdir()
    app = held(pack)
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        monkeypatch.chdir(gone)
        gone.rmdir()
        await pilot.press("E")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "the folder that you are in was removed" in " ".join(words(app).replace("│", " ").split())
        app.screen.query_one(Input).value = str(tmp_path / "out.zip")
        await pilot.press("enter")
        await settled(pilot)
        assert (tmp_path / "out.zip").exists()


@pytest.mark.parametrize("ending", [".zip", ".tar.zst"])
async def test_export_writes_one_archive_and_replaces_nothing(pack: Made, ending: str, tmp_path: Path) -> None:
    app = held(pack)
    out = tmp_path / f"out{ending}"
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        await pilot.press("E")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        field = app.screen.query_one(Input)
        assert field.value == f"{pack.folder.name}.zip"
        field.value = str(out.with_suffix(".txt"))
        await pilot.press("enter")
        await settled(pilot)
        assert "has to end with" in words(app)
        field.value = "~nosuchuser/out.zip"
        await pilot.press("enter")
        await settled(pilot)
        assert "nobody here has the home folder ~nosuchuser" in " ".join(words(app).replace("│", " ").split())
        field.value = str(out)
        await pilot.press("enter")
        await settled(pilot)
        screen(app)
        assert str(out) in toasts(app)[0]
        await pilot.press("E")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        app.screen.query_one(Input).value = str(out)
        await pilot.press("enter")
        await settled(pilot)
        assert "exists already" in " ".join(words(app).replace("│", " ").split())
        for _ in range(2):
            await pilot.press("escape")
            await settled(pilot)
        screen(app)
    assert unpack(out.read_bytes()) == read_folder(pack.folder)


async def test_it_opens_from_the_promotion_tab_the_journal_and_the_palette(pack: Made) -> None:
    (view,) = pack.reviewing.snapshot.candidates
    app = Held(pack.reviewing, CandidateScreen(pack.reviewing, view.lineage))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("6")
        await settled(pilot)
        document = app.screen.query_one("#promotion").query_one(Document)
        document.select(next(key for key in document.keys if key.startswith("pack:")))
        await pilot.press("enter")
        await settled(pilot)
        assert screen(app).folder == pack.folder
        await pilot.press("escape", "c")
        await settled(pilot)
        assert screen(app).folder == pack.folder
        await pilot.press("escape", "J")
        await settled(pilot)
        assert isinstance(app.screen, JournalScreen)
        await pilot.press("c")
        await settled(pilot)
        assert screen(app).folder == pack.folder
        await pilot.press("escape", "escape", "ctrl+p", *"crashpack cand")
        await found(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert screen(app).folder == pack.folder


async def test_it_opens_from_the_list(pack: Made) -> None:
    app = AssayApp(pack.reviewing, clock=lambda: fakes.NOW)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        await pilot.press("c")
        await settled(pilot)
        assert isinstance(app.screen, CrashpackScreen)
        assert app.screen.folder == pack.folder


async def test_a_name_that_leads_elsewhere_opens_nothing() -> None:
    folder, view = world()
    bad = fakes.decision(view, crashpack=CrashpackRef(name="../../etc", digest="sha256:00"))
    folder.snapshot = changed(folder, replace(view, decisions=(bad,)))
    app = Held(folder, CandidateScreen(folder, view.lineage))
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("c")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)
        assert "is no name that a workspace uses" in toasts(app)[0]


async def test_enter_goes_to_what_is_read_and_escape_comes_back(pack: Made) -> None:
    app = held(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await read_file(app, pilot, "journal")
        await pilot.press("enter")
        assert screen(app).pane.page.has_focus
        await pilot.press("escape")
        assert screen(app).files.has_focus
        await pilot.press("y")
        digest = rows(app)["f:journal"].split()[-1]
        assert app.copied[0].startswith(f"{pack.folder / 'journal'} sha256:{digest}")
