"""The eval pack, `harn.eval.toml` (spec/artifacts.md, Eval pack)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from core.artifacts.quoting import quoted_scalar
from core.model.candidate import Candidate


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
    yield f"expected = {{ candidate_id = {quoted_scalar(candidate.id)}, pass = true }}"
    yield from ("", "[[cases]]")
    yield from _strings(id=f"{name}-shadow", name=f"{name} shadow replay")
    yield 'rubrics = ["shadow-determinism"]'
    yield from _strings(severity="blocking")


def _strings(**values: str) -> Iterable[str]:
    return (f"{key} = {quoted_scalar(value)}" for key, value in values.items())
