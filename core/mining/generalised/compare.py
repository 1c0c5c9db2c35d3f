"""Shadow comparison for generalised candidates: how a run stands to a workflow, and where it differs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

from core.mining.generalised.asking import waiting
from core.mining.generalised.candidate import Compared
from core.mining.generalised.fold import Run
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Fitted, Mismatch, as_described, nearest
from core.mining.generalised.patterns import Alignment, Pattern, Shape, at_every_end, contains, done
from core.mining.generalised.recipe import Recipe, asks_there
from core.mining.generalised.shapes import misfits
from core.model.candidate import Step
from core.model.jsontext import Json, canonical
from core.shadow.jsondiff import MISSING, JsonDifference, iter_differences

Actions = tuple[tuple[int, ...], ...]
"""For each step the indexes of the run's actions that stand for it."""


def compare(recipe: Recipe, material: Material, by_steps: Compared | None = None) -> Compared:
    """How a run, folded with the recipe's facts, stands to a candidate in values, effects, approvals and outputs.

    A run holds a workflow when values and effects are as described and approvals are asked for alike; an output of
    another kind is told, and is for the caller to judge. `by_steps` is what `compared` says, where that is known.
    """
    found = by_steps or compared(material, recipe.fitted)
    if not found.steps:
        return found
    if (told := _as_recorded(recipe, material.run, found)).standing == "holds" and material.run.points:
        again = (_as_recorded(recipe, material.run, one) for one in _done_again(material, recipe.fitted, found))
        return next((one for one in again if one.standing != "holds"), told)
    return told


def _as_recorded(recipe: Recipe, run: Run, found: Compared) -> Compared:
    """What a comparison by steps, values and effects comes to with approvals and outputs."""
    if recipe.is_usual(run, found.steps):
        return found
    boundary, outputs = tuple(_approvals(recipe, run, found.steps)), tuple(_outputs(recipe, run, found.steps))
    if not boundary and not outputs:
        return found
    standing = "differs" if boundary else found.standing
    return found._replace(standing=standing, mismatches=(*found.mismatches, *boundary, *outputs), at=())


def _done_again(material: Material, fitted: Fitted, found: Compared) -> Iterator[Compared]:
    """The other times that a run does the job as described; somebody may have been asked at one of them only."""
    ends = material.shape.ends[fitted.pattern[-1]]
    if len(ends) == 1:
        return
    for end, choice in zip(ends, at_every_end(material.shape, fitted.pattern), strict=True):
        if end != found.at[-1]:
            at = next((at for at in choice if as_described(material, at, fitted)), None)
            if at is not None:
                yield found._replace(steps=steps_at(material, at), at=at)


def compared(material: Material, fitted: Fitted) -> Compared:
    """How a folded run stands to a workflow by its steps, values and effects."""
    trace, pattern = material.run.trace, fitted.pattern
    names = (trace.id, trace.source_hash or "")
    if pattern[0] not in material.shape.ends:
        return Compared(*names, "absent")
    for at in fitted.aligned(material.shape):
        if as_described(material, at, fitted):
            return Compared(*names, "holds", steps_at(material, at), (), "", at)
    if (best := nearest(material, fitted)) is not None:
        return Compared(*names, "differs", steps_at(material, best[0]), best[1])
    standing, note = _without(material.shape, fitted)
    return Compared(*names, standing, note=note)


def _without(shape: Shape, fitted: Fitted) -> tuple[Literal["otherwise", "unfinished"], str]:
    """How a run stands to a workflow whose steps do not occur in it, and what is told of that; many have one shape."""
    if id(shape) not in fitted.without:
        pattern = fitted.pattern
        if done(shape, pattern):
            fitted.without[id(shape)] = shape, "otherwise", _left(shape, pattern)
        else:
            note = f"{_name(pattern[-1])} never succeeds after {_name(pattern[0])}"
            fitted.without[id(shape)] = shape, "unfinished", note
    _, standing, note = fitted.without[id(shape)]
    return standing, note


def steps_at(material: Material, at: Alignment) -> tuple[tuple[int, ...], ...]:
    """For each step the indexes of the run's actions that stand for it."""
    steps = material.run.steps
    return tuple([steps[index].actions for index in at])


def _left(shape: Shape, pattern: Pattern) -> str:
    """Where a run that gets the job done leaves the steps."""
    sequence = [symbol for symbol, _ in shape]
    wanted, there = Counter(pattern), Counter(sequence)
    missing = [symbol for symbol in wanted if symbol not in there]
    if missing:
        return f"the job gets done without {', '.join(map(_name, missing))}"
    if fewer := [symbol for symbol, count in wanted.items() if there[symbol] < count]:
        return f"the job gets done with {', '.join(map(_name, fewer))} fewer times"
    if not contains(sequence, pattern):
        return "the steps stand in another order"
    return "other effects, or too many other steps, stand between the steps"


def _name(symbol: str) -> str:
    return symbol.partition(":")[2]


def _approvals(recipe: Recipe, run: Run, steps: Actions) -> Iterable[Mismatch]:
    """Steps that ask somebody first where the candidate's do not, or the other way round."""
    asked = waiting(run, steps)
    for place, (step, actions) in enumerate(zip(recipe.steps, steps, strict=True)):
        wanted = step.approval.required if step.approval else False
        for index in actions:
            said = asked.get(index) or run.says(index)
            seen = said.approval is True
            if seen is not wanted:
                yield Mismatch(place, "approval", "required", (_flag(wanted),), (_flag(seen),), index)
            elif wanted and not asks_there(step, said.boundary):
                expected = (step.approval.boundary or "",) if step.approval else ()
                yield Mismatch(place, "approval", "boundary", expected, (said.boundary or "",), index)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _outputs(recipe: Recipe, run: Run, steps: Actions) -> Iterable[Mismatch]:
    """Outputs of another kind, or of another value where nearly all examples agree on one; one for each place."""
    for place, (step, actions) in enumerate(zip(recipe.steps, steps, strict=True)):
        for index in actions:
            for found in output_differences(step, run.trace.actions[index].seen_output):
                yield Mismatch(
                    place, "output", found.pointer, (_text(found.expected),), (_text(found.observed),), index
                )


def output_differences(step: Step, output: Json) -> Iterator[JsonDifference]:
    """Where an output is not as a step expects it."""
    if step.expected_output is not None:
        if canonical(step.expected_output) != canonical(output):
            yield from iter_differences(step.expected_output, output)
    elif step.detail is not None:
        yield from misfits(step.detail.expected.shape, output)


def _text(value: Json) -> str:
    return "" if value is MISSING else canonical(value).decode()
