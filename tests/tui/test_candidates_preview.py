from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import Activity, Change, Run, Snapshot
from core.model.candidate import Savings
from core.model.trace import Usage
from core.store.policy import Policy
from tests.tui.fakes import NOW, FakeReviewing, candidate, decision, snapshot, view, views
from tests.tui.seen import label, list_of, seen, toasts
from tui.app import AssayApp
from tui.views.criteria import criteria
from tui.views.overview import overview
from tui.views.preview import preview_lines


def previewed(view_, width=100, now=NOW):
    return "\n".join(line.content.plain for line in preview_lines(view_, snapshot().policy, now, width))


@pytest.mark.parametrize(
    ("shown", "activity", "words"),
    [
        (
            Snapshot(),
            Activity(phase="watching", watching="events"),
            ["No run files below runs yet", "read as they arrive"],
        ),
        (Snapshot(), Activity(phase="starting"), ["starting"]),
        (Snapshot(), Activity(phase="mining"), ["looking for repeated steps"]),
        (
            Snapshot(),
            Activity(phase="mining", total=3_000),
            ["looking for repeated steps in 3,000 runs", "The first look at many runs takes longest."],
        ),
        (
            Snapshot(),
            Activity(phase="watching", watching="polling", trouble="runs does not exist"),
            ["The folder runs cannot be read", "runs does not exist", "tried again by itself"],
        ),
        (
            snapshot(candidates=(), loaded=0, runs={}),
            Activity(phase="watching", watching="events"),
            ["No run could be used: 4 problems", "Press p"],
        ),
        (
            snapshot(candidates=()),
            Activity(phase="watching", watching="events"),
            ["9 runs read, and nothing repeats yet", "at least 2 runs of one cohort", "The largest, release, has 7."],
        ),
    ],
)
async def test_an_empty_list_says_what_goes_on_and_what_to_do(shown, activity, words, clock):
    app = AssayApp(FakeReviewing(shown, activity), clock=clock)
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        for said in words:
            assert said in seen(app)
        app.reviewing.push(snapshot())
        await pilot.pause()
        assert label(app) == "rotate_keys"
        assert list_of(app).has_focus


async def test_nothing_is_counted_before_the_first_look_is_over(clock):
    app = AssayApp(FakeReviewing(Snapshot(), Activity(phase="reading", done=5, total=9)), clock=clock)
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        assert "reading 5 of 9" in seen(app)
        assert "0 runs" not in seen(app)
        app.reviewing.tell(Activity(phase="watching", watching="events"))
        await pilot.pause()
        assert "0 runs" in seen(app)


@pytest.mark.parametrize("key", ["a", "r", "w", "u", "enter", "E", "c", "o", "y"])
async def test_where_there_is_no_candidate_a_key_says_so(key, clock):
    app = AssayApp(FakeReviewing(snapshot(candidates=()), Activity(phase="watching", watching="events")), clock=clock)
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        await pilot.press(key)
        await pilot.pause()
        assert toasts(app) == ["There is no candidate here yet."]
        await pilot.press("slash", key if len(key) == 1 else "x")
        await pilot.pause()
        assert len(toasts(app)) == 1, "letters are text while a filter is written"


async def test_a_heading_is_no_candidate_but_it_opens(clock):
    app = AssayApp(FakeReviewing(snapshot()), clock=clock)
    async with app.run_test(size=(110, 30)) as pilot:
        await pilot.pause()
        await pilot.press("Z", "a")
        await pilot.pause()
        assert toasts(app) == ["No candidate is selected."]
        await pilot.press("enter")
        await pilot.pause()
        assert len(toasts(app)) == 1
        assert app.screen.selected or app.screen.order


def test_many_small_cohorts_name_the_option_that_joins_them():
    from tui.standing import Standing
    from tui.views.empty import empty

    runs = {str(n): Run(f"{n}", str(n), "sha256:0", f"c{n}", False, 1, None, None, Usage()) for n in range(3)}
    shown = Snapshot(runs=runs, loaded=3)
    said = empty(Standing("runs", "w", "me", shown, Activity(phase="watching", watching="events"))).plain
    assert "There are 3 cohorts so far. The largest, c0, has 1." in said
    one = Snapshot(runs={"0": runs["0"]}, loaded=1)
    alone = empty(Standing("runs", "w", "me", one, Activity(phase="watching", watching="events"))).plain
    assert "There is 1 cohort so far." in alone
    assert "--cohort none" in said


