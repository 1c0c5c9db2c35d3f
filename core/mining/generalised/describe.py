"""The record of an accepted candidate, gathered from its examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from core.mining.generalised.ambiguity import also_found
from core.mining.generalised.bindings import bind, columns
from core.mining.generalised.candidate import Between, Expectation, GeneralisedCandidate, Support, WorkflowStep
from core.mining.generalised.compare import steps_at
from core.mining.generalised.confidence import Confidence, Trials, decisive, fit
from core.mining.generalised.costs import saved
from core.mining.generalised.evidence import Example, Pool, weighted
from core.mining.generalised.fold import Facts
from core.mining.generalised.links import Material
from core.mining.generalised.mine import Mined, Rejected
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.order import link_of
from core.mining.generalised.patterns import Alignment, Pattern
from core.mining.generalised.records import Binding, StepTemplate
from core.mining.generalised.shapes import common_shape
from core.mining.generalised.standings import Standings
from core.model.jsontext import Json, canonical, parse
from core.model.text import sorted_strings
from core.model.trace import Action

AGREES = 0.95
"""The share of the examples that have to agree for an exact output to be expected."""


def describe(
    mined: Mined, pool: Pool, known: Facts, fault: str | None = None, standings: Standings | None = None
) -> GeneralisedCandidate:
    """Everything that the screens need to know about a candidate; `fault` says why it is not acceptable.

    `standings` is what is known of how the runs stand to workflows.
    """
    pattern = mined.fitted.pattern
    examples = pool.examples(pattern)
    bindings = _bindings(pattern, examples, mined.fitted.templates, pool)
    fitted = Fitted(pattern, bindings, mined.fitted.templates)
    look = (standings or Standings()).to_workflow(replace(fitted, templates=_of_every_step(fitted)))
    every = [(material, look(material)) for material in pool.by_symbol.get(pattern[0], ())]
    found = [(material, one.at) for material, one in every if one.standing == "holds"]
    against = [one for _, one in every if one.standing != "holds"]
    # What was seen in any run that holds the workflow, so that a further run like them changes nothing.
    shown = weighted(found, pool) or examples
    return GeneralisedCandidate(
        pattern=pattern,
        steps=tuple(_step(place, fitted, shown) for place in range(len(pattern))),
        fitted=fitted,
        facts=known,
        confidence=mined.trials.confidence,
        groups=mined.groups,
        reruns=pool.reruns,
        link=link_of(pattern, bindings),
        worth=mined.worth,
        supports=tuple(_support(material, at, pool) for material, at in found),
        near_misses=tuple(
            sorted((c for c in against if c.standing in ("differs", "otherwise")), key=lambda c: c.trace_id)
        ),
        unfinished=sum(c.standing == "unfinished" for c in against),
        savings=saved(found),
        fault=fault,
    )


def describe_rejected(
    rejected: Rejected, pool: Pool, known: Facts, standings: Standings | None = None
) -> GeneralisedCandidate:
    """A pattern that repeats and is no candidate, with why; so that it can be seen what was found."""
    examples = pool.examples(rejected.pattern)
    fitted = fit(rejected.pattern, columns(rejected.pattern, examples), examples, pool, known.writers)
    nothing = Trials(Confidence(0.0, 0.0, 1.0, 0), {}, ())
    return describe(Mined(fitted, nothing, rejected.groups, 0.0), pool, known, rejected.reason, standings)


def _of_every_step(fitted: Fitted) -> tuple[StepTemplate, ...]:
    """The templates as the record has them, of steps without effects as well, so that no run is compared twice.

    In the runs that are mined those have none.
    """
    found = {template.step: template for template in fitted.templates}
    nothing = (StepTemplate(place, symbol, (), 1.0) for place, symbol in enumerate(fitted.pattern))
    return tuple(found.get(one.step, one) for one in nothing)


def _bindings(
    pattern: Pattern, examples: Sequence[Example], effects: Sequence[StepTemplate], pool: Pool
) -> tuple[Binding, ...]:
    """The bindings with what was tried in vain and what a constant may be mistaken for."""
    made = []
    for column in columns(pattern, examples):
        binding = bind(pattern, column, column.rows, pool, decisive=decisive(column, effects), explain=True)
        if binding.kind == "constant":
            binding = replace(binding, ambiguous=also_found(binding, examples))
        made.append(binding)
    return tuple(made)


def _support(material: Material, at: Alignment, pool: Pool) -> Support:
    trace = material.run.trace
    steps = steps_at(material, at)
    success = trace.metadata.get("success")
    return Support(
        trace_id=trace.id,
        source_hash=trace.source_hash or "",
        group=pool.group(material),
        steps=steps,
        action_ids=tuple(trace.actions[index].id for step in steps for index in step),
        outcome=success if isinstance(success, bool) else None,
    )


def _step(place: int, fitted: Fitted, examples: Sequence[Example]) -> WorkflowStep:
    kind, _, name = fitted.pattern[place].partition(":")
    each = [_folded_actions(example, place) for example in examples]
    counts = list(map(len, each))
    every = [action for actions in each for action in actions]
    # The repetitions of one example share its vote.
    outputs = [
        (action.seen_output, example.weight / len(actions))
        for example, actions in zip(examples, each, strict=True)
        for action in actions
    ]
    output = _most_common(outputs)
    return WorkflowStep(
        index=place + 1,
        kind=kind,
        name=name,
        bindings=tuple(binding for binding in fitted.bindings if binding.step == place),
        effects=next((template for template in fitted.templates if template.step == place), None),
        least=min(counts, default=1),
        most=max(counts, default=1),
        loop_share=_share([example for example, count in zip(examples, counts, strict=True) if count > 1], examples),
        before=_before(place, examples),
        shape=Expectation(*common_shape(outputs)),
        output=Expectation(parse(output.value), output.share) if output.share >= AGREES else None,
        approval_required=_approval(every),
        boundary=min((a.approval.boundary for a in every if a.approval and a.approval.boundary), default=None),
        capabilities=_union({action.capabilities for action in every}),
        required_secrets=_union({action.required_secrets for action in every}),
    )


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted_strings(name for some in names for name in some))


def _folded_actions(example: Example, place: int) -> list[Action]:
    run = example.material.run
    return [run.trace.actions[index] for index in run.steps[example.at[place]].actions]


def _share(some: Sequence[Example], every: Sequence[Example]) -> float:
    whole = sum(example.weight for example in every)
    return sum(example.weight for example in some) / whole if whole else 0.0


def _most_common(outputs: Sequence[tuple[Json, float]]) -> Expectation:
    """The output, as canonical JSON in bytes, that most examples agree on."""
    weights: dict[bytes, float] = {}
    for output, weight in outputs:
        text = canonical(output)
        weights[text] = weights.get(text, 0.0) + weight
    best = max(weights, key=lambda found: (weights[found], found))
    return Expectation(best, weights[best] / sum(weights.values()))


def _approval(actions: Sequence[Action]) -> bool | None:
    """Whether most of the actions that say anything require an approval."""
    said = [action.approval.required for action in actions if action.approval is not None]
    return 2 * sum(said) >= len(said) if said else None


def _before(place: int, examples: Sequence[Example]) -> tuple[Between, ...]:
    """What stands between the step before and this one, the most common first."""
    found: dict[tuple[str, str], list[tuple[Example, int]]] = {}
    for example in examples:
        at = example.at
        if (place and at[place] > at[place - 1] + 1) or not example.material.run.steps[at[place]].is_plain:
            for key, count in _between(place, example).items():
                found.setdefault(key, []).append((example, count))
    made = [
        Between(kind, name, _share([e for e, _ in seen], examples), max(count for _, count in seen))  # type: ignore[arg-type]
        for (kind, name), seen in found.items()
    ]
    return tuple(sorted(made, key=lambda between: (-between.share, between.kind, between.name)))


def _between(place: int, example: Example) -> Counter[tuple[str, str]]:
    run, at = example.material.run, example.at
    counts: Counter[tuple[str, str]] = Counter()
    begun = run.steps[at[0]].actions[0]
    first = at[place] if not place else at[place - 1] + 1
    for index in range(first, at[place] + 1):
        step = run.steps[index]
        for kind, actions in (("talk", step.talk), ("idle", step.idle), ("try", step.tries)):
            counts.update((kind, run.trace.actions[i].name) for i in actions if i > begun)
        if index != at[place]:
            counts["tool", step.symbol.partition(":")[2]] += 1
    return counts
