"""The facts of a run that was decoded whole: the reference that the fast way (core.columns.of_bytes) has to equal."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from core.columns.facts import (
    Actions,
    Gathering,
    RunFacts,
    digest_of,
    digest_of_effects,
    form_of,
    scalars,
    shape_of,
    spent_of,
)
from core.columns.receipts import replay_facts
from core.mining.exclude import exclusion
from core.model.jsontext import scalar_text
from core.model.trace import Action, Trace
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


def _actions(actions: Sequence[Action]) -> Actions:
    made = Gathering()
    known: dict[bytes, bytes] = {}  # what is the same is held once
    for action in actions:
        cost = action.cost
        parameters = {key: scalar_text(v) for key, v in action.parameters.items() if not isinstance(v, dict | list)}
        inputs = dict(scalars(action.inputs, "inputs"))
        form, shape = form_of(action), shape_of(tuple(parameters), tuple(inputs))
        made.add(
            known.setdefault(form, form),
            known.setdefault(shape, shape),
            digest_of_effects(action.side_effects),
            digest_of(action.seen_output),
            (*parameters.values(), *inputs.values()),
            (cost.model_calls, cost.input_tokens, cost.output_tokens, cost.wall_ms, action.duration_ms or 0),
            cost.total_cost_usd,
        )
    return made.actions()
