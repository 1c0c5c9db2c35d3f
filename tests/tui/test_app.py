from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from core.live.reviewing import Request
from core.live.snapshot import Activity, JournalView, Snapshot
from tests.tui.fakes import NOW, FakeReviewing, snapshot, views
from tests.tui.seen import home, list_of, seen, toasts
from tui.app import AssayApp
from tui.screens.candidates import CandidatesScreen
from tui.screens.help import HelpScreen
from tui.screens.problems import ProblemsScreen

FIRST = views()[2]


def with_view(changed):
    return snapshot(*(changed if v.lineage == changed.lineage else v for v in views()))


async def test_it_draws_before_it_reads_and_closes_what_it_started(app, reviewing):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert reviewing.started
        assert not reviewing.closed
        assert isinstance(app.screen, CandidatesScreen)
    assert reviewing.closed


async def test_loading_shows_progress_with_a_rate(clock):
    reviewing = FakeReviewing(Snapshot(), Activity(phase="reading", done=0, total=1_204))
    app = AssayApp(reviewing, clock=clock)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        reviewing.tell(Activity(phase="reading", done=0, total=1_204))
        await pilot.pause()
        clock.now += 2
        reviewing.tell(Activity(phase="reading", done=680, total=1_204))
        await pilot.pause()
        lines = seen(app).splitlines()
        assert "reading 680 of 1,204, 340 a second, 1.5 s left" in lines[0]
        assert any("reading 680 of 1,204" in line for line in lines[5:])
        reviewing.push(snapshot())
        reviewing.tell(Activity(phase="watching", watching="polling"))
        await pilot.pause()
        assert "live (polling)" in seen(app)
        assert "rotate_keys" in seen(app)


async def test_the_header_counts_and_names_the_reviewer(app):
    async with app.run_test(size=(120, 24)) as pilot:
        await pilot.pause()
        head = seen(app).splitlines()[0]
        for said in ("assay runs", "● live", "9 runs", "2 quarantined", "1 excluded", "1 settling", "ana@example.com"):
            assert said in head


