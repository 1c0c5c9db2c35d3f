"""The forms of chats: OpenAI's items, and others' messages whose tool calls would be lost, so that they are refused."""

from __future__ import annotations

from typing import Any

from core.importers.scalars import fields, items, text

ITEMS = frozenset(
    {"message", "reasoning", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output"}
    | {"mcp_call"}
)
"""The types of the Responses API's items that are read."""

_FOREIGN_TYPES = {
    "tool_use": "Anthropic's Messages API",
    "tool_result": "Anthropic's Messages API",
    "tool-call": "the AI SDK",
    "tool-result": "the AI SDK",
}
_FOREIGN_PARTS = {
    "toolUse": "Bedrock's Converse API",
    "toolResult": "Bedrock's Converse API",
    "functionCall": "Gemini's API",
    "functionResponse": "Gemini's API",
}
"""Other forms of tool calls and answers in messages with these roles, by a part's type and by its member."""


def refused(held: dict[str, Any], messages: list[Any]) -> str | None:
    """Why a chat is not read, which is in an object or, the object being empty, a list; None where it is read."""
    if form := next(filter(None, map(_foreign, map(fields, messages))), None):
        return f"its messages are in the form of {form}, which is not read"
    if _in_text(held, messages):
        return "it is a trajectory of mini-swe-agent whose commands stand in texts, which are not read"
    return None


def _in_text(held: dict[str, Any], messages: list[Any]) -> bool:
    """Whether an agent's commands stand in what it says, where they would pass for talk with the user."""
    written = text(held.get("trajectory_format")) or ""
    called = (fields(said).get("tool_calls") or "role" not in fields(said) for said in messages)
    return written.startswith("mini-swe-agent") and not any(called)


def _foreign(said: dict[str, Any]) -> str | None:
    """Whose form a message has, where what it calls or answers cannot be read; None where nothing is lost."""
    if said.get("tool_calls"):  # which are read, whatever repeats them
        return None
    for part in map(fields, (*items(said.get("content")), *items(said.get("parts")))):
        kind = part.get("type")
        if form := _FOREIGN_TYPES.get(kind) if isinstance(kind, str) else None:
            return form
        if form := next((form for member, form in _FOREIGN_PARTS.items() if member in part), None):
            return form
    return "the AI SDK" if items(said.get("toolInvocations")) or ("parts" in said and "content" not in said) else None
