"""Promotion files that follow the runs: made anew where a failing candidate holds again, and compared by `verify`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.live.reviewing import Request
from core.model.jsontext import parse
from core.review.rebuilt import as_it_stands
from core.review.verify import Verification, verify
from core.session import Session
from core.store.disk import Disk
from tests.review.making import drop, opened, releases, run
from tests.review.test_upkeep import approve, changed, failing, said


class Stopping(Disk):
    """A disk that refuses after some renames, and every removal then."""

    def __init__(self, after: int) -> None:
        self.left = after

    def rename(self, source: Path, target: Path) -> None:
        self.left -= 1
        if self.left < 0:
            raise OSError(5, "stopped")
        super().rename(source, target)


def reject(session: Session) -> str:
    (view,) = session.snapshot.candidates
    request = Request("reject", view.lineage, view.behaviour_digest, "ann@example.com", "no", seen=view)
    return session.decide(request).view.lineage


def judged(session: Session) -> Verification:
    return verify(session.store, as_it_stands(session.adopt()))


def test_a_bundle_of_a_failing_candidate_is_made_anew_once_it_holds_again(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    bad = failing(traces)
    session.refresh()
    (view,) = session.snapshot.candidates
    session.decide(Request("allow", lineage, "", "zoe", "fine", seen=view, detail={"step": 2, "pointer": "/else"}))
    folder = session.workspace / "candidates" / lineage
    assert "No safe candidate" in (folder / "workflow.harn").read_text()
    assert judged(session).problems == ()

    bad.unlink()
    session = opened(traces)

    assert session.snapshot.candidates[0].status == "ready"
    assert parse((folder / "candidate.json").read_bytes())["kind"] == "candidate"
    assert "No safe candidate" not in (folder / "workflow.harn").read_text()
    assert len(list((folder / "fixtures").iterdir())) == 4
    assert judged(session).problems == ()

    drop(traces, "run-9", run("run-9", "1.9"))
    session.refresh()
    assert len(list((folder / "fixtures").iterdir())) == 5
    assert judged(session).problems == ()
    (folder / "workflow.harn").write_text("pipeline evil() {}")
    assert any("workflow.harn" in problem for problem in judged(session).problems)

    failing(traces)
    session.refresh()
    assert sorted(file.name for file in folder.iterdir()) == ["candidate.json", "report.json", "workflow.harn"]
    assert judged(session).problems == ()


@pytest.mark.parametrize("after", range(7))
def test_a_bundle_made_anew_by_halves_is_completed(tmp_path: Path, after: int) -> None:
    traces = releases(tmp_path / "traces")
    bad = failing(traces)
    session = opened(traces)
    lineage = reject(session)
    bad.unlink()
    stopped = Session(replace(session.store, disk=Stopping(after)), traces, "ann")
    stopped.adopt()
    assert any("cannot " in notice for notice in stopped.refresh().notices)
    session = opened(traces)
    assert judged(session).problems == ()
    assert len(list((session.workspace / "candidates" / lineage / "fixtures").iterdir())) == 4


def test_statuses_are_compared_with_the_runs_as_they_are(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = reject(session)
    changed(traces)
    session.refresh()
    assert {status for status, _ in said(session, lineage)} == {"needs_approval"}
    assert judged(session).problems == ()

    approve(session)
    path = session.workspace / "candidates" / lineage / "candidate.json"
    path.write_bytes(path.read_bytes().replace(b'"status": "ready"', b'"status": "blocked"'))
    assert verify(session.store).problems == ()
    (problem,) = judged(session).problems
    assert "candidate.json: it says blocked, which neither decision 2 nor the runs bear out; it was edited" in problem


def test_an_edited_file_is_named(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    lineage = approve(session)
    folder = session.workspace / "candidates" / lineage
    (folder / "workflow.harn").write_bytes((folder / "workflow.harn").read_bytes() + b"\n")
    (folder / "more.txt").write_text("x")
    told = f"candidates/{lineage}: the files are not those of decision 1: "
    (problem,) = judged(session).problems
    assert problem.startswith(f"{told}more.txt was added, workflow.harn was changed (")
    (problem,) = verify(session.store).problems
    assert problem.startswith(f"{told}what was changed is among candidate.json, ")
    for number in range(3):
        (folder / f"more-{number}.txt").write_text("x")
    (problem,) = judged(session).problems
    assert problem.startswith(f"{told}more-0.txt was added, more-1.txt was added, more-2.txt was added, more.txt was")
    assert "workflow.harn was changed (" in problem
    (folder / "more-3.txt").write_text("x")
    (problem,) = judged(session).problems
    assert "more.txt was added, 1 more (" in problem


def test_where_the_runs_went_on_an_edited_file_is_named_among_those_that_may_be(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    drop(traces, "run-9", run("run-9", "1.9"))
    session.refresh()
    path = session.workspace / "candidates" / lineage / "workflow.harn"
    path.write_bytes(path.read_bytes() + b"\n")
    (problem,) = judged(session).problems
    told = f"candidates/{lineage}: the files are not those of decision 1: what was changed is among "
    assert problem.startswith(told)
    assert "workflow.harn" in problem


def test_a_file_whose_name_no_list_can_hold_stops_nobody_and_is_named(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    failing(traces)
    session = opened(traces)
    folder = session.workspace / "candidates" / reject(session)
    (folder / "x\x1b[2J\n").write_bytes(b"")
    again = opened(traces)
    assert [view.status for view in again.snapshot.candidates] == ["rejected"]
    (problem,) = judged(again).problems
    assert "x\\e[2J\\n was added" in problem


def test_a_rejection_that_the_runs_overtook_is_no_problem_where_nobody_looked_at_them(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = reject(session)
    changed(traces)
    session = opened(traces)
    assert {status for status, _ in said(session, lineage)} == {"needs_approval"}

    found = verify(session.store)

    assert found.problems == ()
    assert any("it says needs_approval since the runs changed, blocked was decided" in note for note in found.notes)
