"""A cluster finds exactly what the live workspace finds, however the runs are spread."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.cluster.running import Cluster, DaskCluster
from core.store.policy import CohortKey, Mode, Policy
from tests.cluster.local import locally, on_cluster, told, write
from tests.cluster.serial import Forgetful, Serial
from tests.columns.making import run_fields
from tests.columns.test_answers import counted

UNITS = st.permutations(["a", "b/c", "b/d", "e", "f", "shadow/g", "b", "h"])
IDS = st.lists(st.sampled_from(["", "x", "y"]), min_size=8, max_size=8)
RUNS = st.lists(run_fields, min_size=2, max_size=8)
TOO_BIG = str(2**62)
"""Tokens and the like whose sums are not kept."""
COHORTS = st.sampled_from(["workflow_id", "goal", "none"])


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, IDS, UNITS, COHORTS, st.integers(1, 4), st.integers(1, 5))
def test_exact_candidates(
    runs: list[dict[str, Any]], ids: list[str], units: list[str], cohort: CohortKey, part_files: int, most: int
) -> None:
    same(runs, ids, units, part_files, Policy(mode="exact", cohort=cohort, max_candidates=most), Serial())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, IDS, UNITS, COHORTS, st.integers(1, 4))
def test_generalised_candidates(
    runs: list[dict[str, Any]], ids: list[str], units: list[str], cohort: CohortKey, part_files: int
) -> None:
    same(runs, ids, units, part_files, Policy(mode="generalised", cohort=cohort), Serial())


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(RUNS, IDS, UNITS, st.sampled_from(["exact", "generalised"]), st.integers(1, 3), st.integers())
def test_what_is_lost_is_made_again(
    runs: list[dict[str, Any]], ids: list[str], units: list[str], mode: Mode, part_files: int, seed: int
) -> None:
    same(runs, ids, units, part_files, Policy(mode=mode, max_candidates=3), Forgetful(seed))


@settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(RUNS, IDS, UNITS, st.sampled_from(["exact", "generalised"]), st.integers(1, 4))
def test_workers_find_the_same(
    cluster: DaskCluster, runs: list[dict[str, Any]], ids: list[str], units: list[str], mode: Mode, part_files: int
) -> None:
    same(runs, ids, units, part_files, Policy(mode=mode, max_candidates=3), cluster)


def same(
    runs: list[dict[str, Any]], ids: list[str], units: list[str], part_files: int, policy: Policy, cluster: Cluster
) -> None:
    with TemporaryDirectory() as name:
        tmp = Path(name)
        named = [
            run | ({"id": given} if given else {"id": unit}) for run, given, unit in zip(runs, ids, units, strict=False)
        ]
        write(tmp / "runs", {f"{unit}.json": run for unit, run in zip(units, named, strict=False)})
        write(tmp / "runs", {"z/broken.json": b"{"})
        # What one process does needs no disk, which takes most of the time.
        dataset = "" if isinstance(cluster, DaskCluster) else f"memory://{name}"
        with counted() as looked:
            found = on_cluster(tmp / "runs", policy, tmp, part_files=part_files, cluster=cluster, dataset=dataset)
        assert told(found) == told(locally(tmp / "runs", policy))
        assert not looked["faults"], "the workers compared"
        assert not looked["summary"] or TOO_BIG in str(runs), "the workers summed up all that can be kept"
