"""What an approval is refused for that has changed since somebody read it, result by result."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from core.live.reviewing import Refused, Request
from core.live.snapshot import CandidateView
from core.model.candidate import TraceResult
from core.review.checks import check
from core.store.policy import Policy
from tests.review.making import opened, releases

Change = Callable[[TraceResult], TraceResult | None]


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> CandidateView:
    """A candidate on which four runs agree."""
    (view,) = opened(releases(tmp_path_factory.mktemp("checks") / "traces")).snapshot.candidates
    return view


def having(view: CandidateView, change: Change) -> CandidateView:
    """The candidate with another result of its run 3, or without one."""
    *first, last = view.candidate.shadow.traces
    results = tuple(result for result in (*first, change(last)) if result is not None)
    return replace(view, candidate=view.candidate.replace(shadow=view.candidate.shadow.replace(traces=results)))


def with_(**fields: Any) -> Change:
    return lambda result: result.replace(**fields)


FAILING = with_(passed=False, details=("x",))


@pytest.mark.parametrize(
    ("seen", "now", "told"),
    [
        (with_(), FAILING, "run run-3 fails now"),
        (FAILING, with_(), "run run-3 passes now"),
        (with_(), with_(passed=False, source_hash="sha256:other"), "run run-3 was changed"),
        (with_(), with_(allowed=("a rule",)), "run run-3 was changed"),
        (with_(), lambda _: None, "run run-3 is gone"),
        (lambda _: None, FAILING, "run run-3 was added and fails"),
        (lambda _: None, with_(), None),
        (with_(), with_(), None),
    ],
)
def test_a_result_that_is_another_one_now_is_named(view: CandidateView, seen: Change, now: Change, told: str | None):
    read = having(view, seen)
    request = Request("approve", view.lineage, view.behaviour_digest, "ann@example.com", "read it", seen=read)
    if told is None:
        check(request, having(view, now), Policy())
        return
    with pytest.raises(Refused) as refused:
        check(request, having(view, now), Policy())
    assert (refused.value.stale, refused.value.reasons) == (True, (told,))
