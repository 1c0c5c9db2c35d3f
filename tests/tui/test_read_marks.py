"""What was opened before an approval: marked as it happens, shown in the dialog, ticked where it matters."""

from __future__ import annotations

from dataclasses import replace

from core.live.reviewing import Refused
from core.promotion.changes import Change
from tests.tui import fakes
from tests.tui.reviewed import Held, good_world, settled, words, world
from tui.read_only import ReadOnly
from tui.reading import Opened, Reading
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.views.read_marks import marks, risk_lines, unread
from tui.widgets.checklist import Tick

CHANGE = Change("step 1 name", "a", "b", "it changed")


def said(app: Held) -> str:
    return " ".join(words(app).replace("│", " ").split())


class TestMarks:
    def test_another_behaviour_has_not_been_read(self):
        reading, view = Reading(), fakes.view()
        reading.tab(view, "overview")
        assert reading.of(view).tabs == {"overview"}
        assert not reading.of(replace(view, behaviour_digest="sha256:other")).tabs
        assert not reading.of(replace(view, lineage="lineage_other")).tabs

    def test_each_differing_run_has_to_be_looked_at(self):
        view = fakes.view("bump", "blocked")
        (differing,) = (r.trace_id for r in view.candidate.shadow.traces if not r.passed)
        assert unread(view, Opened()) == ("not opened here: how 1 compared run differs (tab 2)",)
        assert unread(view, Opened(differences={differing})) == ()
        assert ("1 of 1 differing run (2)", True) in list(marks(view, Opened(differences={differing})))
        assert ("0 of 1 differing run (2)", False) in list(marks(view, Opened(differences={"another"})))

    def test_changes_since_the_approval_have_to_be_looked_at(self):
        view = replace(fakes.view(), changes=(CHANGE,))
        assert "what changed since the approved version" in unread(view, Opened(tabs={"overview"}))[0]
        for tab in ("workflow", "promotion"):
            assert unread(view, Opened(tabs={tab})) == ()

    def test_steps_of_high_risk_have_to_be_looked_at(self):
        view = fakes.view(risk="high")
        assert unread(view, Opened()) == ("not opened here: the steps, though the risk is high (tab 1)",)
        assert unread(view, Opened(tabs={"overview"})) == ()
        assert unread(fakes.view(risk="low"), Opened()) == ()

    def test_the_risk_is_told_in_words(self):
        text = " ".join(line.content.plain.strip() for line in risk_lines(fakes.view(risk="high"), 90))
        assert "high: It changes things that others see" in text
        assert "changes" in text
        assert "GITHUB_TOKEN" in text


class TestDialog:
    async def test_what_was_opened_on_the_way_is_marked(self):
        folder, view = good_world()
        app = Held(folder, CandidateScreen(folder, view.lineage))
        async with app.run_test(size=(120, 50)) as pilot:
            await settled(pilot)
            await pilot.press("a")
            await settled(pilot)
            assert "✓ steps (1) ✓ no run differs (2) ○ workflow (4) ○ 0 of 4 example runs (5)" in said(app)
            await pilot.press("escape", "4", "5", "enter")
            await settled(pilot)
            await pilot.press("escape", "a")
            await settled(pilot)
            assert "✓ steps (1) ✓ no run differs (2) ✓ workflow (4) ✓ 1 of 4 example runs (5)" in said(app)

    async def test_a_shown_difference_counts_and_a_listed_one_does_not(self):
        folder, view = world()
        app = Held(folder, CandidateScreen(folder, view.lineage))
        async with app.run_test(size=(120, 50)) as pilot:
            await settled(pilot)
            assert not app.reading.of(view).differences
            await pilot.press("2")
            await settled(pilot)
            assert len(app.reading.of(view).differences) == 1
            await pilot.press("down")
            await settled(pilot)
            assert len(app.reading.of(view).differences) == 2

    async def test_what_was_not_read_is_ticked_and_goes_into_the_journal(self):
        folder, view = good_world()
        view = replace(view, warnings=("a warning",), changes=(CHANGE,))
        app = Held(folder, DecisionDialog(folder, view, "approve"))
        async with app.run_test(size=(120, 50)) as pilot:
            await settled(pilot)
            assert "○ 1 change since the approved version (4, 6)" in said(app)
            await pilot.press("space", "ctrl+s")
            await settled(pilot)
            assert folder.requests == []
            assert "still needed: 1 warning to tick" in said(app)
            await pilot.press("space", "ctrl+s")
            await settled(pilot)
        (request,) = folder.requests
        assert request.acknowledged == (
            "a warning",
            "not opened here: what changed since the approved version (tabs 4 and 6)",
        )

    async def test_looking_again_at_another_behaviour_asks_anew(self):
        folder, view = good_world()
        view = replace(view, risk="high", warnings=())
        fresh = replace(view, behaviour_digest="sha256:" + "f" * 64)
        app = Held(folder, DecisionDialog(folder, view, "approve"))
        async with app.run_test(size=(120, 50)) as pilot:
            app.reading.tab(view, "overview")
            await settled(pilot)
            folder.push(replace(folder.snapshot, candidates=(fresh,)))
            await settled(pilot)
            await pilot.press("ctrl+r")
            await settled(pilot)
            assert [tick.said for tick in app.screen.query(Tick)] == list(unread(fresh, Opened()))

    async def test_rejecting_asks_for_no_marks(self):
        folder, view = world()
        app = Held(folder, DecisionDialog(folder, view, "reject"))
        async with app.run_test(size=(120, 50)) as pilot:
            await settled(pilot)
            assert not app.screen.query(Tick)
            assert "What you opened" not in said(app)

    async def test_what_will_happen_stays_on_a_small_screen_while_one_scrolls(self):
        folder, view = good_world()
        app = Held(folder, DecisionDialog(folder, replace(view, risk="high", warnings=("w",) * 3), "approve"))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            for _ in range(4):
                assert "Promote version_bump" in said(app)
                assert "Confirm" in said(app) or "Approve ^S" in said(app)
                await pilot.press("space", "down")
                await settled(pilot)

    async def test_a_read_only_review_says_so_before_anything_is_filled_in(self):
        folder, view = good_world()
        app = Held(ReadOnly(folder), DecisionDialog(ReadOnly(folder), view, "approve"))
        async with app.run_test(size=(120, 50)) as pilot:
            await settled(pilot)
            assert "this review is read-only" in said(app)
            await pilot.press("ctrl+s")
            await settled(pilot)
        assert folder.requests == []

    async def test_refusals_of_the_workspace_keep_what_was_ticked(self):
        folder, view = good_world()
        app = Held(folder, DecisionDialog(folder, replace(view, warnings=("w",)), "approve"))
        folder.refusal = Refused(("somebody else decides just now",))
        async with app.run_test(size=(120, 50)) as pilot:
            await settled(pilot)
            await pilot.press("space", "ctrl+s")
            await settled(pilot)
            assert "somebody else decides just now" in said(app)
            assert all(tick.ticked for tick in app.screen.query(Tick))

    async def test_the_focused_warning_is_in_view_from_the_beginning(self):
        folder, view = good_world()
        label = "a workflow with a name that is much longer than others → and that goes on and on"
        dialog = DecisionDialog(folder, replace(view, risk="high", label=label, warnings=("weigh this",)), "approve")
        app = Held(folder, dialog)
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            assert "[ ] weigh this" in said(app)
            assert "the name, typed: a workflow with a name" in said(app)
            assert "goes on and on" in said(app).partition("still needed")[2], "what is asked for is never cut"
            await pilot.resize_terminal(80, 20)
            await settled(pilot)
            assert "[ ] weigh this" in said(app)
