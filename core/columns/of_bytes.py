"""The facts of a run straight from the bytes of its file, about ten times as fast as by way of the records.

Whatever is not plainly a well-formed, eligible trace is left to the slow way (core.traces.decode and
core.columns.of_trace), which alone decides what is an error and how it is told. Both ways are tested to be equal.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from operator import le
from typing import Any, NamedTuple, TypeVar

import msgspec
import orjson
from pydantic import TypeAdapter, ValidationError

from core.columns.facts import (
    NONE_DIGEST,
    ActionFacts,
    RunFacts,
    action_of,
    digest_of_effects,
    digest_of_text,
    form_of,
    shape_of,
)
from core.columns.form import ActionForm, RunForm
from core.columns.of_trace import replay_facts
from core.columns.structure import paths_of, scalars_of, structure
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json, JsonError, parse
from core.model.sums import total, usd
from core.model.text import is_blank
from core.model.trace import Action, SideEffect, Trace, Usage
from core.traces.bounds import LARGE, allowed, is_light, weight, weight_of_records
from core.traces.normalise import normalise, short_hash

_KEPT = 20_000
"""Most entries of each table of what was seen before."""

_SHORT = 300
"""Bytes of an output that is worth remembering."""

_NOTHING = Usage()
_LISTS = frozenset({list, tuple})
_EFFECTS = TypeAdapter(tuple[SideEffect, ...])


_made = partial(tuple.__new__, ActionFacts)  # without the names, which costs half as much


class Unusual(Exception):  # noqa: N818 - no fault, only a case for the slow way
    """A file that the fast way leaves to the slow one."""


class _Head(NamedTuple):
    """What actions have in common that differ in nothing but their values, effects, outputs and costs."""

    form: bytes
    shape: bytes
    model_call: bool
    uncertain: bool
    """Whether side effects of such an action would be nondeterministic."""


class FastFacts:
    """Facts of files, with what they have in common looked at once. Not for several threads at a time."""

    def __init__(self) -> None:
        self._heads: dict[Any, _Head] = {}
        self._effects: dict[bytes, bytes] = {}
        self._keys: set[str] = set()
        self._outputs: dict[bytes, bytes] = {}

    def of(self, data: bytes, sha256: str) -> RunFacts:
        """The facts of a trace file. Raises Unusual."""
        heavy = 0 if len(data) <= LARGE or is_light(data) else weight(data)
        if heavy > allowed(len(data)):
            raise Unusual  # the slow way tells what is too much
        try:
            data.decode()
            value = parse(data)
            run = msgspec.convert(value, RunForm)
        except (UnicodeDecodeError, JsonError, msgspec.ValidationError, RecursionError):
            raise Unusual from None
        if heavy and heavy + weight_of_records(value) > allowed(len(data)):
            raise Unusual
        self._check_metadata(run.metadata)
        source_hash = f"sha256:{sha256}" if run.source_hash is None else run.source_hash
        rest = _rest(run)
        made = [self._action(action) for action in run.actions]
        goal, criteria = run.metadata.get("goal"), run.metadata.get("success_criteria")
        return RunFacts(
            id=f"trace_{short_hash(source_hash)}" if is_blank(run.id) else run.id,
            source_hash=source_hash,
            workflow_id=run.workflow_id,
            goal=goal if isinstance(goal, str) else None,
            success_criteria=criteria if isinstance(criteria, str) else None,
            started_at=run.started_at,
            finished_at=run.finished_at,
            usage=_usage(made) if rest is None or rest.usage == _NOTHING else rest.usage,
            actions=made,
            action_ids=[
                # A letter or digit at the front, and it is not blank: quicker than looking at all of it.
                found if (found := action.id) and (found[0].isalnum() or not is_blank(found)) else f"action_{number}"
                for number, action in enumerate(run.actions, 1)
            ],
            backwards=_backwards([action.timestamp for action in run.actions]),
            replay=None if rest is None or rest.replay_run is None else replay_facts(normalise(rest)),
        )

    def _action(self, action: ActionForm) -> ActionFacts:
        parameters, inputs, metadata, cost = action.parameters, action.inputs, action.metadata, action.cost
        if metadata or type(metadata) is not dict:
            self._check_metadata(metadata)
        if type(parameters) is not dict:
            raise Unusual
        values: list[str] = []
        names = scalars_of(parameters, values)
        built = structure(inputs, values)
        key = (
            action.kind,
            action.name,
            names,
            built,
            None if len(names) == len(parameters) else tuple(parameters),
            action.capabilities,
            action.required_secrets,
            None if action.approval is None else orjson.dumps(action.approval),
            action.deterministic,
            action.fuzzy,
        )
        if (head := self._heads.get(key)) is None:
            head = _kept(self._heads, key, _head(action, names, built))
        effects = action.side_effects
        if effects or type(effects) not in _LISTS:
            effects = self._effects_of(effects)
            if head.uncertain and effects != NONE_DIGEST:
                raise Unusual
        else:
            effects = NONE_DIGEST
        output = action.output if action.observed_output is None else action.observed_output
        calls = cost.model_calls
        return _made(
            (
                head.form,
                effects,
                NONE_DIGEST if output is None else self._digest_of(output),
                head.shape,
                values,
                1 if calls == 0 and head.model_call else calls,
                cost.input_tokens,
                cost.output_tokens,
                cost.total_cost_usd,
                cost.wall_ms,
                action.duration_ms or 0,
            )
        )

    def _digest_of(self, output: Json) -> bytes:
        """Its digest, made once for what tools give again and again."""
        text = orjson.dumps(output, option=orjson.OPT_SORT_KEYS)
        if (digest := self._outputs.get(text)) is None:
            digest = digest_of_text(text, output)
            if len(text) <= _SHORT:
                _kept(self._outputs, text, digest)
        return digest

    def _check_metadata(self, metadata: Json) -> None:
        """Leave to the slow way what might set the run aside."""
        if type(metadata) is not dict:
            raise Unusual
        for key in metadata:
            if key not in self._keys:
                if "policy" in key.lower() or key == "nondeterministic_side_effect":
                    raise Unusual
                if len(self._keys) >= _KEPT:
                    self._keys.clear()
                self._keys.add(key)

    def _effects_of(self, effects: Json) -> bytes:
        key = orjson.dumps(effects)
        if (text := self._effects.get(key)) is None:
            try:
                made = _EFFECTS.validate_python(effects)
            except ValidationError:
                raise Unusual from None
            if not isinstance(effects, list) or any("nondeterministic" in effect.metadata for effect in made):
                raise Unusual
            text = _kept(self._effects, key, digest_of_effects(canonical_side_effects(made)))
        return text


Key = TypeVar("Key")
Value = TypeVar("Value")


def _kept(table: dict[Key, Value], key: Key, value: Value) -> Value:
    """The value, now in the table, which starts anew when it is full."""
    if len(table) >= _KEPT:
        table.clear()
    table[key] = value
    return value


def _rest(run: RunForm) -> Trace | None:
    """The rarer fields of a run as records; None where there are none."""
    given = {
        "flow": run.flow,
        "replay_run": run.replay_run,
        "replay_allowlist": run.replay_allowlist,
        "usage": run.usage,
    }
    if given == _NO_REST:
        return None
    try:
        return Trace.model_validate(given)
    except ValidationError:
        raise Unusual from None


_NO_REST: dict[str, Any] = {"flow": None, "replay_run": None, "replay_allowlist": (), "usage": {}}


def _head(given: ActionForm, names: tuple[str, ...], inputs: Any) -> _Head:
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
    form = form_of(normalise(Trace(actions=(action,))).actions[0])
    made = action_of(form)
    shape = shape_of(names, paths)
    return _Head(form, shape, made.kind == "model_call", made.deterministic is False or made.fuzzy is True)


def _usage(actions: list[ActionFacts]) -> Usage:
    """What all actions cost together, as core.traces.normalise sums it."""
    if not actions:
        return _NOTHING
    *_, calls, read, written, dollars, wall, durations = zip(*actions, strict=True)
    return _NOTHING.replace(
        model_calls=total(calls),
        input_tokens=total(read),
        output_tokens=total(written),
        total_cost_usd=usd(dollars),
        wall_ms=total((*wall, *durations)),
    )


def _backwards(times: list[str | None]) -> bool:
    """Whether times go back. Raises Unusual for what is no plain time."""
    found = []
    try:
        for text in times:
            if text is not None:
                time = datetime.fromisoformat(text)
                if time.tzinfo is None:
                    raise Unusual
                found.append(time)
    except ValueError:
        raise Unusual from None
    if all(map(le, found, found[1:])):
        return False
    raise Unusual  # as seconds, which are coarser, they may be equal
