"""A described workflow as the record that every candidate is (core.model.candidate)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import nsmallest
from itertools import chain

from core.mining.candidate import candidate_id
from core.mining.cluster import cluster_key
from core.mining.generalised.candidate import Between, GeneralisedCandidate, Support, WorkflowStep
from core.mining.generalised.costs import Savings as Saved
from core.mining.generalised.fold import Run
from core.mining.generalised.records import Binding, EffectTemplate, Tried
from core.mining.generalised.warnings import warnings
from core.model import generalised as record
from core.model.argument_names import is_list
from core.model.candidate import Candidate, ClusterKey, Example, Parameter, Savings, Step
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json, parse, scalar_text
from core.model.options import Options
from core.model.text import identifier, sorted_strings
from core.model.trace import Approval, SideEffect, Trace

SHOWN = 5
"""Example values of an input, at the most."""
MISSED = 10
"""Runs named in which a source does not hold, at the most."""


_EXAMPLE = Example()
"""There are many, made here only: nothing in them needs to be checked."""


def candidate_of(made: GeneralisedCandidate, mined: Mapping[str, Run], options: Options) -> Candidate:
    """The record of a described workflow, not yet compared or judged; `mined` are the folded runs by trace id."""
    runs = [mined[support.trace_id].trace for support in made.supports]
    steps = tuple(_step(step) for step in made.steps)
    effects = canonical_side_effects(effect for step in steps for effect in step.side_effects)
    examples = tuple(map(_example, made.supports))
    against = (Example(source_hash=miss.source_hash) for miss in made.near_misses)
    return Candidate(
        id=candidate_id(made.pattern, (*examples, *against)),
        name=options.workflow_name or workflow_name(steps),
        confidence=0.0 if made.fault else made.confidence.value,
        cluster_key=_cluster(runs, steps, effects),
        sequence_signature=made.pattern,
        parameters=tuple(_inputs(made, mined)),
        steps=steps,
        examples=examples,
        capabilities=_union(step.capabilities for step in steps),
        required_secrets=_union(step.required_secrets for step in steps),
        approval_points=tuple(step.approval for step in steps if step.approval is not None),
        side_effects=effects,
        expected_outputs=tuple(step.expected_output for step in steps if step.expected_output is not None),
        warnings=tuple(warnings(made, steps)),
        rejection_reasons=(made.fault,) if made.fault else (),
        savings=savings_of(made.savings).replace(unrecorded=None if made.savings.glue_calls else True),
        induction=_induction(made),
    )


def _cluster(runs: Sequence[Trace], steps: Sequence[Step], effects: Sequence[SideEffect]) -> ClusterKey:
    """What the runs have in common; the goal only when it is that of all."""
    key = cluster_key(runs, steps, effects)
    goals = {goal if isinstance(goal := run.metadata.get("goal"), str) else None for run in runs}
    return key if len(goals) <= 1 else key.replace(goal=runs[0].workflow_id)


def _union(names: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted_strings(name for some in names for name in some))


def workflow_name(steps: Sequence[Step]) -> str:
    """What a workflow that nobody named is called after: its last step that changes something, else its last."""
    telling = next((step for step in reversed(steps) if step.side_effects), steps[-1])
    return f"{identifier(telling.name)}_workflow"


def _example(support: Support) -> Example:
    return _EXAMPLE.replace(
        trace_id=support.trace_id,
        source_hash=support.source_hash,
        start_index=support.steps[0][0],
        action_ids=support.action_ids,
        steps=support.steps,
    )


def _step(step: WorkflowStep) -> Step:
    template = step.effects
    output = step.output.value if step.output else None
    asks = step.approval_required is not None
    return Step(
        index=step.index,
        kind=step.kind,
        name=step.name,
        segment="fuzzy" if step.is_fuzzy or any(map(_is_choice, step.bindings)) else "deterministic",
        parameter_refs=tuple(sorted(binding.name for binding in step.bindings if binding.kind == "free")),
        constants={"kind": step.kind, "name": step.name},
        preconditions=tuple(_preconditions(step)),
        side_effects=tuple(map(_effect, template.effects)) if template else (),
        capabilities=step.capabilities,
        required_secrets=step.required_secrets,
        approval=Approval(required=bool(step.approval_required), boundary=step.boundary) if asks else None,
        expected_output=output,
        detail=record.StepDetail(
            bindings=tuple(map(_binding, step.bindings)),
            effect_names=tuple(effect.names for effect in template.effects) if template else (),
            effects_share=template.share if template else 1.0,
            repeats=record.Repeats(least=step.least, most=step.most, share=step.loop_share) if step.most > 1 else None,
            before=tuple(map(_between, step.before)),
            expected=record.Expected(
                shape=step.shape.value,
                share=step.shape.share,
                exact_share=step.output.share if step.output and output is not None else None,
            ),
            approval_required=step.approval_required,
        ),
    )


def _is_choice(binding: Binding) -> bool:
    return binding.kind != "free" and not binding.single


def _preconditions(step: WorkflowStep) -> Iterator[str]:
    yield from (f"capability '{name}' is available" for name in step.capabilities)
    yield from (f"secret '{name}' is configured" for name in step.required_secrets)
    if step.approval_required:
        yield "human approval boundary is preserved"


def _effect(template: EffectTemplate) -> SideEffect:
    return SideEffect(
        kind=template.kind, target=template.target, capability=template.capability, mutation=template.mutation
    )


def _between(between: Between) -> record.Between:
    return record.Between(kind=between.kind, name=between.name, share=between.share, most=between.most)


def _binding(binding: Binding) -> record.Binding:
    source = binding.source
    return record.Binding(
        name=binding.name,
        kind=binding.kind,
        step=source.step + 1 if source else None,
        place=source.place if source else None,
        choice=source is not None and not binding.single,
        values={binding.name: _plain(binding)} if binding.kind == "constant" else None,
        ambiguous=binding.ambiguous,
        evidence=record.BindingEvidence(
            share=binding.share,
            distinct=binding.distinct,
            chance=source.chance if source else 0.0,
            bits=source.bits if source else 0.0,
            mean_size=source.mean_size if source else 0.0,
            tried=binding.tried,
            failed=tuple(_tried(tried) for tried in binding.failed if tried.fault),
        ),
    )


def _plain(constant: Binding) -> Json:
    values = [parse(text.encode()) for text in constant.constant]
    alone = len(values) == 1 and not is_list(constant.name) and not isinstance(values[0], list)
    return values[0] if alone else values


def _tried(tried: Tried) -> record.Tried:
    return record.Tried(
        step=tried.step + 1,
        place=tried.place,
        fault=tried.fault or "",
        share=tried.share,
        distinct=tried.distinct,
        chance=tried.chance,
        bits=tried.bits,
        missed=tried.missed[:MISSED],
        missed_count=len(tried.missed),
    )


def _inputs(made: GeneralisedCandidate, runs: Mapping[str, Run]) -> Iterator[Parameter]:
    """One input for each argument that nothing determines; those of a name in several steps are told apart."""
    free = [(step, binding.name) for step in made.steps for binding in step.bindings if binding.kind == "free"]
    names = input_names((step.index, name) for step, name in free)
    found: dict[int, dict[str, set[str]]] = {}
    for step, name in free:
        found.setdefault(step.index, {})[name] = set()
    held_by = [(runs[support.trace_id].arguments, support.steps) for support in made.supports]
    for number, wanted in found.items():
        held = [arguments(index) for arguments, steps in held_by for index in steps[number - 1]]
        for name, texts in wanted.items():
            texts.update(chain.from_iterable([given[name] for given in held if name in given]))
    for step, name in sorted(free, key=lambda pair: names[pair[0].index, pair[1]]):
        yield Parameter(
            name=names[step.index, name],
            source_paths=(f"steps[{step.index - 1}].parameters.{name}",),
            examples=tuple(nsmallest(SHOWN, set(map(_told, found[step.index][name])))),
            required=True,
            binding="input",
        )


def _told(text: str) -> str:
    """What a scalar's JSON text says."""
    return text[1:-1] if text[:1] == '"' and "\\" not in text else scalar_text(parse(text.encode()))


