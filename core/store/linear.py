"""Regular expressions of users, matched in time that grows with the length of the text alone.

Python's own engine tries alternatives one after the other: `(a+)+$` takes longer than anybody lives for a text of 60
letters. RE2 never goes back. Looking for match after match can still take the square of the length (`a.*b|a`), so each
is looked for in a window of the text only, and of a text with very many matches all is taken as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

LONGEST_MATCH = 2048
"""Bytes of UTF-8 that a match may have to be certain to be found whole."""

MOST_MATCHES, FEWEST_CHARACTERS = 100, 50
"""A text with more than so many matches, and with one in fewer than so many characters, is one match as a whole."""

_WINDOW = 2 * LONGEST_MATCH
_MEMORY = 1 << 20


class PatternError(ValueError):
    """A regular expression that cannot be matched in linear time, or is none; the message says why."""


@dataclass(frozen=True, slots=True)
class Match:
    """A match, as far as it is asked like one of Python's."""

    text: str
    spans: tuple[tuple[int, int], ...]
    names: Mapping[str, int]

    def span(self, group: int | str = 0) -> tuple[int, int]:
        """Where a group begins and ends; both -1 when it took no part."""
        return self.spans[self.names[group] if isinstance(group, str) else group]

    def start(self, group: int | str = 0) -> int:
        """Where a group begins."""
        return self.span(group)[0]

    def __getitem__(self, group: int | str) -> str:
        start, end = self.span(group)
        return self.text[start:end] if start >= 0 else ""


@dataclass(frozen=True)
class LinearPattern:
    """A regular expression in RE2's syntax: Python's without look-around and back-references."""

    pattern: str

    @cached_property
    def groupindex(self) -> Mapping[str, int]:
        """The numbers of the named groups."""
        return {name.decode(): number for name, number in compiled(self.pattern).groupindex.items()}

    def sub(self, replacement: Callable[[Match], str], text: str) -> str:
        """The text with every match replaced by what a function makes of it."""
        parts: list[str] = []
        at = 0
        most = max(MOST_MATCHES, len(text) // FEWEST_CHARACTERS)
        for number, found in enumerate(self.finditer(text)):
            if number == most:
                return replacement(Match(text, ((0, len(text)),) * len(found.spans), self.groupindex))
            start, end = found.span()
            parts += [text[at:start], replacement(found)]
            at = end
        return "".join([*parts, text[at:]]) if parts else text

    def finditer(self, text: str) -> Iterator[Match]:
        """The matches that are not empty, from left to right."""
        data = text.encode("utf-8", "surrogatepass")
        characters = _Characters(data)
        for spans in _matches(compiled(self.pattern), data):
            yield Match(text, tuple(map(characters.span, spans)), self.groupindex)


class _Characters:
    """Places in bytes as places in the text, for places that hardly ever go back."""

    def __init__(self, data: bytes) -> None:
        self._data, self._plain = data, data.isascii()
        self._byte = self._character = 0

    def span(self, span: tuple[int, int]) -> tuple[int, int]:
        if self._plain or span[0] < 0:
            return span
        return self._at(span[0]), self._at(span[1])

    def _at(self, byte: int) -> int:
        low, high = sorted((self._byte, byte))
        between = len(self._data[low:high].decode("utf-8", "surrogatepass"))
        self._character += between if byte >= self._byte else -between
        self._byte = byte
        return self._character


def _matches(pattern: Any, data: bytes) -> Iterator[list[tuple[int, int]]]:
    at, size = 0, len(data)
    while at < size:
        until = min(at + _WINDOW, size)
        found = pattern.search(data, at, until)
        if found is None:
            at = size if until == size else until - LONGEST_MATCH
            continue
        if found.end() == until < size:  # there may be more of it behind the window
            found = pattern.search(data, found.start(), min(found.start() + _WINDOW, size)) or found
        start, end = found.span()
        if start < end:
            yield [found.span(group) for group in range(pattern.groups + 1)]
        at = max(end, start + 1)


@lru_cache(256)
def compiled(pattern: str) -> Any:
    """RE2's own form of a pattern. Raises PatternError."""
    import re2  # type: ignore[import-untyped] # only where a policy has patterns of its own

    options = re2.Options()
    options.log_errors, options.max_mem = False, _MEMORY
    options.encoding = re2.Options.Encoding.UTF8
    try:
        return re2.compile(pattern.encode(), options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        raise PatternError(reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)) from None
    except UnicodeEncodeError:
        raise PatternError("it holds half a surrogate pair") from None
