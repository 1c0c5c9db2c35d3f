"""The record of an accepted candidate, gathered from its examples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.mining.generalised.ambiguity import also_found
from core.mining.generalised.bindings import bind
from core.mining.generalised.candidate import Compared, Expectation, GeneralisedCandidate, Support, WorkflowStep
from core.mining.generalised.confidence import Confidence, Trials, decisive, fit
from core.mining.generalised.costs import saved
from core.mining.generalised.evidence import Example, Pool, weighted
from core.mining.generalised.fold import Facts
from core.mining.generalised.judge import Mined, Rejected
from core.mining.generalised.links import Material
from core.mining.generalised.observed import Observed, agreed, observed, outputs_at
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.optional import given_sometimes
from core.mining.generalised.order import link_of
from core.mining.generalised.patterns import Alignment, Pattern
from core.mining.generalised.records import Binding, StepTemplate
from core.mining.generalised.rounds import ONCE, rounds
from core.mining.generalised.sheet import arguments
from core.mining.generalised.signs import has_bad_status
from core.mining.generalised.standings import Standings
from core.model.text import sorted_strings


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
    every = pool.by_symbol.get(pattern[0], ())
    holding: list[tuple[Material, Compared]] = []
    against: list[Compared] = []
    for material, one in zip(every, map(look, every), strict=True):
        if one.standing == "holds":
            holding.append((material, one))
        else:
            against.append(one)
    found = [(material, one.at) for material, one in holding]
    # What was seen in any run that holds the workflow, so that a further run like them changes nothing.
    shown = weighted(found, pool) or examples
    return GeneralisedCandidate(
        pattern=pattern,
        steps=tuple(_steps(fitted, shown, found, pool)),
        fitted=fitted,
        facts=known,
        confidence=mined.trials.confidence,
        groups=mined.groups,
        reruns=pool.reruns,
        link=link_of(pattern, bindings),
        worth=mined.worth,
        supports=tuple([_support(material, one.steps, pool) for material, one in holding]),
        near_misses=tuple(
            sorted((c for c in against if c.standing in ("differs", "otherwise")), key=lambda c: c.trace_id)
        ),
        unfinished=sum(c.standing == "unfinished" for c in against),
        savings=saved(found),
        fault=fault or (None if found else "no run is as described"),
    )


def describe_rejected(
    rejected: Rejected, pool: Pool, known: Facts, standings: Standings | None = None
) -> GeneralisedCandidate:
    """A pattern that repeats and is no candidate, with why; so that it can be seen what was found."""
    examples = pool.examples(rejected.pattern)
    fitted = fit(rejected.pattern, examples, pool, known.writers)
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
    for argument in arguments(pattern, examples):
        is_decisive = decisive(argument.step, argument.name, effects)
        binding = bind(pattern, argument, pool, decisive=is_decisive, explain=True)
        if binding.kind == "constant":
            binding = replace(binding, ambiguous=also_found(binding, examples))
        made.append(binding)
    return tuple(made)


def _doubtful(pattern: Pattern, place: int, pool: Pool) -> int:
    """Runs that do not hold a step because a status, which may be that of what was asked about, says that it failed."""
    count, symbol = 0, pattern[place]
    for material in pool.by_symbol.get(f"!{symbol}", ()):
        steps_of, actions = material.steps_of, material.run.trace.actions
        if symbol not in steps_of and pattern[-1] in steps_of:
            tried = (actions[index] for step in steps_of[f"!{symbol}"] for index in material.run.steps[step].actions)
            count += any(map(has_bad_status, tried))
    return count


def _steps(
    fitted: Fitted, shown: Sequence[Example], found: Sequence[tuple[Material, Alignment]], pool: Pool
) -> Iterator[WorkflowStep]:
    """The steps as some examples show them; `found` are all occurrences that are as described."""
    pattern, length = fitted.pattern, len(fitted.pattern)
    for place, seen in enumerate(observed(shown, length)):
        step = _step(place, fitted, seen, agreed(outputs_at(shown, place), seen.whole))
        sometimes = given_sometimes(seen.alike) if found else ()
        again = rounds(found, place) if step.most > 1 else ONCE
        yield replace(step, sometimes=sometimes, rounds=again, doubtful=_doubtful(pattern, place, pool))


def _support(material: Material, steps: tuple[tuple[int, ...], ...], pool: Pool) -> Support:
    trace = material.run.trace
    actions, success = trace.actions, trace.metadata.get("success")
    return Support(
        trace.id,
        trace.source_hash or "",
        pool.group(material),
        steps,
        tuple([actions[index].id for step in steps for index in step]),
        success if isinstance(success, bool) else None,
    )


def _step(place: int, fitted: Fitted, seen: Observed, output: Expectation | None) -> WorkflowStep:
    kind, _, name = fitted.pattern[place].partition(":")
    return WorkflowStep(
        index=place + 1,
        kind=kind,
        name=name,
        bindings=tuple(binding for binding in fitted.bindings if binding.step == place),
        effects=next((template for template in fitted.templates if template.step == place), None),
        least=min(seen.repeats, default=1),
        most=max(seen.repeats, default=1),
        loop_share=seen.loop_share,
        before=seen.before,
        shape=seen.shape,
        output=output,
        approval_required=seen.asks,
        boundary=seen.boundary,
        is_fuzzy=any(said.is_fuzzy for said in seen.counts),
        capabilities=_union(said.capabilities for said in seen.counts),
        required_secrets=_union(said.required_secrets for said in seen.counts),
    )


def _union(names: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(sorted_strings(name for some in set(names) for name in some))
