"""The crashpack screen: files, verdicts, replay, minimiser and export, on crashpacks that real decisions left."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.crashpack.integrity import NAME
from core.live.snapshot import JournalView
from core.store.files import read_folder
from tests.tui import fakes
from tests.tui.packs import Made, held, made_pack, read_file, rows, screen
from tests.tui.reviewed import settled, words
from tui.views.pack import grouped
from tui.views.pack import made_pack as read
from tui.views.pack_evidence import times

WIDE, NARROW = (140, 44), (80, 24)
SIZES = pytest.mark.parametrize("size", [WIDE, NARROW])


@pytest.fixture
def pack(tmp_path: Path) -> Made:
    return made_pack(tmp_path, "reject", broken=1)


@SIZES
async def test_it_says_what_was_decided_and_that_all_is_as_it_was_left(pack: Made, size: tuple[int, int]) -> None:
    app = held(pack)
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
        "1 file quarantined, or changed and not read yet recorded as Transfer attempted with 1 pending operations",
        "pending_count 1",
        f"✓ all {len(read_folder(pack.folder))} files are as files.sha256 records them",
        "✓ decision #1 in the journal records this very content",
        "○ not replayed yet",
    ):
        assert part in said, part


async def test_every_file_is_listed_with_size_digest_and_state(pack: Made) -> None:
    app = held(pack)
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
    app = held(pack)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        said = " ".join((await read_file(app, pilot, name)).split())
        for part in parts:
            assert part in said, part


async def test_a_long_event_is_told_in_full_and_a_witness_is_marked(pack: Made) -> None:
    app = held(pack)
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
    app = held(pack)
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


async def test_another_one_can_be_opened_on_top_of_it(pack: Made) -> None:
    app = held(pack)
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        before = app.screen
        app.open_crashpack(pack.folder.name)
        await settled(pilot)
        assert app.screen is not before
        await pilot.press("escape")
        assert app.screen is before


async def test_a_hidden_change_is_found_by_what_the_journal_records(pack: Made) -> None:
    pack.change("fixtures/run-2.json", b'"failed": 0', b'"failed": 7')
    pack.vouch_again()
    app = held(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "✗ not what the journal records" in words(app)
        said = " ".join((await read_file(app, pilot, "@overview")).split())
        assert f"✗ decision #1 in the journal records {pack.decision.crashpack.digest}" in said  # type: ignore[union-attr]


async def test_missing_added_and_unreadable_files_are_told(pack: Made) -> None:
    (pack.folder / "state.json").unlink()
    (pack.folder / "extra.txt").write_text("?")
    (pack.folder / "evidence-ledger.json").write_bytes(b"{")
    app = held(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        shown = rows(app)
        assert "missing" in shown["f:state.json"]
        assert shown["f:extra.txt"].startswith("✗")
        assert shown["#Other files"] == "Other files  1"
        assert "This file is missing" in await read_file(app, pilot, "state.json")
        assert "   1  {" in await read_file(app, pilot, "evidence-ledger.json")
        assert "is not listed in files.sha256" in await read_file(app, pilot, "@overview")


async def test_an_unknown_crashpack_is_vouched_for_by_nobody(pack: Made) -> None:
    pack.reviewing.snapshot = replace(pack.reviewing.snapshot, journal=JournalView())
    app = held(pack)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert "! intact, but unknown to the journal" in words(app)
        pack.reviewing.push(replace(pack.reviewing.snapshot, journal=JournalView((pack.decision,))))
        app._arrived(pack.reviewing.snapshot)
        await settled(pilot)
        assert "✓ intact, as the journal records it" in words(app)


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


@SIZES
async def test_hostile_text_is_spelled_out(pack: Made, size: tuple[int, int]) -> None:
    evil = fakes.HOSTILE.encode()
    for name in ("journal", "manifest", "pathlog", "transfer.atp-trace", "candidate.json", NAME):
        path = pack.folder / name
        path.write_bytes(path.read_bytes() + b"\n" + evil)
    (pack.folder / "evil \x1b[31m\u202e.txt").write_bytes(evil)
    app = held(pack)
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
