"""Text rules of the specification, and the one function that spells out what must never be interpreted."""

from __future__ import annotations

import re
import string
import unicodedata
from collections.abc import Iterable

WHITE_SPACE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode White_Space: the characters that trimming removes and blankness ignores (goldens/README.md)."""

_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
_UPPER = str.maketrans(string.ascii_lowercase, string.ascii_uppercase)
_QUOTED = {"\t": "\\t", "\n": "\\n", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_OUTSIDE_IDENTIFIER = re.compile(r"_?[^a-z0-9_]+")


def trim(text: str) -> str:
    """Text without Unicode White_Space at its ends."""
    return text.strip(WHITE_SPACE)


def is_blank(text: str) -> bool:
    """Whether text is empty after trimming."""
    return not text.strip(WHITE_SPACE)


def lower(text: str) -> str:
    """ASCII lower-casing; other letters stay."""
    return text.translate(_LOWER)


def upper(text: str) -> str:
    """ASCII upper-casing; other letters stay."""
    return text.translate(_UPPER)


def sorted_strings(texts: Iterable[str]) -> list[str]:
    """Non-blank texts, each once, in ascending byte order (code point order is the byte order of UTF-8)."""
    return sorted(text for text in set(texts) if not is_blank(text))


def quoted(text: str) -> str:
    """Text in double quotes for error messages (spec/README.md, Quoting)."""

    def spell(char: str) -> str:
        if known := _QUOTED.get(char):
            return known
        return f"\\u{{{ord(char):x}}}" if unicodedata.category(char) == "Cc" else char

    return '"' + "".join(map(spell, text)) + '"'


def identifier(text: str) -> str:
    """A parameter name made from any text (spec/pipeline.md §2): `Repo Path` becomes `repo_path`, nothing `param`."""
    return _OUTSIDE_IDENTIFIER.sub("_", lower(text)).strip("_") or "param"


def as_utf8(path: str) -> str:
    """A path as text that can be written; bytes of a file name that are not UTF-8 become U+FFFD."""
    return path.encode(errors="surrogateescape").decode(errors="replace")


_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r", "\x1b": "\\e"}
_INVISIBLE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def visible(text: str, *, lines: bool = False) -> str:
    """Text with every control, bidi, invisible or unpaired character spelled out (`\\e`, `\\n`, `\\u{202e}`).

    What comes back cannot move a cursor, hide a word, reorder a line or end one. With `lines` the line feed stays,
    for places that show many lines, and a tab becomes four spaces. Idempotent, and never an error.
    """
    if text.isascii() and text.isprintable():
        return text

    def spell(found: re.Match[str]) -> str:
        char = found[0]
        if lines and char in "\n\t":
            return "\n" if char == "\n" else "    "
        return _SHORT.get(char) or f"\\u{{{ord(char):x}}}"

    return _INVISIBLE.sub(spell, text)


def plural(number: int, noun: str, many: str = "") -> str:
    """A count with its noun: `1 run`, `1,204 runs`, `2 copies` (with `many`)."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"
