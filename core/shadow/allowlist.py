"""Allowlist rules: places of a replay run that may differ between executions (spec/pipeline.md §4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from core.model.jsontext import Json
from core.model.text import is_blank, quoted
from core.model.trace import AllowRule

_INDEX = re.compile(r"\+?[0-9]+")


class OracleError(ValueError):
    """Material that the replay oracle cannot judge; the message is the specification's."""


def check_rules(rules: Iterable[AllowRule]) -> None:
    """Refuse rules without a path, a reason or a usable form. Raises OracleError."""
    for rule in rules:
        if is_blank(rule.path):
            raise OracleError("allowlist path cannot be empty")
        if is_blank(rule.reason):
            raise OracleError(f"allowlist path {rule.path} must explain why the field is nondeterministic")
        _segments(rule.path)


def apply_rules(run: Json, rules: Iterable[AllowRule]) -> Json:
    """A run with every allow-listed place replaced, rule after rule; the given value is left as it is.

    Raises OracleError when a rule has no usable form or matches nothing.
    """
    for rule in rules:
        run, matched = applied(run, rule)
        if not matched:
            raise OracleError(f"allowlist path {rule.path} did not match any replay field")
    return run


def applied(run: Json, rule: AllowRule) -> tuple[Json, bool]:
    """A run with what one rule allows replaced, and whether that is anything; the given value is left as it is.

    Raises OracleError when the rule has no usable form.
    """
    replacement = {"$harn_replay_allowlisted": rule.path} if rule.replacement is None else rule.replacement
    return _replaced(run, _segments(rule.path), replacement)


def values_at(run: Json, path: str) -> list[Json]:
    """What a rule's path stands for in a run. Raises OracleError for a path without a usable form."""
    found = [run]
    for segment in _segments(path):
        found = [value[key] for value in found for key in _keys(value, segment)]
    return found


@lru_cache(maxsize=4096)
def _segments(path: str) -> tuple[str, ...]:
    if path == "/":
        raise OracleError("allowlist path cannot replace the whole run")
    if not path.startswith("/"):
        raise OracleError(f"allowlist path {quoted(path)} must start with '/'")
    parts = path[1:].split("/")
    if "" in parts:
        raise OracleError(f"allowlist path {quoted(path)} contains an empty segment")
    return tuple([part.replace("~1", "/").replace("~0", "~") for part in parts])


def _replaced(value: Json, segments: tuple[str, ...], replacement: Json) -> tuple[Json, bool]:
    """The value with each match replaced, and whether there was one."""
    if not segments:
        return replacement, True
    keys = _keys(value, segments[0])
    if not keys:
        return value, False
    changed = value.copy()
    matched = False
    for key in keys:
        changed[key], hit = _replaced(value[key], segments[1:], replacement)
        matched = matched or hit
    return changed, matched


def _keys(value: Json, segment: str) -> list[str] | range:
    """The keys or indexes of a value that a segment stands for."""
    if isinstance(value, dict):
        return list(value) if segment == "*" else [segment] if segment in value else []
    if isinstance(value, list):
        if segment == "*":
            return range(len(value))
        # More digits than any list has elements: also keeps int() from refusing absurd lengths.
        if _INDEX.fullmatch(segment) and len(digits := segment.lstrip("+0") or "0") < 10:
            index = int(digits)
            return range(index, index + 1) if index < len(value) else []
    return []
