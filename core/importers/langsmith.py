"""Runs exported from LangSmith, as LangChain and LangGraph record them: one object a run (in their sense), or a tree.

Sources: LangSmith's page "Run (span) data format"; `Run` and `UsageMetadata` in langsmith-sdk
(python/langsmith/schemas.py) and the times in milliseconds of its JavaScript `RunTree`; what LangChain's tracer writes
(langchain_core/tracers/core.py: a tool's arguments as Python's text of them, its answer as a message); what the
`langsmith` command exports (`run_id`, `token_usage`, `costs`). Rules: all runs with one `trace_id` are one run of ours,
in the order of `start_time`, and of `dotted_order` where two start at once. `llm` becomes a model call `call_llm`,
`tool` a tool call, `retriever` a retrieval, `embedding` a model call; `chain`, `prompt` and `parser` only hold others
and are left out and counted, like types that the format does not name. `error`, and a tool's message with status
`error`, are failures; a tool whose run is still pending was not answered; whether a tool is deterministic is not
recorded. Tokens and costs are those of the `llm` runs; one inside another, with only such frames between, is the same
call: the outer counts. Times without a zone are UTC. The workflow's id is the root run's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from core.importers.actions import CALL_LLM, action, model_call, settled, tool_call, trace, unanswered
from core.importers.jsonin import structured
from core.importers.literal import mapping_in
from core.importers.otel_names import first_user_text
from core.importers.scalars import count, fields, items, milliseconds, moment, money, nanoseconds, sum_of, text, when
from core.importers.values import Format, Left, Mapped, Notes, Options, Part
from core.model.jsontext import Json

_HINTS = re.compile(rb'"(?:trace_id|id|run_id)"\s*:\s*"([^"\\]+)"')
_FRAMES = frozenset({"chain", "prompt", "parser"})
_MODELS = frozenset({"llm", "chat_model"})
_MOST = 100_000
_DEEPEST = 120


class _Seen(NamedTuple):
    run_id: str
    parent_id: str
    kind: str
    name: str
    start: int | None
    end: int | None
    order: str
    action: dict[str, Any] | None
    why_not: str
    failed: bool
    pending: bool
    goal: str | None
    session: str | None


def _sees(record: Json) -> bool:
    held = fields(record)
    return isinstance(held.get("run_type"), str) and "name" in held and ("inputs" in held or "start_time" in held)


def _part(record: Json) -> Part | Left:
    if not _sees(record):
        return Left("", "it is no LangSmith run: it has no run_type, name, inputs or start_time")
    trace_id = text(record.get("trace_id")) or _id(record) or ""
    if not trace_id:
        return Left("", "the run has neither trace_id nor id")
    notes = Notes()
    seen = [_seen(held, parent) for held, parent in _tree(record, notes)]
    return Part(trace_id, trace_id, (trace_id, seen, tuple(notes.take())))


def _tree(record: dict[str, Any], notes: Notes) -> Iterator[tuple[dict[str, Any], str]]:
    """A run and all below it, where they are nested under `child_runs`, each with the id of the one above."""
    todo = [(record, "")]
    for _ in range(_MOST):
        if not todo:
            return
        held, parent = todo.pop()
        if _sees(held):
            yield held, parent
            parent = _id(held) or parent
        else:
            notes.fault("a child run is none: it has no run_type, name, inputs or start_time")
        below = held.get("child_runs")
        if below is not None and not isinstance(below, list):
            notes.fault("a run's child_runs are no list")
        todo += [(fields(child), parent) for child in items(below)]
    if todo:
        notes.fault(f"what is beyond {_MOST:,} runs of a tree")


def _seen(held: dict[str, Any], parent: str) -> _Seen:
    """What is kept of a run; `parent` is the id of the one that it stands below."""
    start, end = _when(held.get("start_time")), _when(held.get("end_time"))
    parent = text(held.get("parent_run_id")) or parent
    kind = str(held["run_type"])
    answer = _message(fields(held.get("outputs")).get("output"))
    inputs = fields(held.get("inputs"))
    return _Seen(
        _id(held) or "",
        parent,
        kind,
        text(held.get("name")) or kind,
        start,
        end,
        text(held.get("dotted_order")) or "",
        _action(held, kind, start, end),
        "" if kind not in _FRAMES else "a run that only holds others (chain, prompt, parser)",
        bool(held.get("error")) or (kind == "tool" and answer.get("status") == "error"),
        held.get("status") == "pending" or (end is None and not held.get("outputs") and not held.get("error")),
        _goal(inputs) if kind in _MODELS or not parent else None,
        text(held.get("session_name")) or text(held.get("session_id")),
    )


def _id(held: dict[str, Any]) -> str | None:
    """The id of a run, which the `langsmith` command calls otherwise."""
    return text(held.get("id")) or text(held.get("run_id"))


def _when(value: Json) -> int | None:
    """A moment in nanoseconds since 1970; numbers are milliseconds."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return nanoseconds(int(value * 1_000_000)) if 0 <= value < 1e13 else None
    return when(value)


