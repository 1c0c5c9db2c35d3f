"""Groups of runs that share one vote: whether there are enough of them, and the folds that hold them out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

from core.model.jsontext import sha256_hex

FEW_GROUPS = 10
"""With fewer groups than this the runs are re-runs of one task, and every distinct run is a group of its own."""

LEAST_EFFECTIVE = 5
"""The same for the effective number of groups (the inverse of the chance that two runs share one)."""


def are_reruns(groups: Iterable[str]) -> bool:
    """Whether runs, given by their groups, are re-runs of one task: few groups, or a few that hold nearly all."""
    sizes = Counter(groups)
    total = sum(sizes.values())
    return len(sizes) < FEW_GROUPS or total * total < LEAST_EFFECTIVE * sum(size * size for size in sizes.values())


def folds_of(groups: Iterable[str], folds: int) -> Mapping[str, int]:
    """The fold of each group, as many in one as in another; the order does not depend on names that mean something."""
    order = sorted(set(groups), key=_scattered)
    return {group: place % folds for place, group in enumerate(order)}


@lru_cache(maxsize=65536)
def _scattered(group: str) -> str:
    return sha256_hex(group.encode())
