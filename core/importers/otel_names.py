"""The attribute names under which instrumentations record calls of models and tools.

Sources: OpenTelemetry's semantic conventions for generative AI, current (`gen_ai.input.messages`,
`gen_ai.tool.call.arguments`) and up to 1.36 (`gen_ai.prompt`, `gen_ai.usage.prompt_tokens`, one event a message);
OpenInference (`llm.*`, `tool.*`, `input.value`); OpenLLMetry (`traceloop.*`); any-agent (`gen_ai.tool.args`,
`gen_ai.output`, `cost_prompt`); Pydantic AI before its third version (`tool_arguments`, `events`), Google's ADK
(`gcp.vertex.agent.*`), the AI SDK (`ai.toolCall.*`, `ai.response.*`) and Strands (events of tools). Of several names
for one thing the first that a span has counts.
"""

from __future__ import annotations

import re
from typing import Any, Literal

from core.importers.jsonin import structured
from core.importers.scalars import count, fields, items, money, sum_of, text
from core.model.jsontext import Json

Role = Literal["model", "embedding", "tool", "retrieval", "guardrail", "agent", "frame"]
"""What a span records; an agent, or a workflow, and a frame only hold other spans."""

HOLDERS: tuple[Role, ...] = ("agent", "frame")

_OPERATIONS: dict[str, Role] = {
    "chat": "model",
    "text_completion": "model",
    "completion": "model",
    "generate_content": "model",
    "call_llm": "model",
    "embeddings": "embedding",
    "execute_tool": "tool",
    "retrieval": "retrieval",
    "invoke_agent": "agent",
    "create_agent": "agent",
    "invoke_workflow": "agent",
    "plan": "frame",
}
_INFERENCE: dict[str, Role] = {
    "LLM": "model",
    "EMBEDDING": "embedding",
    "TOOL": "tool",
    "RETRIEVER": "retrieval",
    "RERANKER": "retrieval",
    "GUARDRAIL": "guardrail",
    "AGENT": "agent",
    "CHAIN": "frame",
    "EVALUATOR": "frame",
    "PROMPT": "frame",
}
_TRACELOOP: dict[str, Role] = {"tool": "tool", "workflow": "agent", "task": "frame", "agent": "agent"}

MODEL = ("gen_ai.request.model", "llm.model_name", "llm.request.model", "gen_ai.response.model", "llm.response.model")
_INPUT_TOKENS = ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.token_count.prompt")
_OUTPUT_TOKENS = ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.token_count.completion")
_COST = ("gen_ai.usage.cost", "gen_ai.usage.total_cost", "llm.cost.total")
_PART_COSTS = (
    ("gen_ai.usage.input_cost", "gen_ai.usage.output_cost"),
    ("llm.cost.prompt", "llm.cost.completion"),
    ("cost_prompt", "cost_completion"),
)
TOOL_NAME = ("gen_ai.tool.name", "ai.toolCall.name", "tool.name", "traceloop.entity.name")
CALL_ID = ("gen_ai.tool.call.id", "ai.toolCall.id", "tool_call.id", "tool.id")
MODEL_OUTPUT = (
    "gen_ai.output.messages",
    "gen_ai.output",
    "gen_ai.completion",
    "gcp.vertex.agent.llm_response",
    "output.value",
    "traceloop.entity.output",
)
_MODEL_INPUT = (
    "gen_ai.input.messages",
    "gen_ai.prompt",
    "events",
    "ai.prompt.messages",
    "gcp.vertex.agent.llm_request",
)
_INDEXED_INPUT = (
    ("llm.input_messages.{}.message.role", "llm.input_messages.{}.message.content"),
    ("gen_ai.prompt.{}.role", "gen_ai.prompt.{}.content"),
)
_OUTPUT_KEY = re.compile(r"(?:llm\.output_messages|gen_ai\.completion)\.[0-9]{1,3}\.(.{1,200})", re.DOTALL)
_AI_SDK_OUTPUT = (
    "ai.response.text",
    "ai.response.toolCalls",
    "ai.response.object",
    "ai.result.text",
    "ai.result.toolCalls",
)
DETAILS = "gen_ai.client.inference.operation.details"
_MERGED = "(merged tools)"
"""ADK's name of a span that repeats the answers of several calls, each of which has a span of its own."""

