"""Untrusted text inside a generated workflow: none of it ends its line, comment, string or name."""

from __future__ import annotations

import re

from core.model.jsontext import Json, compact
from core.model.text import is_blank, visible

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_MEANINGFUL = re.compile(r"[(){}\[\],;:\"'`/\\*#=]")


def line(text: str) -> str:
    """Text that stays on its line."""
    return visible(_CONTROL.sub(" ", text))


def block(text: str) -> str:
    """Text that stays in its line of a block comment."""
    return line(text).replace("*/", "* /").replace("/*", "/ *")


def string(text: str) -> str:
    """Text as a string literal."""
    return '"' + line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def bare(text: str) -> str:
    """Text as a name in code: what could end the name there becomes `_`."""
    return "_" if is_blank(text) else _MEANINGFUL.sub("_", line(text))


def literal(value: Json) -> str:
    """Any JSON value as a literal."""
    if isinstance(value, str):
        return string(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(literal, value)) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{string(key)}: {literal(item)}" for key, item in value.items()) + "}"
    return compact(value).decode()
