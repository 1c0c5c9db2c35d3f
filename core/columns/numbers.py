"""Texts and keys as numbers: what the encoder does for every value; compiled where there is a compiler."""

from __future__ import annotations

import struct
from array import array
from collections import defaultdict
from collections.abc import Collection, Sequence
from hashlib import blake2b
from itertools import count, pairwise

import numpy as np

from core.columns.facts import NONE_DIGEST, Actions
from core.columns.texts import kept


class Table:
    """Gives each different text the next number."""

    def __init__(self) -> None:
        self._numbers: defaultdict[bytes, int] = defaultdict(count().__next__)

    def __len__(self) -> int:
        return len(self._numbers)

    def of(self, text: bytes) -> int:
        """The number of a text."""
        return self._numbers[text]

    def add(self, texts: bytes, ends: array[int], column: array[int]) -> None:
        """Add to a column (`q`) the number of each of some texts, which stand one after the other; `ends` (`q`)."""
        column.extend(map(self._numbers.__getitem__, [texts[begin:end] for begin, end in pairwise((0, *ends))]))

    def add_equal(self, texts: bytes | array[float], size: int, column: array[int]) -> None:
        """The same of the bytes of an object, every `size` of them a text."""
        column.extend([self._numbers[text] for (text,) in struct.iter_unpack(f"{size}s", texts)])

    def add_each(self, texts: Sequence[str | None], nothing: int, column: array[int]) -> None:
        """The same of each of some texts, and of None a number that stands for nothing."""
        column.extend([nothing if text is None else self._numbers[text.encode()] for text in texts])

    def joined(self) -> bytes:
        """All texts one after the other, by number."""
        return b"".join(self._numbers)

    def ends(self) -> bytes:
        """Where each of them ends, as 32 bits; 0 before the first."""
        return _ends(self._numbers)

    def ordered(self) -> tuple[bytes, bytes, bytes]:
        """The texts in ascending order: the rank of each, one after the other what is kept of them, and the ends.

        Ranks and ends are 32 bits each, ends beginning with 0. Kept is what core.columns.texts says.
        """
        texts = [*self._numbers]
        ascending = sorted(range(len(texts)), key=texts.__getitem__)
        ranks = np.zeros(len(texts), np.uint32)
        ranks[ascending] = np.arange(len(texts), dtype=np.uint32)
        left = [kept(texts[number]) for number in ascending]
        return ranks.tobytes(), b"".join(left), _ends(left)


def _ends(texts: Collection[bytes]) -> bytes:
    ends = np.zeros(len(texts) + 1, np.uint32)
    np.cumsum([len(data) for data in texts], out=ends[1:])
    return ends.tobytes()


class Columns:
    """Gathers the actions of runs: tables of what they share, and the numbers of each."""

    def __init__(self) -> None:
        self.words, self.digests, self.amounts = Table(), Table(), Table()
        self.forms: dict[bytes, int] = {}
        self.shapes: dict[bytes, int] = {}
        self.form, self.shape, self.digest, self.usd = array("q"), array("q"), array("q"), array("q")
        self.numbers, self.values = array("q"), array("q")
        self.digests.of(NONE_DIGEST)

    def add(self, actions: Actions) -> None:
        """Add the actions of a run."""
        _count(self.forms, actions.forms, self.form)
        _count(self.shapes, actions.shapes, self.shape)
        self.digests.add_equal(actions.digests, len(NONE_DIGEST), self.digest)
        self.words.add(actions.values, actions.ends, self.values)
        self.amounts.add_equal(actions.usd, actions.usd.itemsize, self.usd)
        self.numbers.extend(actions.numbers)


def digest(text: bytes, length: int) -> bytes:
    """The BLAKE2b digest of some bytes, of so many bytes."""
    return blake2b(text, digest_size=length).digest()


def add_all(column: array[int], numbers: tuple[int, ...]) -> None:
    """Add numbers to a column."""
    column.extend(numbers)


def _count(table: dict[bytes, int], keys: list[bytes], column: array[int]) -> None:
    """Add to a column the number of each key in a table, which gives what it does not hold the next one."""
    try:
        column.fromlist([*map(table.__getitem__, keys)])  # mostly all were there before
    except KeyError:
        column.fromlist([table.setdefault(key, len(table)) for key in keys])