_MOST_MESSAGES = 1000


def role(held: dict[str, Any]) -> Role | None:
    """What a span records, by its attributes; None when they name no operation of an agent."""
    operation = held.get("gen_ai.operation.name")
    if held.get("gen_ai.tool.name") == _MERGED:
        return "frame"
    if isinstance(operation, str) and (known := _OPERATIONS.get(operation)):
        return known
    inference = held.get("openinference.span.kind")
    if isinstance(inference, str) and (known := _INFERENCE.get(inference.upper())):
        return known
    traceloop = held.get("traceloop.span.kind")
    if isinstance(traceloop, str) and (known := _TRACELOOP.get(traceloop)):
        return known
    if "gen_ai.tool.name" in held or "ai.toolCall.name" in held:
        return "tool"
    if held.get("llm.request.type") in ("chat", "completion") or (
        operation is None and "gen_ai.system" in held and "gen_ai.request.model" in held
    ):
        return "model"
    return None


def first(held: dict[str, Any], names: tuple[str, ...]) -> Json:
    """The value of the first name that a span has; None when it has none."""
    for name in names:
        if name in held and (value := held[name]) is not None:
            return value
    return None


def cost(held: dict[str, Any], wall_ms: int | None) -> dict[str, Any]:
    """What a call of a model states to have cost; the total where it is stated, else the sum of its parts."""
    total = money(first(held, _COST))
    if total is None:
        for one, other in _PART_COSTS:
            if one in held or other in held:
                total = sum_of(held.get(one), held.get(other))
                break
    made = {
        "model": text(first(held, MODEL)),
        "model_calls": 1,
        "input_tokens": count(first(held, _INPUT_TOKENS)),
        "output_tokens": count(first(held, _OUTPUT_TOKENS)),
        "total_cost_usd": total,
        "wall_ms": wall_ms or 0,
    }
    if total is None:
        del made["total_cost_usd"]
    return made


def output(held: dict[str, Any], events: list[tuple[str, dict[str, Any]]]) -> Json:
    """What a model answered: from one attribute, from those numbered by message, or from events."""
    value = first(held, MODEL_OUTPUT)
    if value is not None:
        return plain_of(value)
    numbered = {found[1]: item for name, item in held.items() if (found := _OUTPUT_KEY.fullmatch(name))}
    if numbered:
        return numbered
    if answered := {name.rpartition(".")[2]: plain_of(held[name]) for name in _AI_SDK_OUTPUT if name in held}:
        return answered
    recorded = items(plain_of(held.get("events")))
    events = events or [(str(said.get("event.name")), said) for said in map(fields, recorded)]
    told = [
        {name: plain_of(item) for name, item in said.items()}
        for kind, said in events
        if kind in ("gen_ai.choice", "gen_ai.content.completion", DETAILS)
    ]
    return told[0] if len(told) == 1 else (told or None)


def plain_of(value: Json) -> Json:
    """A value, and text that is JSON as what it says."""
    return structured(value) if isinstance(value, str) else value


def first_user_text(held: dict[str, Any], events: list[tuple[str, dict[str, Any]]]) -> str | None:
    """What the user said first, in the messages that a model was given."""
    for name in _MODEL_INPUT:
        value = held.get(name)
        messages = plain_of(value)
        if isinstance(messages, dict):
            messages = messages.get("contents")
        if isinstance(messages, list):
            return next((said for message in messages if (said := _user_text(fields(message)))), None)
    for role_name, content_name in _INDEXED_INPUT:
        for index in range(_MOST_MESSAGES):
            if (who := held.get(role_name.format(index))) is None:
                break
            if who == "user" and (said := text(held.get(content_name.format(index)))):
                return said
    return next((said for kind, told in events if kind == "gen_ai.user.message" and (said := _plain(told))), None)


def _user_text(message: dict[str, Any]) -> str | None:
    return _plain(message) if message.get("role") == "user" else None


def _plain(message: dict[str, Any]) -> str | None:
    """The text of a message, in its `content` or its `parts`."""
    content = message.get("content", message.get("parts"))
    if isinstance(content, str):
        return content or None
    texts = [part.get("text", part.get("content")) for part in map(fields, items(content))]
    return "\n".join(one for one in texts if isinstance(one, str)) or None
