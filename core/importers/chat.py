"""Chat messages in the form that OpenAI's API made common: one run is a list of messages, or an object that holds one.

Read: `role` with `content` (text or parts), `tool_calls`, the older `function_call`, `tool` and `function` answers, and
the items `message`, `function_call`, `custom_tool_call`, their outputs and `mcp_call` of the Responses API. Messages of
other APIs that have these roles too, with tool calls of their own form, are refused. A recorded answer comes after them
(`choices` or `output`, also below `response`), what was asked may stand below `request`. Stated in the object and kept:
its id, model and `usage`; scalar fields become metadata. Tool calls are deterministic; an answer that begins as
`failed_prefixes` says is a failure, since OpenAI's form has no field for it, and one with `error` beside it. No times:
the format records none. tau-bench's results are such objects (`traj`), whose task, reward and user are kept besides;
its reward of 1 is success.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.importers.actions import trace
from core.importers.chat_forms import ITEMS, refused
from core.importers.conversation import Call, Conversation, spoken
from core.importers.scalars import count, fields, items, moment, money, text, when
from core.importers.values import Format, Left, Mapped, Notes, Options, Part, TraceJson
from core.model.jsontext import Json

_LISTS = ("messages", "traj", "conversation", "input")
_IDS = ("id", "run_id", "conversation_id", "thread_id", "session_id")
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool", "function"})
_SILENT = frozenset({"system", "developer"})


def _sees(record: Json) -> bool:
    return any(_is_message(message) for message in _messages(record)[:3])


def _is_message(value: Json) -> bool:
    said = fields(value)
    role, kind = said.get("role"), said.get("type")
    return (isinstance(role, str) and role in _ROLES) or (isinstance(kind, str) and kind in ITEMS)


def _messages(record: Json) -> list[Any]:
    """The messages of a record, with those of a recorded answer at the end, unless they stand there already."""
    if isinstance(record, list):
        return record
    held = fields(record)
    answer = _answered(held)
    found = _asked(held, answered=bool(answer)) or _asked(fields(held.get("request")), answered=bool(answer))
    return [*found, *answer] if answer and found[-len(answer) :] != answer else found


def _asked(held: dict[str, Any], *, answered: bool) -> list[Any]:
    """The messages that an object holds; a text under `input` is one where an answer shows that it was asked."""
    found: list[Any] = next((held[name] for name in _LISTS if isinstance(held.get(name), list)), [])
    if not found and answered and isinstance(said := held.get("input"), str):
        return [{"role": "user", "content": said}]
    return found


def _answered(held: dict[str, Any]) -> list[Any]:
    """The messages of a recorded answer; of several choices the first."""
    for one in (held, fields(held.get("response"))):
        if choices := items(one.get("choices")):
            return [fields(choices[0]).get("message")]
        if output := items(one.get("output")):
            return output
    return []


def _part(record: Json) -> Part | Left:
    if not _sees(record):
        return Left("", "it is no list of chat messages")
    if reason := refused(fields(record), _messages(record)):
        return Left("", reason)
    return Part("", "", _Talk(record, _usage(fields(record)), _spent(fields(record))))


class _Talk(NamedTuple):
    """A chat."""

    record: Json
    usage: dict[str, Any] | None
    spent: dict[int, dict[str, Any]]
    """What answers cost that are not stated with them, by their places among the messages."""


def _spent(held: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """What a recorded answer cost, where it is one message."""
    for one in (held, fields(held.get("response"))):
        if items(one.get("choices")) and (usage := fields(one.get("usage"))):
            return {len(_messages(held)) - 1: usage}
    return {}


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    for record, usage, spent in parts:
        notes = Notes()
        talk = Conversation(options, notes)
        held = fields(record)
        request, response = fields(held.get("request")), fields(held.get("response"))
        model = text(held.get("model")) or text(response.get("model")) or text(request.get("model"))
        run_id = next((name for name in _IDS if text(held.get(name))), "")
        for _ in (items(held.get("choices")) or items(response.get("choices")))[1:]:
            notes.rule("a further choice of an answer is not kept")
        for place, message in enumerate(_messages(record)):
            if _is_message(message):
                _hear(talk, {"usage": spent[place], **message} if place in spent else message, model, notes)
            elif kind := text(fields(message).get("type")):
                notes.fault(f"an item of type {kind[:40]} is not known and is lost")
            else:
                notes.fault("a message has no role that is known")
        metadata = _kept(held, run_id) | _tau_bench(held) | {"first_user_message": talk.first_user_text}
        yield trace(
            held[run_id] if run_id else "",
            talk.end(),
            metadata,
            workflow_id=text(held.get("workflow_id")),
            usage=usage,
        )
        yield from notes.take()


def _hear(talk: Conversation, said: dict[str, Any], model: str | None, notes: Notes) -> None:
    """Take in one message; tools that are called by name only are answered by name."""
    role = said.get("role")
    match said.get("type"):
        case "function_call":
            talk.assistant("", [_item_call(said)], {}, _time(said), {})
        case "custom_tool_call":
            talk.assistant("", [_item_call(said | {"arguments": said.get("input")})], {}, _time(said), {})
        case "mcp_call":
            talk.assistant("", [_item_call(said | {"call_id": said.get("id")})], {}, _time(said), {})
            failed = said.get("error") is not None
            talk.answer(str(said.get("id")), said.get("error") if failed else said.get("output"), failed)
        case "function_call_output" | "custom_tool_call_output":
            _answer(talk, str(said.get("call_id")), said.get("output"), None, notes)
        case "reasoning":
            notes.rule("a reasoning item is not kept")
        case _ if role in ("tool", "function"):
            call_id = text(said.get("tool_call_id")) or f"name {said.get('name')}"
            _answer(talk, call_id, said.get("content"), _failed(said), notes)
        case _ if role == "assistant":
            _assistant(talk, said, model, notes)
        case _ if role == "user":
            _user(talk, said.get("content"), notes)
        case _ if not (isinstance(role, str) and role in _SILENT):
            notes.fault("a message has no role that is known")


def _user(talk: Conversation, content: Json, notes: Notes) -> None:
    """What the user says; who only shows something, which is not kept, says nothing."""
    words = spoken(content, notes)
    if words or isinstance(content, str):
        talk.user(words)


def _answer(talk: Conversation, call_id: str, content: Json, failed: bool | None, notes: Notes) -> None:
    talk.answer(call_id, spoken(content, notes) if isinstance(content, list) else content, failed)


def _failed(said: dict[str, Any]) -> bool | None:
    """Whether a tool's message says that the call failed, which OpenAI's cannot; None where it does not say so."""
    return True if said.get("error") or said.get("is_error") is True or said.get("status") == "error" else None


def _assistant(talk: Conversation, said: dict[str, Any], model: str | None, notes: Notes) -> None:
    calls = [_tool_call(call) for call in items(said.get("tool_calls"))]
    if function := fields(said.get("function_call")):
        name = text(function.get("name")) or "function"
        calls.append(Call(f"name {name}", name, function.get("arguments")))
    words = spoken(said.get("content"), notes) or text(said.get("refusal")) or ""
    if not words and not calls:
        notes.rule("an assistant message says and calls nothing")
        return
    talk.assistant(words, calls, _cost(said, model), _time(said), {})


def _tool_call(value: Json) -> Call:
    call = fields(value)
    function = fields(call.get("function")) or fields(call.get("custom")) or call
    name = text(function.get("name")) or text(call.get("function")) or "tool"
    given = function.get("arguments", function.get("input"))
    return Call(text(call.get("id")) or f"name {name}", name, given)


def _item_call(said: dict[str, Any]) -> Call:
    return Call(str(said.get("call_id")), text(said.get("name")) or "tool", said.get("arguments"))


def _time(said: dict[str, Any]) -> str | None:
    value = said.get("timestamp", said.get("created_at"))
    return moment(when(value))


def _cost(said: dict[str, Any], model: str | None) -> dict[str, Any]:
    """What a message states to have cost."""
    usage = fields(said.get("usage"))
    model = text(said.get("model")) or model
    if not usage:
        return {"model": model, "model_calls": 1} if model else {}
    return {
        **({"model": model} if model else {}),
        "model_calls": 1,
        "input_tokens": count(usage.get("prompt_tokens"), usage.get("input_tokens")),
        "output_tokens": count(usage.get("completion_tokens"), usage.get("output_tokens")),
        "total_cost_usd": money(usage.get("cost")) or 0.0,
    }


def _usage(held: dict[str, Any]) -> dict[str, Any] | None:
    """What the whole run states to have cost."""
    usage = fields(held.get("usage")) or fields(fields(held.get("response")).get("usage"))
    if not usage:
        return None
    return {
        "model_calls": count(usage.get("model_calls"), usage.get("requests")),
        "input_tokens": count(usage.get("prompt_tokens"), usage.get("input_tokens")),
        "output_tokens": count(usage.get("completion_tokens"), usage.get("output_tokens")),
        "total_cost_usd": money(usage.get("cost")) or 0.0,
    }


def _kept(held: dict[str, Any], run_id: str) -> dict[str, Any]:
    """The scalar fields of the object but for those that are the run's own, and those of its `metadata`."""
    own = {name: value for name, value in held.items() if name not in (run_id, "workflow_id")}
    return {
        name: value
        for name, value in (own | fields(held.get("metadata"))).items()
        if isinstance(value, str | int | float)
    }


