"""The facts of a run that was decoded whole: the reference that the fast way (core.columns.of_bytes) has to equal."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from core.columns.facts import (
    Actions,
    RunFacts,
    Spent,
    digest_of,
    digest_of_effects,
    form_of,
    scalars,
    shape_of,
)
from core.columns.receipts import replay_facts
from core.mining.exclude import exclusion
from core.model.jsontext import scalar_text
from core.model.trace import Action, Trace, Usage
from core.traces.times import runs_backwards


def facts_of(trace: Trace) -> RunFacts:
    """The facts of a normalised run."""
    goal, criteria = trace.metadata.get("goal"), trace.metadata.get("success_criteria")
    return RunFacts(
        id=trace.id,
        source_hash=trace.source_hash or "",
        workflow_id=trace.workflow_id,
        goal=goal if isinstance(goal, str) else None,
        success_criteria=criteria if isinstance(criteria, str) else None,
        started_at=trace.started_at,
        finished_at=trace.finished_at,
        spent=spent_of(trace.usage),
        actions=_actions(trace.actions),
        action_ids=orjson.dumps([action.id for action in trace.actions]).decode(),
        backwards=runs_backwards(trace),
        exclusion=exclusion(trace),
        replay=replay_facts(trace.replay_run, trace.replay_allowlist),
    )


def spent_of(usage: Usage) -> Spent:
    """What a run cost, as columns keep it."""
    return Spent(usage.model_calls, usage.input_tokens, usage.output_tokens, usage.wall_ms, usage.total_cost_usd)


def _actions(actions: Sequence[Action]) -> Actions:
    made = Actions.none()
    known: dict[bytes, bytes] = {}  # what is the same is held once
    for action in actions:
        parameters = {key: scalar_text(v) for key, v in action.parameters.items() if not isinstance(v, dict | list)}
        inputs = dict(scalars(action.inputs, "inputs"))
        form, shape = form_of(action), shape_of(tuple(parameters), tuple(inputs))
        made.forms.append(known.setdefault(form, form))
        made.effects.append(digest_of_effects(action.side_effects))
        made.outputs.append(digest_of(action.seen_output))
        made.shapes.append(known.setdefault(shape, shape))
        made.values.extend((*parameters.values(), *inputs.values()))
        made.counts.append(len(parameters) + len(inputs))
        made.model_calls.append(action.cost.model_calls)
        made.input_tokens.append(action.cost.input_tokens)
        made.output_tokens.append(action.cost.output_tokens)
        made.total_cost_usd.append(action.cost.total_cost_usd)
        made.wall_ms.append(action.cost.wall_ms)
        made.duration_ms.append(action.duration_ms or 0)
    return made
