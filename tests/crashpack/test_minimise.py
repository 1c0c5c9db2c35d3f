from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.events import TraceEvent
from core.crashpack.minimise import STRUCTURAL_KINDS, MinimiseOptions, minimise
from core.crashpack.witness import is_witness
from core.model.jsontext import canonical, parse, pretty
from tests.crashpack.makers import message

KINDS = ["poll", "spawn", "complete", "obligation_leak", "io_error", "user_trace", "region_created"]
TRACES = st.lists(
    st.builds(
        TraceEvent,
        seq=st.integers(0, 3),
        kind=st.sampled_from(KINDS),
        data=st.sampled_from(["None", {"Message": "a failure"}, {"Message": "fine"}]),
    ),
    max_size=14,
)
OPTIONS = st.builds(
    MinimiseOptions,
    enabled=st.booleans(),
    reduction_target=st.floats(-1, 2),
    max_attempts=st.integers(0, 20),
    preserve_oracle_events=st.booleans(),
    preserve_timing=st.booleans(),
)


def signatures(events: list[TraceEvent]) -> Counter[bytes]:
    return Counter(canonical(event) for event in events if is_witness(event))


def naive(events: list[TraceEvent], options: MinimiseOptions) -> tuple[list[TraceEvent], int]:
    """The specification word by word: every removal recounts everything."""
    kept, attempts, refused = list(events), 0, []
    if not options.enabled or options.preserve_timing:
        return kept, attempts
    before = signatures(events)
    goal = max(0, math.floor(len(events) * (1 - options.reduction_target)))
    index = len(kept) - 1
    while index >= 0 and len(kept) > goal and attempts < options.max_attempts:
        event = kept[index]
        essential = event.kind in STRUCTURAL_KINDS or is_witness(event)
        if not (options.preserve_oracle_events and essential) and event not in refused:
            attempts += 1
            without = kept[:index] + kept[index + 1 :]
            if before and signatures(without) == before:
                kept = without
            else:
                refused.append(event)
        index -= 1
    return kept, attempts


@given(TRACES, OPTIONS)
def test_equals_the_naive_reference(events: list[TraceEvent], options: MinimiseOptions) -> None:
    outcome = minimise(events, options)
    assert (outcome.events, outcome.stats.attempts_made) == naive(events, options)


@given(TRACES, OPTIONS)
def test_witnesses_stay_and_order_stays(events: list[TraceEvent], options: MinimiseOptions) -> None:
    outcome = minimise(events, options)
    assert signatures(outcome.events) == signatures(events)
    rest = iter(events)
    assert all(any(event is other for other in rest) for event in outcome.events)
    assert outcome.stats.minimized_length == len(outcome.events)
    assert outcome.stats.original_length == len(events)


def test_structural_events_stay_unless_they_may_be_tried() -> None:
    events = [TraceEvent(kind=kind) for kind in sorted(STRUCTURAL_KINDS)]
    every = MinimiseOptions(reduction_target=1.0)
    assert minimise(events, every).events == events
    tried = MinimiseOptions(reduction_target=1.0, preserve_oracle_events=False)
    outcome = minimise(events, tried)
    assert [event.kind for event in outcome.events] == ["obligation_leak"]
    assert outcome.stats.attempts_made == len(events)


def test_the_last_events_go_first_and_the_target_is_rounded_down() -> None:
    events = [message("a failure"), *(message("fine", seq) for seq in range(1, 11))]
    outcome = minimise(events)
    assert [event.seq for event in outcome.events] == [0, 1, 2, 3, 4, 5, 6]
    assert outcome.summary == "Minimization: 11 → 7 events (36.4% reduction) in 4 attempts"


@pytest.mark.parametrize(("target", "left"), [(-1e308, 11), (1e308, 1)])
def test_a_target_far_beyond_all_events_is_as_all_or_none(target: float, left: int) -> None:
    events = [message("a failure"), *(message("fine", seq) for seq in range(10))]
    assert minimise(events, MinimiseOptions(reduction_target=target)).stats.minimized_length == left


@pytest.mark.parametrize("options", [MinimiseOptions(enabled=False), MinimiseOptions(preserve_timing=True)])
def test_options_that_remove_nothing(options: MinimiseOptions) -> None:
    events = [message("a failure"), *(message("fine", seq) for seq in range(10))]
    outcome = minimise(events, options)
    assert outcome.events == events
    assert outcome.stats.attempts_made == 0


def test_without_a_witness_each_different_event_is_tried_once() -> None:
    events = [message("fine", 1), message("fine", 1), message("fine", 2)]
    outcome = minimise(events, MinimiseOptions(reduction_target=1.0))
    assert outcome.events == events
    assert outcome.stats.attempts_made == 2


def test_nothing_is_nothing() -> None:
    assert minimise([]).summary == "Minimization: 0 → 0 events (0.0% reduction) in 0 attempts"


def test_json_of_the_outcome() -> None:
    outcome = minimise([message("a failure"), message("fine", 1)], MinimiseOptions(reduction_target=1.0))
    told = parse(pretty(outcome.as_json()))
    assert list(told) == ["minimized_events", "stats", "summary"]
    assert [event["seq"] for event in told["minimized_events"]] == [0]
    assert told["stats"]["reduction_percentage"] == 0.5


def test_a_long_trace_takes_one_look_at_each_event(monkeypatch: pytest.MonkeyPatch) -> None:
    looks = 0

    def counted(event: TraceEvent) -> bool:
        nonlocal looks
        looks += 1
        return is_witness(event)

    monkeypatch.setattr("core.crashpack.minimise.is_witness", counted)
    events = [message("a failure"), *(message("fine", seq) for seq in range(20_000))]
    outcome = minimise(events, MinimiseOptions(reduction_target=1.0, max_attempts=10**9))
    assert len(outcome.events) == 1
    assert looks == len(events)
