"""The frozen values that generalised mining hands out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from core.mining.generalised.fold import Symbol
from core.mining.generalised.values import Place

BindingKind = Literal["constant", "output", "parameter", "free"]


@dataclass(frozen=True, slots=True)
class Tried:
    """A source that was tried for an argument."""

    step: int
    """The earlier step, from 0."""
    place: Place
    share: float
    """The share of the examples in which it holds; each group has one vote."""
    distinct: int
    """For how many distinct values it holds."""
    chance: float
    """How often the values stand at the same place in other groups."""
    bits: float
    """The evidence against coincidence, in bits."""
    mean_size: float
    """How many values stand there on average."""
    single: float
    """The share of the examples in which exactly one value stands there."""
    missed: tuple[str, ...] = ()
    """The runs in which it does not hold."""
    fault: str | None = None
    """The rule of evidence that it breaks; None when it may be believed."""


@dataclass(frozen=True, slots=True)
class Binding:
    """Where the value of one argument of one step (from 0) comes from."""

    step: int
    name: str
    kind: BindingKind
    """`free` is an input of the workflow, or a choice that a person or a model makes."""
    source: Tried | None = None
    constant: tuple[str, ...] = ()
    """The value texts (JSON) of a constant."""
    share: float = 0.0
    distinct: int = 0
    """How many distinct values the examples show."""
    tried: int = 0
    """How many places were looked at."""
    longest: int = 0
    """The longest value, in characters."""
    failed: tuple[Tried, ...] = ()
    """Sources that were tried and not believed."""
    ambiguous: tuple[str, ...] = ()
    """For a constant, the places of earlier steps that hold it, or a text that it is part of, as well."""

    @property
    def single(self) -> bool:
        """Whether exactly one value is predicted; otherwise it is a choice of a set."""
        return self.kind == "constant" or (self.source is not None and self.source.single >= 0.95)

    def replace_source(self, best: Tried, judged: tuple[Tried, ...]) -> Binding:
        """Bound to a source."""
        kind: BindingKind = "parameter" if best.place.startswith("in/") else "output"
        failed = tuple(one for one in judged if one.fault is not None)
        return replace(self, kind=kind, source=best, share=best.share, failed=failed)

    def replace_constant(self, texts: tuple[str, ...], share: float, judged: tuple[Tried, ...]) -> Binding:
        """Bound to a constant."""
        return replace(self, kind="constant", constant=texts, share=share, failed=judged)

    def replace_tried(self, judged: tuple[Tried, ...]) -> Binding:
        """Not bound, with what was tried."""
        return replace(self, failed=judged)


@dataclass(frozen=True, slots=True)
class EffectTemplate:
    """A side effect whose target may name arguments of its step: `order:{order_id}`."""

    kind: str
    capability: str | None
    mutation: str | None
    target: str
    names: tuple[str, ...] = ()
    """The arguments that the target carries."""


@dataclass(frozen=True, slots=True)
class StepTemplate:
    """The side effects of one step (from 0), with the share of the examples that has exactly these."""

    step: int
    symbol: Symbol
    effects: tuple[EffectTemplate, ...]
    share: float

    def decides(self, step: int, name: str) -> bool:
        """Whether a target is made from an argument of a step."""
        return step == self.step and any(name in effect.names for effect in self.effects)
