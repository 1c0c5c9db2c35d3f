"""A screen that fails is closed and reported; the program goes on."""

from __future__ import annotations

import pytest
from textual import events
from textual.widgets import ContentSwitcher
from textual.worker import WorkerFailed

from core.model.errors import ClosedError
from tests.tui.fakes import NOW, FakeReviewing, snapshot
from tests.tui.reviewed import settled
from tests.tui.seen import home, seen
from tui.app import AssayApp
from tui.faults import FaultBarrier
from tui.screens.candidate import CandidateScreen
from tui.screens.candidates import CandidatesScreen
from tui.screens.fault import FaultDialog
from tui.screens.problems import ProblemsScreen

SECRET = "sk-live-0123456789"  # noqa: S105


@pytest.fixture
def app(monkeypatch):
    monkeypatch.setattr(FaultBarrier, "GOES_ON", True)
    return AssayApp(FakeReviewing(), clock=lambda: NOW)


def fail(*_, **__):
    payload = SECRET
    raise KeyError(payload)


def reports(folder):
    return list(folder.glob("crash-*.txt"))


@pytest.mark.parametrize("how", ["show", "key", "paint", "tick", "compose"])
async def test_a_screen_that_fails_is_closed_and_the_rest_goes_on(app, settings_folder, monkeypatch, how):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        if how == "compose":
            monkeypatch.setattr(ProblemsScreen, "compose", fail)
        await pilot.press("p")
        await settled(pilot)
        if how == "show":
            monkeypatch.setattr(ProblemsScreen, "show", fail)
            app.reviewing.push(snapshot(loaded=3))
        if how == "tick":
            monkeypatch.setattr(ProblemsScreen, "tick", fail)
            app.tick()
        if how == "key":
            monkeypatch.setattr(ProblemsScreen, "action_copy", fail)
            await pilot.press("y")
        if how == "paint":
            monkeypatch.setattr("tui.widgets.lines.Lines.render_line", fail)
            app.screen.query_one("#table").lines.refresh()
        await settled(pilot)
        monkeypatch.undo()
        await settled(pilot)
        assert isinstance(app.screen, FaultDialog)
        (report,) = reports(settings_folder)
        said = seen(app)
        assert "KeyError, fault " + report.stem.removeprefix("crash-") in said
        assert "the program goes on" in said
        assert SECRET not in said
        assert SECRET not in report.read_text()
        assert [type(screen) for screen in app.screen_stack] == [CandidatesScreen, FaultDialog]
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, CandidatesScreen)
        app.reviewing.push(snapshot(loaded=77))
        await pilot.press("down")
        await settled(pilot)
        assert "77 runs" in seen(app)
    assert not app.return_code


async def test_the_home_screen_is_made_anew(app, settings_folder, monkeypatch):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        before = app.screen
        monkeypatch.setattr(CandidatesScreen, "action_copy", fail)
        await pilot.press("y")
        await settled(pilot)
        monkeypatch.undo()
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, CandidatesScreen)
        assert app.screen is not before
        await pilot.press("down")
        assert home(app).selected.label == "sync_labels"
        assert len(reports(settings_folder)) == 1


async def test_a_home_screen_that_fails_again_at_once_ends_the_program(app, monkeypatch):
    monkeypatch.setattr(CandidatesScreen, "action_copy", fail)

    async def show_it():
        async with app.run_test(size=(100, 30)) as pilot:
            for _ in range(2):
                await pilot.press("y")
                await settled(pilot)
                await pilot.press("escape")
                await settled(pilot)

    with pytest.raises(KeyError):
        await show_it()
    assert app.return_code == 1


async def test_a_report_that_cannot_be_written_is_said(app, settings_folder, monkeypatch):
    settings_folder.write_text("a file where the folder should be")
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await settled(pilot)
        monkeypatch.setattr(ProblemsScreen, "action_copy", fail)
        await pilot.press("y")
        await settled(pilot)
        assert "No report could be written" in seen(app)


async def test_a_decision_that_fails_is_closed_and_what_was_written_stays(app, settings_folder, monkeypatch):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(FakeReviewing, "decide", fail)
        await pilot.press("r")
        await pilot.pause()
        await pilot.press(*"noisy", "ctrl+s")
        await settled(pilot)
        assert [type(screen) for screen in app.screen_stack] == [CandidatesScreen, FaultDialog]
        assert len(reports(settings_folder)) == 1
        await pilot.press("enter", "r")
        await settled(pilot)
        assert app.screen.query_one("#reason").value == "noisy"
    assert not app.return_code


async def test_of_several_decisions_the_one_that_fails_is_told(app, settings_folder, monkeypatch):
    decide = FakeReviewing.decide

    def once(self, request):
        monkeypatch.setattr(FakeReviewing, "decide", decide)
        fail()

    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(FakeReviewing, "decide", once)
        await pilot.press("v", "v", "r")
        await pilot.pause()
        await pilot.press(*"noisy", "ctrl+s")
        await settled(pilot)
        assert "a fault of the program itself (KeyError)" in " ".join(seen(app).replace("│", " ").split())
        assert len(app.reviewing.requests) == 1
        assert len(reports(settings_folder)) == 1


async def test_work_that_fails_because_the_program_ends_is_no_fault(app, settings_folder):
    async with app.run_test():
        app.exit()
        app._handle_exception(WorkerFailed(ClosedError("the session is closed")))
    assert (app.return_code, reports(settings_folder)) == (0, [])


async def test_what_failed_in_a_worker_is_in_the_report_of_a_fault_that_ends_the_program(app, settings_folder):
    with pytest.raises(WorkerFailed):
        async with app.run_test():
            app._handle_exception(WorkerFailed(KeyError(SECRET)))
    (report,) = reports(settings_folder)
    assert report.read_text().splitlines()[3] == "KeyError"


async def test_keys_typed_ahead_wait_for_the_screen_that_they_mean(app, settings_folder):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        for key in ("enter", "2", "1", "2"):
            app.post_message(events.Key(key, key if len(key) == 1 else "\r"))
        await settled(pilot)
        await pilot.pause()
        assert isinstance(app.screen, CandidateScreen)
        assert app.screen.query_one(ContentSwitcher).current != "overview"
    assert reports(settings_folder) == []


async def test_a_key_for_a_screen_that_is_closed_or_not_built_yet_is_no_fault(app, settings_folder):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("enter")
        closed = app.screen
        await pilot.press("escape")
        assert await app._dispatch_action(closed, "open", ())
        app.push_screen(coming := CandidateScreen(app.reviewing, closed.lineage))
        assert await app._dispatch_action(coming, "open", ())
        await settled(pilot)
        assert app.screen is coming
    assert reports(settings_folder) == []


async def test_the_mouse_may_stand_on_what_is_just_taken_away(app, monkeypatch):
    def none(*_):
        raise AttributeError("'NoneType' object has no attribute 'region'")

    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        monkeypatch.setattr(app.screen, "get_widget_and_offset_at", none)
        app.post_message(events.MouseDown(None, 5, 5, 0, 0, 1, shift=False, meta=False, ctrl=False))
        await pilot.pause()
        monkeypatch.undo()
        assert app.is_running
