"""What a run tells besides its actions, its id, its times and its replay run: mostly what many runs have in common."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from pydantic import ValidationError

from core.columns.facts import Spent, spent_of
from core.columns.form import RestForm
from core.columns.heads import Unusual, check_metadata, kept
from core.columns.receipts import Rules, rules_of
from core.model.jsontext import Json
from core.model.trace import Trace, Usage

_NOTHING = Usage()
_REST = msgspec.json.Decoder(RestForm)
_NO_RULES = rules_of(())
_SHORT = 2_000
"""Bytes of such a rest that is worth remembering."""


class Rest(NamedTuple):
    """What is told of a run as a whole."""

    source_hash: str | None
    workflow_id: str | None
    goal: str | None
    """`metadata.goal` when it is a string."""
    success_criteria: str | None
    """`metadata.success_criteria` when it is a string."""
    spent: Spent | None
    """What it says that it cost, where that is anything."""
    rules: Rules
    """What of its replay run may differ."""


def rest_of(run: RestForm) -> Rest:
    """What a run tells. Raises Unusual."""
    check_metadata(run.metadata)
    goal, criteria = run.metadata.get("goal"), run.metadata.get("success_criteria")
    usage, rules = _NOTHING, _NO_RULES
    if run.flow is not None or run.usage != {}:
        usage = _checked({"flow": run.flow, "usage": run.usage}).usage
    if run.replay_allowlist != ():
        rules = rules_of(_checked({"replay_allowlist": run.replay_allowlist}).replay_allowlist)
    return Rest(
        run.source_hash,
        run.workflow_id,
        goal if isinstance(goal, str) else None,
        criteria if isinstance(criteria, str) else None,
        None if usage == _NOTHING else spent_of(usage),
        rules,
    )


def _checked(fields: Mapping[str, Json]) -> Trace:
    """Some fields of a trace as records. Raises Unusual."""
    try:
        return Trace.model_validate(fields)
    except ValidationError:
        raise Unusual from None


class Rests:
    """What runs tell, by its JSON text: looked at once. Not for several threads at a time."""

    def __init__(self) -> None:
        self._known: dict[bytes, Rest] = {}

    def of(self, text: bytes) -> Rest:
        """What a text tells. Raises Unusual, msgspec.DecodeError."""
        if (found := self._known.get(text)) is None:
            found = rest_of(_REST.decode(text))
            if len(text) <= _SHORT:
                kept(self._known, text, found, most=1_000)
        return found
