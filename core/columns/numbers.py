"""Keys and texts as numbers: what the encoder does for every value; compiled where there is a compiler."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np

Key = TypeVar("Key")


def number(table: dict[Key, int], keys: list[Key], column: array[int]) -> None:
    """Add to a column (`q`) the number of each key in a table, which gives what it does not hold the next one."""
    column.fromlist([table.setdefault(key, len(table)) for key in keys])


def extend(column: array[Any], numbers: list[Any]) -> None:
    """Add numbers to a column (`q` or `d`)."""
    column.fromlist(numbers)


def ordered(texts: list[str], most: int, shorter: Callable[[bytes], bytes]) -> tuple[bytes, bytes, bytes]:
    """Different texts in ascending order: the rank of each, one after the other what is kept of them, and the ends.

    Ranks and ends are 32 bits each, ends beginning with 0. `shorter` gives what is kept of the UTF-8 of a text that
    takes more than `most` bytes.
    """
    ascending = sorted(range(len(texts)), key=texts.__getitem__)
    ranks = np.zeros(len(texts), np.uint32)
    ranks[ascending] = np.arange(len(texts), dtype=np.uint32)
    kept = [data if len(data) <= most else shorter(data) for data in [texts[place].encode() for place in ascending]]
    ends = np.zeros(len(texts) + 1, np.uint32)
    np.cumsum([len(data) for data in kept], out=ends[1:])
    return ranks.tobytes(), b"".join(kept), ends.tobytes()
