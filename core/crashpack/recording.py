"""Writing down trace events, for those who make a crashpack (spec/review.md, The transfer state of a promotion)."""

from __future__ import annotations

from typing import Literal

from core.crashpack.events import TraceEvent
from core.crashpack.oracles import Violation
from core.crashpack.witness import witness_message
from core.model.text import visible

ObligationState = Literal["Reserved", "Committed", "Aborted", "Leaked"]

_KIND_OF_STATE: dict[ObligationState, str] = {
    "Reserved": "obligation_reserve",
    "Committed": "obligation_commit",
    "Aborted": "obligation_abort",
    "Leaked": "obligation_leak",
}
_MAX_U32, _MAX_TIME = 2**32 - 1, 2**64 - 1


class EventLog:
    """Events in the order in which they are added, numbered from 0.

    Times are in nanoseconds; a time outside 0 to 2^64-1 is brought to the nearer end. Messages are spelled out by
    `visible`, so that each stays on one line of the logs.
    """

    def __init__(self) -> None:
        self.events: list[TraceEvent] = []
        """What was added so far."""

    def add(self, kind: str, data: object = "None", time: int = 0) -> None:
        """Any event; `data` in the form of spec/crashpack.md."""
        moment = min(max(time, 0), _MAX_TIME)
        self.events.append(TraceEvent(seq=len(self.events), time=moment, kind=kind, data=data))

    def message(self, text: str, time: int = 0) -> None:
        """Something said in words."""
        self.add("user_trace", {"Message": visible(text)}, time)

    def region_opened(self, region: int, time: int = 0, *, parent: int | None = None) -> None:
        """A run, or a part of one, begins."""
        above = None if parent is None else _id("RegionId", parent)
        self.add("region_created", {"Region": {"region": _id("RegionId", region), "parent": above}}, time)

    def region_closed(self, region: int, time: int = 0) -> None:
        """A run, or a part of one, is over."""
        for kind in ("region_close_begin", "region_close_complete"):
            self.add(kind, {"Region": {"region": _id("RegionId", region), "parent": None}}, time)

    def obligation(self, obligation: int, state: ObligationState, time: int = 0, *, task: int, region: int) -> None:
        """A promise is made, kept, taken back or left open: an approval point."""
        data = {
            "obligation": _id("ObligationId", obligation),
            "task": _id("TaskId", task),
            "region": _id("RegionId", region),
            "kind": "Ack",
            "state": state,
            "duration_ns": None,
            "abort_reason": "Explicit" if state == "Aborted" else None,
        }
        self.add(_KIND_OF_STATE[state], {"Obligation": data}, time)

    def checkpoint(self, sequence: int, tasks: int, regions: int, time: int = 0) -> None:
        """How much there is at this point."""
        data = {"sequence": sequence, "active_tasks": tasks, "active_regions": regions}
        self.add("checkpoint", {"Checkpoint": data}, time)

    def witness(self, oracle_name: str, violation: Violation, time: int = 0) -> None:
        """The failure witness that a violation needs."""
        self.message(witness_message(oracle_name, violation), time)


def _id(kind: str, index: int) -> dict[str, object]:
    return {"kind": kind, "index": min(max(index, 0), _MAX_U32), "generation": 0}
