"""Runs are sorted the same way with what is known of them from before, and looked at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.columns.again import NOWHERE
from core.live import engine, partition
from core.live.changes import ChangeSet, LoadedFile
from core.live.engine import Change, State, step
from core.live.partition import Partition
from core.mining.exclude import Exclusion
from core.model.trace import Action, Trace
from core.store.policy import NEW_POLICY
from tests.live.test_engine_generalised import loaded

POLICY = NEW_POLICY.replace(cohort="workflow_id")


def run(name: str, workflow: str | None, *, bad: bool = False) -> Trace:
    action = Action(id="a", kind="tool_call", name="look", metadata={"policy_violation": True} if bad else {})
    return Trace(version=1, id=name, source_hash=f"sha256:{name}", workflow_id=workflow, actions=(action,))


RUNS = [run(name, workflow, bad=name == "c") for name in "abc" for workflow in (None, "", "one")]
units = st.sampled_from([f"{folder}{name}.json" for folder in ("", "shadow/") for name in "xyz"])
folders = st.lists(st.dictionaries(units, st.sampled_from(RUNS)), min_size=1, max_size=4)


@given(folders, st.sampled_from(["workflow_id", "none"]))
def test_what_is_known_from_before_changes_nothing(series: Sequence[dict[str, Trace]], cohort: str) -> None:
    policy = POLICY.replace(cohort=cohort)
    before: Partition | None = None
    for folder in series:
        files = {unit: loaded(unit, trace) for unit, trace in folder.items()}
        before = partition.partition(files, policy, NOWHERE, before)
        assert before == partition.partition(files, policy, NOWHERE)


def test_a_run_is_looked_at_once_and_again_when_the_rules_change(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[str] = []

    def exclusion(trace: Trace) -> Exclusion | None:
        looked.append(trace.id)
        return None

    monkeypatch.setattr(partition, "exclusion", exclusion)

    def files(*names: str) -> dict[str, LoadedFile]:
        return {f"{name}.json": loaded(f"{name}.json", run(name, "one")) for name in names}

    state = step(State(), Change(files=ChangeSet(files("a", "b")), policy=POLICY))
    state = step(state, Change(files=ChangeSet(files("c"))))
    assert looked == ["a", "b", "c"]
    assert not state.parts.shadow
    state = step(state, Change(policy=POLICY.replace(shadow_paths=("b*",))))
    assert sorted(looked) == ["a", "a", "b", "b", "c", "c"]
    assert len(state.parts.shadow) == 1
    engine.anew(state)
    assert sorted(looked) == ["a", "a", "a", "b", "b", "b", "c", "c", "c"]
