"""The facts of a run that was decoded whole: the reference that the fast way (core.columns.of_bytes) has to equal."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from hashlib import blake2b
from typing import Any

from core.columns.facts import (
    ActionFacts,
    ReplayFacts,
    RunFacts,
    digest_of,
    digest_of_effects,
    form_of,
    scalars,
    shape_of,
)
from core.mining.exclude import exclusion
from core.model.jsontext import Json, canonical, plain, scalar_text
from core.model.text import is_blank
from core.model.trace import Action, AllowRule, ReplayRun, Trace
from core.promotion.behaviour import allowed_receipts
from core.shadow.allowlist import OracleError, apply_rules
from core.traces.times import runs_backwards


def facts_of(trace: Trace) -> RunFacts:
    """The facts of a normalised run."""
    goal, criteria = trace.metadata.get("goal"), trace.metadata.get("success_criteria")
    known: dict[Any, Any] = {}
    return RunFacts(
        id=trace.id,
        source_hash=trace.source_hash or "",
        workflow_id=trace.workflow_id,
        goal=goal if isinstance(goal, str) else None,
        success_criteria=criteria if isinstance(criteria, str) else None,
        started_at=trace.started_at,
        finished_at=trace.finished_at,
        usage=trace.usage,
        actions=tuple([_action(action, known) for action in trace.actions]),
        action_ids=tuple(action.id for action in trace.actions),
        backwards=runs_backwards(trace),
        exclusion=exclusion(trace),
        replay=replay_facts(trace),
    )


def _action(action: Action, known: dict[Any, Any]) -> ActionFacts:
    """The facts of an action; `known` holds what those before it have in common with it, so that it is held once."""
    parameters = {key: scalar_text(v) for key, v in action.parameters.items() if not isinstance(v, dict | list)}
    inputs = dict(scalars(action.inputs, "inputs"))
    form, shape = form_of(action), shape_of(tuple(parameters), tuple(inputs))
    return ActionFacts(
        form=known.setdefault(form, form),
        effects=digest_of_effects(action.side_effects),
        output=digest_of(action.seen_output),
        shape=known.setdefault(shape, shape),
        values=(*parameters.values(), *inputs.values()),
        model_calls=action.cost.model_calls,
        input_tokens=action.cost.input_tokens,
        output_tokens=action.cost.output_tokens,
        total_cost_usd=action.cost.total_cost_usd,
        wall_ms=action.cost.wall_ms,
        duration_ms=action.duration_ms or 0,
    )


def replay_facts(trace: Trace) -> ReplayFacts | None:
    """What the comparison of receipts depends on; None without a replay run."""
    run = trace.replay_run
    if run is None:
        return None
    allowed = canonical(allowed_receipts(trace)).decode() if run.effect_receipts else ""
    return ReplayFacts(run.run_id, _kind(run, trace.replay_allowlist), len(run.effect_receipts), allowed)


def _kind(run: ReplayRun, rules: tuple[AllowRule, ...]) -> bytes:
    """16 bytes that are equal for runs that compare alike.

    The compared side is the run itself with another run id and other receipts. So what decides is the run once the
    rules are applied, and whether each rule matches outside the receipts, where both sides are the same.
    """
    given: dict[str, Json] = plain(run)
    # A run that claims such an id could be the very same as the compared side.
    run_id = given["run_id"] if given["run_id"].startswith("shadow_") or is_blank(given["run_id"]) else "run"
    counts = {name: len(value) for name, value in given.items() if isinstance(value, list)}
    basis = {
        "rules": plain(list(rules)),
        "counts": counts,
        "run": list(_applied(given | {"run_id": run_id}, rules)),
        "others": list(_applied(given | {"run_id": run_id, "effect_receipts": []}, rules)),
    }
    return blake2b(canonical(basis), digest_size=16).digest()


def _applied(value: Json, rules: tuple[AllowRule, ...]) -> Iterator[Json]:
    """For each rule whether it matches, and at last what the run has become."""
    for rule in rules:
        matched = False
        with suppress(OracleError):
            value, matched = apply_rules(value, [rule]), True
        yield matched
    yield value
