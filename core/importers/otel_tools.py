"""What a span records of a tool's call: its arguments, its answer, and whether it failed.

Instrumentations wrap what they record: OpenLLMetry puts LangChain's arguments beside tags and ids of the run, and those
of a decorated function under `kwargs`, as OpenInference does for smolagents; both record the message that LangChain
makes of an answer. LangSmith names arguments and answer like a model's. Strands records in events, a failure in an
attribute. The wrapping differs from run to run and is taken off.
"""

from __future__ import annotations

from typing import Any

from core.importers.literal import mapping_in
from core.importers.otel_names import DETAILS, first, plain_of
from core.importers.scalars import fields, items
from core.model.jsontext import Json

_ARGUMENTS = (
    "gen_ai.tool.call.arguments",
    "gen_ai.tool.args",
    "tool_arguments",
    "gcp.vertex.agent.tool_call_args",
    "ai.toolCall.args",
    "input.value",
    "traceloop.entity.input",
    "gen_ai.prompt",
)
_RESULT = (
    "gen_ai.tool.call.result",
    "gen_ai.output",
    "tool_response",
    "gcp.vertex.agent.tool_response",
    "ai.toolCall.result",
    "output.value",
    "traceloop.entity.output",
    "gen_ai.completion",
)
_STATUS = ("gen_ai.tool.status", "tool.status")
_LANGCHAIN = frozenset({"input_str", "tags", "metadata", "inputs", "kwargs"})
_CALLED = (frozenset({"args", "kwargs"}), frozenset({"args", "sanitize_inputs_outputs", "kwargs"}))
Events = list[tuple[str, dict[str, Any]]]


def arguments_of(held: dict[str, Any], events: Events) -> Json:
    """What a tool was called with; None when nothing states it, text where it is no JSON and not Python's of it."""
    value = first(held, _ARGUMENTS)
    if value is None:
        value = _told(events, "gen_ai.tool.message", "content", "gen_ai.input.messages", "arguments")
    plain = plain_of(value)
    wrapped = fields(plain)
    if wrapped.keys() == _LANGCHAIN:
        plain = fields(wrapped["inputs"]) or plain_of(wrapped["input_str"])
    elif wrapped.keys() in _CALLED and wrapped["args"] == [] and isinstance(wrapped["kwargs"], dict):
        plain = wrapped["kwargs"]
    return mapping_in(plain) or plain if isinstance(plain, str) else plain


def answer_of(held: dict[str, Any], events: Events) -> tuple[Json, bool]:
    """What a tool answered, and whether a failure is said elsewhere than in the span's status."""
    value = first(held, _RESULT)
    if value is None:
        value = _told(events, "gen_ai.choice", "message", "gen_ai.output.messages", "response")
    plain = plain_of(value)
    if "traceloop.span.kind" in held and fields(plain).keys() == {"output", "kwargs"}:
        plain = plain_of(fields(plain)["output"])
    message = fields(plain)
    message = fields(message.get("kwargs")) if message.get("type") == "constructor" else message
    failed = first(held, _STATUS) == "error"
    if "tool_call_id" in message and "content" in message:
        return plain_of(message["content"]), failed or message.get("status") == "error"
    return plain, failed


def _told(events: Events, event: str, member: str, messages: str, part: str) -> Json:
    """What an event tells of a tool's call: a member of one, or one part of the messages of the newer one."""
    for kind, said in events:
        if kind == event and said.get(member) is not None:
            return said[member]
        if kind == DETAILS:
            for message in map(fields, items(plain_of(said.get(messages)))):
                for one in map(fields, items(message.get("parts"))):
                    if part in one:
                        return one[part]
    return None
