"""Agent turns (spec/traces.md, Agent turns): each stretch of like, successful turns of a session is a run.

Turns come one a record, or as a list; the stretches are cut with the usual options, as `assay trajectory` does, and
turns outside them are left out and counted. What the turns state of side effects counts; `effects.toml` adds to tools
of which they state none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.importers.actions import settled
from core.importers.scalars import fields
from core.importers.values import Format, Left, Mapped, Notes, Options, Part, TraceJson
from core.model.jsontext import Json, plain
from core.model.record import DecodeError
from core.traces.turns import Turn, segment_trace, segments

_HINTS = re.compile(rb'"session_id"\s*:\s*"([^"\\]*)"')


def _sees(record: Json) -> bool:
    if isinstance(record, list):
        return bool(record) and _sees(record[0])
    held = fields(record)
    return "iteration" in held and ("tool_calls" in held or "assistant_text" in held)


def _part(record: Json) -> Part | Left:
    if not _sees(record):
        return Left("", "it is no turn: it has no iteration and no tool_calls")
    turns = []
    for index, held in enumerate(record if isinstance(record, list) else [record]):
        try:
            turns.append(Turn.decode(held))
        except DecodeError as error:
            place = f"turns[{index}]: " if isinstance(record, list) else ""
            return Left("", f"the turn does not decode: {place}{error}")
    session = turns[0].session_id
    return Part(session, session, turns)


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    turns = [turn for held in parts for turn in held]
    session = turns[0].session_id or "session"
    used = 0
    for segment in segments(turns):
        used += len(segment)
        made = plain(segment_trace(segment, session))
        notes = Notes()
        for one in made["actions"]:
            if one["kind"] == "tool_call" and not one["side_effects"]:
                stated = one["capabilities"]
                settled(one, False, options, notes)
                one["capabilities"] = sorted({*stated, *one["capabilities"]})
        yield made
        yield from notes.take()
    if used < len(turns):
        yield Left("", "a turn in no stretch of like, successful turns", fault=False, times=len(turns) - used)


def _stays(made: TraceJson) -> str:
    """The id without its end, the number of the stretch's last turn so far."""
    return str(made["id"]).rpartition("_")[0]


FORMAT = Format("agent-turns", "agent turns (trajectory tap)", _sees, _part, _runs, _HINTS, stays=_stays)
"""Turn records, one run a stretch of like turns."""