def test_the_preview_says_why_it_is_blocked_and_what_would_fix_it():
    made = candidate("x", examples=1, passed=1, failed=2, confidence=0.41)
    said = previewed(view("x", "blocked", made=made, reasons=("confidence 0.41 is below required minimum 0.80",)))
    assert "confidence: 0.41, needs at least 0.80" in said
    assert "in a larger share of the cohort's runs (now 1 of 9); fewer fuzzy steps raise it too" in said
    assert "shadow comparison: 1 of 3 runs agree" in said
    assert "read the 2 runs that differ" in said
    assert "is below required minimum" not in said
    few = previewed(view("x", "blocked", made=candidate("x", examples=1, passed=1)))
    assert "sample count: 1, needs at least 2" in few
    assert "more runs in which these steps occur" in few


def test_the_preview_of_a_stale_candidate_names_the_changes():
    changes = tuple(Change(f"step {n}", "a", "b", f"step {n} now does b") for n in range(1, 6))
    said = previewed(view("x", "stale", made=candidate("x"), changes=changes))
    assert "~ step 3 now does b" in said
    assert "… and 2 more changes" in said
    assert "step 4" not in said
    assert "then approve (a) or reject (r)" in said


def test_the_preview_ends_with_the_last_decision():
    ready = view("x", "ready", notes=("approved on 5 runs, now 9",))
    ready = replace(ready, decisions=(decision(ready, "reject"), decision(ready)))
    said = previewed(ready)
    assert "approved by ana@example.com, 40 min ago" in said
    assert "read every step" in said
    assert "approved on 5 runs, now 9" in said
    assert "rejected" not in said


def test_the_preview_shows_rejections_of_mining_once():
    made = candidate("x").replace(rejection_reasons=("step 2 'b' has divergent side effects across examples",))
    said = previewed(view("x", "blocked", made=made))
    assert said.count("divergent side effects") == 1
    assert "runs that agree on what mining found to differ" in said


def test_the_preview_fits_any_width():
    for width in range(12, 120, 7):
        for shown in views():
            lines = preview_lines(shown, snapshot().policy, NOW, width)
            assert max(line.content.cell_length for line in lines) <= max(width, 24)


async def test_savings_of_nothing_are_shown_as_nothing(clock):
    free = view("free", "blocked", made=candidate("free", savings=Savings(), passed=0))
    app = AssayApp(FakeReviewing(snapshot(free)), clock=clock)
    async with app.run_test(size=(240, 30)) as pilot:
        await pilot.pause()
        (row,) = [line for line in seen(app).splitlines() if line.startswith("▌")]
        assert "$0.00" in row
        assert "—" in row


@pytest.mark.parametrize(
    ("policy", "decided", "said"),
    [
        (Policy(approvals_required=2), True, "your approval counts already; another person has to approve (u takes"),
        (Policy(approvals_required=2), False, "read it (Enter), then approve (a) or reject (r)"),
        (Policy(author="ana@example.com"), False, "you can reject it (r), but ana@example.com is the author"),
    ],
)
async def test_nobody_is_told_to_approve_who_cannot_or_already_did(policy, decided, said, clock):
    shown = view("bump")
    shown = replace(shown, decisions=(decision(shown),) if decided else ())
    app = AssayApp(FakeReviewing(replace(snapshot(shown), policy=policy)), clock=clock)
    async with app.run_test(size=(110, 40)) as pilot:
        await pilot.pause()
        assert said in " ".join(seen(app).split())


def test_the_examples_of_a_decision_are_no_share_of_the_runs_of_today():
    found = replace(view(made=candidate(examples=4)), cohort_runs=9)
    assert "4 of the cohort's 9 runs" in previewed(found)
    gone = replace(found, proposed=False, cohort_runs=0)
    whole = "\n".join(line.content.plain for line in overview(gone, 100))
    assert "4 runs when it was decided; the cohort has none now (cohort release)" in whole
    for said in (previewed(gone), whole):
        assert " 0 runs" not in said
    assert "4 runs when it was decided; the cohort has none now" in previewed(gone)
    assert "4 runs when it was decided; the cohort has 7 now" in previewed(replace(gone, cohort_runs=7))


def test_a_comparison_with_no_run_is_open():
    found = view(made=candidate(passed=5))
    (item,) = (one for one in criteria(found, snapshot().policy) if one.name == "shadow comparison")
    assert (item.met, item.actual) == (True, "5 of 5 runs agree")
    nothing = found.candidate.shadow.replace(traces=())
    gone = replace(found, candidate=found.candidate.replace(shadow=nothing), proposed=False, cohort_runs=0)
    (item,) = (one for one in criteria(gone, snapshot().policy) if one.name == "shadow comparison")
    assert (item.met, item.actual) == (None, "no run is left to compare")
