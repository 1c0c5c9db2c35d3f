"""Runs are sorted from columns as a plain look at each of them sorts them, also after any series of changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.changes import ChangeSet
from core.live.engine import Change, State, step
from core.live.globs import matches
from core.live.names import order_of
from core.live.partition import duplicate, set_aside
from core.live.snapshot import Problem, Run
from core.mining.exclude import exclusion
from core.model.candidate import Candidate
from core.model.generalised import Induction
from core.model.trace import Action, Trace
from core.promotion.lineage import cohort_of
from core.store.policy import NEW_POLICY, Policy
from tests.live.test_engine_generalised import loaded

POLICY = NEW_POLICY.replace(cohort="workflow_id", mode="generalised")


def run(name: str, workflow: str | None = None, *, bad: bool = False, tools: Sequence[str] = ("look",)) -> Trace:
    metadata = {"policy_violation": True} if bad else {}
    actions = tuple(Action(id=f"a{n}", kind="tool_call", name=tool, metadata=metadata) for n, tool in enumerate(tools))
    return Trace(version=1, id=name, source_hash=f"sha256:{name}", workflow_id=workflow, actions=actions)


RUNS = [run(name, workflow, bad=name == "c") for name in "abc" for workflow in (None, "", "one")]
units = st.sampled_from([f"{folder}{name}.json" for folder in ("", "shadow/") for name in "xyz"])
folders = st.lists(st.dictionaries(units, st.sampled_from(RUNS)), min_size=1, max_size=4)


def plainly(
    folder: Mapping[str, Trace], policy: Policy
) -> tuple[dict[str | None, list[str]], list[str], dict[str, Run], list[Problem]]:
    """The ids of each cohort's runs and of those that are only compared, all runs, and what is left out."""
    cohorts: dict[str | None, list[str]] = {}
    shadow, excluded, first = [], [], {}
    runs = {}
    for unit in sorted(folder, key=order_of):
        trace, size = folder[unit], 1
        if (earlier := first.setdefault(trace.id, unit)) != unit:
            excluded.append(duplicate(unit, size, trace.id, earlier))
        elif cause := exclusion(trace):
            excluded.append(set_aside(unit, size, cause))
        else:
            key, apart = cohort_of(trace, policy.cohort), matches(unit, policy.shadow_paths)
            (shadow if apart else cohorts.setdefault(key, [])).append(trace.id)
            runs[trace.id] = Run(
                unit=unit,
                trace_id=trace.id,
                source_hash=trace.source_hash or "",
                cohort=key or "",
                shadow=apart,
                actions=len(trace.actions),
                started_at=None,
                finished_at=None,
                usage=trace.usage,
                sha256=loaded(unit, trace).sha256,
            )
    return cohorts, shadow, runs, excluded


@given(folders, st.sampled_from(["workflow_id", "none"]))
def test_they_are_sorted_as_by_a_plain_look(series: Sequence[dict[str, Trace]], cohort: str) -> None:
    policy = POLICY.replace(cohort=cohort)
    state = step(State(), Change(policy=policy))
    for folder in series:
        files = {unit: loaded(unit, trace) for unit, trace in folder.items()}
        state = step(state, Change(files=ChangeSet(files, gone=frozenset(state.files).difference(files))))
        parts = state.parts
        cohorts, shadow, runs, excluded = plainly(folder, policy)
        by_unit = {one.unit: one.trace_id for one in runs.values()}

        def ids(members: object) -> list[str]:
            named = members.named() if members else ()  # type: ignore[attr-defined]
            return [by_unit[unit] for unit, _ in named]  # noqa: B023 - used at once

        assert list(parts.cohorts) == sorted(cohorts, key=lambda key: (key is None, key or ""))
        assert {key: ids(members) for key, members in parts.cohorts.items()} == cohorts
        assert ids(parts.shadow) == shadow
        assert dict(parts.runs) == runs
        assert list(parts.excluded) == excluded


@pytest.mark.parametrize(
    ("sequence", "found"),
    [
        (("tool_call:look", "tool_call:write"), ["both", "many"]),
        (("tool_call:look",), ["both", "many", "one"]),
        (("tool_call:look", "tool_call:never"), []),
        (("tool_call:loo", "tool_call:write"), []),
    ],
)
def test_of_a_generalised_candidate_runs_with_its_first_and_last_tool_may_say_something(
    sequence: tuple[str, ...], found: list[str]
) -> None:
    made = [
        run("both", tools=("look", "other", "write")),
        run("many", tools=("write", "look")),
        run("none", tools=()),
        run("one", tools=("look", "looks")),
        run("other", tools=("write",)),
    ]
    files = ChangeSet({f"{trace.id}.json": loaded(f"{trace.id}.json", trace) for trace in made})
    parts = step(State(), Change(files=files, policy=POLICY)).parts
    candidate = Candidate(id="c", name="n", sequence_signature=sequence, induction=Induction())
    assert [trace.id for trace in parts.showing(candidate)] == found
