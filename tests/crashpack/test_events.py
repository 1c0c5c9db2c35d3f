from __future__ import annotations

from typing import Any

import pytest

from core.crashpack.event_text import event_text, project, time_text
from core.crashpack.events import KINDS, TraceEvent, decode_events, dump_events
from core.crashpack.recording import EventLog
from core.model.jsontext import parse, plain
from core.model.record import DecodeError
from tests.crashpack.makers import message

EVENT = {"version": 1, "seq": 3, "time": 9, "logical_time": None, "kind": "poll", "data": "None"}


def ident(kind: str, index: int) -> dict[str, Any]:
    return {"kind": kind, "index": index, "generation": 0}


TASK = {"Task": {"task": ident("TaskId", 1), "region": ident("RegionId", 2)}}


def test_there_are_45_kinds() -> None:
    assert len(KINDS) == 45
    assert all(kind in KINDS for kind in ("budget_consumed", "user_trace", "task_admitted"))


def test_what_is_read_is_written_again_with_its_key_order() -> None:
    value = [
        {
            **EVENT,
            "logical_time": {"vector": {"entries": {"b": 1, "a": 2}}},
            "data": {"Odd": {"z": 1, "a": {"y": 2, "b": 3}}},
        }
    ]
    (event,) = decode_events(value)
    assert b'"z": 1,\n        "a": {\n          "y"' in dump_events([event])
    assert b'"b": 1,\n          "a": 2' in dump_events([event])
    assert plain(event) == value[0]
    assert list(plain(event)) == ["version", "seq", "time", "logical_time", "kind", "data"]


def test_version_and_logical_time_have_defaults() -> None:
    (event,) = decode_events([{"seq": 1, "time": 2, "kind": "wake", "data": "None"}])
    assert (event.version, event.logical_time) == (1, None)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"kind": "nope"}, r"\[0\].kind: \"nope\" is no kind"),
        ({"kind": 3}, "kind"),
        ({"kind": []}, "kind"),
        ({"seq": -1}, "seq"),
        ({"seq": 2**64}, "seq"),
        ({"seq": True}, "seq"),
        ({"seq": 1.0}, "seq"),
        ({"time": None}, "time"),
        ({"version": 2}, "version"),
        ({"version": True}, "version"),
        ({"data": None}, "data"),
        ({"data": "Some"}, "data"),
        ({"data": {}}, "data"),
        ({"data": {"Message": "a", "Task": {}}}, "data"),
        ({"data": {"Message": 3}}, "Message"),
        ({"data": {"Odd": 3}}, "Odd"),
        ({"data": {"Task": {"task": ident("TaskId", 1)}}}, "Task.region"),
        ({"data": {"Task": {"task": ident("TaskId", -1), "region": ident("RegionId", 1)}}}, "Task.task.index"),
        ({"data": {"Task": {"task": ident("TaskId", 2**32), "region": ident("RegionId", 1)}}}, "Task.task.index"),
        ({"data": {"Region": {"region": ident("RegionId", 1), "parent": 3}}}, "Region.parent"),
        ({"data": {"RegionCancel": {"region": ident("RegionId", 1), "reason": {}}}}, "reason.kind"),
        (
            {"data": {"RegionCancel": {"region": ident("R", 1), "reason": {"kind": "User", "message": 1}}}},
            "reason.message",
        ),
        ({"data": {"Checkpoint": {"sequence": 1, "active_tasks": 2}}}, "Checkpoint.active_regions"),
        ({"data": {"RngSeed": {"seed": "1"}}}, "RngSeed.seed"),
        ({"data": {"RngValue": {}}}, "RngValue.value"),
        ({"logical_time": 3}, "logical_time"),
        ({"logical_time": {"lamport": "5"}}, "logical_time"),
        ({"logical_time": {"lamport": True}}, "logical_time"),
        ({"logical_time": {"vector": {"entries": {"a": -1}}}}, "logical_time"),
        ({"logical_time": {"other": 1}}, "logical_time"),
    ],
)
def test_what_is_no_event_is_refused_by_name(change: dict, place: str) -> None:
    with pytest.raises(DecodeError, match=place):
        decode_events([{**EVENT, **change}])


@pytest.mark.parametrize("value", [{}, None, "x", [3], [None]])
def test_what_is_no_list_of_events_is_refused(value: object) -> None:
    with pytest.raises(DecodeError, match="expected"):
        decode_events(value)


