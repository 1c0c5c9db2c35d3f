"""Evaluation on held-out runs."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.evaluate import evaluate
from core.measures import Estimate, Judged, Tally, brier, calibration_error, noise_floor
from core.model.errors import InputError
from tests.mining_generalised.data import ROOT, airline, retail
from tests.mining_generalised.noise import FAMILIES, closing
from tui.cli.main import main

MEASURES = (
    "jobs_covered",
    "effects_covered",
    "reproduction",
    "per_effect_reproduction",
    "per_effect_from_any_start",
    "completed_after_two_steps",
    "binding_member",
    "binding_exact",
    "calibration_error",
    "candidates",
    "outcomes",
    "seconds",
)


def test_real_runs_are_covered_and_predicted() -> None:
    found = evaluate(retail(), min_examples=5, seeds=1)
    assert all({"value", "low", "high"} <= found[name].keys() for name in MEASURES)
    assert found["jobs_covered"]["value"] > 0.4
    assert found["reproduction"]["value"] > 0.65
    assert found["binding_member"]["value"] > 0.95
    assert found["binding_exact"]["value"] > 0.9
    assert found["candidates"]["value"] <= 16
    assert found["jobs_covered"]["low"] <= found["jobs_covered"]["value"] <= found["jobs_covered"]["high"]
    assert found["reruns_of_one_task"] == []


def test_runs_of_a_domain_that_no_rule_was_written_for() -> None:
    found = evaluate(airline(), min_examples=5, seeds=1)
    assert found["jobs_covered"]["value"] > 0.6
    assert found["effects_covered"]["value"] > 0.55
    assert found["reproduction"]["value"] > 0.65
    assert found["binding_member"]["value"] > 0.93
    assert found["binding_exact"]["value"] > 0.84
    assert found["calibration_error"]["value"] < 0.12


def test_a_planted_workflow_is_reproduced_and_noise_covers_nothing() -> None:
    planted = evaluate(closing(random.Random(1), 40), min_examples=5, seeds=1)
    assert planted["jobs_covered"]["value"] == 1
    assert planted["reproduction"]["value"] == 1
    assert planted["binding_exact"]["value"] == 1
    noise = evaluate(FAMILIES["uniform"](random.Random(1), ()), min_examples=5, seeds=1)
    assert noise["jobs_covered"]["value"] == 0
    assert noise["reproduction"]["value"] is None


def test_held_out_groups_are_never_mined() -> None:
    """Re-runs of one task all stand on one side, so that memorised runs do not count."""
    runs = [t.replace(id=f"{t.id} {n}") for t in closing(random.Random(2), 12) for n in range(4)]
    seen: list[str] = []
    found = evaluate(runs, min_examples=5, seeds=1, progress=seen.append)
    assert found["groups"] == 12
    assert len(seen) == 5


def test_progress_tells_runs_without_a_workflow_id_in_words() -> None:
    seen: list[str] = []
    runs = [trace.replace(workflow_id=None) for trace in closing(random.Random(2), 12)]
    evaluate(runs, min_examples=5, seeds=1, progress=seen.append)
    assert seen[0] == "(no workflow id): seed 1 of 1, fold 1 of 5"


def test_order_and_success_do_not_change_the_figures_but_seconds() -> None:
    first = evaluate(retail(), min_examples=5, seeds=1)
    again = evaluate([t.replace(metadata={}) for t in reversed(retail())], min_examples=5, seeds=1)
    for name in MEASURES[:-2]:
        assert again[name] == first[name]
    assert again["outcomes"]["value"] is None


def test_too_few_runs_are_an_input_error() -> None:
    with pytest.raises(InputError, match="too few runs to evaluate"):
        evaluate(retail()[:3], min_examples=5)


def test_the_command_prints_json_and_words_and_leaves_bad_files_out(tmp_path: Path) -> None:
    for place, trace in enumerate(closing(random.Random(3), 20)):
        (tmp_path / f"{place}.json").write_bytes(trace.model_dump_json(by_alias=True).encode())
    (tmp_path / "bad.json").write_text("{")
    given = [str(tmp_path), "--seeds", "1", "--min-examples", "5"]
    told = CliRunner().invoke(main, ["evaluate", *given, "--json"], prog_name="assay")
    assert told.exit_code == 0, told.stderr
    assert json.loads(told.stdout)["jobs_covered"]["value"] == 1
    assert "left out: " in told.stderr
    assert "fold 5 of 5" in told.stderr
    words = CliRunner().invoke(main, ["evaluate", *given], prog_name="assay")
    assert "jobs covered" in words.stdout
    assert "20 of 20 runs judged" in words.stdout


def test_the_shipped_subset_keeps_its_licence() -> None:
    assert "MIT License" in (ROOT / "tests" / "data" / "tau_retail" / "LICENSE").read_text()


def test_a_tally_is_a_ratio_with_an_interval_over_groups() -> None:
    tally = Tally()
    assert tally.estimate() == Estimate(None, None, None)
    for group in range(20):
        tally.add(f"g{group}", group % 2, 1)
    found = tally.estimate()
    assert found.value == 0.5
    assert found.low is not None
    assert found.high is not None
    assert 0.2 <= found.low < 0.5 < found.high <= 0.8
    for _ in range(50):
        tally.add("g1", 1, 1)
    weighted = tally.estimate()
    assert weighted.value == pytest.approx(60 / 70)
    assert weighted.low is not None
    assert weighted.low < 0.7


def test_calibration_measures_the_distance_to_what_happened() -> None:
    sure = [Judged("g", 0.85, n < 17) for n in range(20)]
    wrong = [Judged("g", 0.85, n < 5) for n in range(20)]
    assert calibration_error(sure) == pytest.approx(0)
    assert calibration_error(wrong) == pytest.approx(0.6)
    assert calibration_error([]) is None
    floor = noise_floor(sure)
    assert floor is not None
    assert 0 < floor < 0.25
    assert brier(wrong) == {"value": 0.5475, "constant_rate": 0.1875}
