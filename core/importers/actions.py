"""The actions that importers make: plain JSON in writing order, with what `effects.toml` states worked in.

Rules for all formats (README, Importing): a call of a model is a `model_call`, fuzzy and not deterministic; a call of
a tool is a `tool_call` with its arguments as inputs, the scalar ones among them as parameters, and what came back as
observed output, JSON where it is an object or list. Cost, time and duration are those recorded, else unknown.
"""

from __future__ import annotations

from typing import Any

from core.importers.effects import filled
from core.importers.jsonin import structured
from core.importers.values import Notes, Options
from core.model.jsontext import Json
from core.model.text import is_blank

RESPOND = "respond"
"""The name of a model call that talks to the user."""

CALL_LLM = "call_llm"
"""The name of a model call of which only the call itself is recorded, whatever the recording tool names it."""

_SCALARS = (str, int, float)


def action(
    kind: str,
    name: str,
    *,
    timestamp: str | None = None,
    inputs: Json = None,
    output: Json = None,
    observed: Json = None,
    parameters: dict[str, Any] | None = None,
    cost: dict[str, Any] | None = None,
    duration_ms: int | None = None,
    deterministic: bool | None = None,
    fuzzy: bool | None = None,
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An action without an id; `numbered` gives it one."""
    return {
        "id": "",
        "kind": kind,
        "name": name,
        "timestamp": timestamp,
        "inputs": inputs,
        "output": output,
        "observed_output": observed,
        "parameters": parameters or {},
        "side_effects": [],
        "capabilities": [],
        "required_secrets": [],
        "approval": None,
        "cost": cost or {},
        "duration_ms": duration_ms,
        "deterministic": deterministic,
        "fuzzy": fuzzy,
        "metadata": metadata or {},
    }


def model_call(
    name: str,
    output: Json,
    cost: dict[str, Any],
    *,
    timestamp: str | None = None,
    duration_ms: int | None = None,
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A call of a model."""
    return action(
        "model_call",
        name,
        timestamp=timestamp,
        inputs={},
        output=output,
        cost=cost,
        duration_ms=duration_ms,
        deterministic=False,
        fuzzy=True,
        metadata=metadata,
    )


def tool_call(
    name: str,
    inputs: Json,
    deterministic: bool | None,
    *,
    timestamp: str | None = None,
    observed: Json = None,
    cost: dict[str, Any] | None = None,
    duration_ms: int | None = None,
    metadata: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A call of a tool; what is stated about the tool comes in with `settled`, once its answer is known."""
    return action(
        "tool_call",
        name,
        timestamp=timestamp,
        inputs=inputs,
        observed=observed,
        parameters=scalars(inputs),
        cost=cost,
        duration_ms=duration_ms,
        deterministic=deterministic,
        fuzzy=False,
        metadata=metadata,
    )


def settled(made: dict[str, Any], failed: bool, options: Options, notes: Notes) -> None:
    """Work what is stated about a tool into a call of it, in place."""
    if failed:
        made["metadata"]["error"] = True
    rule = options.effects.rule(made["name"])
    if rule is None:
        return
    made["kind"] = rule.kind or made["kind"]
    made["required_secrets"] = list(rule.secrets)
    if failed:
        return
    made["capabilities"] = list(rule.capabilities)
    arguments = made["inputs"] if isinstance(made["inputs"], dict) else made["parameters"]
    for effect in rule.effects:
        one, missing = filled(effect, arguments)
        made["side_effects"].append(one)
        for name in missing:
            notes.fault(f"the call of {made['name']} has no argument {name} for the target of its side effect")


def unanswered(made: dict[str, Any], options: Options, notes: Notes) -> None:
    """Tell of a call that was never answered; what is stated about its tool's secrets counts all the same."""
    notes.rule("a call was never answered; its side effects are not known to have happened")
    rule = options.effects.rule(made["name"])
    made["required_secrets"] = list(rule.secrets) if rule else []


def numbered(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Actions with ids by their place in the run; the ids of the recording tool are not unique in all formats."""
    for number, made in enumerate(actions, 1):
        made["id"] = f"a{number:04d}"
    return actions


def scalars(inputs: Json) -> dict[str, Any]:
    """Those arguments that are text, numbers or truth values."""
    if not isinstance(inputs, dict):
        return {}
    return {name: value for name, value in inputs.items() if isinstance(value, _SCALARS)}


def arguments(value: Json, notes: Notes, name: str) -> Json:
    """A call's arguments, which many formats write as JSON text; none at all are an empty object."""
    if isinstance(value, str):
        found = {} if is_blank(value) else structured(value)
        if isinstance(found, str):
            notes.rule(f"the arguments of a call of {name} are not JSON and are kept as text")
        return found
    return {} if value is None else value


def trace(
    run_id: str,
    actions: list[dict[str, Any]],
    metadata: dict[str, Any],
    *,
    workflow_id: str | None = None,
    started_at: str | None = None,
    finished_at: str | None = None,
    usage: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """A run; source and source hash are set where it was found. Blank `run_id`s are made from the record's hash."""
    return {
        "version": 1,
        "id": run_id,
        "source": None,
        "source_hash": None,
        "workflow_id": workflow_id,
        "started_at": started_at,
        "finished_at": finished_at,
        "actions": numbered(actions),
        **({"usage": usage} if usage else {}),
        "metadata": {name: value for name, value in metadata.items() if value is not None},
    }
