"""What stands where a secret was, and what can be told from it: that, where, and by which rule.

A mark is `[redacted]`, or with a key `[redacted:RULE:HASH]`: 12 hex digits of a keyed hash, so that equal secrets leave
equal marks that nobody without the key can trace back (design/trust.md, Redaction).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeVar

from core.model.jsontext import Json, JsonError, parse, pointer

T = TypeVar("T")

MARK = "[redacted]"
"""A mark without a key."""

UNNAMED = "unnamed"
"""The rule that a mark without a key is counted under."""

PATTERN = re.compile(r"\[redacted(?::([a-z0-9_]{1,40}):[0-9a-f]{12})?\]")
"""A mark; its group is the rule's id."""


def is_redacted(value: Json) -> bool:
    """Whether something was taken out of a text."""
    return isinstance(value, str) and PATTERN.search(value) is not None


def rules_in(text: str) -> list[str]:
    """The rules by which something was taken out of a text, in order; one for each mark."""
    return [found[1] or UNNAMED for found in PATTERN.finditer(text)]


def marks(value: Json, *, keys: bool = True, place: tuple[str | int, ...] = ()) -> Iterator[tuple[str, str]]:
    """The JSON pointer and the rule of every mark in a value; with `keys` also of those in keys, at the key's entry."""
    if isinstance(value, str):
        yield from ((pointer(*place), rule) for rule in rules_in(value))
    elif isinstance(value, dict):
        for key, item in value.items():
            if keys:
                yield from ((pointer(*place, key), rule) for rule in rules_in(key))
            yield from marks(item, keys=keys, place=(*place, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from marks(item, keys=keys, place=(*place, index))


def redacted_by(value: Json) -> Iterator[tuple[str, str]]:
    """A pointer to each text out of which something was taken, with what took it: `rule sensitive_keys`.

    That is empty where marks have no key.
    """
    found: dict[str, dict[str, None]] = {}
    for place, rule in marks(value, keys=False):
        found.setdefault(place, {})[rule] = None
    for place, rules in found.items():
        named = [rule for rule in rules if rule != UNNAMED]
        yield place, f"rule{'s' * (len(named) > 1)} {' and '.join(named)}" if named else ""


def redaction_report(files: Mapping[str, bytes]) -> dict[str, list[str]]:
    """What was taken out of some files by which rule: `FILE#POINTER` of JSON files, else `FILE line N`, by rule id."""
    report: dict[str, list[str]] = {}
    for name, data in sorted(files.items()):
        if b"[redacted" in data:
            for rule, place in _in_file(name, data):
                report.setdefault(rule, []).append(place)
    return dict(sorted(report.items()))


def _in_file(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    try:
        value = parse(data)
    except JsonError:
        for number, line in enumerate(data.decode(errors="replace").split("\n"), 1):
            yield from ((rule, f"{name} line {number}") for rule in rules_in(line))
        return
    yield from ((rule, f"{name}#{place}") for place, rule in marks(value))


def blunt(value: T) -> T:
    """A JSON value with every mark reduced to one without rule and hash.

    For comparing what was redacted with different keys: secrets then compare equal whatever they were.
    """
    if isinstance(value, str):
        return PATTERN.sub(MARK, value)  # type: ignore[return-value]
    if isinstance(value, dict):
        return {blunt(key): blunt(item) for key, item in value.items()}  # type: ignore[return-value]
    if isinstance(value, list | tuple):
        return type(value)(map(blunt, value))
    return value