def _message(value: Json) -> dict[str, Any]:
    """A message of LangChain's, also one that is written as how to make it anew."""
    held = fields(value)
    return fields(held.get("kwargs")) if held.get("type") == "constructor" else held


def _action(held: dict[str, Any], kind: str, start: int | None, end: int | None) -> dict[str, Any] | None:
    name, inputs, outputs = text(held.get("name")) or kind, held.get("inputs"), held.get("outputs")
    duration = milliseconds(start, end)
    metadata = {
        **({"source_id": found} if (found := _id(held)) else {}),
        **({"error_message": found} if (found := text(held.get("error"))) else {}),
    }
    more: dict[str, Any] = {"timestamp": moment(start), "duration_ms": duration, "metadata": metadata}
    if kind in _MODELS:
        return model_call(CALL_LLM, _generated(outputs), _cost(held, duration), **more)
    if kind == "embedding":
        return action("model_call", "embeddings", inputs={}, cost=_cost(held, duration), fuzzy=False, **more)
    if kind == "tool":
        return tool_call(name, _tool_inputs(inputs), None, observed=_tool_output(outputs), **more)
    if kind == "retriever":
        return action("retrieval", name, inputs=inputs, observed=outputs, **more)
    return None


def _tool_inputs(inputs: Json) -> Json:
    """A tool's arguments; LangChain wraps them as text under `input`: Python's, or JSON."""
    held = fields(inputs)
    if held.keys() == {"input"} and isinstance(held["input"], str):
        found = structured(held["input"])
        return found if isinstance(found, dict) else mapping_in(held["input"]) or inputs
    return held.get("input") if held.keys() == {"input"} and isinstance(held["input"], dict) else inputs


def _tool_output(outputs: Json) -> Json:
    """What a tool answered; LangChain wraps it under `output`, and that as a message with `content`."""
    held = fields(outputs)
    value = held["output"] if held.keys() == {"output"} else outputs
    message = _message(value)
    if "content" in message and (message is not value or message.get("type") == "tool"):
        value = message["content"]
    return structured(value) if isinstance(value, str) else value


def _generated(outputs: Json) -> Json:
    """The message that a model answered with, out of LangChain's nested generations; else all of the outputs."""
    value = fields(outputs).get("generations")
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    held = fields(value)
    message = _message(held.get("message"))
    return message or (held.get("text") if isinstance(held.get("text"), str) else outputs)


def _cost(held: dict[str, Any], wall_ms: int | None) -> dict[str, Any]:
    extra = fields(held.get("extra"))
    asked, known = fields(extra.get("invocation_params")), fields(extra.get("metadata"))
    outputs = fields(held.get("outputs"))
    message = fields(_generated(held.get("outputs")))
    usage = (
        fields(outputs.get("usage_metadata"))
        or fields(message.get("usage_metadata"))
        or fields(known.get("usage_metadata"))
    )
    older = fields(held.get("token_usage")) or fields(fields(outputs.get("llm_output")).get("token_usage"))
    total = _total(held | fields(held.get("costs")), "total_cost", "prompt_cost", "completion_cost")
    if total is None:
        total = _total(usage, "total_cost", "input_cost", "output_cost")
    names = (known.get("ls_model_name"), asked.get("model"), asked.get("model_name"))
    return {
        "model": next((found for name in names if (found := text(name))), None),
        "model_calls": 1,
        "input_tokens": count(held.get("prompt_tokens"), usage.get("input_tokens"), older.get("prompt_tokens")),
        "output_tokens": count(
            held.get("completion_tokens"), usage.get("output_tokens"), older.get("completion_tokens")
        ),
        **({} if total is None else {"total_cost_usd": total}),
        "wall_ms": wall_ms or 0,
    }


