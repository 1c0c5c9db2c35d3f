"""`assay ingest`, `assay mine` and what opens a result, as they are typed."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.cluster import running
from core.cluster.counting import TOGETHER, grouped
from core.store.policy import Policy
from tests.cluster.local import locally, on_cluster, told, write
from tests.cluster.runs import varied
from tests.cluster.serial import Serial
from tui.cli import main as program
from tui.cli.exits import exit_code


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(running, "DaskCluster", lambda *_: Serial())
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "runs", varied(30))
    return tmp_path


def typed(*words: str) -> Result:
    result = CliRunner().invoke(program.main, words)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        result.exit_code = exit_code(result.exception)  # type: ignore[arg-type]
    return result


def shown(*words: str) -> Any:
    result = typed(*words, "--json")
    return json.loads(result.stdout)


def test_ingest_tells_what_it_read(folder: Path) -> None:
    said = typed("ingest", "runs", "--to", "set", "--part-files", "10").output.splitlines()
    assert said[0] == "read 34 files, 0 were as before, 0 are gone"
    assert said[1].startswith("set holds 33 runs with ")
    assert said[1].endswith(", 4 parts)")
    assert said[2] == "1 quarantined:"
    assert said[3].startswith("  day-2/broken.json: unfinished JSON: the JSON ends in the middle (line 1 ")
    for number in range(12):
        (folder / f"runs/bad-{number}.json").write_text("[")
    said = typed("ingest", "runs", "--to", "set").output.splitlines()
    assert said[2] == "13 quarantined:"
    assert said[-1] == "  … all of them as tables: set/quarantine/*.parquet"
    found = shown("ingest", "runs", "--to", "set")
    assert (found["runs"], found["quarantined"], found["source"]) == (33, 13, str(folder / "runs"))


@pytest.mark.parametrize("mode", ["exact", "generalised"])
@pytest.mark.parametrize("broken", [False, True])
def test_a_dataset_without_runs_has_no_candidate(folder: Path, mode: str, *, broken: bool) -> None:
    (folder / "none").mkdir(exist_ok=True)
    if broken:
        (folder / "none" / "a.json").write_text("[")
    assert typed("ingest", "none", "--to", f"{mode}-{broken}").exit_code == 0
    result = typed("mine", f"{mode}-{broken}", "--mode", mode)
    assert (result.exit_code, str(result.exception)) == (1, "no sequence repeats often enough")
    assert typed("list", f"{mode}-{broken}.result").exit_code == 0


def test_mine_tells_what_it_found_and_every_command_opens_it(folder: Path) -> None:
    typed("ingest", "runs", "--to", "set")
    result = typed("mine", "set")
    assert result.exit_code == 0
    assert result.output.endswith("review it with: assay review --from set.result\n")
    listed = shown("mine", "set", "--to", "other")
    assert listed["result"] == "other"
    assert {one["lineage"] for one in shown("list", "other")["candidates"]} == {
        one["lineage"] for one in listed["candidates"]
    }
    assert typed("mine", "set", "--min-support", "500").exit_code == 1


@pytest.mark.parametrize("share", [0.3, 0.6, 1.0])
def test_a_share_is_that_of_the_cohort(folder: Path, share: float) -> None:
    local = locally(folder / "runs", Policy(mode="exact", cohort="none"))
    (mined,) = {view.cohort_runs for view in local.candidates}
    least = Policy(mode="exact", cohort="none", min_examples=max(2, math.ceil(share * mined)))
    found = on_cluster(folder / "runs", Policy(mode="exact", cohort="none"), folder, part_files=5, share=share)
    wanted = [view.lineage for view in locally(folder / "runs", least).candidates]
    assert [view.lineage for view in found.candidates] == wanted
    typed("ingest", "runs", "--to", "set", "--part-files", "7")
    listed = shown("mine", "set", "--cohort", "none", "--min-support", f"{share * 100:g}%")
    assert sorted(one["lineage"] for one in listed["candidates"]) == sorted(wanted)
    assert told(found)


@pytest.mark.parametrize("support", ["0%", "101%", "1", "few", "-3", "nan%"])
def test_a_support_that_is_none_is_refused(folder: Path, support: str) -> None:
    result = typed("mine", "set", f"--min-support={support}")
    assert result.exit_code == 2
    assert "is neither a share such as 0.1% nor a number of runs" in result.output


def test_where_work_is_done_is_said_once(folder: Path) -> None:
    result = typed("mine", "set", "--workers", "2", "--scheduler", "tcp://127.0.0.1:1")
    assert result.exit_code == 2
    assert "a scheduler has its own" in result.output
    assert typed("mine", "memory://set").exit_code == 2, "a result lies on this machine"


def test_a_scheduler_that_cannot_be_reached_ends_with_3(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "CONNECT", "0.3s")
    result = typed("mine", str(tmp_path / "set"), "--scheduler", "tcp://127.0.0.1:1")
    assert result.exit_code == 3
    assert "cannot reach a Dask scheduler at tcp://127.0.0.1:1: " in str(result.exception)


def test_parts_are_counted_together_in_equal_groups() -> None:
    assert grouped([5] * 8, 4) == [range(2), range(2, 4), range(4, 6), range(6, 8)]
    assert grouped([9, 1, 1, 1], 2) == [range(1), range(1, 4)]
    assert grouped([100, 101, 102, 103], 2) == [range(2), range(2, 4)]
    assert grouped([0, 0], 4) == [range(2)]
    assert grouped([TOGETHER // 4] * 16, 2) == [range(at, at + 4) for at in range(0, 16, 4)]
