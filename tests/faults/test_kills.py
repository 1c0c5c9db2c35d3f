"""kill -9, a full disk and a read-only one, at every file operation of deciding and of recovering from that."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from core.live.reviewing import Request
from core.model.errors import WorkspaceError
from core.review import checks, transaction
from core.review.verify import verify
from core.store import workspace
from core.store.disk import Disk
from core.store.files import remove_tree
from core.store.recovery import recover
from core.store.workspace import Workspace
from tests.faults.worlds import (
    ANN,
    CASES,
    Case,
    Dying,
    Full,
    ReadOnly,
    check,
    copy,
    decide,
    effects_of,
    killed,
    kills,
    session,
)
from tests.review.making import drop, run
from tests.store.disks import Crash, FailingDisk

NAMES = [case.name for case in CASES]
UNKNOWN = "whether the decision was recorded shows when the workspace is opened again"
TOLD = {Full: "the disk is full", ReadOnly: "the file system is read-only"}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_kill_at_any_operation_leaves_the_decision_complete_or_absent(case: Case, tmp_path: Path) -> None:
    traces, base = case.prepare(tmp_path)
    before, found = len(case.before), []
    for disk in kills(case.effects(traces, base)):
        with copy(base) as place:
            assert not killed(traces, place, case.kind, disk)
            found.append(check(traces, place, before, acknowledged=False))
    assert set(found) == {before, before + 1}
    assert found == sorted(found), "what is recorded once stays recorded however much later the kill comes"


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_kill_at_any_operation_of_recovery_does_no_harm(case: Case, tmp_path: Path) -> None:
    traces, base = case.prepare(tmp_path)
    effects = case.effects(traces, base)
    commit = effects.index("append")
    # Before the commit recovery only removes; after it every operation leaves something else to be completed.
    for at in (commit // 2, commit + 1, (commit + len(effects)) // 2, len(effects) - 4):
        with copy(base) as left:
            killed(traces, left, case.kind, Dying(at, half=True))
            with copy(left) as place:
                steps = effects_of(partial(recovered, traces, place))
            for disk in kills(steps):
                with copy(left) as place:
                    with pytest.raises(Crash):
                        recovered(traces, place, disk)
                    check(traces, place, len(case.before), acknowledged=False)


def recovered(traces: Path, place: Path, disk: Disk) -> None:
    recover(Workspace.open(traces, place, disk=disk))


@pytest.mark.parametrize("kind", [Full, ReadOnly])
@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_disk_that_takes_nothing_more_refuses_or_records(case: Case, kind: type[FailingDisk], tmp_path: Path) -> None:
    traces, base = case.prepare(tmp_path)
    before, outcomes = len(case.before), set()
    for at in range(0, len(case.effects(traces, base)), 2):
        with copy(base) as place:
            made = session(traces, place, kind(at))
            view = made.snapshot.candidates[0]
            try:
                outcome = made.decide(Request(case.kind, view.lineage, view.behaviour_digest, ANN, "because"))
            except WorkspaceError as error:
                outcomes.add(str(error).rpartition(": ")[2].partition(";")[0])
                check(traces, place, before, acknowledged=False)
            else:
                outcomes.add("troubled" if outcome.trouble else "recorded")
                check(traces, place, before, acknowledged=True)
    # A full disk still renames, so what was built before the commit can always be put in place after it.
    assert outcomes >= ({TOLD[kind]} if kind is Full else {TOLD[kind], "troubled"})
    assert outcomes <= {"troubled", "recorded", TOLD[kind], UNKNOWN}


def test_the_next_decision_completes_what_a_full_disk_left_undone(tmp_path: Path) -> None:
    case = CASES[0]
    traces, base = case.prepare(tmp_path)
    effects = case.effects(traces, base)
    for at in range(effects.index("write", effects.index("append")), len(effects)):
        with copy(base) as place:
            disk = ReadOnly(at)
            made = session(traces, place, disk)
            decide(made, case.kind)
            disk.at = 10**9
            decide(made, "revoke")
            check(traces, place, 1, acknowledged=True)


def test_a_decision_that_the_disk_refuses_is_not_told_as_a_crash(tmp_path: Path) -> None:
    case = CASES[0]
    traces, base = case.prepare(tmp_path)
    made = session(traces, base, Full(case.effects(traces, base).index("append")))
    with pytest.raises(WorkspaceError, match=r"the disk is full.*nothing was recorded"):
        decide(made, case.kind)
    made._look(anyway=True)
    assert [notice for notice in made.snapshot.notices if "half done" in notice]
    assert not [notice for notice in made.snapshot.notices if "crash" in notice.lower()]
    assert not list(made.store.tmp.iterdir())


def test_a_workspace_that_cannot_be_written_is_shown_and_refuses_with_the_reason(tmp_path: Path) -> None:
    traces, base = CASES[3].prepare(tmp_path)
    made = session(traces, base)
    made._store = replace(made._store, why_not="base cannot be written: the file system is read-only")
    assert made.snapshot.candidates[0].status == "ready"
    with pytest.raises(WorkspaceError, match="read-only"):
        decide(made, "revoke")
    assert recover(made.store) == ()


DIE = """
import os, signal, sys
from pathlib import Path
from tests.faults.worlds import Dying, decide, session
from tests.store.disks import Crash

