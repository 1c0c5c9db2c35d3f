"""Two processes decide at once: no decision is lost or doubled, whatever they do to each other."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from contextlib import nullcontext
from pathlib import Path

import pytest

from core.review import transaction
from core.review.standings import present
from core.review.verify import verify
from core.store.lock import LockHeld
from core.store.workspace import Workspace
from tests.faults.worlds import CASES, check, decide, session
from tests.review.making import releases

EACH = 50

REVIEW = """
import sys
from pathlib import Path
from core.live.reviewing import Request
from core.store.lock import LockHeld
from tests.faults.worlds import session
made = session(Path(sys.argv[1]), Path(sys.argv[2]))
kinds = ("needs_work", "reject", "revoke")
for number in range(int(sys.argv[4])):
    kind = kinds[number % 3]
    while True:
        (view,) = made.snapshot.candidates
        try:
            outcome = made.decide(Request(kind, view.lineage, "", sys.argv[3], f"{sys.argv[3]} {number}", seen=view))
        except LockHeld:
            continue
        assert not outcome.trouble
        print(outcome.decision.seq, outcome.decision.reason, sep="\\t", flush=True)
        break
"""


def test_two_reviewers_with_fifty_decisions_each(tmp_path: Path) -> None:
    traces, workspace = releases(tmp_path / "traces", 3), tmp_path / "base"
    session(traces, workspace)
    command = [sys.executable, "-c", REVIEW, str(traces), str(workspace)]
    reviewers = [
        subprocess.Popen([*command, name, str(EACH)], stdout=subprocess.PIPE, text=True) for name in ("ann", "bob")
    ]
    acknowledged = [line for reviewer in reviewers for line in reviewer.communicate()[0].splitlines()]
    assert [reviewer.returncode for reviewer in reviewers] == [0, 0]

    made = session(traces, workspace)
    decisions = made.store.load_journal().decisions
    assert [decision.seq for decision in decisions] == list(range(1, 2 * EACH + 1))
    assert sorted(acknowledged) == sorted(f"{d.seq}\t{d.reason}" for d in decisions)
    assert set(Counter(d.reason for d in decisions).values()) == {1}
    for name in ("ann", "bob"):
        assert [d.reason for d in decisions if d.actor == name] == [f"{name} {number}" for number in range(EACH)]
    assert len({d.crashpack.name for d in decisions if d.crashpack}) == len([d for d in decisions if d.crashpack])
    now = present(made.snapshot.candidates, made.store.redactor(made.snapshot.policy))
    assert verify(made.store, now).problems == ()


def interleaved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Bob decides while Ann is in the middle of a decision, after her comparison and before her commit."""
    traces, base = CASES[0].prepare(tmp_path)
    ann, bob = session(traces, base), session(traces, base)
    real, entered = transaction.build_aside, []

    def build(*args: object, **more: object) -> object:
        if not entered:
            entered.append(True)
            decide(bob, "reject", "no", actor="bob@example.com")
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(transaction, "build_aside", build)
    decide(ann, "approve")
    return traces, base


def test_nobody_decides_in_the_middle_of_a_decision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Workspace.locked
    monkeypatch.setattr(Workspace, "locked", lambda store, actor="", **_: real(store, actor, timeout=0))
    with pytest.raises(LockHeld, match="in use by ann@example"):
        interleaved(tmp_path, monkeypatch)


def test_without_the_lock_decisions_would_run_into_each_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard: the tests above fail when the lock holds nobody off."""
    monkeypatch.setattr("core.store.workspace.locked", lambda *_, **__: nullcontext())
    traces, base = interleaved(tmp_path, monkeypatch)
    with pytest.raises(AssertionError):
        check(traces, base, 1, acknowledged=True)
