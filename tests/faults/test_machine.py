"""Files, decisions, the policy, crashes and restarts in any order: every restart finds what was acknowledged."""

from __future__ import annotations

import shutil
from collections import Counter
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from core.live.reviewing import Refused, Request
from core.model.decision import DecisionKind
from core.model.errors import WorkspaceError
from core.review.standings import present
from core.review.verify import verify
from core.session import Session
from core.store import recovery
from core.store.disk import DISK, Disk
from core.store.recovery import recover
from core.store.workspace import Workspace
from tests.faults.worlds import ANN, MEMORY, Dying, Full
from tests.review.making import CLOCK, drop, run
from tests.store.disks import Crash

NAMES = st.sampled_from(["run-0", "run-1", "run-2", "run-3", "shadow/s"])
OUTPUTS = st.sampled_from([{"failed": 0}, {"failed": 0}, {"failed": 0, "skipped": 1}])
KINDS: st.SearchStrategy[DecisionKind] = st.sampled_from(
    ["approve", "approve", "reject", "needs_work", "revoke", "rename"]
)
ACTORS = st.sampled_from([ANN, "bob@example.com"])


class Reviewing(RuleBasedStateMachine):
    """A workspace and what its reviewers were told."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(mkdtemp(dir=MEMORY))
        self.traces, self.workspace = self.root / "traces", self.root / "base"
        self.acknowledged: list[str] = []
        self.open: list[str] = []
        """Decisions of which nobody was told whether they were recorded."""
        self.said = 0

    @initialize()
    def begin(self) -> None:
        for number in range(3):
            drop(self.traces, f"run-{number}", run(f"run-{number}"))
        self.start()

    def start(self, disk: Disk = DISK) -> None:
        store = Workspace.open(self.traces, self.workspace, disk=disk, mode="exact")
        recover(store)
        self.session = Session(store, self.traces, ANN, clock=lambda: CLOCK)
        self.session._look()
        self.session.refresh()

    @rule(name=NAMES, output=OUTPUTS)
    def write(self, name: str, output: dict[str, Any]) -> None:
        made = run(name.rpartition("/")[2])
        made["actions"][1]["observed_output"] = output
        drop(self.traces, name, made)

    @rule(name=NAMES)
    def remove(self, name: str) -> None:
        (self.traces / f"{name}.json").unlink(missing_ok=True)

    @rule()
    def look(self) -> None:
        self.session.refresh()

    @rule(approvals=st.integers(1, 2), others=st.booleans())
    def change_policy(self, approvals: int, others: bool) -> None:
        path = self.workspace / "assay.toml"
        changed = {"approvals_required": str(approvals), "revoke_others": str(others).lower()}
        lines = [line for line in path.read_text().splitlines() if line.partition(" =")[0] not in changed]
        path.write_text("\n".join([*(f"{key} = {value}" for key, value in changed.items()), *lines]) + "\n")

    def decide(self, kind: DecisionKind, actor: str) -> None:
        view = self.session.snapshot.candidates[0]
        self.said += 1
        reason = f"reason {self.said}"
        detail: dict[str, object] = {"name": f"name_{self.said}"} if kind == "rename" else {}
        self.open.append(reason)
        with suppress(Refused):
            self.session.decide(
                Request(kind, view.lineage, view.behaviour_digest, actor, reason, seen=view, detail=detail)
            )
            self.acknowledged.append(reason)
        self.open.remove(reason)

    @precondition(lambda self: self.session.snapshot.candidates)
    @rule(kind=KINDS, actor=ACTORS)
    def decide_well(self, kind: DecisionKind, actor: str) -> None:
        self.decide(kind, actor)

    @precondition(lambda self: self.session.snapshot.candidates)
    @rule(kind=KINDS, actor=ACTORS, at=st.integers(0, 60), half=st.booleans(), full=st.booleans())
    def decide_and_fail(self, kind: DecisionKind, actor: str, at: int, half: bool, full: bool) -> None:
        self.start(disk := Full(10**9) if full else Dying(10**9, half=half))
        disk.at = len(disk.effects) + at
        if not self.session.snapshot.candidates:
            return
        with suppress(Crash, WorkspaceError):
            self.decide(kind, actor)
        self.restart()

    @rule()
    def restart(self) -> None:
        self.start()
        store = self.session.store
        journal = store.load_journal()
        assert journal.faults == ()
        assert journal.torn_tail == b""
        recorded = Counter(decision.reason for decision in journal.decisions)
        assert all(count == 1 for count in recorded.values())
        assert recorded.keys() >= set(self.acknowledged)
        assert recorded.keys() <= {*self.acknowledged, *self.open}
        self.acknowledged, self.open = [str(reason) for reason in recorded], []
        now = present(self.session.snapshot.candidates, store.redactor(self.session.snapshot.policy))
        assert verify(store, now).problems == ()
        assert not store.tmp.exists() or not list(store.tmp.iterdir())
        assert recover(store) == ()

    @rule()
    def compare_with_a_cold_start(self) -> None:
        """Whatever the session went through, it stands where a new one would."""
        self.session._look()
        live = self.session.refresh()
        self.start()
        cold = self.session.snapshot
        assert [(v.lineage, v.status, v.reasons, v.label) for v in live.candidates] == [
            (v.lineage, v.status, v.reasons, v.label) for v in cold.candidates
        ]

    def teardown(self) -> None:
        try:
            self.restart()
        finally:
            shutil.rmtree(self.root)


RUN = settings(
    max_examples=30, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
)
BREAK = settings(RUN, phases=[Phase.generate], report_multiple_bugs=False)
"""For a machine that has to fail, by whatever example."""


def test_every_restart_finds_every_acknowledged_decision_once() -> None:
    run_state_machine_as_test(Reviewing, settings=RUN)  # type: ignore[no-untyped-call]


def test_a_decision_that_is_forgotten_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard: the machine fails when recovery takes back the last decision of the journal."""

    def forgetful(store: Workspace) -> tuple[str, ...]:
        data = store.journal_file.read_bytes() if store.journal_file.exists() else b""
        if len(lines := data.splitlines(keepends=True)) > 1:
            store.journal_file.write_bytes(b"".join(lines[:-1]))
        return recovery.recover(store)

    monkeypatch.setitem(Reviewing.start.__globals__, "recover", forgetful)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Reviewing, settings=BREAK)  # type: ignore[no-untyped-call]


def test_promotion_files_that_are_left_behind_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Guard: the machine fails when nobody writes what became of a status, or moves what was staged."""
    monkeypatch.setattr("core.review.transaction.move_files", lambda *_, **__: None)
    monkeypatch.setitem(Reviewing.start.__globals__, "recover", lambda _: ())
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Reviewing, settings=BREAK)  # type: ignore[no-untyped-call]
