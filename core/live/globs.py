"""Path globs of the policy: `*` and `?` within a part, `**` for any number of parts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


@lru_cache(maxsize=256)
def _pattern(glob: str) -> re.Pattern[str]:
    parts = [part for part in glob.split("/") if part]
    made = ""
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            made += ".*" if last else "(?:[^/]+/)*"
            continue
        made += "".join({"*": "[^/]*", "?": "[^/]"}.get(char, re.escape(char)) for char in part)
        made += "" if last else "/"
    return re.compile(made, re.DOTALL)


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether a POSIX path matches one of the globs as a whole."""
    return any(_pattern(glob).fullmatch(path) for glob in globs)
