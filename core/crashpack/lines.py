"""What differs between two texts made of lines, in sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain

from core.model.text import quoted


def line_problems(recorded: str, computed: str) -> Iterator[str]:
    """One sentence per recorded line that was not computed, and per computed line that is not recorded.

    Lines belong together by what stands before `: `. Texts that differ always give at least one sentence.
    """
    if recorded == computed:
        return
    ours, theirs = recorded.split("\n"), computed.split("\n")
    extra: dict[str, list[str]] = {}
    for line in (Counter(ours) - Counter(theirs)).elements():
        extra.setdefault(_key(line), []).append(line)
    for line in (Counter(theirs) - Counter(ours)).elements():
        if others := extra.get(_key(line)):
            yield f"{_key(line).strip() or 'line'} is {_value(others.pop(0))}, computed {_value(line)}"
        else:
            yield f"lacks {_shown(line)}"
    known = set(theirs)
    for line in chain.from_iterable(extra.values()):
        yield f"{'repeats' if line in known else 'has unexpected'} {_shown(line)}"
    if Counter(ours) == Counter(theirs):
        yield "out of order: " + first_difference(recorded, computed)


def first_difference(recorded: str, computed: str) -> str:
    """The first line in which two different texts differ."""
    ours, theirs = recorded.split("\n"), computed.split("\n")
    at = next((i for i, pair in enumerate(zip(ours, theirs, strict=False)) if pair[0] != pair[1]), None)
    if at is None:
        at = min(len(ours), len(theirs))
    return f"line {at + 1} is {_at(ours, at)}, computed {_at(theirs, at)}"


def _key(line: str) -> str:
    return line.partition(": ")[0]


def _value(line: str) -> str:
    return quoted(line.partition(": ")[2])


def _at(lines: list[str], index: int) -> str:
    return quoted(lines[index]) if index < len(lines) else "missing"


def _shown(line: str) -> str:
    return f"the line {quoted(line)}" if line else "an empty line"