async def test_a_broken_journal_is_a_red_banner_and_notices_are_shown(clock):
    shown = snapshot(journal=JournalView(faults=("line 3 was changed", "x")), notices=("first", "second", "third"))
    app = AssayApp(FakeReviewing(shown), clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        said = seen(app)
        assert "✗ The journal is damaged: line 3 was changed (and 1 more)" in said
        assert "! first" in said
        assert "and 2 more notices" in said
        assert app.screen.query(".banner.fault").first().styles.background != app.screen.styles.background
        app.reviewing.push(snapshot())
        await pilot.pause()
        assert "damaged" not in seen(app)
        assert not app.screen.query(".banner")


@pytest.mark.parametrize("size", [(80, 24), (80, 12), (60, 16), (160, 50)])
async def test_a_long_notice_is_told_whole_or_ends_in_an_ellipsis(clock, size):
    long = "a file that does not settle " + "word " * 60 + "END"
    app = AssayApp(FakeReviewing(snapshot(notices=(long, long, long))), clock=clock)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        said = seen(app)
        assert all(line.size.height == str(line.content).count("\n") + 1 for line in app.screen.query(".banner"))
        assert said.count("! a file that does not settle") == 3, "all of them are there"
        assert said.count("…") + said.count("END") >= 3
        assert list_of(app).size.height > 2


async def test_a_notice_has_the_lines_that_it_needs(clock):
    told = "one sentence " + "that goes on and on " * 9 + "until its END"
    app = AssayApp(FakeReviewing(snapshot(notices=(told,))), clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert "until its END" in seen(app)


async def test_pause_freezes_the_view_and_counts_what_waits(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space")
        reviewing.push(with_view(replace(FIRST, label="renamed", status="ready")))
        await pilot.pause()
        assert "paused, 1 change waiting" in seen(app)
        assert "renamed" not in seen(app)
        assert app.snapshot is not reviewing.snapshot
        await pilot.press("space")
        await pilot.pause()
        assert "renamed" in seen(app)
        assert "paused" not in seen(app)


async def test_the_newest_snapshot_wins_when_they_come_in_bursts(app, reviewing):
    shown = []
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        home(app).show = shown.append
        for number in range(50):
            reviewing.push(snapshot(loaded=number))
        await pilot.pause()
    assert shown[-1].loaded == 49
    assert len(shown) < 50


async def test_a_decision_is_shown_even_while_paused(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space")
        outcome = reviewing.decide(Request("approve", FIRST.lineage, FIRST.behaviour_digest, "ana@example.com"))
        app.decided(outcome)
        await pilot.pause()
        assert next(v for v in app.snapshot.candidates if v.lineage == FIRST.lineage).status == "ready"
        assert app.standing.paused
        (told,) = toasts(app)
        assert "version_bump approved as ana@example.com" in told
        assert "crashpack: runs.assay/crashpacks/" in told
        assert "next that needs approval: nightly_report" in told
        app.decided(None)
        await pilot.pause()
        assert len(toasts(app)) == 1


async def test_drift_that_arrives_is_named_once(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.pause()
        assert not toasts(app)
        drifted = snapshot(
            *(
                replace(v, status="drifted", reasons=("run 7 differs",)) if v.label == "triage_issue" else v
                for v in views()
            )
        )
        reviewing.push(drifted)
        reviewing.push(replace(drifted, loaded=10))
        await pilot.pause()
        assert toasts(app) == ["triage_issue drifted: run 7 differs"]


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quitting_at_home_is_one_key(app, key):
    async with app.run_test() as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert not app.is_running
    assert app.return_code == 0


@pytest.mark.parametrize("opening", ["question_mark", "ctrl+p", "r", "f", "slash"])
async def test_ctrl_c_quits_whatever_is_open(app, opening):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(opening)
        await pilot.pause()
        await pilot.press("ctrl+c")
        await pilot.pause()
        assert not app.is_running
    assert app.return_code == 0


async def test_ctrl_c_copies_what_is_marked_instead(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("r")
        await pilot.pause()
        field = app.screen.query_one("#reason", Input)
        field.focus()
        await pilot.press(*"too early", "shift+home", "ctrl+c")
        await pilot.pause()
        assert app.is_running
        assert app.clipboard == "too early"
        assert field.value == "too early"
        await pilot.press("ctrl+c")
        assert not app.is_running


async def test_a_reason_that_is_gone_back_to_is_gone_on_with(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("r")
        await pilot.press(*"too", "tab", "shift+tab", *"?")
        assert app.screen.query_one("#reason", Input).value == "too?"


async def test_ctrl_c_quits_where_a_field_marked_its_text_by_itself(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("m")
        await pilot.pause()
        assert app.screen.query_one("#particular", Input).selected_text
        await pilot.press("ctrl+c", "ctrl+c")
        assert not app.is_running


async def test_q_goes_back_from_inner_screens(app):
    async with app.run_test() as pilot:
        await pilot.press("p")
        assert isinstance(app.screen, ProblemsScreen)
        await pilot.press("q")
        assert isinstance(app.screen, CandidatesScreen)
        assert app.is_running


async def test_help_lists_the_keys_that_work_here_and_the_words(app):
    async with app.run_test(size=(120, 100)) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        said = seen(app)
        assert isinstance(app.screen, HelpScreen)
        for words in (
            "Approve the selected candidate",
            "Go to the next row",
            "Quit; waits while a decision is being written",
            "▲ drifted",
            "crashpack",
            "lineage",
        ):
            assert words in said
        assert said.count("Take back an earlier decision") == 1
        assert "Copy the path" not in said
        await pilot.press("escape")
        assert isinstance(app.screen, CandidatesScreen)
        await pilot.press("p", "question_mark")
        await pilot.pause()
        assert "Copy the path of the selected file" in seen(app)
        assert "Approve the selected" not in seen(app)


async def test_the_footer_fits_and_its_keys_can_be_clicked(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        foot = seen(app).splitlines()[-1]
        assert len(foot) <= 80
        assert "…" in foot
        assert foot.endswith("? Help")
        await pilot.resize_terminal(160, 24)
        await pilot.pause()
        foot = seen(app).splitlines()[-1]
        assert "…" not in foot
        assert "Space Pause" in foot
        await pilot.click("Keys", offset=(foot.index("Problems"), 0))
        await pilot.pause()
        assert isinstance(app.screen, ProblemsScreen)


async def test_a_vanished_candidate_cannot_be_opened(app, reviewing):
    async with app.run_test() as pilot:
        await pilot.pause()
        app.open_candidate("lineage_gone")
        await pilot.pause()
        assert toasts(app) == ["This candidate is no longer listed."]
        assert isinstance(app.screen, CandidatesScreen)


async def test_ages_grow_with_the_clock(app, clock):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        assert "1 min" in seen(app)
        clock.now = NOW + 3_600
        app.tick()
        await pilot.pause()
        assert "1 h" in seen(app)


async def test_of_much_progress_only_as_much_is_drawn_as_anybody_can_see(clock):
    reviewing = FakeReviewing(Snapshot(), Activity(phase="reading", done=0, total=9_000))
    app = AssayApp(reviewing, clock=clock)
    async with app.run_test(size=(100, 24)) as pilot:
        await pilot.pause()
        for done in (0, 100, 200):
            reviewing.tell(Activity(phase="reading", done=done, total=9_000))
            await pilot.pause()
        assert "reading 0 of 9,000" in seen(app)
        reviewing.tell(Activity(phase="reading", done=9_000, total=9_000))
        await pilot.pause()
        assert "reading 9,000 of 9,000" in seen(app), "the last report is never left out"


async def test_what_waits_goes_on_waiting_when_something_is_decided_while_paused(app, reviewing):
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("space")
        reviewing.push(with_view(replace(FIRST, label="renamed")))
        await pilot.pause()
        other = next(view for view in views() if view.lineage != FIRST.lineage)
        outcome = reviewing.decide(Request("reject", other.lineage, other.behaviour_digest, "ana@example.com"))
        await pilot.pause()
        assert "paused, 2 changes waiting" in seen(app)
        app.decided(outcome)
        await pilot.pause()
        assert "paused, 1 change waiting" in seen(app)


async def test_nothing_counts_as_gone_before_everything_was_looked_at(clock):
    gone = replace(FIRST, status="drifted", reasons=("approved, and no longer proposed",), proposed=False)
    reviewing = FakeReviewing(with_view(gone), Activity(phase="starting"))
    app = AssayApp(reviewing, clock=clock)
    async with app.run_test(size=(120, 30)) as pilot:
        reviewing.tell(Activity(phase="mining"))
        reviewing.push(with_view(gone))
        await pilot.pause()
        assert gone.lineage not in home(app).order
        assert home(app).order, "what was found by then is listed"
        reviewing.tell(Activity(phase="watching", watching="events"))
        await pilot.pause()
        assert gone.lineage in home(app).order
        assert not toasts(app), "it is not news"
