"""A conversation between user, assistant and tools as actions.

Rules: assistant text that talks to the user is a model call `respond`, whose observed output is what the user says
next. A message that calls tools is no action of its own: its text and its cost go with its first call. Calls and
answers meet by the call's id; where an id stands for several calls, in the order of the calls.
"""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any, NamedTuple

from core.importers.actions import RESPOND, arguments, model_call, settled, tool_call, unanswered
from core.importers.jsonin import structured
from core.importers.scalars import fields
from core.importers.values import Notes, Options
from core.model.jsontext import Json


class Call(NamedTuple):
    """A tool that an assistant's message calls."""

    id: str
    name: str
    arguments: Json


class Conversation:
    """Actions in the order in which a conversation is heard."""

    def __init__(self, options: Options, notes: Notes) -> None:
        self.actions: list[dict[str, Any]] = []
        self.first_user_text: str | None = None
        self._options, self._notes = options, notes
        self._awaiting: dict[str, Any] | None = None
        self._calls: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)

    def user(self, text: str) -> None:
        """The user says something."""
        if not self.first_user_text:
            self.first_user_text = text
        if self._awaiting is not None:
            before = self._awaiting["observed_output"]
            self._awaiting["observed_output"] = text if before is None else f"{before}\n{text}"

    def assistant(
        self, text: str, calls: list[Call], cost: dict[str, Any], timestamp: str | None, metadata: dict[str, Any]
    ) -> None:
        """The assistant says something, calls tools, or both."""
        self._awaiting = None
        if not calls:
            made = model_call(RESPOND, text, cost, timestamp=timestamp, metadata=metadata)
            self.actions.append(made)
            self._awaiting = made
            return
        for number, call in enumerate(calls):
            first = number == 0
            made = tool_call(
                call.name,
                arguments(call.arguments, self._notes, call.name),
                True,
                timestamp=timestamp,
                cost=cost if first else None,
                metadata={
                    **({"source_id": call.id} if call.id else {}),
                    **({"assistant_text": text} if text and first else {}),
                    **metadata,
                },
            )
            self.actions.append(made)
            self._calls[call.id].append(made)

    def awaits(self, call_id: str) -> bool:
        """Whether a call with an id is not answered yet."""
        return bool(self._calls.get(call_id))

    def answer(self, call_id: str, output: Json, failed: bool | None, duration_ms: int | None = None) -> None:
        """A tool answers; None for `failed` when the format does not say it."""
        waiting = self._calls.get(call_id)
        if not waiting:
            self._notes.fault("a tool's answer belongs to no call that is still open")
            return
        made = waiting.popleft()
        made["observed_output"] = structured(output) if isinstance(output, str) else output
        made["duration_ms"] = duration_ms
        failure = self._options.effects.failed(output) if failed is None else failed
        settled(made, failure, self._options, self._notes)

    def end(self) -> list[dict[str, Any]]:
        """All actions; calls that were never answered are told of, and have only their secrets stated."""
        for waiting in self._calls.values():
            for made in waiting:
                unanswered(made, self._options, self._notes)
        return self.actions


def spoken(content: Json, notes: Notes) -> str:
    """The text of a message's content, which is text or a list of parts; other parts are told of."""
    if isinstance(content, str):
        return content
    texts = []
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            texts.append(part)
            continue
        said = fields(part)
        text = said.get("text", said.get("refusal"))
        if isinstance(text, str):
            texts.append(text)
        else:
            notes.rule(f"a message's part of type {str(said.get('type'))[:40]} is not kept")
    return "\n".join(texts)
