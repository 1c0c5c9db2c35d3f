"""Everything that differs between a generalised candidate and a run, for people: the step, the place, both values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.mining.generalised.candidate import Compared
from core.mining.generalised.compare import compare, output_differences
from core.mining.generalised.effects import Effects, are_of, effect_templates, filled
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Mismatch
from core.mining.generalised.recipe import Recipe, recipe_of
from core.mining.generalised.shadow import folding
from core.mining.generalised.values import arguments, value_at
from core.model.argument_names import is_list, pointer_of
from core.model.binding_words import constant_told, source_told
from core.model.candidate import Candidate, Step
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json, parse, plain
from core.model.trace import Action, Trace
from core.shadow.differences import Difference
from core.shadow.jsondiff import MISSING
from core.shadow.waivers import Waiver, about


def generalised_differences(
    candidate: Candidate, trace: Trace, waivers: Sequence[Waiver] = ()
) -> tuple[Difference, ...]:
    """All differences of a run, those that a rule expects marked; none, or only marked ones, when it holds."""
    recipe = recipe_of(candidate)
    material = folding(candidate)(trace)
    found, waivers = compare(recipe, material), about(waivers, candidate.steps)
    return tuple(_marked(found_one, waivers) for found_one in _all(candidate, recipe, material, found))


def places_of(candidate: Candidate, trace: Trace) -> tuple[tuple[int, ...], ...]:
    """For each step the indexes of the run's actions that stand for it; empty when its steps do not occur."""
    return compare(recipe_of(candidate), folding(candidate)(trace)).steps


def _marked(difference: Difference, waivers: Sequence[Waiver]) -> Difference:
    rules = (str(w) for w in waivers if difference.kind == "output" and w.covers(difference.step, difference.pointer))
    return replace(difference, allowed=next(rules, ""))


def _all(candidate: Candidate, recipe: Recipe, material: Material, found: Compared) -> Iterator[Difference]:
    if not found.steps:
        seen = [f"{step.symbol[1:]} (failed)" if step.failed else step.symbol for step in material.run.steps]
        note = found.note or "the steps do not occur"
        yield Difference(None, "signature", "/", list(candidate.sequence_signature), seen, note)
        return
    actions = material.run.trace.actions
    for mismatch in found.mismatches:
        step = recipe.steps[mismatch.step]
        standing = [actions[index] for index in found.steps[mismatch.step]]
        if mismatch.kind == "value":
            yield _argument(step, mismatch, standing[0])
        elif mismatch.kind == "effect":
            yield from _effects(recipe, step, mismatch, standing)
        elif mismatch.kind == "approval":
            message = f"step {step.index} approval boundary differs"
            sides = (_side(mismatch.name, mismatch.expected), _side(mismatch.name, mismatch.observed))
            yield Difference(step.index, "approval", f"/{mismatch.name}", *sides, message)
    for step, indexes in zip(recipe.steps, found.steps, strict=True):
        for index in indexes:
            yield from _outputs(step, actions[index], _whose(actions[index], indexes))


def _side(name: str, texts: Sequence[str]) -> Json:
    """What one side says of an approval."""
    return texts == ("true",) if name == "required" else texts[0] or MISSING


def _argument(step: Step, mismatch: Mismatch, action: Action) -> Difference:
    binding = next(b for b in (step.detail.bindings if step.detail else ()) if b.name == mismatch.name)
    wanted = [parse(text.encode()) for text in mismatch.expected]
    seen = [parse(text.encode()) for text in mismatch.observed]
    source = f"the constant {constant_told(binding)}" if binding.kind == "constant" else source_told(binding)
    expected: Json = MISSING if not wanted else {"one of": wanted} if len(wanted) > 1 else wanted[0]
    expected = binding.constant if binding.kind == "constant" else expected
    observed: Json = seen[0] if len(seen) == 1 and not is_list(mismatch.name) else seen
    observed = observed if seen else value_at(action, mismatch.name)
    place = pointer_of(mismatch.name.removesuffix("[]"))
    message = f"step {step.index} argument at {place} is not {source}"
    return Difference(step.index, "argument", place, expected, observed, message)


def _whose(action: Action, among: Sequence[object]) -> str:
    """Which of a step's repetitions an action is."""
    return f" of action {action.id}" if len(among) > 1 else ""


def _effects(recipe: Recipe, step: Step, mismatch: Mismatch, actions: Sequence[Action]) -> Iterator[Difference]:
    """The side effects of each repetition that does not follow the template, which is filled in."""
    template = next(t for t in recipe.fitted.templates if t.step == mismatch.step)
    told = ", ".join(effect.target for effect in step.side_effects) or "no side effect"
    for action in actions:
        if _follows(template.effects, action):
            continue
        wanted = [plain(effect) for effect in filled(template.effects, action)]
        seen = plain(canonical_side_effects(action.side_effects))
        message = f"step {step.index} side effects{_whose(action, actions)} are not {told}"
        yield Difference(step.index, "side_effects", "/", wanted, seen, message)


def _follows(effects: Effects, action: Action) -> bool:
    return effects in effect_templates(action) or are_of(effects, action, arguments(action))


def _outputs(step: Step, action: Action, whose: str) -> Iterator[Difference]:
    for found in output_differences(step, action.seen_output):
        place = "" if found.pointer == "/" else f" at {found.pointer}"
        message = f"step {step.index} output{whose} differs{place}"
        yield Difference(step.index, "output", found.pointer, found.expected, found.observed, message)
