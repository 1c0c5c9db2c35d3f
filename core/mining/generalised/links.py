"""Values that one folded step passes on to a later one in the same run, found once a run and kept with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import chain
from typing import NamedTuple

from core.mining.generalised.effects import Effects, effect_templates
from core.mining.generalised.fold import Run, Symbol
from core.mining.generalised.patterns import Shape, shape_of
from core.mining.generalised.values import Arguments, Place, places

Texts = tuple[str, ...]
"""The value texts of an argument; the distinct ones over all repetitions of its step where these differ."""


Links = Mapping[str, frozenset[Place]]
"""For each argument of a step the places of an earlier one at which all its values stand."""


Given = Mapping[str, Mapping[Place, int]]
"""The same, with how many distinct values stand at each of the places."""


Found = tuple[frozenset[Place] | None, ...]
"""The places of a step at which the values of each of some arguments stand."""


class Layout:
    """How the values of a step stand at its places; most steps of a tool have theirs at the same ones."""

    def __init__(self, each: Iterable[frozenset[Place]]) -> None:
        self.sizes = Counter(chain.from_iterable(each))
        """How many distinct values stand at each place."""


class Asked(NamedTuple):
    """The arguments of a step that have values."""

    names: tuple[str, ...]
    firsts: tuple[str, ...]
    """The first value of each."""
    more: Sequence[tuple[int, Texts]]
    """Which of them have several values, and these."""


class Material:
    """A run with what bindings need of it, worked out when first asked for; nothing in it ever changes."""

    __slots__ = ("__dict__", "_asks", "_effects", "_given", "_layouts", "_links", "_outputs", "_places", "run", "shape")

    def __init__(self, run: Run) -> None:
        self.run = run
        self.shape: Shape = shape_of(run)
        self._places: dict[int, Mapping[str, frozenset[Place]]] = {}
        self._effects: dict[int, tuple[tuple[Effects, ...], ...]] = {}
        self._layouts: dict[int, Layout] = {}
        self._asks: dict[int, Asked] = {}
        self._outputs: dict[int, str] = {}
        self._links: dict[tuple[int, int], Links] = {}
        self._given: dict[int, dict[int, Given]] = {}

    @cached_property
    def key(self) -> str:
        """The run's id."""
        return self.run.trace.id

    @cached_property
    def arguments(self) -> tuple[Arguments, ...]:
        """The arguments of each step that all its repetitions have, with all their values."""
        made = []
        for step in self.run.steps:
            first, *others = each = [self.run.arguments(index) for index in step.actions]
            if others:
                common = [name for name in first if all(name in other for other in others)]
                first = {name: _together([args[name] for args in each]) for name in common}
            made.append(first)
        return tuple(made)

    @cached_property
    def taken(self) -> Mapping[str, Mapping[Texts, int]]:
        """By argument every value that some step takes, with the last step that does."""
        found: dict[str, dict[Texts, int]] = {}
        for step, given in enumerate(self.arguments):
            for name, texts in given.items():
                found.setdefault(name, {})[texts] = step
        return found

    @cached_property
    def first_seen(self) -> Mapping[str, int]:
        """The first step at which each value stands."""
        found: dict[str, int] = {}
        for step in range(len(self.run.steps)):
            for text in self.places(step):
                found.setdefault(text, step)
        return found

    @cached_property
    def steps_of(self) -> Mapping[Symbol, Sequence[int]]:
        """The steps of each symbol."""
        found: dict[Symbol, list[int]] = {}
        for step, symbol in enumerate(self.run.sequence):
            found.setdefault(symbol, []).append(step)
        return found

    def held(self, step: int, texts: Texts) -> frozenset[Place]:
        """The places of a step at which all of some values stand."""
        at = self.places(step)
        return at.get(texts[0], _NONE) if len(texts) == 1 else _common(at, texts)

    def places(self, step: int) -> Mapping[str, frozenset[Place]]:
        """Every value of a step's parameters and outputs, over all its repetitions."""
        if (known := self._places.get(step)) is not None:
            return known
        run = self.run
        each = [places(run.trace.actions[index], run.arguments(index)) for index in run.steps[step].actions]
        made = each[0]
        for more in each[1:]:
            made = {text: made.get(text, _NONE) | more.get(text, _NONE) for text in made.keys() | more.keys()}
        self._places[step] = made
        return made

    def outputs(self, step: int) -> str:
        """All value texts of a step's outputs in one, to see at a look what none of them contains."""
        if (known := self._outputs.get(step)) is None:
            held = (text for text, at in self.places(step).items() if any(place.startswith("out") for place in at))
            known = self._outputs[step] = "\n".join(held)
        return known

    def sizes(self, step: int) -> Mapping[Place, int]:
        """How many distinct values stand at each place of a step."""
        return self._layout(step).sizes

    def _layout(self, step: int) -> Layout:
        if (known := self._layouts.get(step)) is None:
            each = self.places(step).values()
            known = self._layouts[step] = _layout_of(tuple(each)) if len(each) <= _FEW else Layout(each)
        return known

    def links(self, source: int, step: int) -> Links:
        """For each argument of a step the places of an earlier one at which all its values stand.

        Equal ones are one object, also those of other runs.
        """
        if (known := self._links.get((source, step))) is None:
            known = self._links[source, step] = _linked(self._asked(step).names, self._found(source, step))
        return known

    def given(self, sources: Sequence[int], step: int) -> tuple[Given, ...]:
        """The same of some earlier steps, with how much there is to choose from; equal ones are one object."""
        if (known := self._given.get(step)) is None:
            known = self._given[step] = {}
        try:
            return tuple(map(known.__getitem__, sources))
        except KeyError:
            known.update((source, self._sized(source, step)) for source in sources if source not in known)
            return tuple(map(known.__getitem__, sources))

    def _sized(self, source: int, step: int) -> Given:
        names, found = self._asked(step).names, self._found(source, step)
        layout = self._layout(source)
        return _sized(names, found, layout) if len(self.places(source)) <= _FEW else _given(names, found, layout)

    def _asked(self, step: int) -> Asked:
        """What the step's arguments are looked up by."""
        if (known := self._asks.get(step)) is None:
            given = [(name, texts) for name, texts in self.arguments[step].items() if texts]
            more = [(index, texts) for index, (_, texts) in enumerate(given) if len(texts) > 1]
            names, firsts = tuple([name for name, _ in given]), tuple([texts[0] for _, texts in given])
            known = self._asks[step] = Asked(names, firsts, more)
        return known

    def _found(self, source: int, step: int) -> Found:
        """Where the values of a step's arguments stand in another one."""
        at, (_, firsts, more) = self.places(source), self._asked(step)
        if not more:
            return tuple(map(at.get, firsts))
        found = list(map(at.get, firsts))
        for index, texts in more:
            found[index] = _common(at, texts) or None
        return tuple(found)

    def effects(self, step: int) -> tuple[tuple[Effects, ...], ...]:
        """For each repetition of a step the ways to write its side effects."""
        if (known := self._effects.get(step)) is None:
            run = self.run
            each = (effect_templates(run.trace.actions[i], run.arguments(i)) for i in run.steps[step].actions)
            known = self._effects[step] = tuple(each)
        return known

    def values_at(self, step: int, place: Place) -> frozenset[str]:
        """The distinct values at one place of a step."""
        return frozenset(text for text, at in self.places(step).items() if place in at)