def _tau_bench(held: dict[str, Any]) -> dict[str, Any]:
    task = fields(fields(held.get("info")).get("task"))
    if "traj" not in held or not task:
        return {}
    reward = held.get("reward")
    return {
        "goal": text(task.get("instruction")),
        "user_id": text(task.get("user_id")),
        "success": reward == 1 if isinstance(reward, int | float) and not isinstance(reward, bool) else None,
        "reference_actions": [fields(one).get("name") for one in items(task.get("actions"))],
    }


def _joined(earlier: _Talk, later: _Talk) -> _Talk | None:
    """Two recorded calls of a model in one chat, the later of which was asked what the earlier one was and answered.

    Only calls of tools with ids tell one chat from another one that begins alike.
    """
    if not (_answered(fields(earlier.record)) and _answered(fields(later.record))):
        return None
    before, after = _messages(earlier.record), _messages(later.record)
    if len(before) >= len(after) or not any(_ids(one) for one in before):
        return None
    if any(_gist(one) != _gist(other) for one, other in zip(before, after, strict=False)):
        return None
    first, second = earlier.usage or {}, later.usage or {}
    both = {name: first.get(name, 0) + second.get(name, 0) for name in first | second}
    return _Talk(later.record, both or None, earlier.spent | later.spent)


def _ids(value: Json) -> list[str]:
    """The ids of the calls that a message makes."""
    said = fields(value)
    ids = [fields(call).get("id") for call in items(said.get("tool_calls"))]
    return [one for one in (*ids, said.get("call_id")) if isinstance(one, str) and one]


def _gist(value: Json) -> tuple[Any, ...]:
    """What a message says, calls and answers, which stays the same where an answer becomes part of the next request."""
    said = fields(value)
    content = said.get("content")
    words = spoken(content, Notes()) if isinstance(content, list) else content
    return said.get("role"), words or None, _ids(said), said.get("tool_call_id"), said.get("output")


def _stays(made: TraceJson) -> str:
    """How it begins and the id of the first call; the chat's own id is made from the whole record."""
    ids = (one["metadata"].get("source_id") for one in made["actions"])
    asked = made["metadata"].get("first_user_message")
    return next((f"call {one} {asked}" for one in ids if one and not one.startswith("name ")), "")


FORMAT = Format("chat", "OpenAI-style chat with tool calls", _sees, _part, _runs, stays=_stays, joined=_joined)
"""Chat messages, one run a record."""