def _total(held: dict[str, Any], total: str, asked: str, told: str) -> float | None:
    """An amount: the total that is stated, else the sum of its stated parts."""
    found = money(held.get(total))
    if found is None and (held.get(asked) is not None or held.get(told) is not None):
        return sum_of(held.get(asked), held.get(told))
    return found


def _goal(inputs: dict[str, Any]) -> str | None:
    """The first thing that the user said, in the messages or the single text that a run was given."""
    messages: Json = inputs.get("messages")
    while isinstance(messages, list) and len(messages) > 0 and isinstance(messages[0], list):
        messages = messages[0]
    for said in map(fields, items(messages)):
        held = fields(said.get("kwargs")) or said
        ids = items(said.get("id"))
        if held.get("role") == "user" or held.get("type") == "human" or (ids and ids[-1] == "HumanMessage"):
            return first_user_text({"gen_ai.input.messages": [held | {"role": "user"}]}, [])
    return text(inputs.get("input"))


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    notes = Notes()
    trace_id = parts[0][0]
    for _, _, left in parts:
        notes.add(left)
    spans = _once([seen for _, held, _ in parts for seen in held], notes)
    by_id = {seen.run_id: seen for seen in spans if seen.run_id}
    actions = []
    for seen in spans:
        if seen.kind in _MODELS and _in_model(seen, by_id):
            notes.rule("a model call inside another one is the same call recorded twice")
            continue
        if seen.action is None:
            notes.rule(seen.why_not or "a run of a type that the format does not name")
            continue
        if seen.action["kind"] == "tool_call":
            if seen.pending and not seen.failed:
                unanswered(seen.action, options, notes)
            else:
                settled(seen.action, seen.failed, options, notes)
        elif seen.failed:
            seen.action["metadata"]["error"] = True
        actions.append(seen.action)
    yield from notes.take()
    if not actions:
        yield Left("", "no run of this trace is a call of a model or tool", fault=False)
        return
    ids = {seen.run_id for seen in spans}
    roots = [seen for seen in spans if seen.parent_id not in ids] or spans
    ends = [seen.end for seen in roots if seen.end is not None]
    goals = (seen.goal for seen in (*roots, *spans))
    sessions = (seen.session for seen in (*roots, *spans))
    yield trace(
        f"langsmith-{trace_id}",
        actions,
        {"goal": next(filter(None, goals), None), "session": next(filter(None, sessions), None)},
        workflow_id=roots[0].name,
        started_at=moment(roots[0].start),
        finished_at=moment(max(ends)) if ends else None,
    )


def _in_model(seen: _Seen, by_id: dict[str, _Seen]) -> bool:
    """Whether a run lies in a call of a model, with nothing but frames between."""
    inside: bool | None = None
    here = seen
    for _ in range(_DEEPEST):
        above = by_id.get(here.parent_id)
        if above is None or above is seen:  # in a circle none is the outer one
            return bool(inside) and above is None
        if inside is None and above.kind not in _FRAMES:
            inside = above.kind in _MODELS
        here = above
    return bool(inside)


def _once(spans: list[_Seen], notes: Notes) -> list[_Seen]:
    """The runs in order, each once, as it ended: a tree and a list of its runs may lie in one file, or a run that was
    recorded when it began as well.
    """
    kept: dict[str, _Seen] = {}
    for number, seen in enumerate(spans):
        before = kept.setdefault(seen.run_id or f" {number}", seen)
        if before is not seen:
            notes.rule("a run that stands in the file already")
            if before.pending and not seen.pending:
                kept[seen.run_id] = seen
    return sorted(kept.values(), key=lambda seen: (seen.start is None, seen.start or 0, seen.order))


FORMAT = Format("langsmith", "LangSmith and LangGraph run export", _sees, _part, _runs, _HINTS)
"""LangSmith's runs, one run of ours a trace."""
