"""What the workers found out about a result's runs is taken over by whoever opens it, and nobody needs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.cluster.ingest import ingest
from core.cluster.mine import mine, snapshot_of
from core.cluster.mining import Rules
from core.cluster.result import MANIFEST, load
from core.cluster.running import DaskCluster
from core.cluster.session import ResultSession
from core.live.snapshot import Snapshot
from core.model.jsontext import parse, pretty
from core.store.policy import CohortKey, Policy
from tests.cluster.local import MAX, NOW, locally, on_cluster, told, write
from tests.cluster.runs import varied
from tests.cluster.serial import Serial, silent
from tests.columns.test_answers import counted

POLICY = Policy(mode="exact")


def opened(result: Path, policy: Policy = POLICY) -> Snapshot:
    return snapshot_of(load(result), Rules(policy), NOW, {})


@pytest.fixture
def result(tmp_path: Path) -> Path:
    write(tmp_path / "runs", varied(60))
    on_cluster(tmp_path / "runs", POLICY, tmp_path, part_files=9)
    return tmp_path / "result"


@pytest.mark.parametrize("cohort", ["workflow_id", "none"])
@pytest.mark.parametrize("part_files", [1, 9, 100])
def test_neither_the_command_nor_a_review_looks_at_columns(tmp_path: Path, cohort: CohortKey, part_files: int) -> None:
    policy = Policy(mode="exact", cohort=cohort)
    write(tmp_path / "runs", varied(60))
    with counted() as looked:
        found = on_cluster(tmp_path / "runs", policy, tmp_path, part_files=part_files)
        session = ResultSession.open(tmp_path / "result", clock=lambda: NOW)
        again = session.refresh()
    assert not looked
    assert told(found) == told(again) == told(locally(tmp_path / "runs", policy))
    assert len(found.candidates) > 2


def test_workers_of_other_processes_find_out_the_same(cluster: DaskCluster, tmp_path: Path) -> None:
    write(tmp_path / "runs", varied(60))
    with counted() as looked:
        found = on_cluster(tmp_path / "runs", POLICY, tmp_path, part_files=9, cluster=cluster)
        assert told(opened(tmp_path / "result")) == told(found)
    assert not looked


def without(result: Path) -> None:
    """As the version before wrote it."""
    manifest = parse((result / MANIFEST).read_bytes())
    del manifest["answers"]
    (result / MANIFEST).write_bytes(pretty(manifest))


def elsewhere(result: Path) -> None:
    """Answers that lie behind the end."""
    manifest = parse((result / MANIFEST).read_bytes())
    manifest["answers"] = [[number, [2**40 + place, size]] for number, (place, size) in manifest["answers"]]
    (result / MANIFEST).write_bytes(pretty(manifest))


def exchanged(result: Path) -> None:
    """Answers that are said to be about other segments."""
    manifest = parse((result / MANIFEST).read_bytes())
    count = len(manifest["runs"])
    manifest["answers"] = [[(number + 1) % (count + 1), span] for number, span in manifest["answers"]]
    (result / MANIFEST).write_bytes(pretty(manifest))


def damaged(result: Path) -> None:
    """One byte of each is another one."""
    manifest = json.loads((result / MANIFEST).read_bytes())
    (runs,) = result.glob("runs-*.columns")
    data = bytearray(runs.read_bytes())
    for _, (place, size) in manifest["answers"]:
        data[place + size // 2] ^= 255
    runs.write_bytes(data)


@pytest.mark.parametrize("change", [without, elsewhere, exchanged, damaged])
def test_a_result_without_answers_says_the_same(result: Path, change: Callable[[Path], None]) -> None:
    before = opened(result)
    change(result)
    with counted() as looked:
        assert told(opened(result)) == told(before)
    assert looked["summary"]
    assert looked["faults"]


def test_of_fewer_candidates_nothing_is_found_out_again(result: Path) -> None:
    with counted() as looked:
        found = opened(result, Policy(mode="exact", max_candidates=2))
    assert not looked
    assert len(found.candidates) < len(opened(result).candidates)


def test_each_answer_is_about_a_segment(result: Path) -> None:
    made = load(result)
    assert len(made.segments) > 2
    assert sorted(one.segment for one in made.answers) == sorted(2 * [*range(len(made.segments))])


def test_what_is_compared_is_told(tmp_path: Path) -> None:
    write(tmp_path / "runs", varied(12))
    work, seen = Serial(), list[Any]()
    ingest(str(tmp_path / "runs"), str(tmp_path / "dataset"), MAX, lambda: work, silent, 9)
    mine(str(tmp_path / "dataset"), Rules(POLICY), tmp_path / "result", work, lambda *one: seen.append(one), NOW)
    told_of = list(dict.fromkeys(what for what, *_ in seen))
    at = told_of.index("gathering evidence")
    assert told_of[at + 1] == "comparing"
    assert ("comparing", "parts", 2, 2) in seen
