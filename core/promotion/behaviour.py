"""Behaviour and evidence: what an approval is bound to (spec/review.md, Words).

The candidate's record takes capabilities, approval points and receipts from its first example. The behaviour takes
them from all examples, so that it does not depend on which file happens to sort first. The record of a generalised
candidate takes them from all examples already; of it the behaviour has bindings, templates, loops, conversation and
expected shapes, but no shares and counts, so that an approval survives further runs that bear it out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from core.model.candidate import Candidate, Parameter, ShadowReport, Step
from core.model.generalised import StepDetail
from core.model.jsontext import Json, canonical, digest, plain
from core.model.record import JsonMap
from core.model.text import sorted_strings
from core.model.trace import Action, AllowRule, ReplayRun, Trace
from core.shadow.allowlist import OracleError, apply_rules


def behaviour(candidate: Candidate, examples: Sequence[Trace]) -> JsonMap:
    """What would run, as plain JSON; `examples` are the runs of `candidate.examples` that are at hand."""
    by_id = {trace.id: trace for trace in reversed(examples)}
    aligned = [(example, by_id[example.trace_id]) for example in candidate.examples if example.trace_id in by_id]
    windows = [] if candidate.induction else [_window(e.start_index, trace, candidate) for e, trace in aligned]
    columns = [[w[i] for w in windows if i < len(w)] for i in range(len(candidate.steps))]
    return behaviour_of(candidate, columns, [] if candidate.induction else _receipts(trace for _, trace in aligned))


def behaviour_of(candidate: Candidate, columns: Sequence[Sequence[Action]], receipts: Json) -> JsonMap:
    """The same from the different actions that stand for each step, and from the receipts that the runs expect."""
    steps = [_step(step, column) for step, column in zip(candidate.steps, columns, strict=True)]
    return {
        "name": candidate.name,
        "package_name": candidate.promotion.package_name,
        "sequence_signature": list(candidate.sequence_signature),
        "steps": steps,
        "parameters": [_parameter(p) for p in candidate.parameters],
        "side_effects": plain(candidate.side_effects),
        "capabilities": _union(step["capabilities"] for step in steps),
        "required_secrets": _union(step["required_secrets"] for step in steps),
        "expected_outputs": plain(candidate.expected_outputs),
        "expected_receipts": receipts,
    }


def _window(start: int, trace: Trace, candidate: Candidate) -> Sequence[Action]:
    return trace.actions[start : start + len(candidate.steps)]


def _parameter(parameter: Parameter) -> JsonMap:
    made: JsonMap = {"name": parameter.name, "required": parameter.required}
    return made | ({"binding": parameter.binding} if parameter.binding else {})


def behaviour_digest(candidate: Candidate, examples: Sequence[Trace]) -> str:
    """`sha256:…` of the behaviour."""
    return digest(behaviour(candidate, examples))


def evidence_digest(candidate: Candidate) -> str:
    """`sha256:…` of the examples, the shadow report and the savings; and of what else the runs say of a generalised
    candidate: its confidence with everything that it rests on, whatever its files are called and came in what order."""
    told = {"examples": candidate.examples, "shadow": candidate.shadow, "savings": candidate.savings}
    if candidate.induction is not None:
        told["shadow"] = _by_run(candidate.shadow)
        said = {"confidence": candidate.confidence, "details": [step.detail for step in candidate.steps]}
        return digest({**told, **said, "induction": candidate.induction})
    return digest(told)


def _by_run(shadow: ShadowReport) -> ShadowReport:
    """A comparison with the results in the order of the runs' ids, where that of their files means nothing."""
    results = sorted(shadow.traces, key=lambda one: (one.trace_id, one.source_hash))
    return shadow.replace(failures=tuple(sorted(shadow.failures)), traces=tuple(results))


def _union(texts: Iterable[Iterable[str]]) -> list[str]:
    return sorted_strings(text for group in texts for text in group)


def _step(step: Step, actions: Sequence[Action]) -> JsonMap:
    """A step without review notes, with what its examples disagree on merged."""
    made: JsonMap = plain(step)
    del made["review_notes"]
    if step.detail is not None:
        made["detail"] = _detail(step.detail)
    if actions:
        made["capabilities"] = _union(action.capabilities for action in actions)
        made["required_secrets"] = _union(action.required_secrets for action in actions)
        if not all(action.deterministic for action in actions):
            made["constants"].pop("deterministic", None)
    made["preconditions"] = [
        *(f"capability '{name}' is available" for name in made["capabilities"]),
        *(f"secret '{name}' is configured" for name in made["required_secrets"]),
    ]
    made["approval"] = _approval(step, actions)
    return made


def _detail(detail: StepDetail) -> JsonMap:
    """What of a generalised step would run; nothing that moves with every further run that bears it out."""
    return {
        "bindings": [
            {key: value for key, value in plain(binding).items() if key not in ("evidence", "ambiguous")}
            for binding in detail.bindings
        ],
        "effect_names": plain(detail.effect_names),
        "loop": detail.is_loop,
        "conversation": detail.has_conversation,
        "output_shape": detail.expected.shape,
    }


def _approval(step: Step, actions: Sequence[Action]) -> JsonMap | None:
    points = [a.approval for a in actions if a.approval] or ([step.approval] if step.approval else [])
    if not points:
        return None
    boundaries = sorted_strings(point.boundary or "" for point in points)
    return {"required": any(point.required for point in points), "boundary": boundaries}


def _receipts(traces: Iterable[Trace]) -> list[Any]:
    """The receipts that a run leaves once what may differ is taken out; of several forms the least one."""
    forms = [
        allowed_receipts(trace.replay_run, trace.replay_allowlist)
        for trace in traces
        if trace.replay_run and trace.replay_run.effect_receipts
    ]
    return min(forms, key=canonical, default=[])


def allowed_receipts(run: ReplayRun, rules: Iterable[AllowRule]) -> list[Any]:
    """A run's receipts with every allow-listed place replaced; rules about other lists do not match here."""
    value = {"effect_receipts": plain(run.effect_receipts)}
    for rule in rules:
        with suppress(OracleError):
            value = apply_rules(value, [rule])
    receipts: list[Any] = value["effect_receipts"]
    return receipts
