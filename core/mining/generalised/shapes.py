"""What kind of value a step gives, and where another output is not of that kind (design/mining.md, Expectations)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from core.mining.generalised.values import unwrapped
from core.model.jsontext import Json, pointer
from core.shadow.jsondiff import MISSING, JsonDifference

MOST_FIELDS = 64
"""An object with more fields than this is looked up in rather than read; only that it is one is expected."""
NEARLY_ALL = 0.95
"""The share of the examples in which a field has to be there, and of one type, to be expected."""
MOST = 0.8
"""The share of the examples that have to be of one type for it to be expected."""


Kinds: TypeAlias = "str | tuple[tuple[str, ...], tuple[str, ...]]"
"""What kind a value is of: the name of its type or, of an object, the names of its fields and of their types."""


def type_of(value: Json) -> str:
    """`null`, `boolean`, `number`, `text`, `list` or `object`."""
    return _TYPES.get(type(value), "object")


_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "number",
    float: "number",
    str: "text",
    list: "list",
    tuple: "list",
}


def kinds_of(output: Json) -> Kinds | None:
    """What kind an output is of, one that is JSON text as what it spells; None for one that was not recorded."""
    if output is None:
        return None
    value = unwrapped(output)
    if isinstance(value, dict):
        return tuple(value), tuple([_TYPES.get(type(held), "object") for held in value.values()])
    return type_of(value)


def common_shape(weights: Mapping[Kinds, float]) -> tuple[Json, float]:
    """The shape that most outputs have, and the share that fits it; of each kind there are so many.

    A type's name; for objects the types of the fields that nearly all of them have; None when they are of too many
    kinds. Null fits every field.
    """
    whole = sum(weights.values())
    types: defaultdict[str, float] = defaultdict(float)
    for kinds, weight in weights.items():
        types[_type(kinds)] += weight
    kind = max(types, key=lambda name: (types[name], name), default="null")
    if kind == "null" or types[kind] < MOST * whole - 1e-9:
        return None, 1.0
    shape: Json = (_fields(weights) or kind) if kind == "object" else kind
    return shape, sum(weight for kinds, weight in weights.items() if fits(shape, kinds)) / whole


def _type(kinds: Kinds) -> str:
    return kinds if isinstance(kinds, str) else "object"


def _fields(weights: Mapping[Kinds, float]) -> dict[str, Json]:
    whole = 0.0
    seen: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for kinds, weight in weights.items():
        if not isinstance(kinds, str):
            whole += weight
            for key, kind in zip(*kinds, strict=True):
                seen[key][kind] += weight
    made: dict[str, Json] = {}
    for key in sorted(seen):
        nothing = seen[key].pop("null", 0.0)
        kind = max(seen[key], key=lambda name: (seen[key][name], name), default="null")
        if seen[key][kind] + nothing >= NEARLY_ALL * whole - 1e-9:
            made[key] = kind
    return made if len(made) <= MOST_FIELDS else {}


def fits(expected: Json, kinds: Kinds | None) -> bool:
    """Whether an output of a kind is of the expected shape, so that there are no `misfits`."""
    if expected is None or kinds is None:
        return True
    if not isinstance(expected, dict):
        return bool(_type(kinds) == expected)
    if isinstance(kinds, str):
        return False
    seen = dict(zip(*kinds, strict=True))
    found = ((wanted, seen.get(key)) for key, wanted in expected.items())
    return all(kind == wanted or (kind is not None and "null" in (kind, wanted)) for wanted, kind in found)


def misfits(expected: Json, output: Json) -> Iterator[JsonDifference]:
    """Where an output is not of the expected shape: what is expected in words, and what was observed.

    Further fields do no harm.
    """
    if expected is None or output is None:
        return
    value, fields = unwrapped(output), expected if isinstance(expected, dict) else {}
    kind = "object" if isinstance(expected, dict) else expected
    if type_of(value) != kind:
        yield JsonDifference("/", f"any {kind}", value)
        return
    for key, wanted in fields.items():
        seen = type_of(value[key]) if key in value else None
        if seen is None:
            yield JsonDifference(pointer(key), f"any {wanted}", MISSING)
        elif seen != wanted and "null" not in (seen, wanted):
            yield JsonDifference(pointer(key), f"any {wanted}", value[key])
