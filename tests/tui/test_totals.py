"""What all candidates save together: sums that count an action once, and the screen that shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rich.cells import cell_len

from core.model.candidate import Example, Savings
from tests.tui import fakes
from tests.tui.reviewed import settled
from tests.tui.seen import seen
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.savings import SavingsScreen
from tui.views.totals import GROUPS, monthly, scaled, shares, summed, totals
from tui.views.totals_lines import totals_lines
from tui.words import STATUS


def of(name: str, status="needs_approval", runs=(0, 1), *, usd=1.0, actions=("a0", "a1"), **changes):
    """A candidate found in some runs, that stands on some actions of each."""
    made = fakes.candidate(name, examples=len(runs), failed=0)
    steps = tuple((int.from_bytes(name.encode()),) for name in actions)
    examples = tuple(Example(trace_id=f"trace_{n}", action_ids=actions, steps=steps) for n in runs)
    saved = Savings(model_calls_avoided=4, estimated_cost_usd_avoided=usd, wall_ms_avoided=1_000)
    return fakes.view(name, status, made=made.replace(examples=examples, savings=saved), **changes)


def saving(name: str, status="needs_approval", runs=(0, 1), **fields):
    view = of(name, status, runs)
    return replace(view, candidate=view.candidate.replace(savings=view.candidate.savings.replace(**fields)))


def row_of(text: str, name: str) -> list[str]:
    return next(line.split() for line in text.splitlines() if line.startswith(f"  {name} "))


def said(found, width=120):
    return "\n".join(line.content.plain for line in totals_lines(found, width))


class TestSums:
    def test_every_status_counts_somewhere(self):
        assert set(GROUPS) == set(STATUS)

    def test_groups_and_cohorts(self):
        found = totals(
            fakes.snapshot(
                of("a", "ready", (0,), usd=2.0, cohort="x"),
                of("b", "needs_approval", (1,), cohort="x"),
                of("c", "stale", (2,), cohort="y"),
                of("d", "drifted", (3,), cohort="y"),
                of("e", "rejected", (4,), usd=100.0),
            )
        )
        assert [part.view.label for part in found.of("waiting")] == sorted(["b", "c"], key=lambda n: of(n).lineage)
        assert summed(found.of("approved")).estimated_cost_usd_avoided == 2.0
        assert summed(found.parts).estimated_cost_usd_avoided == 5.0
        assert summed(found.of(cohort="x")).estimated_cost_usd_avoided == 3.0
        assert found.cohorts == ["x", "y"]
        assert found.rejected == 1

    def test_actions_of_one_id_at_other_places_are_others(self):
        first, second = (of(name, actions=(at,)) for name, at in (("a", "a1"), ("b", "a2")))
        (one,) = {example.action_ids for example in first.candidate.examples}
        alike = [e.replace(action_ids=one) for e in second.candidate.examples]
        second = replace(second, candidate=second.candidate.replace(examples=tuple(alike)))
        assert shares([first, second]) == [1.0, 1.0]

    def test_an_action_counts_once_for_who_came_further(self):
        inner = of("inner", "ready", (0,), usd=1.0, actions=("a1",))
        outer = of("outer", "blocked", (0, 1), usd=10.0)
        assert shares([inner, outer]) == [1.0, 0.5]
        found = totals(fakes.snapshot(outer, inner))
        assert summed(found.parts).estimated_cost_usd_avoided == 6.0
        assert found.shared == 1
        assert "1 candidate stands on actions of others" in said(found)

    def test_the_same_action_id_of_another_run_is_another_action(self):
        assert shares([of("a", runs=(0,)), of("b", runs=(1,))]) == [1.0, 1.0]

    def test_all_of_it_stays_exactly_as_it_is(self):
        saved = Savings(estimated_cost_usd_avoided=0.1, unknown_cost_calls=3)
        assert scaled(saved, 1) is saved
        assert scaled(saved, 0.5).unknown_cost_calls == 2
        assert scaled(Savings(), 0.5).tool_ms is None


class TestNext:
    def test_the_best_is_what_saves_most_at_its_rate(self):
        slow = of("slow", runs=(0, 8), usd=10.0)
        fast = of("fast", runs=(1, 2), usd=9.0)
        found = totals(fakes.snapshot(slow, fast))
        assert [part.view.label for part in found.next] == ["fast", "slow"]
        assert monthly(found.next[0], found.measure[1]) == pytest.approx(9 / 2 * 30)
        assert found.daily

    def test_without_a_rate_it_is_what_would_have_saved_most(self):
        found = totals(fakes.snapshot(of("once", runs=(3,), usd=2.0), of("fast", runs=(1, 2), usd=1.0)))
        assert [part.view.label for part in found.next] == ["once", "fast"]
        assert "of the observed runs" in said(found)

    def test_what_cannot_be_approved_is_not_next(self):
        view = replace(of("a"), approvable=("a criterion fails",))
        assert not totals(fakes.snapshot(view)).next
        assert "Nothing can be approved now" in said(totals(fakes.snapshot(view)))

    def test_it_says_what_an_approval_is_worth_and_what_it_risks(self):
        text = " ".join(said(totals(fakes.snapshot(of("bump", risk="high", warnings=("w",))))).split())
        assert "bump would have saved $1.00 in 2 runs, and about $15.00 in 30 days at the rate of 2 runs" in text
        assert "high risk, 1 warning to weigh." in text


class TestLines:
    @pytest.mark.parametrize("width", [76, 78, 100, 196])
    def test_nothing_is_wider_than_the_screen(self, width):
        found = totals(fakes.snapshot(*fakes.views(), of("x" * 90, cohort="c" * 90)))
        for line in totals_lines(found, width):
            assert cell_len(line.content.plain) <= width, line.content.plain

    def test_unknown_costs_are_named(self):
        text = said(totals(fakes.snapshot(of("a", usd=0.0), of("b", runs=(3,), usd=1.0))))
        assert "1 candidate of unknown cost" in text
        row = next(line for line in text.splitlines() if " a " in line and "unknown" in line)
        assert "$" not in row

    def test_a_class_of_which_nothing_is_known_is_unknown_and_not_nothing(self):
        none = {"model_calls_avoided": 0, "estimated_cost_usd_avoided": 0.0, "wall_ms_avoided": 0}
        silent = saving("a", "ready", unrecorded=True, **none)
        text = said(totals(fakes.snapshot(silent, of("b", runs=(3,), usd=1.0))))
        cost, time = (row_of(text, name) for name in ("cost", "wall time"))
        assert cost == ["cost", "unknown", "$1.00", "—", "≥", "$1.00"]
        assert time == ["wall", "time", "unknown", "1", "s", "—", "≥", "1", "s"]

    def test_a_lower_bound_is_said_to_be_one_everywhere(self):
        view = saving("a", runs=(1, 2), unknown_cost_calls=3, estimated_cost_usd_avoided=0.0041)
        text = said(totals(fakes.snapshot(replace(view, cohort="release"))))
        assert text.count("$0.0041") == text.count("≥ $0.0041") == 7
        assert "and about ≥ $0.0" in text
        assert "~≥ $" in text

    def test_nothing_is_said_to_be_nothing(self):
        assert "Nothing would be saved yet" in said(totals(replace(fakes.snapshot(), candidates=())))

    def test_hostile_names_are_spelled_out(self):
        view = replace(of(fakes.HOSTILE), cohort=fakes.HOSTILE)
        text = said(totals(fakes.snapshot(view)))
        assert not any(char in text for char in "\x1b\x07\r\x9b\u202e")

    def test_what_a_long_name_ends_in_is_shown(self):
        assert "check… → publish_crate" in said(totals(fakes.snapshot(of("checkout_branch → publish_crate"))), 78)

    def test_a_thousand_candidates_are_all_listed(self):
        views = [of(f"workflow_{n}", runs=(n % 9,), cohort=f"c{n % 7}") for n in range(1_000)]
        lines = totals_lines(totals(fakes.snapshot(*views)), 100)
        assert sum(line.key.startswith("c:") for line in lines) == 1_000
        assert sum(line.key.startswith("n:") for line in lines) == 5


class TestScreen:
    async def test_from_home_and_back_through_a_candidate(self, reviewing, clock):
        reviewing.snapshot = fakes.snapshot(of("bump", cohort="release"), of("sync", runs=(3,), usd=0.5))
        app = AssayApp(reviewing, clock=clock)
        async with app.run_test(size=(100, 40)) as pilot:
            await pilot.pause()
            await pilot.press("T")
            await settled(pilot)
            assert isinstance(app.screen, SavingsScreen)
            assert "2 can be approved now" in seen(app)
            assert "The best next approval" in seen(app)
            await pilot.press("enter")
            await settled(pilot)
            assert isinstance(app.screen, CandidateScreen)
            assert app.screen.view.label == "bump"
            await pilot.press("escape")
            await settled(pilot)
            assert isinstance(app.screen, SavingsScreen), "the way back leads to the totals"
            await pilot.press("escape")
            await settled(pilot)
            assert len(app.screen_stack) == 1

    async def test_what_arrives_keeps_the_selected_line(self, reviewing, clock):
        first, second = of("bump", runs=(0, 1)), of("sync", runs=(3,), usd=0.5)
        reviewing.snapshot = fakes.snapshot(first, second)
        app = AssayApp(reviewing, clock=clock)
        async with app.run_test(size=(100, 40)) as pilot:
            await pilot.pause()
            await pilot.press("T")
            await settled(pilot)
            await pilot.press("down")
            kept = app.screen.document.selected
            reviewing.push(fakes.snapshot(of("new", runs=(5,), usd=7.0), first, second))
            await settled(pilot)
            assert "3 can be approved now" in seen(app)
            assert app.screen.document.selected == kept


def totals_app(*views):
    app = AssayApp(fakes.FakeReviewing(fakes.snapshot(*views)), clock=lambda: fakes.NOW)
    app.animation_level = "none"
    return app


def pressed(*keys):
    async def run(pilot):
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        await pilot.pause()

    return run


PORTFOLIO = (
    of("triage_issue", "ready", (0, 1, 2), usd=3.2, cohort="triage"),
    of("version_bump", "needs_approval", (3, 4, 5), usd=2.4, cohort="release", risk="high"),
    of("sync_labels", "stale", (6,), usd=0.9, cohort="triage"),
    of("deploy_docs", "blocked", (7, 8), usd=1.1, cohort="docs"),
    of("close_sprint", "needs_work", (8,), usd=0.4, cohort="triage"),
    of("refund_order", "rejected", (2,), usd=9.0, cohort="retail"),
    of("unpriced", "blocked", (6, 7), usd=0.0, cohort="docs", actions=("b0",)),
)


@pytest.mark.parametrize("size", [(160, 45), (80, 24)], ids=["wide", "narrow"])
def test_totals_look(snap_compare, size):
    assert snap_compare(totals_app(*PORTFOLIO), terminal_size=size, run_before=pressed("T"))


def test_totals_look_without_colour(snap_compare):
    app = totals_app(*PORTFOLIO)
    app.theme = "assay-monochrome"
    assert snap_compare(app, terminal_size=(100, 40), run_before=pressed("T"))


def test_no_totals_look(snap_compare):
    app = totals_app()
    app.reviewing.snapshot = replace(app.reviewing.snapshot, candidates=())
    app.standing = replace(app.standing, snapshot=app.reviewing.snapshot)
    assert snap_compare(app, terminal_size=(80, 24), run_before=pressed("T"))
