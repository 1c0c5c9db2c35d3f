"""One action's side effects, written with the parameters whose values their targets carry.

A target is a template: `{name}` is an argument's value, `{{` and `}}` are braces.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import combinations

from core.mining.generalised.records import EffectTemplate
from core.mining.generalised.values import Arguments, arguments
from core.model.effects import canonical_side_effects
from core.model.jsontext import parse, scalar_text
from core.model.trace import Action, SideEffect

_MOST_NAMES = 4

Effects = tuple[EffectTemplate, ...]

_MARK = re.compile(r"\{\{|\}\}|\{((?:\\.|[^{}\\])*)\}", re.DOTALL)
"""A brace, or an argument; the braces in an argument's name are escaped."""

_NOTHING: tuple[Effects, ...] = ((),)


def effect_templates(action: Action, given: Arguments | None = None) -> tuple[Effects, ...]:
    """The ways to write an action's side effects with some of its arguments put in, the plainest first.

    `given` are the action's arguments, where they are known.
    """
    if not action.side_effects:
        return _NOTHING
    given = arguments(action) if given is None else given
    values = {name: _plain(texts[0]) for name, texts in given.items() if len(texts) == 1}
    targets = " ".join(effect.target for effect in action.side_effects)
    named = sorted(name for name, value in values.items() if _found(value, targets))
    named = sorted(named, key=lambda name: (-len(values[name]), name))[:_MOST_NAMES]
    chosen = (names for count in range(len(named) + 1) for names in combinations(named, count))
    made = (_one(in_order(_effects(action, {name: values[name] for name in names}))) for names in chosen)
    return tuple(dict.fromkeys(made))


def in_order(effects: Iterable[EffectTemplate]) -> Effects:
    """Effects in an order that the values in their targets have no part in."""
    made = tuple(effects)
    return made if len(made) < 2 else tuple(sorted(made, key=_key))


def _key(effect: EffectTemplate) -> tuple[str, ...]:
    return effect.kind, effect.target, effect.capability or "", effect.mutation or ""


@lru_cache(maxsize=16384)
def _one(effects: Effects) -> Effects:
    """Equal ones as one object: they are compared very often, and most are equal."""
    return effects


def _effects(action: Action, values: Mapping[str, str]) -> Iterator[EffectTemplate]:
    name_of = {value: name for name, value in reversed(tuple(values.items()))}
    for effect in action.side_effects:
        between, *found = _pattern(*name_of).split(effect.target) if values else (effect.target,)
        names = [name_of[value] for value in found[::2]]
        target = _literal(between) + "".join(
            f"{{{name}}}{_literal(text)}" for name, text in zip(names, found[1::2], strict=True)
        )
        yield EffectTemplate(effect.kind, effect.capability, effect.mutation, target, tuple(sorted(set(names))))


def are_of(effects: Effects, action: Action, given: Arguments) -> bool:
    """Whether templates ask for just what an action with such arguments changes.

    Where several of its values are the same, no way to write its effects may have all the names.
    """
    wanted = filled(effects, action, given) if any(effect.names for effect in effects) else ()
    return bool(wanted) and _told(wanted) == _told(canonical_side_effects(action.side_effects))


def _told(effects: Iterable[SideEffect]) -> list[tuple[str | None, ...]]:
    return [(effect.kind, effect.target, effect.capability, effect.mutation) for effect in effects]


def filled(effects: Effects, action: Action, given: Arguments | None = None) -> tuple[SideEffect, ...]:
    """The side effects that templates ask for, with the values of an action put in, in the order of those of a run."""
    given = arguments(action) if given is None else given
    values = {name: _plain(texts[0]) for name, texts in given.items() if len(texts) == 1}

    def put(found: re.Match[str]) -> str:
        return found[0][:1] if found[1] is None else values.get(found[1], found[0])

    return canonical_side_effects(
        SideEffect(
            kind=effect.kind,
            target=_MARK.sub(put, effect.target),
            capability=effect.capability,
            mutation=effect.mutation,
        )
        for effect in effects
    )


def _plain(text: str) -> str:
    # Most are strings in which nothing is escaped, and very many are asked for.
    return text[1:-1] if text[0] == '"' and "\\" not in text else scalar_text(parse(text.encode()))


def _found(value: str, targets: str) -> bool:
    """Whether a value stands by itself in some targets; a single mark, as `:`, is no value."""
    is_telling = len(value) > 1 or (value.isascii() and value.isalnum())
    return is_telling and value in targets and _pattern(value).search(targets) is not None


def _pattern(*values: str) -> re.Pattern[str]:
    """Values that stand by themselves, not inside a longer word or number; the longest one where several do."""
    longest = sorted(values, key=len, reverse=True)
    return re.compile(rf"(?<![A-Za-z0-9])({'|'.join(map(re.escape, longest))})(?![A-Za-z0-9])")


def _literal(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
