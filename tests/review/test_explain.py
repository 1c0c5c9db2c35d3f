"""What speaks for a candidate and against it, however many runs there are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from core.explain import _by_chance as by_chance
from core.explain import explanation
from core.model.candidate import TraceResult
from core.shadow.results import LateResults
from tests.review.making import opened, releases
from tui.cli.explain import _print as printed


def never(*_: object) -> NoReturn:
    raise AssertionError("compared with every other result")


def test_each_result_is_made_once_and_compared_with_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (view,) = opened(releases(tmp_path / "traces")).snapshot.candidates
    looks: list[int] = []

    def result(number: int) -> TraceResult:
        looks.append(number)
        return TraceResult(trace_id=f"run-{number}", passed=number % 10 != 0)

    late = LateResults(100, result, range(0, 100, 10))
    candidate = view.candidate.replace(shadow=view.candidate.shadow.replace(traces=late))
    monkeypatch.setattr(TraceResult, "__eq__", never)
    found = explanation(replace(view, candidate=candidate))
    assert [one.trace_id for one in found.against] == [f"run-{number}" for number in late.failing]
    assert (len(found.supports), len(found.against)) == (90, 10)
    assert looks == list(range(100))


def test_a_run_that_holds_and_fails_speaks_both_for_and_against(tmp_path: Path) -> None:
    (view,) = opened(releases(tmp_path / "traces"), mode="generalised").snapshot.candidates
    results = (
        TraceResult(trace_id="a", passed=True, standing="holds"),
        TraceResult(trace_id="b", passed=False, standing="holds"),
        TraceResult(trace_id="c", passed=True, standing="otherwise"),
    )
    candidate = view.candidate.replace(shadow=view.candidate.shadow.replace(traces=results))
    found = explanation(replace(view, candidate=candidate))
    assert [one.trace_id for one in found.supports] == ["a", "b"]
    assert [one.trace_id for one in found.against] == ["b", "c"]


def test_reruns_are_not_said_to_differ_and_another_output_counts_neither_way(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (view,) = opened(releases(tmp_path / "traces"), mode="generalised").snapshot.candidates
    results = (
        TraceResult(trace_id="a", passed=True, standing="holds"),
        TraceResult(trace_id="b", passed=False, standing="holds", details=("step 1 output differs",)),
        TraceResult(trace_id="c", passed=False, standing="otherwise"),
    )
    induced = view.candidate.induction
    assert induced is not None
    made = view.candidate.replace(
        shadow=view.candidate.shadow.replace(traces=results), induction=induced.replace(reruns=True, groups=3)
    )
    seen = replace(view, candidate=made)
    found = explanation(seen)
    assert "3 distinct runs have the steps: re-runs of one task" in found.steps[0]
    printed(seen, found, {})
    said = capsys.readouterr().out
    assert "Speaks against it: 1 run\n  c (gone)\n" in said
    assert "with another kind of output than most: 1 run\n  b (gone)\n    - step 1 output differs" in said


def test_a_chance_is_not_told_as_none() -> None:
    assert [by_chance(share) for share in (0, 0.0001, 0.0005, 0.25)] == ["0.0 %", "under 0.1 %", "0.1 %", "25.0 %"]


@pytest.mark.parametrize("mode", ["exact", "generalised"])
def test_what_is_proposed_no_longer_is_explained_by_the_runs_of_its_decision(tmp_path: Path, mode: str) -> None:
    view = opened(releases(tmp_path / "traces"), mode=mode).snapshot.candidates[0]
    found = len(view.candidate.examples)
    steps = "\n".join(explanation(view).steps)
    assert f"{found} of the cohort's {view.cohort_runs} runs" in steps
    gone = explanation(replace(view, proposed=False, cohort_runs=0))
    assert f"{found} runs when it was decided; the cohort has none now" in "\n".join(gone.steps)
    assert " 0 runs" not in "\n".join((*gone.steps, *gone.confidence))
