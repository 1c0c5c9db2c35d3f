"""The actions of a run as columns, from what was parsed and found to be of the right form (core.columns.form)."""

from __future__ import annotations

from typing import Any

import orjson

from core.columns.facts import NONE_DIGEST, Actions, Gathering, lasting
from core.columns.form import ActionForm
from core.columns.heads import Digests, Head, Unusual, check_metadata, effects_of, head_of, kept
from core.columns.structure import scalars_of, structure
from core.model.jsontext import Json

_LISTS = frozenset({list, tuple})


class Parsing:
    """Takes over actions, with what they have in common looked at once. Not for several threads at a time."""

    def __init__(self) -> None:
        self._heads: dict[Any, Head] = {}
        self._effects: dict[bytes, bytes] = {}
        self._outputs = Digests()

    def actions(self, given: list[ActionForm]) -> Actions:
        """The actions of a run. Raises Unusual."""
        made = Gathering()
        for action in given:
            values: list[str] = []
            head = self.head(action, values)
            output = action.output if action.observed_output is None else action.observed_output
            cost = action.cost
            calls = 1 if cost.model_calls == 0 and head.model_call else cost.model_calls
            made.add(
                head.form,
                head.shape,
                self._effects_of(action.side_effects, head),
                NONE_DIGEST if output is None else self._outputs.of(output),
                values,
                (calls, cost.input_tokens, cost.output_tokens, cost.wall_ms, action.duration_ms or 0),
                cost.total_cost_usd,
            )
        return made.actions()

    def head(self, action: ActionForm, values: list[str]) -> Head:
        """The head of an action, whose value texts are added to `values`. Raises Unusual."""
        parameters, metadata = action.parameters, action.metadata
        if metadata or type(metadata) is not dict:
            check_metadata(metadata)
        if type(parameters) is not dict:
            raise Unusual
        names = scalars_of(parameters, values)
        built = structure(action.inputs, values)
        key = (
            action.kind,
            action.name,
            names,
            built,
            None if len(names) == len(parameters) else tuple(parameters),
            action.capabilities,
            action.required_secrets,
            None if action.approval is None else lasting(orjson.dumps(action.approval)),
            action.deterministic,
            action.fuzzy,
        )
        if (head := self._heads.get(key)) is None:
            head = kept(self._heads, key, head_of(action, names, built))
        return head

    def _effects_of(self, effects: Json, head: Head) -> bytes:
        if not effects and type(effects) in _LISTS:
            return NONE_DIGEST
        key = orjson.dumps(effects)
        if (digest := self._effects.get(key)) is None:
            digest = kept(self._effects, lasting(key), effects_of(effects))
        if head.uncertain and digest != NONE_DIGEST:
            raise Unusual
        return digest
