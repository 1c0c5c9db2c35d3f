"""Which described patterns are worth showing as candidates, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

from core.mining.generalised.confidence import wilson
from core.mining.generalised.evidence import Pool
from core.mining.generalised.occurrence import Fitted
from core.mining.generalised.order import link_of, link_z, shuffled_z
from core.mining.generalised.patterns import aligned
from core.mining.generalised.records import Binding, StepTemplate

MIN_STEPS = 2
AUTHORED = 60
"""A free or constant value longer than this, in characters, is text that somebody wrote."""
MIN_LINK_Z = 1.64
"""Every link has to be in temporal order more often than this many standard deviations over chance."""
MIN_ORDER_Z = 2.2
"""All links together; many patterns are tried, so the bar is higher than for one."""
MIN_IMPLIED = 0.7
TEMPLATE_HOLDS = 0.95


def faults(fitted: Fitted, pool: Pool, zs: dict[tuple[str, str, str, str], float]) -> str | None:
    """Why a pattern is not acceptable whatever its confidence; None when it is."""
    if len(fitted.pattern) < MIN_STEPS:
        return "a single step"
    if (fault := _effect_fault(fitted)) is not None:
        return fault
    link = link_of(fitted.pattern, fitted.bindings)
    if link != "data" and (fault := _implied_fault(fitted, pool)) is not None:
        return fault
    return None if link == "determined" else _order_fault(fitted, pool, zs)


def is_unexplained(template: StepTemplate) -> bool:
    """Whether what a step changes follows from nothing that is known."""
    return template.share < TEMPLATE_HOLDS - 1e-9


def _effect_fault(fitted: Fitted) -> str | None:
    """What is wrong with the side effects of a pattern."""
    by_name: Mapping[tuple[int, str], Binding] = {(b.step, b.name): b for b in fitted.bindings}
    last = fitted.templates[-1].step if fitted.templates else len(fitted.pattern) - 1
    for binding in fitted.bindings:
        if binding.step == last and binding.kind in ("free", "constant") and binding.longest > AUTHORED:
            return f"step {last + 1} writes text that somebody has to author ({binding.name})"
    for template in fitted.templates:
        if is_unexplained(template):
            return f"no parameter explains what step {template.step + 1} changes"
        for effect in template.effects:
            for name in effect.names:
                bound = by_name.get((template.step, name))
                if bound is None or bound.kind == "free":
                    return f"what step {template.step + 1} changes depends on {name}, which nothing determines"
    return None


def _order_fault(fitted: Fitted, pool: Pool, zs: dict[tuple[str, str, str, str], float]) -> str | None:
    """Whether some link is not in temporal order."""
    found: dict[int, float] = {}
    for binding in fitted.bindings:
        if binding.source is None:
            continue
        key = (fitted.pattern[binding.source.step], binding.source.place, fitted.pattern[binding.step], binding.name)
        if key not in zs:
            zs[key] = link_z(pool, *key)
        found[binding.step] = max(found.get(binding.step, zs[key]), zs[key])
    if any(z < MIN_LINK_Z for z in found.values()):
        return "values stand in both steps, but not in the order of the steps"
    if sum(found.values()) / sqrt(len(found)) < MIN_ORDER_Z:
        return "the order of the steps could be chance"
    return None


def _implied_fault(fitted: Fitted, pool: Pool) -> str | None:
    """A pattern that values do not hold together has to be determined, and its first step has to imply the rest.

    Where some values are passed on, the others may be inputs that somebody gives.
    """
    values = {binding.kind == "free" for binding in fitted.bindings}
    if not values or (any(values) and all(binding.source is None for binding in fitted.bindings)):
        return "the steps do not pass values on, and not everything about them is determined"
    groups: dict[str, list[bool]] = {}
    for material in pool.trials(pool.by_symbol.get(fitted.pattern[0], ())):
        found = bool(aligned(material.shape, fitted.pattern))
        groups.setdefault(pool.group(material), []).append(found)
    means: Sequence[float] = [sum(found) / len(found) for found in groups.values()]
    share = sum(means) / len(means) if means else 0.0
    if wilson(share, len(means))[0] < MIN_IMPLIED:
        return "the steps do not all pass values on, and the first one does not imply the rest"
    if shuffled_z(pool, fitted.pattern) < MIN_ORDER_Z:
        return "the order of the steps could be chance"
    return None
