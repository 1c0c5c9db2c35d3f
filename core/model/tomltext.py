"""TOML that people write: read with one error for all that can be wrong with it."""

from __future__ import annotations

import re
import tomllib
from typing import Any

_MANY_DIGITS = re.compile(r"[0-9][0-9_]{4000,}")


class TomlError(ValueError):
    """A text that is not TOML or cannot be read as such; the message ends with the place, `(at line N, column M)`."""


def parse_toml(text: str) -> dict[str, Any]:
    """What a text states. Raises TomlError, also where the standard library has no error of its own."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TomlError(str(error)) from None
    except RecursionError:
        raise TomlError("it is nested too deeply") from None
    except ValueError:  # Python makes no numbers of thousands of digits
        raise TomlError(f"a number has too many digits{_place(_MANY_DIGITS.search(text))}") from None


def _place(found: re.Match[str] | None) -> str:
    if found is None:
        return ""
    start = found.start()
    before = found.string[:start]
    return f" (at line {before.count(chr(10)) + 1}, column {start - before.rfind(chr(10))})"
