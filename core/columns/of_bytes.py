"""The facts of a run straight from the bytes of its file, about ten times as fast as by way of the records.

Whatever is not plainly a well-formed, eligible trace is left to the slow way (core.traces.decode and
core.columns.of_trace), which alone decides what is an error and how it is told. Both ways are tested to be equal.
"""

from __future__ import annotations

from datetime import datetime
from operator import le
from typing import Any, NamedTuple

import orjson
from pydantic import TypeAdapter, ValidationError

from core.columns.facts import (
    NONE_DIGEST,
    ActionFacts,
    RunFacts,
    Shape,
    action_of,
    digest_of_effects,
    digest_of_text,
    form_of,
)
from core.columns.of_trace import replay_facts
from core.columns.structure import paths_of, structure
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json, JsonError, parse
from core.model.sums import total, usd
from core.model.text import is_blank
from core.model.trace import Action, SideEffect, Trace, Usage
from core.traces.bounds import ACTION, LARGE, allowed, weight
from core.traces.normalise import normalise

_MOST = 2**63 - 1
_KEPT = 20_000
"""Most entries of each table of what was seen before."""

_SHORT = 300
"""Bytes of an output that is worth remembering."""

_EMPTY: dict[str, Any] = {}
_NOTHING: tuple[Any, ...] = ()
_EFFECTS = TypeAdapter(tuple[SideEffect, ...])


class Unusual(Exception):  # noqa: N818 - no fault, only a case for the slow way
    """A file that the fast way leaves to the slow one."""


class _Head(NamedTuple):
    """What actions with the same head have in common."""

    form: bytes
    model_call: bool
    uncertain: bool
    """Whether side effects of such an action would be nondeterministic."""


class FastFacts:
    """Facts of files, with what they have in common looked at once. Not for several threads at a time."""

    def __init__(self) -> None:
        self._heads: dict[bytes, _Head] = {}
        self._effects: dict[bytes, bytes] = {}
        self._shapes: dict[Any, Shape] = {}
        self._keys: set[str] = set()
        self._outputs: dict[bytes, bytes] = {}

    def of(self, data: bytes, sha256: str) -> RunFacts:
        """The facts of a trace file. Raises Unusual."""
        if len(data) > LARGE and weight(data) + ACTION * data.count(b"{") > allowed(len(data)):
            raise Unusual  # the slow way tells what is too much
        try:
            data.decode()
            value = parse(data)
            actions = value["actions"]
            head = Trace.model_validate(value | {"actions": ()})
        except (UnicodeDecodeError, JsonError, KeyError, TypeError, ValidationError, RecursionError):
            raise Unusual from None
        if type(actions) is not list:
            raise Unusual
        self._check_metadata(head.metadata)
        source_hash = f"sha256:{sha256}" if head.source_hash is None else head.source_hash
        return self._run(head.replace(source_hash=source_hash), actions)

    def _run(self, head: Trace, actions: list[Json]) -> RunFacts:
        made, ids, times = [], [], []
        for number, action in enumerate(actions, 1):
            if type(action) is not dict:
                raise Unusual
            made.append(self._action(action))
            found = action.get("id", "")
            if type(found) is not str:
                raise Unusual
            # A letter or digit at the front, and it is not blank: quicker than looking at all of it.
            ids.append(found if found and (found[0].isalnum() or not is_blank(found)) else f"action_{number}")
            times.append(action.get("timestamp"))
        head = normalise(head)
        goal, criteria = head.metadata.get("goal"), head.metadata.get("success_criteria")
        return RunFacts(
            id=head.id,
            source_hash=head.source_hash or "",
            workflow_id=head.workflow_id,
            goal=goal if isinstance(goal, str) else None,
            success_criteria=criteria if isinstance(criteria, str) else None,
            started_at=head.started_at,
            finished_at=head.finished_at,
            usage=_usage(made) if head.usage == Usage() else head.usage,
            actions=made,
            action_ids=ids,
            backwards=_backwards(times),
            replay=replay_facts(head) if head.replay_run is not None else None,
        )

    def _action(self, action: dict[str, Any]) -> ActionFacts:
        parameters = action.get("parameters", _EMPTY)
        cost = action.get("cost", _EMPTY)
        metadata = action.get("metadata", _EMPTY)
        if type(parameters) is not dict or type(cost) is not dict or type(metadata) is not dict:
            raise Unusual
        if metadata:
            self._check_metadata(metadata)
        effects = self._effects_of(action.get("side_effects", _NOTHING))
        head = self._head_of(action, parameters)
        if effects != NONE_DIGEST and head.uncertain:
            raise Unusual
        observed = action.get("observed_output")
        calls, read, written, dollars, wall, duration = _costs(action, cost)
        values: list[str] = []
        shape = self._shape_of(parameters, action.get("inputs"), values)
        return ActionFacts(
            head.form,
            effects,
            self._digest_of(action.get("output") if observed is None else observed),
            shape,
            values,
            1 if head.model_call and calls == 0 else calls,
            read,
            written,
            dollars,
            wall,
            duration,
        )

    def _digest_of(self, output: Json) -> bytes:
        """Its digest, made once for what tools give again and again."""
        if output is None:
            return NONE_DIGEST
        text = orjson.dumps(output, option=orjson.OPT_SORT_KEYS)
        if (digest := self._outputs.get(text)) is None:
            digest = digest_of_text(text, output)
            if len(text) <= _SHORT:
                if len(self._outputs) >= _KEPT:
                    self._outputs.clear()
                self._outputs[text] = digest
        return digest

    def _check_metadata(self, metadata: dict[str, Any]) -> None:
        """Leave to the slow way what might set the run aside."""
        for key in metadata:
            if key not in self._keys:
                if "policy" in key.lower() or key == "nondeterministic_side_effect":
                    raise Unusual
                if len(self._keys) >= _KEPT:
                    self._keys.clear()
                self._keys.add(key)

    def _head_of(self, action: dict[str, Any], parameters: dict[str, Any]) -> _Head:
        get = action.get
        given = (
            get("kind", ""),
            get("name", ""),
            list(parameters),
            get("capabilities", _NOTHING),
            get("required_secrets", _NOTHING),
            get("approval"),
            get("deterministic"),
            get("fuzzy"),
        )
        key = orjson.dumps(given)
        if (head := self._heads.get(key)) is None:
            head = _head(given)
            if len(self._heads) >= _KEPT:
                self._heads.clear()
            self._heads[key] = head
        return head

    def _effects_of(self, effects: Json) -> bytes:
        if not effects and type(effects) in (list, tuple):
            return NONE_DIGEST
        key = orjson.dumps(effects)
        if (text := self._effects.get(key)) is None:
            try:
                made = _EFFECTS.validate_python(effects)
            except ValidationError:
                raise Unusual from None
            if not isinstance(effects, list) or any("nondeterministic" in effect.metadata for effect in made):
                raise Unusual
            text = digest_of_effects(canonical_side_effects(made))
            if len(self._effects) >= _KEPT:
                self._effects.clear()
            self._effects[key] = text
        return text

    def _shape_of(self, parameters: dict[str, Any], inputs: Json, values: list[str]) -> Shape:
        """The shape of an action; its value texts are added to `values`."""
        scalar = []
        for name, value in parameters.items():
            kind = type(value)
            if kind is str:
                values.append(value)
            elif kind is dict or kind is list:
                continue
            else:
                values.append(str(value) if kind is int else orjson.dumps(value).decode())
            scalar.append(name)
        key = (tuple(scalar), structure(inputs, values))
        if (shape := self._shapes.get(key)) is None:
            paths = tuple(paths_of(key[1], "inputs"))
            if len(set(paths)) < len(paths):
                raise Unusual
            if len(self._shapes) >= _KEPT:
                self._shapes.clear()
            self._shapes[key] = shape = (key[0], paths)
        return shape


