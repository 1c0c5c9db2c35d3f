"""Many short texts as one block of bytes."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.signedinteger | np.unsignedinteger]

CUT = 64
"""Bytes that are kept of a text; of a longer one a digest besides, and it is read from disk when it is asked for."""

END = 0xFF
"""A byte that stands behind the beginning of a longer text, and in no UTF-8."""

TOLD = 12
"""Bytes of its digest, which stands behind that."""


def kept(data: bytes) -> bytes:
    """What is kept of a text in UTF-8: of a long one a beginning, `END` and a digest."""
    if len(data) <= CUT:
        return data
    return data[:CUT] + bytes([END]) + blake2b(data, digest_size=TOLD).digest()


class Stretch(Protocol):
    """Bytes that are read where they lie."""

    def __getitem__(self, span: slice, /) -> bytes:
        """Some of them."""

    def __bytes__(self) -> bytes:
        """All of them."""


class Texts(Sequence[bytes]):
    """Texts by number, as `kept` keeps them."""

    __slots__ = ("_bytes", "_ends")

    def __init__(self, data: bytes | memoryview | Stretch, ends: npt.NDArray[np.uint32]) -> None:
        self._bytes, self._ends = data, ends

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, number: Any) -> Any:
        return bytes(self._bytes[self._ends[number] : self._ends[number + 1]])

    def some(self, numbers: Numbers) -> list[bytes]:
        """The texts of some numbers."""
        data = self._bytes
        spans = zip(self._ends[numbers].tolist(), self._ends[numbers + 1].tolist(), strict=True)
        return [bytes(data[begin:end]) for begin, end in spans]

    def decoded(self, numbers: Numbers) -> list[str]:
        """The same as text."""
        data = bytes(self._bytes)
        if not data.isascii():
            return [text.decode() for text in self.some(numbers)]
        whole = data.decode("ascii")  # once, for a letter is a byte
        spans = zip(self._ends[numbers].tolist(), self._ends[numbers + 1].tolist(), strict=True)
        return [whole[begin:end] for begin, end in spans]

    def all(self) -> list[bytes]:
        """All texts."""
        data = bytes(self._bytes)
        return [data[begin:end] for begin, end in pairwise(self._ends.tolist())]


def is_cut(text: bytes) -> bool:
    """Whether only the beginning of a text was kept."""
    return len(text) > CUT
