"""Claude Code sessions: one JSON object a line, of one session or several.

Anthropic publishes no definition of these files; read are the fields that its documentation shows and that are stable
over versions: `type`, `sessionId`, `timestamp`, `uuid`, `parentUuid`, `isSidechain`, `agentId`, `isMeta` and `message`
as in the Messages API. Rules: the lines of one answer (`message.id`) are one message, or several where a tool's result
stands between them; its usage counts once, with tokens read from and written to the cache as input tokens; a sub-
agent's lines are a run of its own, told apart by what they follow where no `agentId` does; lines of other types are
left out and counted, like what the program says in the user's or the model's name. `is_error` is a failure. Duration is
a result's own `durationMs`, where it states one. What the tools Write, Edit, MultiEdit and NotebookEdit change is what
their documentation says; of Bash nothing is known.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from core.importers.actions import trace
from core.importers.conversation import Call, Conversation, spoken
from core.importers.scalars import count, fields, items, moment, money, text, when, whole
from core.importers.values import Format, Left, Mapped, Notes, Options, Part
from core.model.jsontext import Json

_HINTS = re.compile(rb'"sessionId"\s*:\s*"([^"\\]+)"')
_WRITES = {"Write": "file_path", "Edit": "file_path", "MultiEdit": "file_path", "NotebookEdit": "notebook_path"}
_UNNAMED = "sidechain"
"""Stands for a sub-agent whose lines do not name it."""

_NO_MODEL = "<synthetic>"
"""Stands for the model where the program itself says something: that a limit is reached, or the server fails."""

_REPEATS = "a line that repeats an earlier one of the session"
_KEPT = ("cwd", "gitBranch", "version")


class _Line(NamedTuple):
    """What is kept of a line."""

    role: str
    uuid: str
    parent: str
    """The line that it follows."""
    begins: bool
    """Whether it is said to follow none, and somebody asks something in it."""
    answer: str
    """The id of the model's answer that the line is a piece of."""
    content: Json
    when: str | None
    model: str | None
    usage: dict[str, Any]
    cost: float | None
    duration: int | None
    meta: bool
    kept: dict[str, str]


def _sees(record: Json) -> bool:
    held = fields(record)
    return isinstance(held.get("sessionId"), str) and isinstance(held.get("type"), str) and "actions" not in held


def _part(record: Json) -> Part | Left:
    held = fields(record)
    session, kind = text(held.get("sessionId")), text(held.get("type"))
    if kind is None:
        return Left("", "a line without a type")
    if kind not in ("user", "assistant"):
        return Left("", f"a line of type {kind[:40]}", fault=False)
    if session is None:
        return Left("", f"a line of type {kind} names no session")
    message = fields(held.get("message"))
    if not message:
        return Left("", f"a line of type {kind} holds no message")
    agent = (text(held.get("agentId")) or _UNNAMED) if held.get("isSidechain") is True else ""
    result = fields(held.get("toolUseResult"))
    usage = fields(message.get("usage"))
    line = _Line(
        kind,
        text(held.get("uuid")) or "",
        text(held.get("parentUuid")) or "",
        kind == "user" and held.get("parentUuid", "") is None,
        text(message.get("id")) or "",
        message.get("content"),
        moment(when(held.get("timestamp"))),
        text(message.get("model")),
        usage,
        money(held.get("costUSD")),
        whole(result.get("durationMs", result.get("totalDurationMs"))),
        held.get("isMeta") is True or held.get("isCompactSummary") is True,
        {name: found for name in _KEPT if (found := text(held.get(name)))},
    )
    return Part(session, agent, (session, agent, line))


def _runs(parts: Sequence[Any], options: Options) -> Mapped:
    session, agent, _ = parts[0]
    notes = Notes()
    lines = _once([line for _, _, line in parts], notes)
    for number, own in enumerate(_by_agent(lines) if agent == _UNNAMED else [lines], 1):
        yield from _run(session, agent if number == 1 else f"{agent}-{number}", own, options, notes)


def _by_agent(lines: list[_Line]) -> list[list[_Line]]:
    """The lines of sub-agents that they do not name, by what they follow, each agent's in the order of the file."""
    agents: list[list[_Line]] = [[]]
    agent_of: dict[str, list[_Line]] = {}
    for line in lines:
        if line.begins and agents[0]:
            agents.append([])
        own = agent_of.get(line.parent, agents[-1])
        own.append(line)
        if line.uuid:
            agent_of[line.uuid] = own
    return agents


def _run(session: str, agent: str, lines: list[_Line], options: Options, notes: Notes) -> Mapped:
    talk = Conversation(options, notes)
    answers: defaultdict[str, list[_Line]] = defaultdict(list)
    for line in lines:
        if line.role == "assistant" and line.answer and line.model != _NO_MODEL:
            answers[line.answer].append(line)
    told: set[tuple[str, ...]] = set()
    place = 0
    while place < len(lines):
        line = lines[place]
        end = place + 1
        if line.role == "assistant" and line.model == _NO_MODEL:
            notes.rule("a message that the program wrote in the model's name")
        elif line.role == "assistant":
            while end < len(lines) and line.answer and _same_answer(line, lines[end]):
                end += 1
            pieces = lines[place:end]
            if _assistant(talk, pieces, answers.get(line.answer, pieces), told, notes) and line.answer:
                answers[line.answer] = []  # told with what costs it; what follows of it costs nothing more
        else:
            _user(talk, line, told, notes)
        place = end
    for silent in answers.values():
        if any(line.usage for line in silent):
            notes.rule("an answer of the model says and calls nothing")
    actions = talk.end()
    _changes(actions)
    times = [line.when for line in lines if line.when]
    kept: dict[str, Any] = {}
    for line in lines:
        kept = line.kept | kept
    metadata = {"goal": talk.first_user_text, "session_id": session, "agent_id": agent or None, **kept}
    yield from notes.take()
    if actions:
        yield trace(
            f"{session}-{agent}" if agent else session,
            actions,
            metadata,
            started_at=min(times, default=None),
            finished_at=max(times, default=None),
        )
    else:
        yield Left("", "the session calls no tool and says nothing", fault=False)


