"""Rules about side effects that several rooms share."""

from __future__ import annotations

from collections.abc import Iterable

from core.model.text import is_blank, lower
from core.model.trace import SideEffect

_INTERNAL = ("receipt", "event_log", "memo", "plan")
_OUTWARD = ("post", "write", "publish", "delete", "send")


def canonical_side_effects(effects: Iterable[SideEffect]) -> tuple[SideEffect, ...]:
    """Side effects without blank ones and repetitions, ordered by their key (spec/traces.md, Normalising)."""
    given = [effect for effect in effects if not (is_blank(effect.kind) and is_blank(effect.target))]
    if len(given) < 2:
        return tuple(given)
    kept: dict[str, SideEffect] = {}
    for effect in sorted(given, key=_key):
        kept.setdefault(_key(effect), effect)
    return tuple(kept.values())


def _key(effect: SideEffect) -> str:
    return "\x1f".join((effect.kind, effect.target, effect.capability or "", effect.mutation or ""))


def is_internal(effect: SideEffect) -> bool:
    """Whether a side effect stays in the run's own books: receipts, event logs, memos, plans."""
    kind = lower(effect.kind)
    return any(word in kind for word in _INTERNAL)


def is_external(effect: SideEffect) -> bool:
    """Whether a side effect reaches others: it posts, writes, publishes, deletes or sends (spec/artifacts.md)."""
    kind = lower(effect.kind)
    return not is_internal(effect) and any(word in kind for word in _OUTWARD)
