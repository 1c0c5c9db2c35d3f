"""Does a run hold an occurrence of a workflow, and where does it differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, NamedTuple

from core.mining.generalised.effects import are_of
from core.mining.generalised.links import Links, Material, Texts
from core.mining.generalised.patterns import Aligned, Alignment, Pattern, Shape, aligned_in, aligned_of
from core.mining.generalised.records import Binding, StepTemplate
from core.mining.generalised.values import Arguments, Place, is_in_another_form


class Handed:
    """What a step takes from an earlier one: arguments, with their places there."""

    def __init__(self, source: int, names: Sequence[tuple[str, Place]]) -> None:
        self.source = source
        self._names = names
        self._lacking: dict[int, tuple[Links, Sequence[str]]] = {}

    def lacking(self, links: Links) -> Sequence[str]:
        """The arguments that are not at their places; remembered, for many runs' links are one object."""
        known = self._lacking.get(id(links))
        if known is None or known[0] is not links:
            names = [name for name, place in self._names if place not in links.get(name, ())]
            known = self._lacking[id(links)] = links, names
        return known[1]


class Check(NamedTuple):
    """What the arguments of one step have to be."""

    step: int
    fixed: frozenset[tuple[str, tuple[str, ...]]]
    """Arguments that are constants, with their values."""
    handed: tuple[Handed, ...]


