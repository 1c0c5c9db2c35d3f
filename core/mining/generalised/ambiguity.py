"""Constants that may not be constants: earlier steps hold the same value, or a text that it is part of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from core.mining.generalised.evidence import MAX_JUDGED, Example, sampled
from core.mining.generalised.records import Binding
from core.mining.generalised.values import Place
from core.model.jsontext import parse, scalar_text

PART_HOLDS = 0.5
"""A doubt is worth showing when at least this share of the examples raises it."""

_SHORTEST = 2


def also_found(binding: Binding, examples: Sequence[Example]) -> tuple[str, ...]:
    """The places of earlier steps that hold a constant in most examples, as `step 1 out/datetime`.

    A place whose texts only contain it says so: `part of step 1 out/datetime`.
    """
    if len(binding.constant) != 1:
        return ()
    text = binding.constant[0]
    plain = scalar_text(parse(text.encode()))
    part = re.compile(rf"(?<![A-Za-z0-9]){re.escape(plain)}(?![A-Za-z0-9])")
    weights: dict[str, float] = {}
    examples = sampled(examples, MAX_JUDGED)
    for example in examples:
        for place in set(_places(example, binding.step, text, plain, part)):
            weights[place] = weights.get(place, 0.0) + example.weight
    whole = sum(example.weight for example in examples)
    found = {place: weight for place, weight in weights.items() if weight >= PART_HOLDS * whole}
    return tuple(sorted(found, key=lambda place: (-found[place], place)))


def _places(example: Example, step: int, text: str, plain: str, part: re.Pattern[str]) -> Iterator[str]:
    """Where a constant of a step stands in an example; `part` finds it as `plain` text inside of others."""
    for source, at in enumerate(example.at[:step]):
        here = example.material.places(at)
        for place in here.get(text, ()):
            yield _told(source, place)
        if len(plain) < _SHORTEST or plain not in example.material.outputs(at):
            continue
        for held, places in here.items():
            if held != text and plain in held and part.search(held):
                yield from (f"part of {_told(source, place)}" for place in places if place.startswith("out"))


def _told(step: int, place: Place) -> str:
    return f"step {step + 1} {place}"
