"""What an open dialog says of the runs that came, went or changed meanwhile."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import CandidateView
from core.model.candidate import TraceResult
from core.store.policy import Policy
from tests.tui import fakes
from tests.tui.made import HOSTILE
from tui.views.deciding import Case
from tui.views.drift import Drift, drift

ONE, TWO = fakes.result(1), fakes.result(2)
ALLOWED = TWO.replace(allowed=("step 1 output at /at",))
FAILING = fakes.result(2, passed=False)


def compared(*results: TraceResult) -> CandidateView:
    view = fakes.view("triage_issue")
    shadow = view.candidate.shadow.replace(traces=results)
    return replace(view, candidate=view.candidate.replace(shadow=shadow))


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ((ONE, TWO), ()),
        ((ONE,), ("Run trace_2 is gone.",)),
        ((ONE, FAILING), ("Run trace_2 differs now.",)),
        ((ONE, ALLOWED), ("Run trace_2 agrees only thanks to allow rules now.",)),
        ((TWO, fakes.result(3)), ("1 new run arrived meanwhile and agrees.", "Run trace_1 is gone.")),
        (
            (ONE, TWO, fakes.result(3), fakes.result(4), fakes.result(5, passed=False)),
            ("2 new runs arrived meanwhile and agree.", "New run trace_5 differs."),
        ),
        (
            (ONE, TWO, fakes.result(3).replace(allowed=ALLOWED.allowed)),
            ("New run trace_3 agrees only thanks to allow rules.",),
        ),
    ],
)
def test_every_result_that_is_not_as_it_was_read_is_told(now: tuple[TraceResult, ...], told: tuple[str, ...]) -> None:
    case = Case(compared(ONE, TWO), "reject", "ana@example.com", Policy())
    assert drift(case, fakes.snapshot(compared(*now))) == Drift(told)


def test_a_candidate_that_is_not_listed_any_more_cannot_be_decided_on() -> None:
    case = Case(compared(ONE), "reject", "ana@example.com", Policy())
    assert drift(case, fakes.snapshot(fakes.view("nightly_report"))) == Drift(
        ("The candidate is no longer listed.",), blocking=True
    )


def test_an_id_from_a_run_is_spelled_out() -> None:
    case = Case(compared(ONE.replace(trace_id=HOSTILE)), "reject", "ana@example.com", Policy())
    (line,) = drift(case, fakes.snapshot(compared())).lines
    assert line.isprintable()


def test_what_is_left_out_is_counted() -> None:
    lines = Drift(("a", "b", "c", "d"))
    assert lines.told(4) == ("a", "b", "c", "d")
    assert lines.told(3) == ("a", "b", "… and 2 more changes.")
