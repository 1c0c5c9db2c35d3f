"""What kind of value a step gives, and where another output is not of that kind (design/mining.md, Expectations)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from core.mining.generalised.values import unwrapped
from core.model.jsontext import Json, pointer
from core.shadow.jsondiff import MISSING, JsonDifference

MOST_FIELDS = 64
"""An object with more fields than this is looked up in rather than read; only that it is one is expected."""
NEARLY_ALL = 0.95
"""The share of the examples in which a field has to be there, and of one type, to be expected."""
MOST = 0.8
"""The share of the examples that have to be of one type for it to be expected."""


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


def common_shape(outputs: Sequence[tuple[Json, float]]) -> tuple[Json, float]:
    """The shape that most of the weighted outputs have, and the share that fits it.

    A type's name; for objects the types of the fields that nearly all of them have; None when they are of too many
    kinds. An output that is JSON text counts as what it spells. Null fits every field, and an output that was not
    recorded says nothing.
    """
    values = [(unwrapped(value), weight) for value, weight in outputs if value is not None]
    whole = sum(weight for _, weight in values)
    types: defaultdict[str, float] = defaultdict(float)
    for value, weight in values:
        types[type_of(value)] += weight
    kind = max(types, key=lambda name: (types[name], name), default="null")
    if kind == "null" or types[kind] < MOST * whole - 1e-9:
        return None, 1.0
    shape: Json = kind
    if kind == "object":
        shape = _fields([(value, weight) for value, weight in values if isinstance(value, dict)]) or kind
    fitting = sum(weight for value, weight in values if next(misfits(shape, value), None) is None)
    return shape, fitting / whole


def _fields(objects: Sequence[tuple[dict[str, Json], float]]) -> dict[str, Json]:
    whole = sum(weight for _, weight in objects)
    seen: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    for value, weight in objects:
        for key, item in value.items():
            seen[key][type_of(item)] += weight
    made: dict[str, Json] = {}
    for key in sorted(seen):
        nothing = seen[key].pop("null", 0.0)
        kind = max(seen[key], key=lambda name: (seen[key][name], name), default="null")
        if seen[key][kind] + nothing >= NEARLY_ALL * whole - 1e-9:
            made[key] = kind
    return made if len(made) <= MOST_FIELDS else {}


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
