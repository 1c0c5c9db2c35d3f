"""SWE-agent trajectories (`.traj`): one JSON object a run, with the steps under `trajectory`.

Each step is an action: what was typed is its input, the observation its observed output, thought and open file its
metadata. A command of SWE-agent's own names the action, any other is `bash:` and the program (`swe_commands`). The
editing commands are file mutations; what they write is stated here, since it is what SWE-agent documents of them, and
`effects.toml` adds to it. `model_stats` is the run's usage; a step states no cost. The first prompt that is no
demonstration is the goal. Only `execution_time`, in seconds, tells of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.importers.actions import action, settled, trace, unanswered
from core.importers.conversation import spoken
from core.importers.jsonin import structured
from core.importers.scalars import count, fields, items, money, text
from core.importers.swe_commands import Command, command
from core.importers.values import Format, Left, Mapped, Notes, Options, Part, TraceJson
from core.model.jsontext import Json

_REFUSED = (
    "Your proposed edit has introduced new syntax error",
    "Your edit was not applied",
    "Usage: ",
)
_NOT_EDITED = (
    "No replacement was performed",
    "No edit history found",
    "No file open",
    "The path ",
    "The parent directory ",
    "File already exists at",
    "Warning: File ",
    "Error: ",
    "Parameter `",
    "Invalid `insert_line`",
    "Unrecognized command",
    "Your search and replace strings are the same",
    "Ran into ",
    "Traceback ",
    "rm: ",
)
"""How SWE-agent's editing commands begin when they changed nothing; of other commands that may be what they print."""

_INFO = ("exit_status", "model_stats")


def _sees(record: Json) -> bool:
    held = fields(record)
    steps = held.get("trajectory")
    return isinstance(steps, list) and all("action" in fields(step) for step in steps[:1]) and "info" in held


def _part(record: Json) -> Part | Left:
    return Part("", "", record) if _sees(record) else Left("", "it is no trajectory with steps and info")


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    for record in parts:
        notes = Notes()
        actions = []
        for number, step in enumerate(items(record.get("trajectory")), 1):
            if isinstance(typed := fields(step).get("action"), str):
                actions.append(_step(step, typed, options, notes))
            else:
                notes.fault(f"step {number} has no action")
        info = fields(record.get("info"))
        metadata = {
            "goal": _goal(record, notes),
            **{name: info.get(name) for name in _INFO},
            "environment": text(record.get("environment")),
        }
        yield trace("", actions, metadata, usage=_usage(fields(info.get("model_stats"))))
        yield from notes.take()


def _step(step: dict[str, Any], typed: str, options: Options, notes: Notes) -> dict[str, Any]:
    state = _state(step.get("state"))
    open_file = text(state.get("open_file"))
    told = command(typed.strip(), open_file)
    answer = step.get("observation")
    thought = text(step.get("thought"))
    seconds = money(step.get("execution_time"))
    made = action(
        "tool_call",
        told.name,
        inputs={"action": typed.strip()},
        observed=answer,
        parameters=told.parameters,
        duration_ms=None if seconds is None else int(seconds * 1000),
        fuzzy=False,
        metadata={**({"thought": thought} if thought else {}), **({"open_file": open_file} if open_file else {})},
    )
    failed = isinstance(answer, str) and answer.startswith(_REFUSED if told.changes is None else _REFUSED + _NOT_EDITED)
    _change(made, told, known=answer is not None and not failed)
    if answer is None:
        unanswered(made, options, notes)
    else:
        settled(made, failed, options, notes)
    return made


def _change(made: dict[str, Any], told: Command, *, known: bool) -> None:
    """State what an editing command changed, where it is known to have done so."""
    if told.changes is None:
        return
    made["kind"] = "file_mutation"
    if not known:
        return
    for target in told.targets:
        effect = {"kind": told.changes, "target": target, "capability": "fs.write", "mutation": told.mutation}
        made["side_effects"].append(effect | {"metadata": {}})
        made["capabilities"] = ["fs.write"]


def _state(value: Json) -> dict[str, Any]:
    """The state after a step, which older versions write as JSON text."""
    return fields(structured(value) if isinstance(value, str) else value)


def _goal(record: dict[str, Any], notes: Notes) -> str | None:
    for said in items(record.get("history")):
        message = fields(said)
        if message.get("role") == "user" and not message.get("is_demo"):
            return spoken(message.get("content"), notes) or None
    return None


def _usage(stats: dict[str, Any]) -> dict[str, Any] | None:
    usage = {
        "model_calls": count(stats.get("api_calls")),
        "input_tokens": count(stats.get("tokens_sent")),
        "output_tokens": count(stats.get("tokens_received")),
        "total_cost_usd": money(stats.get("instance_cost")) or 0.0,
    }
    return usage if any(usage.values()) else None


def _stays(made: TraceJson) -> str:
    """The task; the id is made from the whole record."""
    return f"task {made['metadata'].get('goal')}"


FORMAT = Format("swe-agent", "SWE-agent trajectory", _sees, _part, _runs, stays=_stays)
"""SWE-agent's `.traj`, one run a file."""
