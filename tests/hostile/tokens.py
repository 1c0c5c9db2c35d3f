"""A tokenizer of the generated workflow's language, as far as the generator uses it; written from its grammar alone."""

from __future__ import annotations

import re
from collections.abc import Iterator

_TOKEN = re.compile(
    r"""
      (?P<block>/\*(?:(?!\*/)[\s\S])*\*/)
    | (?P<line>//[^\r\n\v\f\x85\u2028\u2029]*)
    | (?P<string>"(?:[^"\\\r\n\v\f\x85\u2028\u2029]|\\[^\r\n\v\f\x85\u2028\u2029])*")
    | (?P<space>\s+)
    | (?P<mark>[(){}\[\],:;=.'`#/*\\"])
    | (?P<word>[^\s(){}\[\],:;=.'`#/*\\"]+)
    """,
    re.VERBOSE,
)


def tokens(text: str) -> Iterator[tuple[str, str]]:
    """The kind and text of each token; a quote that opens no string comes out as a mark."""
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        assert found is not None, text[at : at + 40]
        yield str(found.lastgroup), found[0]
        at = found.end()


def shape(text: str) -> list[str]:
    """The structure of a workflow: marks and words of the generator's own, one sign for each comment and string.

    What stands between `pipeline` and `(`, and between `(` and `)` after it, are names that may hold spaces: each run
    of words there counts as one name.
    """
    made: list[str] = []
    in_head = False
    for kind, word in tokens(text):
        if kind == "space":
            continue
        if word == "pipeline" and not in_head:
            in_head = True
        elif in_head and (kind == "word" or word == "."):
            if made[-1] != "<name>":
                made.append("<name>")
            continue
        elif word == "{":
            in_head = False
        made.append(f"<{kind}>" if kind in ("block", "line", "string") else word)
    return made
