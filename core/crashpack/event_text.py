"""Trace events as lines of text, and the three logs of a crashpack (spec/crashpack.md, Trace event).

A message keeps its line feeds in a log, as the format has it; every other control character is spelled out. The logs
are for reading: they must equal what is computed from the events, so a line that a message forges deceives no check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from core.crashpack.events import TraceEvent
from core.model.jsontext import compact
from core.model.text import lower, visible

PATH_KINDS = frozenset(
    [
        *("spawn", "schedule", "yield", "wake", "poll", "complete", "checkpoint"),
        *("region_created", "region_close_begin", "region_close_complete", "region_cancelled"),
    ]
)
"""Kinds that belong to the path log whatever their data."""

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def project(events: Iterable[TraceEvent]) -> dict[str, bytes]:
    """The `pathlog`, `quiclog` and `repairlog` of some events: the lines of each class, without a final line feed."""
    path: list[str] = []
    quic: list[str] = []
    repair: list[str] = []
    for event in events:
        message = event.message
        if message is None:
            if event.kind in PATH_KINDS:
                path.append(event_text(event))
            continue
        low = lowered(message)
        line = ""
        # Spelled out, as a loop over the words doubles the time of a big pack.
        if "path" in low or "route" in low or "racing" in low or event.kind in PATH_KINDS:
            path.append(line := event_text(event))
        if "quic" in low or "udp" in low or "packet" in low or "connection id" in low:
            quic.append(line := line or event_text(event))
        if "repair" in low or "raptorq" in low or "fec" in low or "symbol" in low:
            repair.append(line or event_text(event))
    logs = {"pathlog": path, "quiclog": quic, "repairlog": repair}
    return {name: "\n".join(lines).encode() for name, lines in logs.items()}


def lowered(text: str) -> str:
    """ASCII lower-casing, quick for the usual text."""
    return text.lower() if text.isascii() else lower(text)


def event_text(event: TraceEvent) -> str:
    """`[000017] 25us checkpoint checkpoint seq=1 tasks=2 regions=3`: one event as a line."""
    logical = "" if event.logical_time is None else f" @{_logical_text(event.logical_time)}"
    text = f"[{event.seq:06d}] {time_text(event.time)} {event.kind}{logical}{_data_text(event.data)}"
    return text if text.isascii() and text.isprintable() else "\n".join(map(visible, text.split("\n")))


def time_text(nanoseconds: int) -> str:
    """A time by size, cut off: `1.500s`, `20ms`, `3us`, `7ns`."""
    if nanoseconds >= 1_000_000_000:
        return f"{nanoseconds // 1_000_000_000}.{nanoseconds // 1_000_000 % 1000:03d}s"
    if nanoseconds >= 1_000_000:
        return f"{nanoseconds // 1_000_000}ms"
    if nanoseconds >= 1_000:
        return f"{nanoseconds // 1_000}us"
    return f"{nanoseconds}ns"


def _logical_text(value: dict[str, Any]) -> str:
    match value:
        case {"lamport": ticks}:
            return f"Lamport(LamportTime({ticks}))"
        case {"vector": {"entries": entries}}:
            return f"Vector(VC{{{', '.join(f'{node}:{entries[node]}' for node in sorted(entries))}}})"
        case {"hybrid": {"physical": physical, "logical": logical}}:
            return f"Hybrid(HybridTime {{ physical: Time({physical}ns), logical: {logical} }})"
    return compact(value).decode()


def _data_text(data: Any) -> str:
    if type(data) is not dict:
        return ""
    for tag, payload in data.items():
        if tag == "Message":
            return f' "{payload}"'
        if known := _TEXTS.get(tag):
            return known(payload)
    return f" {compact(data).decode()}"


def _region_text(payload: dict[str, Any]) -> str:
    parent = payload.get("parent")
    return f" R{payload['region']['index']}" + (f" (parent: R{parent['index']})" if parent else "")


def _region_cancel_text(payload: dict[str, Any]) -> str:
    reason = payload["reason"]
    message = reason.get("message")
    kind = lower(_HUMP.sub(" ", reason["kind"]))
    return f" R{payload['region']['index']} reason={kind}" + ("" if message is None else f": {message}")


_TEXTS: dict[str, Callable[[dict[str, Any]], str]] = {
    "Task": lambda d: f" T{d['task']['index']} in R{d['region']['index']}",
    "Region": _region_text,
    "RegionCancel": _region_cancel_text,
    "Checkpoint": lambda d: f" checkpoint seq={d['sequence']} tasks={d['active_tasks']} regions={d['active_regions']}",
    "RngSeed": lambda d: f" rng_seed={d['seed']}",
    "RngValue": lambda d: f" rng_value={d['value']}",
}
