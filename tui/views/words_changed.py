"""Which words of two texts differ; positions are offsets into the texts as given."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

Span = tuple[int, int]
"""Start and end (exclusive) of a piece of text."""

MAX_WORDS = 600
"""Words beyond which only the common beginning and end are told apart; difflib is slow on more."""

_WORD = re.compile(r"\w+|\s+|[^\w\s]")


def changed_words(left: str, right: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The pieces of each text that the other one does not have at that place; neighbouring pieces are joined."""
    lefts, rights = _WORD.findall(left), _WORD.findall(right)
    head = _common(lefts, rights)
    tail = _common(lefts[head:][::-1], rights[head:][::-1])
    inner_left, inner_right = lefts[head : len(lefts) - tail], rights[head : len(rights) - tail]
    offset = sum(map(len, lefts[:head]))
    if max(len(inner_left), len(inner_right)) > MAX_WORDS:
        return _whole(inner_left, offset), _whole(inner_right, offset)
    blocks = SequenceMatcher(None, inner_left, inner_right, autojunk=False).get_opcodes()
    changed = [block for block in blocks if block[0] != "equal"]
    return (
        _spans(inner_left, [(i1, i2) for _, i1, i2, _, _ in changed], offset),
        _spans(inner_right, [(j1, j2) for _, _, _, j1, j2 in changed], offset),
    )


def _common(lefts: list[str], rights: list[str]) -> int:
    """How many words two lists have in common from their beginning."""
    for index, (left, right) in enumerate(zip(lefts, rights, strict=False)):
        if left != right:
            return index
    return min(len(lefts), len(rights))


def _whole(words: list[str], offset: int) -> tuple[Span, ...]:
    return ((offset, offset + sum(map(len, words))),) if words else ()


def _spans(words: list[str], ranges: list[Span], offset: int) -> tuple[Span, ...]:
    """Ranges of words as ranges of characters."""
    ends = [offset]
    for word in words:
        ends.append(ends[-1] + len(word))
    return tuple((ends[start], ends[end]) for start, end in ranges if start < end)
