"""Reading events quickly finds the same, and says the same, as looking at them one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.event_reading import events_of, read_events
from core.crashpack.events import KINDS, TraceEvent, decode_events, dump_events
from core.model.jsontext import JsonError, compact, parse, pretty
from core.model.record import DecodeError

IDS = st.fixed_dictionaries({"kind": st.just("TaskId"), "index": st.integers(0, 9), "generation": st.just(0)})
DATA = (
    st.just("None")
    | st.fixed_dictionaries({"Message": st.text(max_size=9) | st.sampled_from(["\n  },\n  {\n", '"},{"', "[\n  {"])})
    | st.fixed_dictionaries({"Task": st.fixed_dictionaries({"task": IDS, "region": IDS})})
    | st.fixed_dictionaries({"Other": st.dictionaries(st.text(max_size=3), st.lists(st.integers(0, 9)), max_size=2)})
)
LOGICAL = st.none() | st.fixed_dictionaries({"lamport": st.integers(0, 2**64 - 1)})
EVENTS = st.lists(
    st.builds(
        TraceEvent,
        seq=st.integers(0, 2**64 - 1),
        time=st.integers(0, 2**64 - 1),
        logical_time=LOGICAL,
        kind=st.sampled_from(sorted(KINDS)),
        data=DATA,
    ),
    max_size=12,
)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.crashpack.event_reading._PART", 40)
    monkeypatch.setattr("core.crashpack.events._PART", 3)


@given(EVENTS)
def test_a_dump_is_that_of_its_events_and_is_known_as_one(events: list[TraceEvent]) -> None:
    data = dump_events(events)
    assert data == pretty([{name: getattr(event, name) for name in event.__slots__} for event in events])
    assert read_events(data) == (events, True)
    assert read_events(compact(parse(data))) == (events, events == [])


@given(EVENTS.filter(bool), st.data())
def test_a_changed_byte_is_never_taken_for_a_dump_of_the_same(events: list[TraceEvent], data: st.DataObject) -> None:
    made = bytearray(dump_events(events))
    at = data.draw(st.integers(0, len(made) - 1))
    match data.draw(st.sampled_from(["flip", "cut", "insert"])):
        case "flip":
            made[at] ^= data.draw(st.integers(1, 255))
        case "cut":
            made = made[:at]
        case "insert":
            made.insert(at, data.draw(st.integers(0, 255)))
    changed = bytes(made)
    slowly, quickly = (outcome(read, changed) for read in (lambda d: decode_events(parse(d)), read_events))
    if isinstance(slowly, str):
        assert quickly == slowly
    else:
        assert quickly == (slowly, dump_events(slowly) == changed)
        assert quickly != (events, True)


def outcome(read: Callable[[bytes], Any], data: bytes) -> Any:
    """What reading gives, or what it says is wrong."""
    try:
        return read(data)
    except (JsonError, DecodeError) as error:
        return str(error)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("version", True, "[1].version: expected 1"),
        ("version", 2, "[1].version: expected 1"),
        ("seq", -1, "[1].seq: expected an integer"),
        ("seq", 1.0, "[1].seq: expected an integer"),
        ("time", 2.0**70, "[1].time: expected nanoseconds"),
        ("kind", "nope", '[1].kind: "nope" is no kind'),
        ("kind", None, "[1].kind: expected a string"),
        ("logical_time", 3, "[1].logical_time: expected null or"),
        ("data", None, '[1].data: expected "None"'),
        ("data", {"Message": 1}, "[1].data.Message: expected a string"),
        ("data", {"Message": "a", "b": 1}, '[1].data: expected "None"'),
        ("data", {"Task": {}}, "[1].data.Task.task: expected an id"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(field: str, value: object, told: str) -> None:
    event = parse(dump_events([TraceEvent(), TraceEvent(seq=1)]))
    event[1][field] = value
    for read in (lambda: read_events(pretty(event)), lambda: events_of(event)):
        with pytest.raises(DecodeError) as caught:
            read()
        assert str(caught.value).startswith(told)


@pytest.mark.parametrize("value", [None, {}, "x", [1], [[]], [{}, None]])
def test_what_is_no_list_of_events_is_refused(value: object) -> None:
    with pytest.raises(DecodeError):
        events_of(value)
    with pytest.raises(DecodeError):
        read_events(pretty(value))


def test_events_of_a_value_are_those_of_its_items() -> None:
    spawned = {"seq": 1, "time": 2, "kind": "spawn", "data": "None"}
    assert events_of([spawned]) == [TraceEvent(seq=1, time=2, kind="spawn")]
    assert events_of([]) == []
