"""A workspace's redaction: its policy and its key made into a redactor (design/trust.md, Redaction)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast

from core.artifacts.redact import Keep, Redactor
from core.artifacts.redaction_rules import RULE_IDS, PartRule
from core.model.text import lower, quoted
from core.store.linear import LinearPattern, PatternError, compiled
from core.store.policy import RedactionPolicy

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_LONGEST = 1000
_UNKNOWN = re.compile(r"\(\?(?:[=!]|<[=!]|P=)|\\[1-9]")


def redactor_for(policy: RedactionPolicy, key: bytes | None) -> Redactor:
    """The redactor of a policy that has no faults; without a key its marks are all alike."""
    return Redactor(
        key=key,
        extras=tuple(_extra(name, pattern) for name, pattern in sorted(policy.extras.items())),
        keep=Keep(
            keys=frozenset(map(lower, policy.keep_keys)),
            places=tuple(map(_parts, policy.keep_pointers)),
            values=frozenset(policy.keep_values),
        ),
    )


def _extra(name: str, pattern: str) -> PartRule:
    """A rule of the workspace's own; its pattern is asked for `sub` and its groups, like one of Python's."""
    return PartRule(name, cast(re.Pattern[str], LinearPattern(pattern)))


def _parts(pointer: str) -> tuple[str, ...]:
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:])


def redaction_faults(policy: RedactionPolicy) -> Iterator[tuple[str, str]]:
    """What is wrong with a policy: the key and a sentence that begins with it."""
    for name, pattern in policy.extras.items():
        if told := _id_fault(name) or _pattern_fault(pattern):
            yield "redaction.extras", f"redaction.extras: {told}"
    for pointer in policy.keep_pointers:
        if not pointer.startswith("/"):
            told = f"{quoted(pointer)} must be a JSON pointer, such as /metadata/token_count"
            yield "redaction.keep_pointers", f"redaction.keep_pointers: {told}"
    for field in ("keep_keys", "keep_values"):
        if "" in getattr(policy, field):
            yield f"redaction.{field}", f"redaction.{field}: an empty text stands for nothing; remove it"


def _id_fault(name: str) -> str:
    if not _ID.fullmatch(name):
        return f"{quoted(name)} must be an id of small letters, digits and _, such as customer_number"
    return f"{quoted(name)} is the id of a built-in rule; choose another" if name in RULE_IDS else ""


def _pattern_fault(pattern: str) -> str:
    shown = quoted(pattern if len(pattern) <= 60 else pattern[:59] + "…")
    if len(pattern) > _LONGEST:
        return f"{shown} has {len(pattern)} characters, at most {_LONGEST} are allowed"
    try:
        made = compiled(pattern)
    except PatternError as error:
        unknown = "; look-around and back-references are not known, for they can take for ever"
        return f"{shown} is no regular expression: {error}{unknown if _UNKNOWN.search(pattern) else ''}"
    return f"{shown} matches nothing at all, which is everywhere; make it match a secret" if made.search(b"") else ""
