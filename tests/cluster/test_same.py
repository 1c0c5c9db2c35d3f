"""A cluster finds exactly what the live workspace finds, however the runs are spread."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.store.policy import CohortKey, Policy
from tests.cluster.local import locally, on_cluster, told, write
from tests.columns.making import run_fields

UNITS = st.permutations(["a", "b/c", "b/d", "e", "f", "shadow/g", "b", "h"])
IDS = st.lists(st.sampled_from(["", "x", "y"]), min_size=8, max_size=8)
RUNS = st.lists(run_fields, min_size=2, max_size=8)
COHORTS = st.sampled_from(["workflow_id", "goal", "none"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, IDS, UNITS, COHORTS, st.integers(1, 4), st.integers(1, 5))
def test_exact_candidates(
    runs: list[dict[str, Any]], ids: list[str], units: list[str], cohort: CohortKey, part_files: int, most: int
) -> None:
    same(runs, ids, units, part_files, Policy(mode="exact", cohort=cohort, max_candidates=most))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, IDS, UNITS, COHORTS, st.integers(1, 4))
def test_generalised_candidates(
    runs: list[dict[str, Any]], ids: list[str], units: list[str], cohort: CohortKey, part_files: int
) -> None:
    same(runs, ids, units, part_files, Policy(mode="generalised", cohort=cohort))


def same(runs: list[dict[str, Any]], ids: list[str], units: list[str], part_files: int, policy: Policy) -> None:
    with TemporaryDirectory() as name:
        tmp = Path(name)
        named = [
            run | ({"id": given} if given else {"id": unit}) for run, given, unit in zip(runs, ids, units, strict=False)
        ]
        write(tmp / "runs", {f"{unit}.json": run for unit, run in zip(units, named, strict=False)})
        write(tmp / "runs", {"z/broken.json": b"{"})
        assert told(on_cluster(tmp / "runs", policy, tmp, part_files=part_files)) == told(locally(tmp / "runs", policy))
