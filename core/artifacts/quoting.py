"""Untrusted text inside files that other programs parse: TOML, YAML and Markdown."""

from __future__ import annotations

import re
import unicodedata

from core.model.text import is_blank, visible

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPED = frozenset({"Cc", "Cf", "Cn", "Co", "Zl", "Zp"})
_FENCES = re.compile("`+")


def quoted_scalar(text: str) -> str:
    """Text in double quotes that TOML and YAML both read back as it was.

    Half a surrogate pair, which neither can hold, is replaced by U+FFFD.
    """
    if text.isascii() and text.isprintable() and '"' not in text and "\\" not in text:
        return f'"{text}"'
    return '"' + "".join(map(_spell, text)) + '"'


def _spell(char: str) -> str:
    if known := _SHORT.get(char):
        return known
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"
    return f"\\U{ord(char):08X}" if category in _ESCAPED else char


def code_span(text: str) -> str:
    """Text as a Markdown code span on one line, in which nothing is a mark, a link or HTML."""
    shown = visible(text)
    if is_blank(shown):
        return "(blank)"
    longest = max(map(len, _FENCES.findall(shown)), default=0)
    fence = "`" * (longest + 1)
    # One space at both ends is taken off again; it keeps a backtick of the text apart from the fence.
    padded = f" {shown} " if shown[0] in "` " or shown[-1] in "` " else shown
    return f"{fence}{padded}{fence}"
