"""Bindings in words, the same in results, screens, explanations and changes."""

from __future__ import annotations

from core.model.argument_names import argument_at
from core.model.generalised import Binding
from core.model.jsontext import compact


def source_told(binding: Binding) -> str:
    """Where a value comes from: `step 1's output /user_id`, `one of step 3's output /items/*/item_id`, …"""
    if binding.kind == "constant":
        return "the constant"
    if binding.step is None or binding.place is None:
        return "an input"
    return ("one of " if binding.choice else "") + place_told(binding.step, binding.place)


def place_told(step: int, place: str) -> str:
    """A place of a step (from 1) in words: `step 1's output /user_id`, `step 2's argument user_id`."""
    part, inside, rest = place.partition("/")
    if part == "in":
        return f"step {step}'s argument {argument_at(rest)}"
    return f"step {step}'s output" + (f" /{rest}" if inside else "")


def constant_told(binding: Binding) -> str:
    """A constant's value as JSON; of several the list of them, of which each repetition takes one."""
    return ("one of " if binding.varies else "") + compact(binding.constant).decode()


def ambiguity_told(place: str) -> str:
    """Where else a constant stands (core.mining.generalised.ambiguity): `part of step 1 out/datetime` in words."""
    part = "part of " if place.startswith("part of ") else ""
    _, step, where = place.removeprefix("part of ").split(" ", 2)
    return part + place_told(int(step), where)
