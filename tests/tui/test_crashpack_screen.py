"""The crashpack screen: files, verdicts, replay, minimiser and export, on crashpacks that real decisions left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from textual.widgets import Input

from core.crashpack.events import TraceEvent
from core.crashpack.integrity import NAME
from core.crashpack.minimise import minimise
from core.live.snapshot import JournalView
from core.model.decision import CrashpackRef
from core.store.archive import unpack
from core.store.files import read_folder
from tests.tui import fakes
from tests.tui.packs import Made, made_pack
from tests.tui.reviewed import Held, changed, settled, words, world
from tests.tui.seen import toasts
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.crashpack import CrashpackScreen
from tui.screens.journal import JournalScreen
from tui.views.pack import grouped
from tui.views.pack import made_pack as read
from tui.views.pack_evidence import times
from tui.views.pack_summary import minimised_words
from tui.widgets.document import Document

WIDE, NARROW = (140, 44), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


@pytest.fixture
def pack(tmp_path: Path) -> Made:
    return made_pack(tmp_path, "reject", broken=1)


def opened(made: Made) -> Held:
    return Held(made.reviewing, CrashpackScreen(made.reviewing, made.folder))


def screen(app: Held) -> CrashpackScreen:
    assert isinstance(app.screen, CrashpackScreen)
    return app.screen


async def read_file(app: Held, pilot: Any, name: str) -> str:
    """Select a file, and what it says."""
    assert screen(app).files.select(name if name.startswith("@") else f"f:{name}"), name
    await settled(pilot)
    front = screen(app).pane.front
    return front.text if isinstance(front, Document) else words(app)


def rows(app: Held) -> dict[str, str]:
    """The lines of the list as they are drawn, by key."""
    files = screen(app).files
    return {key: files._paint(key, 60).plain for key in files.keys}


@SIZES
async def test_it_says_what_was_decided_and_that_all_is_as_it_was_left(pack: Made, size: tuple[int, int]) -> None:
    app = opened(pack)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        title = words(app).splitlines()[1]
        assert pack.folder.name in title
        assert "✓ intact" in title
        assert "✗ reject #1" in title
        said = " ".join((await read_file(app, pilot, "@overview")).split())
    for part in (
        "decision reject",
        "actor ann@example.com",
        "reason read it all",
        "status needs approval → rejected",
        "runs 4 examples, 4 compared, 4 passed, 0 failed",
        "✗ promotion 1 violation of 5 checks",
        "✗ quiescence severity Medium",
        "Transfer attempted with 1 pending operations",
        "pending_count 1",
        f"✓ all {len(read_folder(pack.folder))} files are as files.sha256 records them",
        "✓ decision #1 in the journal records this very content",
        "○ not replayed yet",
    ):
        assert part in said, part


async def test_every_file_is_listed_with_size_digest_and_state(pack: Made) -> None:
    app = opened(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        shown = rows(app)
    files = read_folder(pack.folder)
    assert {key.removeprefix("f:") for key in shown if key.startswith("f:")} == files.keys()
    assert shown["#Copies of the runs"] == "Copies of the runs  4"
    ledger = shown["f:evidence-ledger.json"].split()
    assert ledger[:2] == ["✓", "evidence-ledger.json"]
    assert ledger[2:4] == [f"{len(files['evidence-ledger.json']) / 1000:.1f}", "kB"]
    assert len(ledger[4]) == 8


@SIZES
@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "evidence-ledger.json",
            (
                "Evidence: 1 total, 1 violations",
                "✗ violated",
                "Speaks for a violation: what was seen is 10 times likelier with a violation than without one.",
                "passed=false, violations=1",
                "replay_command.sh",
            ),
        ),
        ("composite-evidence.json", ("quiescence", "model=beta_binomial", "path_consistency", "✓ clean")),
        ("journal", ("1 # ATP Journal Digest", "passed: false", "- type: quiescence")),
        ("manifest", ("# ATP Crashpack Manifest", "journal_digest: sha256:", "metadata.decision: reject")),
        ("state.json", ("state.json", '"decision": "reject"')),
        ("candidate.json", ("▸", '"traces": […] 4 items')),
        ("transfer.atp-trace", ("[000000] 0ns region_created R0", "⟨path⟩")),
        ("pathlog", ("region_created R0",)),
        ("quiclog", ("No event of this crashpack belongs to this class.",)),
        ("fixtures/run-0.json", ('"workflow_id": "release"',)),
        ("replay_command.sh", ("#!/bin/bash", "atp replay")),
        ("agent_proof_bundle.json", ('"agent_id": "ann@example.com"',)),
    ],
)
async def test_every_kind_of_file_has_its_viewer(
    pack: Made, name: str, parts: tuple[str, ...], size: tuple[int, int]
) -> None:
    app = opened(pack)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        said = " ".join((await read_file(app, pilot, name)).split())
        for part in parts:
            assert part in said, part


async def test_a_long_event_is_told_in_full_and_a_witness_is_marked(pack: Made) -> None:
    app = opened(pack)
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        await read_file(app, pilot, "transfer.atp-trace")
        await pilot.press("enter", "end", "up", "up")
        await settled(pilot)
        pane = screen(app).pane
        assert "✗ [" in words(app)
        assert "Transfer attempted with 1 pending operations" in " ".join(str(pane.row.render()).split())
        await pilot.press("y")
        assert app.copied[0].endswith('user_trace "quiescence violation: Transfer attempted with 1 pending operations"')


async def test_json_folds_open_and_the_pointer_is_copied(pack: Made) -> None:
    app = opened(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await read_file(app, pilot, "candidate.json")
        await pilot.press("enter")
        value = screen(app).pane.value
        fold = next(key for key in value.keys if key.endswith("\0fold\0/shadow/traces"))
        value.select(fold)
        await pilot.press("enter")
        await settled(pilot)
        assert any(key.endswith("/shadow/traces/0") for key in value.keys)
        await pilot.press("y")
        assert app.copied == ["/shadow/traces"]


@SIZES
async def test_replaying_an_intact_crashpack_comes_out_as_recorded(pack: Made, size: tuple[int, int]) -> None:
    app = opened(pack)
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
    app = opened(pack)
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


async def test_a_hidden_change_is_found_by_what_the_journal_records(pack: Made) -> None:
    pack.change("fixtures/run-2.json", b'"failed": 0', b'"failed": 7')
    pack.vouch_again()
    app = opened(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "✗ not what the journal records" in words(app)
        said = " ".join((await read_file(app, pilot, "@overview")).split())
        assert f"✗ decision #1 in the journal records {pack.decision.crashpack.digest}" in said  # type: ignore[union-attr]


async def test_missing_added_and_unreadable_files_are_told(pack: Made) -> None:
    (pack.folder / "state.json").unlink()
    (pack.folder / "extra.txt").write_text("?")
    (pack.folder / "evidence-ledger.json").write_bytes(b"{")
    app = opened(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        shown = rows(app)
        assert "missing" in shown["f:state.json"]
        assert shown["f:extra.txt"].startswith("✗")
        assert shown["#Other files"] == "Other files  1"
        assert "This file is missing" in await read_file(app, pilot, "state.json")
        assert "   1  {" in await read_file(app, pilot, "evidence-ledger.json")
        assert "is not listed in files.sha256" in await read_file(app, pilot, "@overview")


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


async def test_an_unknown_crashpack_is_vouched_for_by_nobody(pack: Made) -> None:
    pack.reviewing.snapshot = replace(pack.reviewing.snapshot, journal=JournalView())
    app = opened(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "! intact, but unknown to the journal" in words(app)
        pack.reviewing.push(replace(pack.reviewing.snapshot, journal=JournalView((pack.decision,))))
        app._arrived(pack.reviewing.snapshot)
        await settled(pilot)
        assert "✓ intact, as the journal records it" in words(app)


async def test_minimising_leaves_what_shows_the_failure(pack: Made) -> None:
    before = read_folder(pack.folder)
    app = opened(pack)
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


@pytest.mark.parametrize(
    ("log10", "said"),
    [
        (1.6, "40 times likelier with a violation than without one"),
        (-1.0, "10 times likelier without a violation than with one"),
        (0.3, "2 times likelier with a violation than without one"),
        (0.5, "3.2 times likelier with a violation than without one"),
        (0.0, "as likely with a violation as without one"),
        (-77.06, "10^77 times likelier without a violation than with one"),
    ],
)
def test_bayes_factors_in_words(log10: float, said: str) -> None:
    assert times(log10) == said


@pytest.mark.parametrize("ending", [".zip", ".tar.zst"])
async def test_export_writes_one_archive_and_replaces_nothing(pack: Made, ending: str, tmp_path: Path) -> None:
    app = opened(pack)
    out = tmp_path / f"out{ending}"
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        await pilot.press("E")
        await settled(pilot)
        field = app.screen.query_one(Input)
        assert field.value == f"{pack.folder.name}.zip"
        field.value = str(out.with_suffix(".txt"))
        await pilot.press("enter")
        await settled(pilot)
        assert "has to end with" in words(app)
        field.value = str(out)
        await pilot.press("enter")
        await settled(pilot)
        screen(app)
        assert str(out) in toasts(app)[0]
        await pilot.press("E")
        await settled(pilot)
        app.screen.query_one(Input).value = str(out)
        await pilot.press("enter")
        await settled(pilot)
        assert "exists already" in " ".join(words(app).replace("│", " ").split())
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
        await pilot.pause(0.3)
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
    app = opened(pack)
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


@SIZES
async def test_hostile_text_is_spelled_out(pack: Made, size: tuple[int, int]) -> None:
    evil = fakes.HOSTILE.encode()
    for name in ("journal", "manifest", "pathlog", "transfer.atp-trace", "candidate.json", NAME):
        path = pack.folder / name
        path.write_bytes(path.read_bytes() + b"\n" + evil)
    (pack.folder / "evil \x1b[31m\u202e.txt").write_bytes(evil)
    app = opened(pack)
    said = ""
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        for key in [key for key in screen(app).files.keys if not key.startswith("#")]:
            screen(app).files.select(key)
            await settled(pilot)
            said += words(app) + screen(app).pane.page.text
        await pilot.press("R")
        await settled(pilot)
        said += words(app) + screen(app).pane.page.text
    assert not any(char in said for char in "\x1b\x07\r\x9b\u202e")
    assert "[red]x[/red]" in said
    assert "evil \\e[31m" in said


def test_files_are_grouped_by_what_they_are_for(pack: Made) -> None:
    groups = grouped(read(read_folder(pack.folder)))
    assert list(groups) == ["What the oracles said", "What happened", "What was decided", "Copies of the runs"]
    assert sum(map(len, groups.values())) == len(read_folder(pack.folder))
    bare = grouped(read({"journal": b"x"}))
    assert bare["What the oracles said"] == ["journal"]
    assert read({"journal": b"x"}).rows["journal"].state == "changed"
    assert read({"pathlog": b""}).rows["pathlog"].state == "unvouched"
