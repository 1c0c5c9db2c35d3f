"""What actions have in common that differ in nothing but their values, effects, outputs and costs: looked at once.

Whatever might make a run ineligible, or is not plainly well-formed, raises Unusual: it is left to the slow way.
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import orjson
from pydantic import TypeAdapter, ValidationError

from core.columns.facts import digest_of_effects, digest_of_text, form_of, lasting, shape_of
from core.columns.form import ActionForm
from core.columns.structure import paths_of
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json
from core.model.trace import Action, SideEffect
from core.traces.normalise import normalised_action

KEPT = 20_000
"""Most entries of each table of what was seen before."""

SHORT = 300
"""Bytes of an output that is worth remembering."""

_EFFECTS = TypeAdapter(tuple[SideEffect, ...])


class Unusual(Exception):  # noqa: N818 - no fault, only a case for the slow way
    """A file that the fast way leaves to the slow one."""


class Head(NamedTuple):
    """What such actions have in common."""

    form: bytes
    shape: bytes
    model_call: bool
    uncertain: bool
    """Whether side effects of such an action would be nondeterministic."""


def head_of(given: ActionForm, names: tuple[str, ...], inputs: Any) -> Head:
    """The head of an action: the names of its scalar parameters and how its inputs are built are told besides.

    Raises Unusual.
    """
    paths = tuple(paths_of(inputs, "inputs"))
    if len(set(paths)) < len(paths):
        raise Unusual
    try:
        action = Action.model_validate(
            {
                "kind": given.kind,
                "name": given.name,
                "parameters": dict.fromkeys(given.parameters),
                "capabilities": given.capabilities,
                "required_secrets": given.required_secrets,
                "approval": given.approval,
                "deterministic": given.deterministic,
                "fuzzy": given.fuzzy,
            }
        )
    except ValidationError:
        raise Unusual from None
    made = normalised_action(action, 1)
    uncertain = made.deterministic is False or made.fuzzy is True
    return Head(form_of(made), shape_of(names, paths), made.kind == "model_call", uncertain)


def effects_of(effects: Json) -> bytes:
    """The digest of side effects as they were given. Raises Unusual."""
    try:
        made = _EFFECTS.validate_python(effects)
    except ValidationError:
        raise Unusual from None
    if not isinstance(effects, list) or any("nondeterministic" in effect.metadata for effect in made):
        raise Unusual
    return digest_of_effects(canonical_side_effects(made))


def check_metadata(metadata: Json) -> None:
    """Raise Unusual for what might set the run aside."""
    if type(metadata) is not dict:
        raise Unusual
    for key in metadata:
        if "policy" in key.lower() or key == "nondeterministic_side_effect":
            raise Unusual


class Digests:
    """The digests of outputs, made once for what tools give again and again."""

    def __init__(self) -> None:
        self._seen: dict[bytes, bytes] = {}

    def of(self, output: Json) -> bytes:
        """The digest of an output that is not null."""
        text = orjson.dumps(output, option=orjson.OPT_SORT_KEYS)
        if (digest := self._seen.get(text)) is None:
            digest = digest_of_text(text, output)
            if len(text) <= SHORT:
                kept(self._seen, lasting(text), digest)
        return digest


Key = TypeVar("Key")
Value = TypeVar("Value")


def kept(table: dict[Key, Value], key: Key, value: Value, most: int = KEPT) -> Value:
    """The value, now in the table, which starts anew when it is full."""
    if len(table) >= most:
        table.clear()
    table[key] = value
    return value
