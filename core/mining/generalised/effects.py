"""One action's side effects, written with the parameters whose values their targets carry."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import combinations

from core.mining.generalised.records import EffectTemplate
from core.mining.generalised.values import Arguments, arguments
from core.model.jsontext import parse, scalar_text
from core.model.trace import Action, SideEffect

_MOST_NAMES = 4
_SHORTEST = 2

Effects = tuple[EffectTemplate, ...]

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
    named = sorted(name for name, value in values.items() if len(value) >= _SHORTEST and _found(value, targets))
    named = sorted(named, key=lambda name: (-len(values[name]), name))[:_MOST_NAMES]
    chosen = (names for count in range(len(named) + 1) for names in combinations(named, count))
    made = (_one(tuple(_effects(action, {name: values[name] for name in names}))) for names in chosen)
    return tuple(dict.fromkeys(made))


@lru_cache(maxsize=16384)
def _one(effects: Effects) -> Effects:
    """Equal ones as one object: they are compared very often, and most are equal."""
    return effects


def _effects(action: Action, values: Mapping[str, str]) -> Iterator[EffectTemplate]:
    for effect in action.side_effects:
        target, names = effect.target, []
        for name, value in values.items():
            put = _pattern(value).sub(lambda _, name=name: "{" + name + "}", target)  # type: ignore[misc]
            if put != target:
                target = put
                names.append(name)
        yield EffectTemplate(effect.kind, effect.capability, effect.mutation, target, tuple(sorted(names)))


def filled(effects: Effects, action: Action) -> tuple[SideEffect, ...]:
    """The side effects that templates ask for, with the values of an action put in."""
    values = {name: _plain(texts[0]) for name, texts in arguments(action).items() if len(texts) == 1}
    made = []
    for effect in effects:
        target = effect.target
        for name in effect.names:
            target = target.replace("{" + name + "}", values.get(name, "{" + name + "}"))
        made.append(SideEffect(kind=effect.kind, target=target, capability=effect.capability, mutation=effect.mutation))
    return tuple(made)


def _plain(text: str) -> str:
    return scalar_text(parse(text.encode()))


def _found(value: str, targets: str) -> bool:
    return value in targets and _pattern(value).search(targets) is not None


def _pattern(value: str) -> re.Pattern[str]:
    """A value that stands by itself, not inside a longer word or number."""
    return re.compile(rf"(?<![A-Za-z0-9]){re.escape(value)}(?![A-Za-z0-9])")
