"""The eval pack, `harn.eval.toml` (spec/artifacts.md, Eval pack)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator

from core.model.candidate import Candidate

_SHORT = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
_ESCAPED = frozenset({"Cc", "Cf", "Zl", "Zp"})


def eval_pack_text(candidate: Candidate) -> str:
    """The eval pack of a candidate with one fixture per example: valid TOML, whatever is in its names."""
    return "".join(f"{line}\n" for line in _lines(candidate))


def _lines(candidate: Candidate) -> Iterator[str]:
    promotion, name = candidate.promotion, candidate.name
    yield "version = 1"
    yield from _strings(id=f"{promotion.package_name}-crystallization", name=f"{name} crystallization shadow evals")
    yield from ("", "[package]")
    yield from _strings(name=promotion.package_name, version=promotion.version)
    for trace_id in (example.trace_id for example in candidate.examples):
        yield from ("", "[[fixtures]]")
        yield from _strings(id=trace_id, kind="jsonl-trace", trace_id=trace_id)
    yield from ("", "[[rubrics]]")
    yield from _strings(id="shadow-determinism", kind="deterministic")
    yield from ("", "[[rubrics.assertions]]")
    yield from _strings(kind="crystallization-shadow")
    yield f"expected = {{ candidate_id = {_toml(candidate.id)}, pass = true }}"
    yield from ("", "[[cases]]")
    yield from _strings(id=f"{name}-shadow", name=f"{name} shadow replay")
    yield 'rubrics = ["shadow-determinism"]'
    yield from _strings(severity="blocking")


def _strings(**values: str) -> Iterable[str]:
    return (f"{key} = {_toml(value)}" for key, value in values.items())


def _toml(text: str) -> str:
    """A TOML basic string that reads back as the text; half a surrogate pair, which TOML cannot hold, is replaced."""
    return '"' + "".join(map(_spell, text)) + '"'


def _spell(char: str) -> str:
    if known := _SHORT.get(char):
        return known
    category = unicodedata.category(char)
    if category == "Cs":
        return "\ufffd"
    return f"\\U{ord(char):08X}" if category in _ESCAPED else char
