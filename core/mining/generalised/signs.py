"""What an action says by itself: that a model or a person did it, that it failed, that it only chose what follows."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.jsontext import Json
from core.model.text import lower
from core.model.trace import Action


def is_fuzzy(action: Action) -> bool:
    """Whether an action is a model's or a person's and leaves nothing behind but words."""
    return not action.side_effects and (action.kind == "model_call" or action.fuzzy is True)


def failed(action: Action) -> bool:
    """Whether an action says that it failed; one with a side effect did not."""
    if action.side_effects:
        return False
    output, error = action.seen_output, action.metadata.get("error")
    if error is not None and error not in (False, "", 0):
        return True
    if isinstance(output, str):
        if lower(output[:16].lstrip()).startswith("error"):
            return True
    elif isinstance(output, dict):
        errors = [output[name] for name in _ERRORS if name in output]
        if errors and any(error not in (None, False, "", 0, [], {}) for error in errors):
            return True
    return has_bad_status(action)


_ERRORS = ("error", "isError", "is_error")


def has_bad_status(action: Action) -> bool:
    """Whether an action, or its output, has the status of a failure; it may be that of what was asked about."""
    output = action.seen_output
    return _bad_status(action.metadata.get("status")) or (
        isinstance(output, dict) and _bad_status(output.get("status"))
    )


def _bad_status(value: Json) -> bool:
    return isinstance(value, str) and len(value) in _LENGTHS and lower(value) in _BAD


_BAD = ("error", "failed", "failure")
_LENGTHS = frozenset(map(len, _BAD))


def is_empty(value: Json) -> bool:
    """Whether an output says nothing."""
    return value is None or value in ("", {}, [])


def lists_tool_calls(output: Json) -> bool:
    """Whether a model's output is nothing but tool calls that it asks for."""
    calls = output.get("tool_calls") if isinstance(output, dict) else output
    return isinstance(calls, list) and bool(calls) and all(isinstance(c, dict) and _is_call(c) for c in calls)


def _is_call(value: dict[str, Json]) -> bool:
    return any(key in value for key in ("tool.name", "tool_name", "function", "tool", "name", "toolName"))


def is_glue(actions: Sequence[Action], index: int) -> bool:
    """Whether a model call only chooses the tool call that follows."""
    action = actions[index]
    if action.kind != "model_call" or action.side_effects or action.observed_output is not None:
        return False
    if lists_tool_calls(action.output):
        return True
    return index + 1 < len(actions) and not is_fuzzy(actions[index + 1])


def took(action: Action) -> int:
    """The recorded milliseconds of an action; 0 where there are none."""
    return action.cost.wall_ms or action.duration_ms or 0
