"""What a reviewer reads about an approval that no longer holds, and that nothing decided ever leaves the list."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.live.reviewing import Request
from core.live.snapshot import CandidateView
from core.promotion.changes import behaviour_changes, failing_changes
from core.session import Session
from tests.review.making import action, drop, opened, run


def versions(folder: Path, outputs: list[Any], **more: Any) -> Path:
    """Runs whose third step says a version."""
    for number, output in enumerate(outputs):
        made = run(f"run-{number}", "1.0", **more)
        made["actions"][2] = action(3, "version", observed_output=output)
        drop(folder, f"run-{number}", made)
    return folder


def decide(session: Session, kind: str = "approve") -> CandidateView:
    view = session.snapshot.candidates[0]
    request = Request(kind, view.lineage, view.behaviour_digest, "ann@example.com", "seen", seen=view)  # type: ignore[arg-type]
    return session.decide(request).view


def test_an_output_that_some_runs_no_longer_give_is_told_with_their_number(tmp_path: Path) -> None:
    traces = versions(tmp_path / "traces", ["0.7.1"] * 9)
    session = opened(traces)
    decide(session)
    versions(traces, ["0.7.1"] * 7 + ["0.8.0"] * 2)
    session.refresh()
    (view,) = session.snapshot.candidates
    assert view.status == "stale"
    assert view.reasons[0] == "step 3 expects `0.7.1` no more: 2 of 9 runs differ"
    assert view.changes[0].where == "step 3 expected output"


def test_a_new_version_everywhere_is_told_with_the_new_one(tmp_path: Path) -> None:
    traces = versions(tmp_path / "traces", ["0.7.1"] * 3)
    session = opened(traces)
    decide(session)
    versions(traces, ["0.8.0"] * 3)
    session.refresh()
    assert (
        session.snapshot.candidates[0].reasons[0] == "step 3 expects `0.7.1` no more, but `0.8.0`: 3 of 3 runs differ"
    )


def test_drift_says_what_fails_in_how_many_runs(tmp_path: Path) -> None:
    traces = versions(tmp_path / "traces", ["0.7.1"] * 3)
    session = opened(traces)
    decide(session)
    for number in range(2):
        made = run(f"shadow-{number}")
        made["actions"][2] = action(
            3, "version", observed_output="0.8.0", side_effects=[{"kind": "k", "target": "t"}] * number
        )
        drop(traces, f"shadow/{number}", made)
    session.refresh()
    (view,) = session.snapshot.candidates
    assert view.status == "drifted"
    assert view.reasons == (
        "shadow comparison did not pass",
        "candidate has rejection reasons",
        "step 3 expects `0.7.1`: 2 of 5 runs differ",
        "step 3 has other side effects: 1 of 5 runs differs",
    )
    assert [change.where for change in view.changes] == ["step 3 expected output", "step 3 side effects"]


def test_secrets_in_changed_outputs_are_not_told(tmp_path: Path) -> None:
    old, new = "ghp_" + "x1Y2" * 9, "ghp_" + "z3W4" * 9
    traces = versions(tmp_path / "traces", [old] * 3)
    session = opened(traces)
    decide(session)
    versions(traces, [new] * 2 + [old])
    session.refresh()
    (view,) = session.snapshot.candidates
    assert view.status == "stale"
    assert "2 of 3 runs differ" in view.reasons[0]
    assert old not in view.reasons[0]


def test_a_text_and_a_number_are_told_apart(tmp_path: Path) -> None:
    step = {"name": "build", "expected_output": "1"}
    rest = {"name": "n", "package_name": "n", "parameters": [], "expected_receipts": []}
    (change,) = behaviour_changes({"steps": [step], **rest}, {"steps": [{**step, "expected_output": 1}], **rest})
    assert change.text == 'step 1 expects `"1"` no more, but `1`'
    (change,) = behaviour_changes({"steps": [{"name": "build"}], **rest}, {"steps": [step], **rest})
    assert change.text == "step 1 expects `1` now, where nothing was expected"
    (change,) = behaviour_changes({"steps": [], **rest}, {"steps": [], **rest, "name": "m"})
    assert change.text == "name was `n` and is now `m`"


def test_what_passes_has_nothing_to_tell(tmp_path: Path) -> None:
    view = opened(versions(tmp_path / "traces", [1, 1])).snapshot.candidates[0]
    assert failing_changes(view.candidate) == ()


@pytest.mark.parametrize("kind", ["approve", "reject", "needs_work"])
def test_whatever_was_decided_stays_in_the_list_live_and_after_a_restart(tmp_path: Path, kind: str) -> None:
    traces = versions(tmp_path / "traces", ["0.7.1"] * 3)
    session = opened(traces)
    lineage = decide(session, kind).lineage
    # Another sequence wins, then the runs go, then others come.
    for number in range(3):
        drop(traces, f"run-{number}", {**run(f"run-{number}"), "actions": [action(1, "x"), action(2, "y")]})
    session.refresh()
    assert lineage in [view.lineage for view in session.snapshot.candidates]
    for path in traces.glob("*.json"):
        path.unlink()
    session.refresh()
    assert [view.lineage for view in session.snapshot.candidates] == [lineage]
    versions(traces, ["0.7.1"] * 4)
    session.refresh()
    (view,) = session.snapshot.candidates
    assert (view.lineage, view.proposed) == (lineage, True)
    expected = {"approve": "ready", "reject": "rejected", "needs_work": "needs_work"}[kind]
    assert view.status == opened(traces).snapshot.candidates[0].status == expected


def test_an_approval_is_kept_goes_stale_drifts_and_holds_again_live_as_in_a_cold_start(tmp_path: Path) -> None:
    traces = versions(tmp_path / "traces", ["0.7.1"] * 3)
    session = opened(traces)
    decide(session)
    seen = []

    def now() -> None:
        session.refresh()
        cold = opened(traces).snapshot.candidates
        assert [(v.status, v.reasons) for v in session.snapshot.candidates] == [(v.status, v.reasons) for v in cold]
        seen.append(cold[0].status)

    versions(traces, ["0.7.1"] * 5)
    now()
    bad = run("bad")
    bad["actions"][2] = action(3, "version", observed_output="9")
    path = drop(traces, "shadow/bad", bad)
    now()
    path.unlink()
    versions(traces, ["0.8.0"] * 5)
    now()
    versions(traces, ["0.7.1"] * 5)
    now()
    assert seen == ["ready", "drifted", "stale", "ready"]


def test_a_step_that_came_or_went_is_told_the_right_way_round() -> None:
    rest = {"name": "n", "package_name": "n", "parameters": [], "expected_receipts": []}
    short, long = ({"steps": [{"name": name} for name in names], **rest} for names in (["build"], ["build", "push"]))
    (came,), (went,) = behaviour_changes(short, long), behaviour_changes(long, short)
    assert (came.where, came.before, came.after, came.text) == ("step 2", "", "push", "step 2 'push' is new")
    assert (went.where, went.before, went.after, went.text) == ("step 2", "push", "", "step 2 'push' is gone")
