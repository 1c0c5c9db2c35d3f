"""Arguments that were written as Python's own text of them, `{'order': 'W1', 'gift': None}`."""

from __future__ import annotations

import ast
import math
import warnings
from typing import Any

from core.model.jsontext import Json

_LONGEST = 16 * 1024
"""Characters of a text that is looked at; what the parser makes of one takes a hundred times as much."""

_DEEPEST = 30


def mapping_in(text: str) -> dict[str, Any] | None:
    """The mapping that a text is in Python's spelling, with nothing in it that JSON has not; else None."""
    if not text.startswith("{") or len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd escapes, which are nobody's business here
            found = ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
    return found if isinstance(found, dict) and _is_json(found, 0) else None


def _is_json(value: Json, depth: int) -> bool:
    if depth > _DEEPEST:
        return False
    match value:
        case dict():
            return all(isinstance(name, str) and _is_json(held, depth + 1) for name, held in value.items())
        case list():
            return all(_is_json(held, depth + 1) for held in value)
        case float():
            return math.isfinite(value)
        case bool() | None:
            return True
        case int():
            return -(2**63) <= value < 2**63
        case str():
            return not any("\ud800" <= char <= "\udfff" for char in value)
    return False
