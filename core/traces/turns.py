"""Agent turns: a session's turn records, the stretches of like turns in it, and those as traces (spec/traces.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import Field

from core.model.jsontext import Json
from core.model.record import I64, U64, DecodeError, Flag, JsonMap, Record, Text
from core.model.text import lower
from core.model.trace import Action, AllowRule, Cost, SideEffect, Trace
from core.traces.errors import TURNS, TraceError
from core.traces.load import load_json
from core.traces.normalise import actions_hash

SOURCE = "agent_loop_trajectory"
"""What traces made from turns name as their source."""

ALLOWLIST = (
    AllowRule(path="/run_id", reason="trajectory replay assigns a fresh run id per regeneration"),
    AllowRule(path="/effect_receipts/*/iteration", reason="trajectory regeneration may reseat iteration indices"),
)
"""The places in which a regenerated trajectory always may differ."""


class ToolCall(Record):
    """One tool call of a turn; `duration_ms` is in milliseconds."""

    tool_call_id: Text = ""
    tool_name: Text = ""
    status: Text = ""
    raw_input: Any = None
    raw_output: Any = None
    capabilities: tuple[Text, ...] = ()
    side_effects: tuple[SideEffect, ...] = ()
    duration_ms: I64 | None = None
    parameters: JsonMap = Field(default_factory=dict)


class Turn(Record):
    """One turn of an agent's loop; `duration_ms` is in milliseconds."""

    iteration: U64 = 0
    session_id: Text = ""
    started_at: Text | None = None
    finished_at: Text | None = None
    success: Flag = False
    tool_calls: tuple[ToolCall, ...] = ()
    provider: Text | None = None
    model: Text | None = None
    input_tokens: I64 = 0
    output_tokens: I64 = 0
    duration_ms: I64 | None = None
    assistant_text: Text | None = None
    metadata: JsonMap = Field(default_factory=dict)

    @property
    def successful(self) -> bool:
        """Whether the turn and all its calls went well."""
        return self.success and all(lower(call.status) == "completed" for call in self.tool_calls)


@dataclass(frozen=True, slots=True)
class SegmentOptions:
    """How a session is cut: least likeness of adjacent turns (0 to 1), least and most turns of a segment."""

    similarity: float = 0.5
    shortest: int = 2
    longest: int = 12


USUAL_SEGMENTS = SegmentOptions()
"""How a session is cut when nothing else is asked for."""


def load_turns(path: str) -> tuple[Turn, ...]:
    """The turns of a file that holds a JSON list of them. Raises TraceError."""
    value = load_json(path, what=TURNS)
    if not isinstance(value, list):
        raise TraceError(path, "decode", "expected a list of turn records", what=TURNS)
    return tuple(_turn(item, index, path) for index, item in enumerate(value))


def _turn(value: Json, index: int, path: str) -> Turn:
    try:
        return Turn.decode(value)
    except DecodeError as error:
        raise TraceError(path, "decode", str(error), f"turns[{index}]", what=TURNS) from None


def segments(turns: Sequence[Turn], options: SegmentOptions = USUAL_SEGMENTS) -> Iterator[tuple[Turn, ...]]:
    """The stretches of successful, like turns, in order."""
    start = 0
    while start < len(turns):
        if not turns[start].successful:
            start += 1
            continue
        end = _end(turns, start, options)
        if end - start >= options.shortest:
            yield tuple(turns[start:end])
        start = end


def _end(turns: Sequence[Turn], start: int, options: SegmentOptions) -> int:
    """The index after a segment's last turn."""
    end = start + 1
    while (
        end < len(turns)
        and end - start < options.longest
        and turns[end].successful
        and similarity(turns[end - 1], turns[end]) >= options.similarity
    ):
        end += 1
    return end


def similarity(one: Turn, other: Turn) -> float:
    """How alike the calls of two turns are, 0 to 1."""
    left, right = Counter(map(_call_signature, one.tool_calls)), Counter(map(_call_signature, other.tool_calls))
    if not left and not right:
        return 1.0
    return (left & right).total() / len(left.keys() | right.keys())


def _call_signature(call: ToolCall) -> str:
    return f"tool_call:{call.tool_name}:{','.join(sorted({*call.parameters, *_fields(call.raw_input)}))}"


def _fields(value: Json) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def segment_trace(segment: Sequence[Turn], session: str, workflow_id: str | None = None) -> Trace:
    """A segment as a trace, not normalised yet."""
    first, last = segment[0], segment[-1]
    actions = tuple(action for turn in segment for action in _turn_actions(turn))
    return Trace(
        version=1,
        id=f"{session}_trajectory_{first.iteration}_{last.iteration}",
        source=SOURCE,
        source_hash=actions_hash(actions),
        workflow_id=workflow_id,
        started_at=first.started_at,
        finished_at=last.finished_at,
        actions=actions,
        replay_allowlist=ALLOWLIST,
        metadata={
            "iteration_span": [first.iteration, last.iteration],
            "session_id": session,
            "source": SOURCE,
            "turn_count": len(segment),
        },
    )


def _turn_actions(turn: Turn) -> Iterator[Action]:
    yield _model_action(turn)
    for call in turn.tool_calls:
        yield _tool_action(turn, call)


def _model_action(turn: Turn) -> Action:
    provider = {} if turn.provider is None else {"provider": turn.provider}
    added = {"iteration": turn.iteration, "session_id": turn.session_id, "source": SOURCE}
    return Action(
        id=f"turn_{turn.iteration}",
        kind="model_call",
        name="agent_turn" if turn.model is None else turn.model,
        timestamp=turn.started_at,
        output=turn.assistant_text,
        observed_output=turn.assistant_text,
        cost=Cost(
            model=turn.model,
            model_calls=1,
            input_tokens=turn.input_tokens,
            output_tokens=turn.output_tokens,
            wall_ms=turn.duration_ms or 0,
        ),
        duration_ms=turn.duration_ms,
        deterministic=False,
        fuzzy=True,
        metadata=_sorted(turn.metadata | added | provider),
    )


def _tool_action(turn: Turn, call: ToolCall) -> Action:
    return Action(
        id=call.tool_call_id or f"turn_{turn.iteration}_{call.tool_name}",
        kind="tool_call",
        name=call.tool_name,
        inputs=call.raw_input,
        output=call.raw_output,
        observed_output=call.raw_output,
        parameters=_sorted(_fields(call.raw_input) | call.parameters),
        side_effects=call.side_effects,
        capabilities=call.capabilities,
        duration_ms=call.duration_ms,
        deterministic=True,
        fuzzy=False,
        metadata={
            "iteration": turn.iteration,
            "source": SOURCE,
            "status": call.status,
            "tool_call_id": call.tool_call_id,
        },
    )


def _sorted(fields: dict[str, Any]) -> dict[str, Any]:
    return dict(sorted(fields.items()))
