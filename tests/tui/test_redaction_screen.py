"""What is redacted is reviewed before anything leaves; exceptions and rules are made there."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input

from core.session import Session
from core.store.archive import unpack
from core.store.files import read_folder
from core.store.policy_file import load_policy
from tests.review.making import opened
from tests.review.test_decide import only, request
from tests.review.test_redaction import SECRET, secretive
from tests.tui.reviewed import Held, settled, words
from tests.tui.seen import list_of, toasts
from tui.read_only import ReadOnly
from tui.screens.candidate import CandidateScreen
from tui.screens.exporting import ExportDialog
from tui.screens.redaction import RedactionScreen
from tui.screens.redaction_rule import ExemptDialog, ExtraDialog
from tui.widgets.document import Document

SIZE = (140, 44)


@pytest.fixture
def session(tmp_path: Path) -> Session:
    return opened(secretive(tmp_path / "traces"))


def candidate(session: Session) -> Held:
    return Held(session, RedactionScreen.of_candidate(session, only(session).lineage))


def places(app: Held) -> list[str]:
    shown = list_of(app)
    return [app.screen._paint(key, 120).plain for key in shown.keys]


@pytest.mark.parametrize("size", [SIZE, (80, 24)])
async def test_every_place_is_listed_with_its_rule_and_a_glimpse(session: Session, size: tuple[int, int]) -> None:
    app = candidate(session)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        said = " ".join(words(app).split())
        assert "places redacted by 2 rules" in said
        assert "It is made now" in said
        listed = places(app)
        assert any("github_token" in row and "fixtures/run-0.json#/metadata/goal" in row for row in listed)
        assert all(SECRET not in row and "ghp_… (40 characters)" in row for row in listed)
        assert SECRET not in said
        assert app.screen.query_one("#redaction-detail", Document).text


async def test_an_exception_with_a_reason_is_written_and_counts_at_once(session: Session) -> None:
    app = candidate(session)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        row = next(row for row in list_of(app).keys if app.screen._found[row].key == "token")
        list_of(app).select(row)
        await pilot.press("x")
        await settled(pilot)
        assert isinstance(app.screen, ExemptDialog)
        assert "the key token makes nothing secret" in words(app)
        await pilot.press("ctrl+s")
        assert "Give a reason" in words(app)
        app.screen.query_one("#reason", Input).value = "it counts words"
        await pilot.press("enter")
        await settled(pilot)
        assert toasts(app) == ["The policy says so now."]
        # What is under the key is still a secret by its form.
        assert not any(row.startswith("sensitive_keys") for row in places(app))
        assert any(row.startswith("secret_value_heuristic") for row in places(app))
    policy = session.workspace / "assay.toml"
    assert load_policy(policy).redaction.keep_keys == ("token",)
    assert "ann@example.com, " in policy.read_text()
    assert ": it counts words" in policy.read_text()


async def test_a_rule_of_ones_own(session: Session) -> None:
    app = candidate(session)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        before = len(list_of(app).keys)
        await pilot.press("+")
        await settled(pilot)
        assert isinstance(app.screen, ExtraDialog)
        await pilot.press("ctrl+s")
        assert "Give the rule as well" in words(app)
        await pilot.press(*"tool", "enter", *"registry", "enter", *"ours", "enter")
        await settled(pilot)
        assert len(list_of(app).keys) > before
        assert any(row.startswith("tool ") for row in places(app))
    assert load_policy(session.workspace / "assay.toml").redaction.extras == {"tool": "registry"}


async def test_a_rule_that_could_take_for_ever_is_refused(session: Session) -> None:
    app = candidate(session)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("+")
        await settled(pilot)
        for name, value in (("rule", "mine"), ("pattern", "(?=a)"), ("reason", "r")):
            app.screen.query_one(f"#{name}", Input).value = value
        await pilot.press("ctrl+s")
        await settled(pilot)
        assert "look-around" in toasts(app)[0]
    assert load_policy(session.workspace / "assay.toml").redaction.extras == {}


async def test_the_export_goes_on_from_there_with_the_skills_receipt(session: Session, tmp_path: Path) -> None:
    app = candidate(session)
    out = tmp_path / "x.zip"
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, ExportDialog)
        app.screen.query_one(Input).value = str(out)
        await pilot.press("enter")
        await settled(pilot)
        assert not isinstance(app.screen, RedactionScreen)
    files = unpack(out.read_bytes())
    assert {"candidate.json", "skill/gate.json"} <= files.keys()
    assert not any(SECRET.encode() in data for data in files.values())


async def test_nothing_is_exported_into_the_traces_folder(session: Session) -> None:
    app, before = candidate(session), read_folder(session.traces)
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        app.screen.query_one(Input).value = str(session.traces / "x.zip")
        await pilot.press("enter")
        await settled(pilot)
        assert "never written to" in " ".join(words(app).split())
    assert read_folder(session.traces) == before


async def test_a_sealed_crashpack_says_that_it_stays_as_it_is(session: Session) -> None:
    pack = session.decide(request(only(session), reason="fine")).crashpack
    assert pack is not None
    before = read_folder(pack)
    app = Held(session, RedactionScreen.of_crashpack(session, pack.name))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "It is kept as it was written" in words(app)
        assert all("ghp_… (40 characters)" in row for row in places(app))
        await pilot.press("escape")
        await settled(pilot)
        assert not isinstance(app.screen, RedactionScreen)
    assert read_folder(pack) == before


@pytest.mark.parametrize("what", ["bundle", "crashpack"])
async def test_what_is_damaged_is_said_to_be(session: Session, tmp_path: Path, what: str) -> None:
    done = session.decide(request(only(session), reason="fine"))
    assert done.crashpack is not None
    bundle = session.workspace / "candidates" / only(session).lineage
    with ((bundle if what == "bundle" else done.crashpack) / ".DS_Store").open("w") as file:
        file.write("added")
    screens = {
        "bundle": RedactionScreen.of_candidate(session, only(session).lineage),
        "crashpack": RedactionScreen.of_crashpack(session, done.crashpack.name),
    }
    app = Held(session, screens[what])
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        app.screen.query_one(Input).value = str(tmp_path / "x.zip")
        await pilot.press("enter")
        await settled(pilot)
        assert any(".DS_Store" in toast for toast in toasts(app))
    assert (tmp_path / "x.zip").exists()


async def test_what_is_gone_is_told(session: Session) -> None:
    app = Held(session, RedactionScreen.of_crashpack(session, "nothing-001"))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        assert "nothing-001 is not in the workspace" in words(app)
        await pilot.press("enter", "x")
        await settled(pilot)
        assert isinstance(app.screen, RedactionScreen)


@pytest.mark.parametrize("read_only", [False, True])
async def test_a_candidates_key_leads_here(session: Session, read_only: bool) -> None:
    reviewing = ReadOnly(session) if read_only else session
    app = Held(reviewing, CandidateScreen(reviewing, only(session).lineage))
    async with app.run_test(size=SIZE) as pilot:
        await settled(pilot)
        await pilot.press("E")
        await settled(pilot)
        assert isinstance(app.screen, RedactionScreen) is not read_only
