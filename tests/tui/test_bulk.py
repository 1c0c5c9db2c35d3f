"""Several candidates in one dialog: rejected or sent back each by itself, exported, and never approved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input, Static

from core.live.reviewing import Outcome, Refused
from tests.tui.fakes import NOW, FakeReviewing, views
from tests.tui.seen import home, seen, toasts, worked
from tui.app import AssayApp
from tui.screens.bulk import BulkDialog
from tui.screens.decision import DecisionDialog


def again(reviewing: FakeReviewing) -> AssayApp:
    return AssayApp(reviewing, clock=lambda: NOW)


class Wary(FakeReviewing):
    """Refuses one candidate."""

    def decide(self, request) -> Outcome:
        if self.snapshot.view(request.lineage).label == "sync_labels":
            raise Refused(("its behaviour changed",), stale=True)
        return super().decide(request)


async def test_marked_candidates_are_rejected_in_one_dialog(reviewing):
    app = again(reviewing)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("v", "v", "r")
        await pilot.pause()
        assert isinstance(app.screen, BulkDialog)
        said = seen(app)
        for part in ("Reject 2 candidates", "rotate_keys", "sync_labels", "still needed: a reason", "risk ▆ high"):
            assert part in said
        await pilot.press("ctrl+s")
        assert not reviewing.requests
        await pilot.press(*"noisy", "enter", "enter")
        assert not reviewing.requests
        await pilot.press("ctrl+s")
        await worked(app)
        await pilot.pause()
        assert [(r.kind, r.reason, r.seen.behaviour_digest) for r in reviewing.requests] == [
            ("reject", "noisy", r.behaviour_digest) for r in reviewing.requests
        ]
        assert {r.seen.label for r in reviewing.requests} == {"rotate_keys", "sync_labels"}
        assert not isinstance(app.screen, BulkDialog)
        assert not home(app).marked
        assert "2 candidates rejected as ana@example.com" in toasts(app)[-1]


async def test_what_could_not_be_recorded_stays_marked_and_is_told():
    reviewing = Wary()
    app = again(reviewing)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("v", "v", "w")
        await pilot.press(*"look again", "ctrl+s")
        await worked(app)
        await pilot.pause()
        assert "not recorded: its behaviour changed" in seen(app)
        assert "1 of 2 recorded; the others are as they were" in seen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert [app.snapshot.view(key).label for key in home(app).marked] == ["sync_labels"]


async def test_approvals_are_never_given_in_bulk(app, reviewing):
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("v", "v", "a")
        await pilot.pause()
        assert isinstance(app.screen, DecisionDialog)
        assert app.screen.case.view.label == "version_bump"
        assert "one by one" in toasts(app)[-1]
    with pytest.raises(ValueError, match="one by one"):
        BulkDialog(reviewing, views(), "approve")


async def test_exporting_writes_what_there_is_and_says_what_there_is_not(app, reviewing, tmp_path, monkeypatch):
    reviewing.workspace = tmp_path / "work"
    pack = reviewing.workspace / "candidates" / views()[0].lineage
    pack.mkdir(parents=True)
    (pack / "candidate.json").write_text("{}")
    monkeypatch.chdir(tmp_path)
    app = again(reviewing)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("V", "E")
        await pilot.pause()
        assert "nothing yet, nobody decided on it" in seen(app)
        field = app.screen.query_one("#export-path", Input)
        for odd, told in (("~nosuchuser", "nobody here has the home folder ~nosuchuser"), ("n" * 300, "is too long")):
            field.value = odd
            await pilot.press("enter")
            await worked(app)
            await pilot.pause()
            assert told in str(app.screen.query_one("#told", Static).content)
        field.value = "assay-export"
        await pilot.press("enter")
        await worked(app)
        await pilot.pause()
        assert "1 archive in assay-export" in toasts(app)[-1]
        assert [path.name.startswith(views()[0].lineage) for path in (tmp_path / "assay-export").iterdir()] == [True]


async def test_nothing_is_exported_into_the_traces_folder(app, reviewing, tmp_path):
    reviewing.traces, reviewing.workspace = tmp_path / "runs", tmp_path / "workspace"
    reviewing.traces.mkdir()
    pack = reviewing.workspace / "candidates" / views()[0].lineage
    pack.mkdir(parents=True)
    (pack / "candidate.json").write_text("{}")
    app = again(reviewing)
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("V", "E")
        await pilot.pause()
        app.screen.query_one("Input").value = str(tmp_path / "runs" / "out")
        await pilot.press("enter")
        await worked(app)
        await pilot.pause()
        assert "never written to" in str(app.screen.query_one("#told", Static).content)
    assert not (tmp_path / "runs" / "out").exists()


class Full(FakeReviewing):
    """Records, but cannot finish."""

    def decide(self, request) -> Outcome:
        return replace(super().decide(request), trouble="the disk is full")


async def test_decisions_on_many_are_shown_while_paused_and_stay_told_where_they_are_not_finished():
    app = again(Full())
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("P", "v", "v", "r", *"noisy", "ctrl+s")
        await worked(app)
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        rejected = {view.label for view in app.snapshot.candidates if view.status == "rejected"}
        assert rejected >= {"rotate_keys", "sync_labels"}
        assert "paused, nothing waiting" in seen(app)
        assert "on rotate_keys is recorded, but not finished: the disk is full" in " ".join(seen(app).split())


async def test_a_letter_of_the_reason_does_not_lay_out_the_list_anew(app, monkeypatch):
    laid_out: list[int] = []
    lines = BulkDialog._lines
    monkeypatch.setattr(BulkDialog, "_lines", lambda dialog, width: laid_out.append(width) or lines(dialog, width))
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("V", "r")
        await pilot.pause()
        assert isinstance(app.screen, BulkDialog)
        assert laid_out
        laid_out.clear()
        await pilot.press(*"slow")
        await pilot.pause()
        assert app.screen.query_one("#reason", Input).value == "slow"
        assert not app.screen.query_one("#confirm").disabled
        assert not laid_out