def input_names(free: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """The name of the input for each free argument, by step (from 1) and name; unique."""
    listed = list(free)
    made: dict[tuple[int, str], str] = {}
    wanted = [identifier(name) for _, name in listed]
    for (step, name), base in zip(listed, wanted, strict=True):
        text = base if wanted.count(base) == 1 else f"{base}_{step}"
        while text in made.values():
            text += "_"
        made[step, name] = text
    return made


def _induction(made: GeneralisedCandidate) -> record.Induction:
    confidence = made.confidence
    succeeded, said = made.outcomes
    return record.Induction(
        link=made.link,
        groups=made.groups,
        reruns=made.reruns,
        interval=record.Interval(low=confidence.low, high=confidence.high, groups=confidence.groups),
        worth=made.worth,
        near_misses=len(made.near_misses),
        unfinished=made.unfinished,
        succeeded=succeeded,
        with_outcome=said,
        idle=tuple(sorted(made.facts.idle)),
    )


def savings_of(saved: Saved) -> Savings:
    """Savings as records have them; calls of unknown cost are counted apart."""
    return Savings(
        model_calls_avoided=saved.glue_calls,
        input_tokens_avoided=saved.input_tokens,
        output_tokens_avoided=saved.output_tokens,
        estimated_cost_usd_avoided=saved.cost_usd,
        wall_ms_avoided=saved.wall_ms,
        remaining_model_calls=saved.remaining_calls,
        unknown_cost_calls=saved.unknown_cost_calls,
        unknown_token_calls=saved.unknown_token_calls,
        unknown_time_calls=saved.unknown_time_calls,
        tool_ms=saved.tool_ms,
    )