@dataclass(frozen=True)
class Fitted:
    """A pattern with where its values come from and what its effects are."""

    pattern: Pattern
    bindings: tuple[Binding, ...]
    templates: tuple[StepTemplate, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        """How it is pickled: without what was worked out from it."""
        return Fitted, (self.pattern, self.bindings, self.templates)

    @cached_property
    def essence(self) -> tuple[object, ...]:
        """What runs are compared with: two workflows that are equal in it are the same to every run."""
        bound = (
            (b.step, b.name, b.kind, b.constant, b.source and (b.source.step, b.source.place)) for b in self.bindings
        )
        return self.pattern, tuple(bound), tuple((t.step, t.effects) for t in self.templates)

    def aligned(self, shape: Shape) -> tuple[Alignment, ...]:
        """The occurrences of the pattern in a run, by its shape."""
        return aligned_in(self._aligned, shape, self.pattern)

    @cached_property
    def _aligned(self) -> Aligned:
        return aligned_of(self.pattern)

    @cached_property
    def without(self) -> dict[int, tuple[Shape, Literal["otherwise", "unfinished"], str]]:
        """How runs stand to it in which its steps do not occur, and what is told of that, by shape: filled as needed.

        The shapes are kept, so that no other gets the number of one.
        """
        return {}

    @cached_property
    def changing(self) -> tuple[StepTemplate, ...]:
        """The templates of the steps that change something."""
        return tuple(template for template in self.templates if template.effects)

    @cached_property
    def writes(self) -> tuple[tuple[int, bool], ...]:
        """By step whether it changes something, as far as templates tell."""
        return tuple((template.step, bool(template.effects)) for template in self.templates)

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """What the bound arguments have to be, step by step."""
        made = []
        for step in sorted({binding.step for binding in self.bindings}):
            here = [binding for binding in self.bindings if binding.step == step]
            fixed = tuple((b.name, b.constant) for b in here if b.kind == "constant")
            passed: dict[int, list[tuple[str, Place]]] = {}
            for b in here:
                if b.source is not None and b.kind not in ("constant", "free"):
                    passed.setdefault(b.source.step, []).append((b.name, b.source.place))
            if fixed or passed:
                made.append(Check(step, frozenset(fixed), tuple(Handed(*taken) for taken in passed.items())))
        return tuple(made)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """One way in which an occurrence is not as the workflow says; `step` counts from 0."""

    step: int
    kind: Literal["value", "effect", "approval", "output"]
    name: str
    """The argument, the effect template's targets, `required` of an approval, the JSON pointer into an output."""
    expected: tuple[str, ...]
    """The predicted values (JSON texts), or the template."""
    observed: tuple[str, ...]
    """The values; none where an argument is an empty list, or is given in another form."""
    action: int | None = None
    """The index of the run's action that differs, where it is one of the step's repetitions."""


def predicted(material: Material, at: Alignment, binding: Binding) -> frozenset[str] | None:
    """The values that a binding predicts in an occurrence; None for a free argument."""
    if binding.kind == "constant":
        return frozenset(binding.constant)
    if binding.source is None:
        return None
    return material.values_at(at[binding.source.step], binding.source.place)


def explained(material: Material, at: Alignment, binding: Binding) -> bool | None:
    """Whether an argument has a predicted value; None when it is free or the run does not have it."""
    if binding.kind == "free":
        return None
    here = material.arguments[at[binding.step]]
    texts = here.get(binding.name)
    if texts is None:
        return False if is_in_another_form(binding.name, here) else None
    if binding.kind == "constant":
        return texts == binding.constant
    assert binding.source is not None
    links = material.links(at[binding.source.step], at[binding.step])
    return binding.source.place in links.get(binding.name, ())


def as_described(material: Material, at: Alignment, fitted: Fitted) -> bool:
    """Whether every bound value is predicted and every effect follows its template."""
    shape = material.shape
    for step, writes in fitted.writes:
        if shape[at[step]][1] is not writes:
            return False
    arguments, links = material.arguments, material.links
    for step, fixed, handed in fitted.checks:
        taker = at[step]
        here = arguments[taker]
        if fixed and not fixed <= here.items() and any(_differs(name, constant, here) for name, constant in fixed):
            return False
        for given in handed:
            lacking = given.lacking(links(at[given.source], taker))
            if lacking and any(name in here or is_in_another_form(name, here) for name in lacking):
                return False
    for template in fitted.changing:
        effects = template.effects
        for options in material.effects(at[template.step]):
            if effects not in options and not _follows(material, at, template):
                return False
    return True


def _differs(name: str, constant: Texts, here: Arguments) -> bool:
    """Whether an argument is given, and not as a constant says."""
    return here[name] != constant if name in here else is_in_another_form(name, here)


def _follows(material: Material, at: Alignment, template: StepTemplate) -> bool:
    """Whether every repetition of a step changes what a template says."""
    run, step = material.run, at[template.step]
    each = zip(run.steps[step].actions, material.effects(step), strict=True)
    return all(
        template.effects in options or are_of(template.effects, run.trace.actions[index], run.arguments(index))
        for index, options in each
    )


def occurrences(material: Material, fitted: Fitted) -> Iterator[Alignment]:
    """The occurrences that are as described, the tightest first."""
    for at in fitted.aligned(material.shape):
        if as_described(material, at, fitted):
            yield at


def reproduced(material: Material, fitted: Fitted) -> bool:
    """Whether the run holds an occurrence that is as described."""
    return any(as_described(material, at, fitted) for at in fitted.aligned(material.shape))


def mismatches(material: Material, at: Alignment, fitted: Fitted) -> tuple[Mismatch, ...]:
    """Everything in which an occurrence is not as described, in the order of the steps."""
    found = []
    for binding in fitted.bindings:
        if explained(material, at, binding) is False:
            wanted = predicted(material, at, binding) or frozenset()
            seen = material.arguments[at[binding.step]].get(binding.name, ())
            found.append(Mismatch(binding.step, "value", binding.name, tuple(sorted(wanted)), seen))
    for template in fitted.templates:
        if not _follows(material, at, template):
            run = material.run
            actions = [run.trace.actions[index] for index in run.steps[at[template.step]].actions]
            seen = tuple(effect.target for action in actions for effect in action.side_effects)
            wanted_targets = tuple(effect.target for effect in template.effects)
            found.append(Mismatch(template.step, "effect", ", ".join(wanted_targets), wanted_targets, seen))
    return tuple(sorted(found, key=lambda m: (m.step, m.kind != "value", m.kind, m.name)))


def nearest(material: Material, fitted: Fitted) -> tuple[Alignment, tuple[Mismatch, ...]] | None:
    """The occurrence with the fewest mismatches; None when the steps do not occur."""
    tried = [(at, mismatches(material, at, fitted)) for at in fitted.aligned(material.shape)]
    return min(tried, key=lambda pair: len(pair[1]), default=None)