_NONE: frozenset[Place] = frozenset()
_FEW = 64
"""So many values of one step, at most, are likely to stand as those of others do."""


@lru_cache(maxsize=16384)
def _layout_of(each: tuple[frozenset[Place], ...]) -> Layout:
    return Layout(each)


@lru_cache(maxsize=65536)
def _linked(names: tuple[str, ...], found: Found) -> Links:
    return _one(frozenset((name, at) for name, at in zip(names, found, strict=True) if at))


@lru_cache(maxsize=65536)
def _one(links: frozenset[tuple[str, frozenset[Place]]]) -> Links:
    return dict(links)


def _given(names: tuple[str, ...], found: Found, layout: Layout) -> Given:
    sizes = layout.sizes
    here = ((name, at) for name, at in zip(names, found, strict=True) if at)
    return _one_given(frozenset((name, frozenset((place, sizes[place]) for place in at)) for name, at in here))


_sized = lru_cache(maxsize=65536)(_given)


@lru_cache(maxsize=65536)
def _one_given(found: frozenset[tuple[str, frozenset[tuple[Place, int]]]]) -> Given:
    return {name: dict(places) for name, places in found}


def _together(each: Sequence[Texts]) -> Texts:
    """The values of all repetitions."""
    first = each[0]
    return first if all(texts == first for texts in each) else tuple(dict.fromkeys(chain.from_iterable(each)))


def _common(at: Mapping[str, frozenset[Place]], texts: Texts) -> frozenset[Place]:
    """The places that hold each of the values; none where there is no value."""
    found = at.get(texts[0], _NONE) if texts else _NONE
    for text in texts[1:]:
        if not found:
            break
        found &= at.get(text, _NONE)
    return found
