"""Constants that may not be constants: earlier steps hold the same value, or a text that it is part of."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

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
    weights: dict[tuple[int, Place, bool], float] = {}
    examples = sampled(examples, MAX_JUDGED)
    whole = sum(example.weight for example in examples)
    for source in range(binding.step):
        for example in examples:
            material, at, weight = example.material, example.at[source], example.weight
            here = material.places(at)
            if places := here.get(text):
                for place in places:
                    weights[source, place, False] = weights.get((source, place, False), 0.0) + weight
            if len(plain) >= _SHORTEST and plain in material.outputs(at):
                for place in _partly(here, text, plain, part):
                    weights[source, place, True] = weights.get((source, place, True), 0.0) + weight
    found = {_told(*key): weight for key, weight in weights.items() if weight >= PART_HOLDS * whole}
    return tuple(sorted(found, key=lambda place: (-found[place], place)))


def _partly(here: Mapping[str, frozenset[Place]], text: str, plain: str, part: re.Pattern[str]) -> set[Place]:
    """The outputs of a step that hold a value as `plain` text, which `part` finds, inside of another one."""
    return {
        place
        for held, places in here.items()
        if plain in held and held != text and part.search(held)
        for place in places
        if place.startswith("out")
    }


def _told(step: int, place: Place, is_part: bool) -> str:
    return f"part of step {step + 1} {place}" if is_part else f"step {step + 1} {place}"