def _same_answer(line: _Line, other: _Line) -> bool:
    return other.role == "assistant" and other.answer == line.answer


def _once(lines: list[_Line], notes: Notes) -> list[_Line]:
    """The lines without those that a resumed session repeats."""
    ids: set[str] = set()
    at: defaultdict[tuple[str, ...], list[Json]] = defaultdict(list)
    kept = []
    for line in lines:
        alike = at[line.role, line.when, line.answer] if line.when else []
        if (line.uuid and line.uuid in ids) or line.content in alike:  # some versions give it another uuid
            notes.rule(_REPEATS)
            continue
        ids.add(line.uuid)
        alike.append(line.content)
        kept.append(line)
    return kept


def _assistant(
    talk: Conversation, lines: list[_Line], whole_answer: list[_Line], told: set[tuple[str, ...]], notes: Notes
) -> bool:
    """An answer of the model, or what of it stands together, in however many lines; whether that says or calls.

    A line may hold again what an earlier line of its answer held, for the answer grew, or the session was written
    again: that is told once.
    """
    texts: list[str] = []
    calls: list[Call] = []
    for line in lines:
        _piece(line, texts, calls, told, notes)
    words = "\n".join(filter(None, texts))
    if words or calls:
        talk.assistant(words, calls, _cost(whole_answer) if whole_answer else {}, lines[0].when, {})
    elif not lines[0].answer and lines[0].usage:
        notes.rule("an answer of the model says and calls nothing")
    return bool(words or calls)


def _piece(line: _Line, texts: list[str], calls: list[Call], told: set[tuple[str, ...]], notes: Notes) -> None:
    """Add what a line of an answer says and calls that is not told yet."""
    new: set[tuple[str, ...]] = set()
    blocks = [{"type": "text", "text": line.content}] if isinstance(line.content, str) else items(line.content)
    for block in map(fields, blocks):
        match block.get("type"):
            case "text":
                said = text(block.get("text")) or ""
                if ("text", line.answer, said) not in told:
                    texts.append(said)
                if line.answer:
                    new.add(("text", line.answer, said))
            case "tool_use":
                name = text(block.get("name")) or "tool"
                call = Call(text(block.get("id")) or "", name, block.get("input"))
                if ("call", line.answer, call.id) not in told:
                    calls.append(call)
                else:  # the later line of a growing answer has all of its arguments
                    calls[:] = [call if one.id == call.id else one for one in calls]
                if call.id and line.answer:
                    new.add(("call", line.answer, call.id))
            case "thinking" | "redacted_thinking":
                notes.rule("the model's thinking is not kept")
            case other:
                notes.rule(f"a message's part of type {str(other)[:40]} is not kept")
    if new and new <= told:
        notes.rule(_REPEATS)
    told |= new


def _cost(lines: list[_Line]) -> dict[str, Any]:
    """What an answer cost; every line of it repeats the usage, the last one has the final count."""
    usage: dict[str, Any] = next((line.usage for line in reversed(lines) if line.usage), {})
    costs = [line.cost for line in lines if line.cost is not None]
    read = count(usage.get("cache_read_input_tokens"))
    written = count(usage.get("cache_creation_input_tokens"))
    return {
        "model": next((line.model for line in lines if line.model), None),
        "model_calls": 1,
        "input_tokens": min(count(usage.get("input_tokens")) + read + written, 2**63 - 1),
        "output_tokens": count(usage.get("output_tokens")),
        **({"total_cost_usd": costs[-1]} if costs else {}),
    }


def _user(talk: Conversation, line: _Line, told: set[tuple[str, ...]], notes: Notes) -> None:
    """What the user says, and what tools answer, which is written as a message of the user."""
    said = []
    blocks: list[Any] = [line.content] if isinstance(line.content, str) else items(line.content)
    for block in blocks:
        if fields(block).get("type") == "tool_result":
            content = fields(block).get("content")
            answer = spoken(content, notes) if isinstance(content, list) else content
            failed = fields(block).get("is_error") is True
            call_id = text(block.get("tool_use_id")) or ""
            if not talk.awaits(call_id) and ("result", call_id) in told:
                notes.rule(_REPEATS)
                continue
            told.add(("result", call_id))
            talk.answer(call_id, answer, failed, line.duration)
        else:
            said.append(block)
    words = spoken(said, notes)
    if words and line.meta:
        notes.rule("a message that the program wrote in the user's name")
    elif words:
        talk.user(words)


def _changes(actions: list[dict[str, Any]]) -> None:
    """State what the editing tools changed, unless `effects.toml` has said it already."""
    for made in actions:
        place = _WRITES.get(made["name"])
        done = made["observed_output"] is not None and not made["metadata"].get("error")
        if place is None or made["kind"] != "tool_call" or made["side_effects"] or not done:
            continue
        if target := text(fields(made["inputs"]).get(place)):
            mutation = made["name"].lower()
            effect = {"kind": "file_write", "target": target, "capability": "fs.write", "mutation": mutation}
            made["side_effects"] = [effect | {"metadata": {}}]
            made["capabilities"] = sorted({*made["capabilities"], "fs.write"})


FORMAT = Format("claude-code", "Claude Code session", _sees, _part, _runs, _HINTS)
"""Claude Code's session files, one run a session and one each of its sub-agents."""