@pytest.mark.parametrize(
    ("nanoseconds", "text"),
    [
        (0, "0ns"),
        (999, "999ns"),
        (1_000, "1us"),
        (999_999, "999us"),
        (1_000_000, "1ms"),
        (999_999_999, "999ms"),
        (1_000_000_000, "1.000s"),
        (1_999_999_999, "1.999s"),
        (2**64 - 1, "18446744073.709s"),
    ],
)
def test_times_by_size(nanoseconds: int, text: str) -> None:
    assert time_text(nanoseconds) == text


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({}, "[000003] 9ns poll"),
        ({"seq": 1234567}, "[1234567] 9ns poll"),
        ({"data": TASK}, "[000003] 9ns poll T1 in R2"),
        ({"data": {"Region": {"region": ident("R", 2), "parent": ident("R", 1)}}}, "[000003] 9ns poll R2 (parent: R1)"),
        ({"data": {"Region": {"region": ident("R", 2), "parent": None}}}, "[000003] 9ns poll R2"),
        ({"data": {"RngSeed": {"seed": 7}}}, "[000003] 9ns poll rng_seed=7"),
        ({"data": {"RngValue": {"value": 7}}}, "[000003] 9ns poll rng_value=7"),
        ({"data": {"Message": 'a "b"'}}, '[000003] 9ns poll "a "b""'),
        ({"data": {"Odd": {"z": 1}}}, '[000003] 9ns poll {"Odd":{"z":1}}'),
        (
            {"data": {"Checkpoint": {"sequence": 1, "active_tasks": 2, "active_regions": 3}}},
            "[000003] 9ns poll checkpoint seq=1 tasks=2 regions=3",
        ),
        (
            {"data": {"RegionCancel": {"region": ident("R", 1), "reason": {"kind": "RaceLost", "message": None}}}},
            "[000003] 9ns poll R1 reason=race lost",
        ),
        (
            {"data": {"RegionCancel": {"region": ident("R", 1), "reason": {"kind": "Timeout", "message": "m"}}}},
            "[000003] 9ns poll R1 reason=timeout: m",
        ),
        ({"logical_time": {"lamport": 5}}, "[000003] 9ns poll @Lamport(LamportTime(5))"),
        ({"logical_time": {"vector": {"entries": {"b": 1, "a": 2}}}}, "[000003] 9ns poll @Vector(VC{a:2, b:1})"),
        (
            {"logical_time": {"hybrid": {"physical": 1000, "logical": 2}}},
            "[000003] 9ns poll @Hybrid(HybridTime { physical: Time(1000ns), logical: 2 })",
        ),
    ],
)
def test_events_as_text(change: dict, text: str) -> None:
    (event,) = decode_events([{**EVENT, **change}])
    assert event_text(event) == text


def test_control_characters_are_spelled_out_but_line_feeds_stay() -> None:
    assert event_text(message("a\x1b[2J\r\t\u202eb\nc")) == '[000000] 0ns user_trace "a\\e[2J\\r\\t\\u{202e}b\nc"'
    (event,) = decode_events([{**EVENT, "logical_time": {"vector": {"entries": {"\x1b": 1}}}}])
    assert "\x1b" not in event_text(event)


def test_the_three_logs() -> None:
    events = [
        TraceEvent(seq=0, kind="spawn", data=TASK),
        TraceEvent(seq=1, kind="io_ready", data={"IoReady": {}}),
        message("ROUTE over Udp", 2),
        message("RaptorQ Symbol", 3),
        message("Connection ID 7", 4),
        message("nothing", 5),
        message("fec", 6, "schedule"),
        message("racing the packet repair", 7),
    ]
    logs = {name: [line[1:7] for line in data.decode().split("\n")] for name, data in project(events).items()}
    assert logs == {
        "pathlog": ["000000", "000002", "000006", "000007"],
        "quiclog": ["000002", "000004", "000007"],
        "repairlog": ["000003", "000006", "000007"],
    }


def test_the_logs_of_nothing_are_empty() -> None:
    assert project([]) == {"pathlog": b"", "quiclog": b"", "repairlog": b""}


def test_lower_casing_is_ascii_only() -> None:
    assert project([message("\u212aIND OF PAC\u212aET")])["quiclog"] == b""


def test_recorded_events_can_be_read_again() -> None:
    log = EventLog()
    log.region_opened(1, parent=0)
    for number, state in enumerate(("Reserved", "Committed", "Aborted", "Leaked")):
        log.obligation(number, state, 5, task=1, region=1)
    log.message("two\nlines", -5)
    log.checkpoint(1, 2, 3, 2**70)
    log.region_closed(1)
    assert [plain(event) for event in decode_events(parse(dump_events(log.events)))] == plain(log.events)
    assert [event.seq for event in log.events] == list(range(len(log.events)))
    assert [event.kind for event in log.events] == [
        *("region_created", "obligation_reserve", "obligation_commit", "obligation_abort", "obligation_leak"),
        *("user_trace", "checkpoint", "region_close_begin", "region_close_complete"),
    ]
    assert log.events[5].message == "two\\nlines"
    assert (log.events[5].time, log.events[6].time) == (0, 2**64 - 1)
