"""Whether texts hold nothing that redaction takes out, found out for many of them at once.

A candidate has ten thousand runs whose ids and hashes are all alike. They are looked at as one text, a line each: none
of the rules about parts needs the end of a text, so what one of them finds in a line it finds in the whole.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import repeat
from typing import Any, get_args

from core.artifacts.redaction_rules import PART_RULES, may_hold_secret
from core.model.candidate import Divergence, DivergenceRecord, Parameter, Step
from core.model.record import Record
from core.model.trace import Trace

SECRET_FIELDS = frozenset({"required_secrets", "secrets_required"})
"""Fields that name secrets and may hold one instead."""

MANY = 64
"""Values from which on they are looked at together."""

_SHORT = 256
"""Characters up to which a text is remembered; longer ones are payloads, which hardly come twice and fill memory."""


def is_harmless(text: str) -> bool:
    """Whether no built-in rule holds for a part of a text; the ids and names of runs come again and again."""
    return _known(text) if len(text) <= _SHORT else _is_harmless(text)


def _is_harmless(text: str) -> bool:
    return not may_hold_secret(text) or not _has_part(text)


_known = lru_cache(1 << 16)(_is_harmless)


def all_harmless(texts: Sequence[str]) -> bool:
    """Whether each of some texts is; False may be said of texts that only look so side by side."""
    return not _has_part("\n".join(texts))


def _has_part(text: str) -> bool:
    return any(rule.may_hit(text) and rule.pattern.search(text) for rule in PART_RULES)


def all_plain(values: Sequence[Any]) -> bool:
    """Whether some fields' values are nothing but harmless names, ids and numbers, so that they stay as they are."""
    texts: list[str] = []
    return all(map(_gather, values, repeat(texts))) and all_harmless(texts)


def _gather(value: Any, texts: list[str]) -> bool:
    """Add the texts of a value; whether it is made of names and numbers alone."""
    kind = type(value)
    if kind is str:
        texts.append(value)
        return True
    if value is None or kind is int or kind is bool or kind is float:
        return True
    if isinstance(value, Record):
        return _is_of_names(type(value)) and all(map(_gather, vars(value).values(), repeat(texts)))
    return kind is tuple and all(map(_gather, value, repeat(texts)))


@cache
def _is_of_names(kind: type[Record]) -> bool:
    """Whether redaction goes by what the fields of a record are declared to hold, and none holds any JSON."""
    by_itself = issubclass(kind, Trace | Parameter | Step | Divergence | DivergenceRecord)
    return not by_itself and not payload_fields(kind) and not SECRET_FIELDS & kind.model_fields.keys()


@cache
def payload_fields(kind: type[Record]) -> frozenset[str]:
    """The fields of a record that are declared to hold any JSON."""

    def holds_any(annotation: Any) -> bool:
        return annotation is Any or any(map(holds_any, get_args(annotation)))

    return frozenset(name for name, field in kind.model_fields.items() if holds_any(field.annotation))
