"""What a session sees to by itself: statuses on disk, the notify command, and what the user is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from core.live.reviewing import Request
from core.model.errors import WorkspaceError
from core.review import standings
from core.review.standings import present
from core.review.upkeep import Upkeep
from core.review.verify import verify
from core.session import Session
from core.store.disk import Disk
from tests.review.making import approve, drop, failing, opened, policy, releases, run, said
from tests.workspaces import exact

RECORD = "import pathlib, sys; pathlib.Path(sys.argv[1]).open('ab').write(sys.stdin.buffer.read() + b'---')"


def changed(traces: Path) -> None:
    for number in range(4):
        made = run(f"run-{number}", f"1.{number}")
        made["actions"][1]["observed_output"] = {"failed": 0, "skipped": 1}
        drop(traces, f"run-{number}", made)


def problems(session: Session) -> tuple[str, ...]:
    now = present(session.snapshot.candidates, session.store.redactor(session.snapshot.policy))
    assert verify(session.store).problems == ()
    return verify(session.store, now).problems


def test_a_drifted_approval_says_so_on_disk_and_recovers(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    bad = failing(traces)
    session.refresh()

    ((status, reasons),) = said(session, lineage)
    assert status == "blocked"
    assert b"shadow comparison did not pass" in reasons
    assert problems(session) == ()
    assert "build → publish is drifted now; its promotion files said ready." in session.snapshot.notices

    bad.unlink()
    other = opened(traces)
    assert said(other, lineage) == {("ready", b"[]")}
    assert problems(other) == ()


def test_a_stale_approval_needs_approval_on_disk_and_says_what_changed(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    changed(traces)
    session = opened(traces)

    ((status, reasons),) = said(session, lineage)
    assert status == "needs_approval"
    assert b"step 2 expects" in reasons
    assert problems(session) == ()


def test_nothing_is_written_while_somebody_decides_and_then_it_is(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    failing(traces)
    with session.store.locked("somebody"):
        session.refresh()
        assert said(session, lineage) == {("ready", b"[]")}
    session.refresh()
    assert {status for status, _ in said(session, lineage)} == {"blocked"}


def test_what_could_not_be_written_is_told_until_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    failing(traces)

    def full(*_: Any, **__: Any) -> None:
        raise WorkspaceError("cannot write candidates: the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(standings.Standings, "write", full)
        session.refresh()
        assert "cannot write candidates: the disk is full" in session._upkeep.notices
    session.refresh()
    assert "cannot write candidates: the disk is full" not in session._upkeep.notices
    assert {status for status, _ in said(session, lineage)} == {"blocked"}


def test_what_is_told_of_a_topic_is_replaced_or_added_to_and_never_too_much(tmp_path: Path) -> None:
    upkeep = Upkeep(opened(releases(tmp_path / "traces")).store)
    assert upkeep.notices == ()
    upkeep.tell("place", ["here", "", "there"])
    upkeep.tell("crash", ["one"])
    upkeep.tell("crash", ["two", "one"], more=True)
    upkeep.tell("place", ["", "elsewhere"])
    assert upkeep.notices == ("elsewhere", "one", "two")
    five = [f"sentence {number}" for number in range(5)]
    upkeep.tell("place", [])
    upkeep.tell("crash", five)
    assert upkeep.notices == tuple(five)
    upkeep.tell("crash", ["another", "and another"], more=True)
    assert upkeep.notices == (*five, "… and 2 more like these")


def test_a_session_that_is_behind_writes_nothing_of_what_it_believes(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    behind = opened(traces)
    (view,) = session.snapshot.candidates
    session.decide(Request("revoke", lineage, "", "ann@example.com", "too early", seen=view))
    before = said(session, lineage)
    behind._upkeep._standings._known.clear()
    behind._upkeep.keep_up(behind._state, lambda: not behind._look(), wait=True)
    assert said(session, lineage) == before
    assert behind.snapshot.candidates[0].status == "needs_approval"


@pytest.mark.parametrize("status", ["ready", "promoted", ""])
def test_a_status_that_was_written_by_hand_is_named(tmp_path: Path, status: str) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    (view,) = session.snapshot.candidates
    request = Request("reject", view.lineage, view.behaviour_digest, "ann@example.com", "no", seen=view)
    lineage = session.decide(request).view.lineage
    path = session.workspace / "candidates" / lineage / "candidate.json"
    data = path.read_bytes().replace(b'"status": "blocked"', b'"status": "%s"' % status.encode())
    assert data != path.read_bytes()
    path.write_bytes(data)
    found = verify(session.store).problems
    assert any(told.startswith(f"candidates/{lineage}/candidate.json: it says {status}") for told in found)


def test_blanks_hide_no_other_byte(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    lineage = approve(session)
    for name in ("candidate.json", "report.json"):
        path = session.workspace / "candidates" / lineage / name
        data = path.read_bytes()
        for tampered in (data + b" ", data.replace(b"ready", b"ready", 1).replace(b"build", b"biuld", 1)):
            path.write_bytes(tampered)
            assert any("the files are not those of decision 1" in told for told in verify(session.store).problems)
        path.write_bytes(data)
    assert verify(session.store).problems == ()


class Refusing(Disk):
    """A disk that takes nothing into the place of promotion files, or of crashpacks."""

    def __init__(self, place: str = "candidates") -> None:
        self.place, self.refuses = place, True

    def rename(self, source: Path, target: Path) -> None:
        if self.refuses and self.place in (target.parent.name, target.parent.parent.name):
            raise OSError(28, "No space left on device")
        super().rename(source, target)


def test_what_was_taken_back_says_so_on_disk_though_its_files_could_not_be_written(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    disk = Refusing()
    session = Session(replace(session.store, disk=disk), traces, "ann@example.com")
    session.refresh()
    (view,) = session.snapshot.candidates
    made = session.decide(Request("revoke", lineage, view.behaviour_digest, "ann@example.com", "no", seen=view))
    assert made.bundle is None
    assert f"candidates/{lineage}: the disk is full" in made.trouble
    assert made.view.status == "needs_approval"
    assert {status for status, _ in said(session, lineage)} == {"ready"}
    disk.refuses = False
    session.refresh()
    assert {status for status, _ in said(session, lineage)} == {"needs_approval"}


def test_a_crashpack_that_could_not_be_put_in_place_is_told_and_is_there_after_the_next_start(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    store = opened(traces).store
    session = Session(replace(store, disk=Refusing("crashpacks")), traces, "ann@example.com")
    session.refresh()
    (view,) = session.snapshot.candidates
    made = session.decide(
        Request("approve", view.lineage, view.behaviour_digest, "ann@example.com", "read it", seen=view)
    )
    assert made.crashpack is not None
    assert not made.crashpack.exists()
    assert f"crashpacks/{made.crashpack.name}: the disk is full" in made.trouble
    again = opened(traces)
    assert made.crashpack.is_dir()
    assert verify(again.store).problems == ()


def test_a_changed_policy_judges_again_and_says_so(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    lineage = approve(session)
    policy(session, approvals_required=2)
    session.recheck(lineage)
    assert session.snapshot.candidates[0].status == "needs_approval"
    told = "The policy was changed; 1 candidate stands otherwise now: build → publish: ready → needs_approval"
    assert told in session.snapshot.notices
    policy(session, approvals_required=2, max_fixtures=3)
    session.recheck(lineage)
    assert "The policy was changed; every candidate stands as it did" in session.snapshot.notices


def test_a_clock_that_was_set_back_is_told_and_changes_nothing(tmp_path: Path) -> None:
    times = iter(["2026-11-01T10:00:00.000Z", "2026-11-01T11:00:00.000Z", "2026-11-01T09:00:00.000Z"])
    traces = exact(releases(tmp_path / "traces"))
    session = Session.open(traces, actor="ann@example.com", clock=lambda: next(times))
    session.refresh()
    lineage = approve(session)
    (view,) = session.snapshot.candidates
    outcome = session.decide(Request("revoke", lineage, "", "ann@example.com", "no", seen=view))
    assert (outcome.decision.seq, outcome.view.status) == (2, "needs_approval")
    assert any(notice.startswith("decision 2 claims to be of 2026-11-01T09") for notice in session.snapshot.notices)
    found = verify(session.store)
    assert found.problems == ()
    assert any(note.startswith("decision 2 claims to be of 2026-11-01T09") for note in found.notes)


def test_recovery_that_fails_is_told_and_the_workspace_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from core.model.errors import WorkspaceError

    traces = releases(tmp_path / "traces")
    approve(opened(traces))

    def fail(workspace: object) -> tuple[str, ...]:
        raise WorkspaceError("cannot tidy tmp: the disk is full")

    monkeypatch.setattr("core.session.recover", fail)
    session = opened(traces)
    assert "cannot tidy tmp: the disk is full" in session.snapshot.notices
    assert session.snapshot.candidates[0].status == "ready"


def test_without_the_lock_two_writers_would_meet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard: the test above about a held lock fails when statuses are written without it."""
    from contextlib import nullcontext

    traces = releases(tmp_path / "traces")
    session = opened(traces)
    lineage = approve(session)
    failing(traces)
    with session.store.locked("somebody"):
        monkeypatch.setattr(standings.Workspace, "locked", lambda *_, **__: nullcontext())
        session.refresh()
        assert said(session, lineage) != {("ready", b"[]")}


def test_a_renamed_approval_says_on_disk_what_changed_at_once(tmp_path: Path) -> None:
    session = opened(releases(tmp_path / "traces"))
    approve(session)
    (view,) = session.snapshot.candidates
    wanted = Request("rename", view.lineage, "", "ann@example.com", "better", seen=view, detail={"name": "ship_it"})
    session.decide(wanted)
    ((status, reasons),) = said(session, view.lineage)
    assert status == "needs_approval"
    assert b"name was" in reasons
    assert not [notice for notice in session.snapshot.notices if "promotion files" in notice]
    assert problems(session) == ()


def test_a_crashpack_that_comes_back_is_found_again(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    session = opened(traces)
    approve(session)
    (session.workspace / "crashpacks").rename(tmp_path / "away")
    for path in traces.glob("*.json"):
        path.unlink()
    drop(traces, "else", run("else", workflow="other"))
    session = opened(traces)
    assert any("its crashpack is missing" in note for note in session.snapshot.candidates[0].notes)
    (tmp_path / "away").rename(session.workspace / "crashpacks")
    session.adopt()
    assert not session.snapshot.candidates[0].notes
