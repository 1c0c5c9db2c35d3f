"""Where scalar values stand inside parameters and outputs: the material that bindings are inferred from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from core.model.argument_names import exclude, name_of, path_of
from core.model.jsontext import Json, JsonError, canonical, compact, parse
from core.model.redaction_marks import is_redacted
from core.model.trace import Action

MAX_LEAVES = 4000
"""How many scalars of one output are looked at, in document order; a huge output costs no more."""

MAX_TEXT = 400
"""Longest value text, in characters, that can be bound; longer ones are authored text, not values."""

_MAX_NESTED = 200_000
_SHORT = 64
"""Longest text, in characters, that is likely to come again."""
_FEW = 8
"""Places of one value, at most, that are likely to come again."""
_DEPTH = 12

Place = str
"""`out` or `in` and a JSON pointer in which `*` stands for every element: `out/orders/*`, `in/user_id`."""


Arguments = Mapping[str, tuple[str, ...]]
"""The value texts of each argument of an action."""


def text_of(value: Json) -> str:
    """A value as JSON text, so that 1, 1.0, true and "1" stay four values; equal short texts are one object."""
    kind = type(value)
    if kind is str:
        return _quoted(value) if len(value) <= _SHORT else compact(value).decode()
    if kind is int:
        return _number(value)
    return _CONSTANTS[value] if kind is bool else canonical(value).decode()


_CONSTANTS = {False: "false", True: "true"}


@lru_cache(maxsize=65536)
def _quoted(value: str) -> str:
    return compact(value).decode()


@lru_cache(maxsize=4096)
def _number(value: int) -> str:
    return compact(value).decode()


def arguments(action: Action) -> dict[str, tuple[str, ...]]:
    """The value texts of each argument: the parameters, and the inputs that are not among them.

    Their names (core.model.argument_names) are unique. An input that is null, and a null inside of an object, is not
    given.
    """
    made: dict[str, tuple[str, ...]] = {}
    parameters, inputs = action.parameters, action.inputs
    for key, value in parameters.items():
        if isinstance(value, (dict, list)):
            made.update(_parts(name_of(key), value, _DEPTH))
        else:
            made[name_of(key)] = (text_of(value),)
    if isinstance(inputs, dict):
        for key, value in inputs.items():
            if key in parameters:
                continue
            if isinstance(value, (dict, list)):
                made.update(_parts(name_of(key), value, _DEPTH))
            elif value is not None:
                made[name_of(key)] = (text_of(value),)
    return made


def _parts(name: str, value: Json, depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    if isinstance(value, dict) and depth:
        held = [(key, item) for key, item in value.items() if item is not None]
        for key, item in held:
            yield from _parts(_joined(name, key), item, depth - 1)
        if not held:
            yield name, ("{}",)
    elif not isinstance(value, list):
        yield name, (text_of(value),)
    elif len(value) > 1 and value.count(value[0]) == len(value):
        # How often the same record stands there could not be told key by key.
        yield f"{name}[]", tuple(map(text_of, value))
    else:
        yield from _elements(f"{name}[]", value, depth)


def _elements(name: str, values: Sequence[Json], depth: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The elements of a list, or what its records have at one key; records key by key, with null for what one lacks."""
    if depth and values and all(isinstance(value, dict) and value for value in values):
        for key in dict.fromkeys(key for value in values for key in value):
            column = [value.get(key) for value in values]
            for inner, texts in _elements(_joined(name, key), column, depth - 1):
                # What all records agree on is so in each of them, however many there are.
                yield inner, texts[:1] if len(set(texts)) == 1 else texts
    else:
        yield name, tuple(map(text_of, values))


def is_in_another_form(name: str, given: Arguments) -> bool:
    """Whether an argument that is not among those of an action is there as something else, and not taken out.

    An object that holds nothing only lacks what others hold.
    """
    others = ((other, texts) for other, texts in given.items() if exclude(name, other))
    return any(
        not (texts == ("{}",) and name.startswith(f"{other}.")) and not any(map(is_redacted, texts))
        for other, texts in others
    )


