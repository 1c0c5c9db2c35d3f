"""Side effects as templates: a target that carries a parameter's value in every example is the same target."""

from __future__ import annotations

from collections.abc import Sequence

from core.mining.generalised.effects import Effects
from core.mining.generalised.evidence import Example
from core.mining.generalised.fold import Symbol
from core.mining.generalised.patterns import Pattern
from core.mining.generalised.records import StepTemplate

HOLDS = 0.95


def templates(pattern: Pattern, examples: Sequence[Example], writers: frozenset[Symbol]) -> tuple[StepTemplate, ...]:
    """For each step that has side effects the plainest template that nearly all examples follow.

    Where none does, the most common one with its share: what no parameter explains is a real divergence.
    """
    made = []
    total = sum(example.weight for example in examples)
    for step, symbol in enumerate(pattern):
        if symbol not in writers:
            continue
        weights = _weights(examples, step)
        if not weights:
            continue
        best = min(weights, key=lambda option: _rank(option, weights[option] / total))
        made.append(StepTemplate(step, symbol, best, weights[best] / total))
    return tuple(made)


def _weights(examples: Sequence[Example], step: int) -> dict[Effects, float]:
    """What the examples weigh that each way to write the effects of a step is right for.

    Equal ways are nearly always one object, which is quicker to look up by its number than by what it says.
    """
    same: dict[int, Effects] = {}
    first: dict[Effects, int] = {}
    weights: dict[int, float] = {}
    for example in examples:
        for option in _options(example, step):
            if (number := id(option)) not in weights:
                number = first.setdefault(option, number)
                same[number] = option
            weights[number] = weights.get(number, 0.0) + example.weight
    return {same[number]: weight for number, weight in weights.items()}


def _rank(option: Effects, share: float) -> tuple[object, ...]:
    names = sum(len(effect.names) for effect in option)
    texts = [(e.kind, e.target, e.capability or "", e.mutation or "") for e in option]
    if share >= HOLDS - 1e-9:
        return (0, names, 0.0, texts)
    return (1, 0, -share, names, texts)


def _options(example: Example, step: int) -> Sequence[Effects]:
    """The ways to write the effects of all repetitions of a step."""
    first, *others = example.material.effects(example.at[step])
    return [option for option in first if all(option in other for other in others)] if others else first