class Killed(Dying):
    def before(self, effect, args):
        try:
            super().before(effect, args)
        except Crash:
            os.kill(os.getpid(), signal.SIGKILL)

traces, kind, *places = sys.argv[1:]
for place, at in zip(places[::2], places[1::2], strict=True):
    if (child := os.fork()) == 0:
        decide(session(Path(traces), Path(place), Killed(int(at), half=True)), kind)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    print(-os.waitstatus_to_exitcode(status))
"""
"""Each decision is made and killed in a process of its own, a copy of one that has imported everything."""


@pytest.mark.parametrize("case", [CASES[1], CASES[3]], ids=["approve again", "revoke"])
def test_a_process_that_is_really_killed(case: Case, tmp_path: Path) -> None:
    traces, base = case.prepare(tmp_path)
    effects, found = case.effects(traces, base), set()
    commit, last = effects.index("append"), len(effects) - 1
    moments = (0, commit // 2, commit, commit + 1, (commit + last) // 2, last)
    with ExitStack() as copies:
        places = [copies.enter_context(copy(base)) for _ in moments]
        told = [str(part) for pair in zip(places, moments, strict=True) for part in pair]
        command = [sys.executable, "-c", DIE, str(traces), case.kind, *told]
        ended = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
        assert ended == [str(int(signal.SIGKILL))] * len(moments)
        for place in places:
            found.add(check(traces, place, len(case.before), acknowledged=False))
    assert found == {len(case.before), len(case.before) + 1}


def test_without_recovery_a_kill_would_leave_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard: the tests above fail when the next start completes nothing."""
    case = CASES[0]
    traces, base = case.prepare(tmp_path)
    effects = case.effects(traces, base)
    monkeypatch.setattr("core.session.recover", lambda _: ())
    for at in (effects.index("append"), len(effects) - 4):
        with copy(base) as place:
            killed(traces, place, case.kind, Dying(at))
            with pytest.raises(AssertionError):
                check(traces, place, 0, acknowledged=False)


def test_removing_what_was_built_whenever_the_journal_refuses_would_lose_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guard: once a line may stand in the journal, only the journal can say what is to become of the folders."""
    case = CASES[0]
    traces, base = case.prepare(tmp_path)

    def clear(store: Workspace) -> tuple[str, ...]:
        for aside in store.tmp.iterdir():
            remove_tree(aside)
        return ()

    real = workspace.append

    def interrupted(*args: object, **more: object) -> None:
        real(*args, **more)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(workspace, "append", interrupted)
    with copy(base) as place:
        with pytest.raises(KeyboardInterrupt):
            decide(session(traces, place), "approve")
        assert verify(Workspace.open(traces, place)).problems == ()
        assert check(traces, place, 0, acknowledged=False) == 1

    monkeypatch.setattr(transaction, "recover_locked", clear)
    with copy(base) as place:
        with pytest.raises(KeyboardInterrupt):
            decide(session(traces, place), "approve")
        with pytest.raises(AssertionError):
            check(traces, place, 0, acknowledged=False)


def test_without_the_comparison_a_decision_would_bind_to_what_nobody_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guard: what changed under the reviewer's eyes is refused by the comparison and by nothing else."""
    traces, base = CASES[0].prepare(tmp_path)

    def attempt() -> int:
        made = session(traces, base)
        for number in range(2):
            changed = run(f"run-{number}", f"1.{number}")
            changed["actions"][1]["observed_output"] = {"failed": 0, "skipped": 2}
            drop(traces, f"run-{number}", changed)
        try:
            return decide(made, "approve")
        finally:
            for number in range(2):
                drop(traces, f"run-{number}", run(f"run-{number}", f"1.{number}"))

    with pytest.raises(checks.Refused):
        attempt()
    monkeypatch.setattr(checks, "_stale", lambda *_: ())
    monkeypatch.setattr(transaction, "_check_oracles", lambda evidence, state: None)  # it compares the digests again
    assert attempt() == 1