def value_at(action: Action, name: str) -> Json:
    """What an action has where an argument of a name stands, whatever the form; a list's records as a whole."""
    path = path_of(name)
    is_input = path[0] not in action.parameters and isinstance(action.inputs, dict)
    held: Json = action.inputs if is_input else action.parameters
    for key in path:
        if key is None or not isinstance(held, dict):
            break
        held = held.get(key)
    return held


@lru_cache(maxsize=65536)
def _joined(name: str, key: str) -> str:
    return f"{name}.{name_of(key)}"


def places(action: Action, given: Arguments | None = None) -> dict[str, frozenset[Place]]:
    """Every value text of an action's parameters and output, with the places at which it stands.

    `given` are the action's arguments, where they are known. Equal sets of places are one object.
    """
    found: dict[str, frozenset[Place]] = {}
    more: dict[str, set[Place]] = {}
    for name, texts in (arguments(action) if given is None else given).items():
        for text in texts:
            if len(text) <= MAX_TEXT:
                _add(found, more, text, _joined_in(name))
    for place, text in _leaves(action.seen_output):
        _add(found, more, text, place)
    for text, at in more.items():
        found[text] = _same(frozenset(at))
    return found


def _add(found: dict[str, frozenset[Place]], more: dict[str, set[Place]], text: str, place: Place) -> None:
    """Add a place of a value; most values stand at few, and at the same ones in very many actions."""
    if (at := found.get(text)) is None:
        found[text] = _alone(place)
    elif len(at) < _FEW:
        found[text] = _with(at, place)
    else:
        more.setdefault(text, set(at)).add(place)


@lru_cache(maxsize=65536)
def _joined_in(name: str) -> Place:
    return f"in/{_escaped(name)}"


@lru_cache(maxsize=65536)
def _alone(place: Place) -> frozenset[Place]:
    return _same(frozenset((place,)))


@lru_cache(maxsize=65536)
def _with(at: frozenset[Place], place: Place) -> frozenset[Place]:
    return _same(at | {place})


@lru_cache(maxsize=65536)
def _same(at: frozenset[Place]) -> frozenset[Place]:
    return at


def _leaves(output: Json) -> Iterator[tuple[Place, str]]:
    left = MAX_LEAVES
    for place, value in _walk(unwrapped(output), "out", _DEPTH):
        if value is None or value == "" or isinstance(value, bool):
            continue
        text = text_of(value)
        if len(text) <= MAX_TEXT:
            yield place, text
        left -= 1
        if left <= 0:
            return


def unwrapped(value: Json) -> Json:
    """An output that is a JSON text as the object or list that it spells; anything else as it is."""
    if isinstance(value, str) and value[:1] in ("{", "[") and len(value) <= _MAX_NESTED:
        try:
            return parse(value.encode())
        except (JsonError, UnicodeEncodeError):
            return value
    return value


def _walk(value: Json, place: Place, depth: int) -> Iterator[tuple[Place, Json]]:
    """Every scalar, under its own place and, where an object's values are alike, under `*` too."""
    if isinstance(value, dict):
        if depth:
            alike = len(set(map(type, value.values()))) == 1
            for key, item in value.items():
                for inner in (_below(place, key), _below(place, None)) if alike else (_below(place, key),):
                    if isinstance(item, (dict, list)):
                        yield from _walk(item, inner, depth - 1)
                    else:
                        yield inner, item
    elif isinstance(value, list):
        if depth:
            inner = _below(place, None)
            for item in value:
                if isinstance(item, (dict, list)):
                    yield from _walk(item, inner, depth - 1)
                else:
                    yield inner, item
    else:
        yield place, value


@lru_cache(maxsize=65536)
def _below(place: Place, key: str | None) -> Place:
    """The place of a key, or of every element, inside of a place."""
    return f"{place}/*" if key is None else f"{place}/{_escaped(key)}"


@lru_cache(maxsize=65536)
def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
