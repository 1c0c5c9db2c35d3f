"""What of a candidate's record runs are compared with, as mining says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from core.mining.generalised.asking import said_at
from core.mining.generalised.effects import in_order
from core.mining.generalised.fold import Facts, Run
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.records import Binding, EffectTemplate, StepTemplate, Tried
from core.mining.generalised.said import Said, Told
from core.mining.generalised.shapes import fits
from core.mining.generalised.values import text_of
from core.model import generalised as record
from core.model.candidate import Candidate, Step
from core.model.jsontext import canonical
from core.model.record import DecodeError
from core.model.trace import SideEffect


@dataclass(frozen=True)
class Recipe:
    """What of a candidate's record runs are compared with."""

    fitted: Fitted
    steps: tuple[Step, ...]
    facts: Facts

    @cached_property
    def outputs(self) -> tuple[bytes | None, ...]:
        """By step the output that is expected exactly, as canonical JSON."""
        expected = [step.expected_output for step in self.steps]
        return tuple(None if output is None else canonical(output) for output in expected)

    def is_usual(self, run: Run, steps: Sequence[tuple[int, ...]]) -> bool:
        """Whether a run's actions for each step say what is expected, output and approval; few say different things."""
        for place, (here, told) in enumerate(zip(self._usual, said_at(run, steps), strict=True)):
            if (usual := here.get(told)) is None:
                usual = here[told] = all(self._says(place, one) for one in told.said)
            if not usual:
                return False
        return all(run.output(index) == output for place, output in self._exactly for index in steps[place])

    @cached_property
    def _exactly(self) -> Sequence[tuple[int, bytes]]:
        """The steps with an output that is expected exactly, and that."""
        return [(place, output) for place, output in enumerate(self.outputs) if output is not None]

    @cached_property
    def _usual(self) -> Sequence[dict[Told, bool]]:
        return [{} for _ in self.steps]

    def _says(self, place: int, said: Said) -> bool:
        step = self.steps[place]
        asks = step.approval is not None and step.approval.required
        shape = step.detail.expected.shape if step.detail is not None else None
        if (said.approval is True) is not asks or (asks and not asks_there(step, said.boundary)):
            return False
        return self.outputs[place] is not None or fits(shape, said.kinds)

    @cached_property
    def essence(self) -> tuple[object, ...]:
        """What decides how a run compares; two recipes that are equal in it are the same to every run."""
        expected = [
            (
                step.approval is not None and (step.approval.required, step.approval.boundary),
                step.expected_output,
                step.detail and step.detail.expected.shape,
            )
            for step in self.steps
        ]
        return self.fitted.essence, canonical(expected)


def asks_there(step: Step, boundary: str | None) -> bool:
    """Whether a run that asks somebody at a boundary does so where a step does; one that names none may."""
    return boundary is None or (step.approval is not None and step.approval.boundary == boundary)


def recipe_of(candidate: Candidate) -> Recipe:
    """What a record says about values, effects, outputs and approvals, as mining says it.

    Raises DecodeError for one that does not fit together, as none that was mined does.
    """
    bindings, templates = [], []
    if len(candidate.steps) != len(candidate.sequence_signature):
        raise DecodeError("steps: as many are expected as the sequence_signature has")
    for place, (step, symbol) in enumerate(zip(candidate.steps, candidate.sequence_signature, strict=True)):
        detail = step.detail or record.StepDetail()
        if len(step.side_effects) != len(detail.effect_names):
            raise DecodeError(f"steps[{place}]: side_effects and effect_names have to be of the same length")
        bindings += [_believed(binding, place) for binding in detail.bindings]
        effects = zip(step.side_effects, detail.effect_names, strict=True)
        templates.append(StepTemplate(place, symbol, in_order(_template(*pair) for pair in effects), 1.0))
    idle = candidate.induction.idle if candidate.induction else ()
    fitted = Fitted(candidate.sequence_signature, tuple(bindings), tuple(templates))
    return Recipe(fitted, candidate.steps, Facts(frozenset(), frozenset(idle)))


def _believed(binding: record.Binding, step: int) -> Binding:
    source = None
    if binding.step is not None and binding.place is not None:
        single = 0.0 if binding.choice else 1.0
        source = Tried(binding.step - 1, binding.place, 1.0, 0, 0.0, 0.0, 1.0, single)
    constant = tuple(map(text_of, binding.constants))
    return Binding(step=step, name=binding.name, kind=binding.kind, source=source, constant=constant)


def _template(effect: SideEffect, names: tuple[str, ...]) -> EffectTemplate:
    return EffectTemplate(effect.kind, effect.capability, effect.mutation, effect.target, names)
