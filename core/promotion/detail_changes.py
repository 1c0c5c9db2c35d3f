"""How what generalised mining says of one step changed, in sentences a reviewer can act on."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.binding_words import constant_told, source_told
from core.model.generalised import Binding
from core.model.jsontext import Json, compact, same
from core.model.record import JsonMap

Told = tuple[str, str, str, str]
"""Where, before, after, and the whole as a sentence."""


def detail_changes(number: int, before: JsonMap, after: JsonMap) -> Iterator[Told]:
    """Changes of one step (from 1) between the details of two behaviours (core.promotion.behaviour)."""
    yield from _bindings(f"step {number}", before.get("bindings", []), after.get("bindings", []))
    for key, now, then in (
        ("loop", "may repeat", "does not repeat"),
        ("conversation", "may have conversation before it", "has no conversation before it"),
    ):
        old, new = bool(before.get(key)), bool(after.get(key))
        if old is not new:
            told = (then, now) if new else (now, then)
            yield f"step {number} {key}", told[0], told[1], f"step {number} {told[1]} now, as runs that came since show"
    if not same(old_shape := before.get("output_shape"), new_shape := after.get("output_shape")):
        yield _sentence(f"step {number} kind of output", _shape(old_shape), _shape(new_shape))
    if not same(old_names := before.get("effect_names", []), new_names := after.get("effect_names", [])):
        yield _sentence(f"step {number} values in what it changes", _names(old_names), _names(new_names))


def _bindings(where: str, before: list[JsonMap], after: list[JsonMap]) -> Iterator[Told]:
    old, new = ({item["name"]: item for item in items} for items in (before, after))
    for name in sorted(old.keys() | new.keys()):
        if not same(old.get(name), new.get(name)):
            yield _sentence(f"{where} {name}", _source(old.get(name)), _source(new.get(name)))


def _sentence(where: str, before: str, after: str) -> Told:
    return where, before, after, f"{where} came as {before} and is now {after}"


def _source(item: JsonMap | None) -> str:
    if item is None:
        return "nothing"
    binding = Binding.decode(item)
    return f"the constant `{constant_told(binding)}`" if binding.kind == "constant" else source_told(binding)


def _shape(value: Json) -> str:
    if isinstance(value, dict):
        return "an object of " + ", ".join(f"{key} ({kind})" for key, kind in value.items())
    return f"any {value}" if value else "anything"


def _names(value: Json) -> str:
    return compact(value).decode() if value else "none"
