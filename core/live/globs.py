"""Path globs of the policy: `*` and `?` within a part, `**` for any number of parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from itertools import takewhile


@lru_cache(maxsize=256)
def pattern(globs: tuple[str, ...]) -> re.Pattern[str]:
    """What matches a POSIX path as a whole when one of the globs does."""
    return re.compile("|".join(map(_one, globs)) if globs else r"(?!)", re.DOTALL)


def _one(glob: str) -> str:
    parts = [part for part in glob.split("/") if part]
    made = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            made += ".*" if last else "(?:[^/]+/)*"
            continue
        made += "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in part)
        made += "" if last else "/"
    return f"(?:{made})"


def beginning(glob: str) -> str:
    """What every path that a glob fits begins with."""
    parts = [part for part in glob.split("/") if part]
    plain = [*takewhile(lambda part: "*" not in part and "?" not in part, parts)]
    return "/".join(plain) + "/" * (0 < len(plain) < len(parts))


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a POSIX path matches one of the globs as a whole."""
    return pattern(tuple(globs)).fullmatch(path) is not None