def _head(given: tuple[Any, ...]) -> _Head:
    kind, name, parameters, capabilities, secrets, approval, deterministic, fuzzy = given
    try:
        action = Action.model_validate(
            {
                "kind": kind,
                "name": name,
                "parameters": dict.fromkeys(parameters),
                "capabilities": capabilities,
                "required_secrets": secrets,
                "approval": approval,
                "deterministic": deterministic,
                "fuzzy": fuzzy,
            }
        )
    except ValidationError:
        raise Unusual from None
    form = form_of(normalise(Trace(actions=(action,))).actions[0])
    made = action_of(form)
    return _Head(form, made.kind == "model_call", made.deterministic is False or made.fuzzy is True)


def _costs(action: dict[str, Any], cost: dict[str, Any]) -> tuple[int, int, int, float, int, int]:
    """Calls, tokens in and out, USD and both durations. Raises Unusual unless all are as they should be."""
    get = cost.get
    model, dollars, duration = get("model"), get("total_cost_usd", 0.0), action.get("duration_ms")
    counts = (
        get("model_calls", 0),
        get("input_tokens", 0),
        get("output_tokens", 0),
        get("wall_ms", 0),
        0 if duration is None else duration,
    )
    for count in counts:
        if type(count) is not int or not -_MOST <= count <= _MOST:
            raise Unusual
    if (model is not None and type(model) is not str) or type(dollars) not in (float, int):
        raise Unusual
    calls, read, written, wall, duration = counts
    return calls, read, written, float(dollars), wall, duration


def _usage(actions: list[ActionFacts]) -> Usage:
    """What all actions cost together, as core.traces.normalise sums it."""
    return Usage(
        model_calls=total(action.model_calls for action in actions),
        input_tokens=total(action.input_tokens for action in actions),
        output_tokens=total(action.output_tokens for action in actions),
        total_cost_usd=usd(action.total_cost_usd for action in actions),
        wall_ms=total(action.wall_ms + action.duration_ms for action in actions),
    )


def _backwards(times: list[Json]) -> bool:
    """Whether times go back. Raises Unusual for what is no text, or no plain time."""
    found = []
    try:
        for text in times:
            if text is not None:
                time = datetime.fromisoformat(text)
                if time.tzinfo is None:
                    raise Unusual
                found.append(time)
    except (TypeError, ValueError):
        raise Unusual from None
    if all(map(le, found, found[1:])):
        return False
    raise Unusual  # as seconds, which are coarser, they may be equal
