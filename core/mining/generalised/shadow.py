"""Shadow comparison of generalised candidates: what each run says, and when that speaks against promoting.

Every run in which the job gets done is compared: those that hold the workflow, near misses, and runs that it was not
made from. A run that is not as described fails, with the step and what is different, and a reviewer sees it. But a
confidence of 0.85 says itself that about one run in seven is done otherwise: these runs are in the confidence already,
which is judged on held-out groups, and the policy's least confidence decides about them. The comparison as a whole
fails

1. when a run that the candidate was made from is gone, or is not as described any more,
2. when any run asks for an approval where the workflow does not, or the other way round: however rare, promoting
   it could take away a boundary that somebody set,
3. when runs that it was not made from (shadow runs; for a candidate that is no longer proposed all that came since its
   decision) rule out that it holds as often as it should: when the 95 % Wilson interval of their share lies below
   0.80, or below its confidence where that is less. One single held-out run that differs is enough, 1 of 7 is not.

Receipts are not compared: they are made for one run, and nothing says how they follow from its values.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence

from core.mining.generalised.candidate import Compared
from core.mining.generalised.compare import compare
from core.mining.generalised.confidence import wilson
from core.mining.generalised.fold import fold
from core.mining.generalised.links import Material
from core.mining.generalised.occurrence import Mismatch
from core.mining.generalised.recipe import Recipe, recipe_of
from core.model.binding_words import source_told
from core.model.candidate import Candidate, ShadowReport, TraceResult
from core.model.trace import Trace
from core.shadow.compare import missing
from core.shadow.waivers import Waiver, about, covered

Fold = Callable[[Trace], Material]
"""Folds a run with what is known of its tools; may remember."""

Look = Callable[[Recipe], Callable[[Trace], Compared]]
"""How runs stand to a recipe; may remember."""


def folding(candidate: Candidate) -> Fold:
    """Folds runs as a candidate's record says."""
    known = recipe_of(candidate).facts
    return lambda trace: Material(fold(trace, known))


def shadow_report(
    candidate: Candidate,
    traces: Sequence[Trace],
    waivers: Sequence[Waiver] = (),
    *,
    held_out: Collection[str] | None = None,
    looking: Look | None = None,
) -> ShadowReport:
    """The candidate compared with its examples, then with every other run in which its job gets done.

    `held_out` are the ids of runs that it was not made from; by default those that its own record says.
    """
    recipe = recipe_of(candidate)
    look = _plainly(candidate, recipe) if looking is None else looking(recipe)
    apart = {r.trace_id for r in candidate.shadow.traces if r.held_out} if held_out is None else held_out
    first: dict[str, Trace] = {}
    for trace in traces:
        first.setdefault(trace.id, trace)
    examples = {example.trace_id: None for example in candidate.examples}
    results = [result_of(recipe, look(first[key]), waivers, key in apart) for key in examples if key in first]
    for key, trace in first.items():
        if key not in examples and says_something(found := look(trace)):
            results.append(result_of(recipe, found, waivers, key in apart))
    failures = (*(missing(key) for key in examples if key not in first), *_failures(candidate, results))
    return ShadowReport(passed=not failures, compared_traces=len(results), failures=failures, traces=tuple(results))


def _plainly(candidate: Candidate, recipe: Recipe) -> Callable[[Trace], Compared]:
    made = folding(candidate)
    return lambda trace: compare(recipe, made(trace))


_RESULT = TraceResult()
"""There are many, made here only: nothing in them needs to be checked."""
_HOLDS = _RESULT.replace(passed=True, standing="holds")
_HOLDS_APART = _HOLDS.replace(held_out=True)


def says_something(found: Compared) -> bool:
    """Whether a run that a candidate was not made from is compared with it."""
    return found.standing not in ("absent", "unfinished")


def result_of(recipe: Recipe, found: Compared, waivers: Sequence[Waiver], held_out: bool) -> TraceResult:
    """How a run compares, by how it stands to the recipe."""
    if found.standing == "holds" and not found.mismatches:
        # Nearly all: nothing to tell of any difference.
        return (_HOLDS_APART if held_out else _HOLDS).replace(trace_id=found.trace_id, source_hash=found.source_hash)
    waivers = about(waivers, recipe.steps) if waivers else ()
    counting = [m for m in found.mismatches if not _allowed(m, waivers)]
    helped = [str(w) for w in waivers if any(_allowed(m, [w]) for m in found.mismatches)]
    details = tuple(dict.fromkeys(told(recipe, mismatch) for mismatch in counting))
    if not found.steps:
        details = (found.note or "the steps do not occur any more",)
    standing = found.standing if found.standing in ("holds", "differs") else "otherwise"
    return _RESULT.replace(
        trace_id=found.trace_id,
        source_hash=found.source_hash,
        passed=not details,
        details=details,
        allowed=tuple(helped) or None,
        standing=standing,
        held_out=True if held_out else None,
    )


def _allowed(mismatch: Mismatch, waivers: Sequence[Waiver]) -> bool:
    return mismatch.kind == "output" and covered(waivers, mismatch.step + 1, mismatch.name)


PROMISED = 0.8
"""How often held-out runs should hold a candidate that may be promoted; the usual policy's least confidence."""

BOUNDARY = "approval boundary differs"


def told(recipe: Recipe, mismatch: Mismatch) -> str:
    """A mismatch as a sentence without values, which may be secret; core.mining.generalised.differ shows them."""
    at = f"step {mismatch.step + 1}"
    if mismatch.kind == "approval":
        return f"{at} {BOUNDARY}"
    if mismatch.kind == "output":
        return f"{at} output differs" + ("" if mismatch.name == "/" else f" at {mismatch.name}")
    if mismatch.kind == "effect":
        return f"{at} side effects differ from {mismatch.name or 'none'}"
    step = recipe.steps[mismatch.step]
    binding = next(b for b in (step.detail.bindings if step.detail else ()) if b.name == mismatch.name)
    return f"{at} {mismatch.name} is not {source_told(binding)}"


def _failures(candidate: Candidate, results: Sequence[TraceResult]) -> Iterator[str]:
    """What speaks against promoting, whatever the confidence."""
    examples = {example.trace_id for example in candidate.examples}
    for result in results:
        yield from failures_of_run(result, is_example=result.trace_id in examples)
    apart = [result.standing == "holds" for result in results if result.held_out]
    yield from failures_of_all(sum(apart), len(apart), candidate.confidence)


def crosses_boundary(result: TraceResult) -> bool:
    """Whether a run asks for an approval where the candidate does not, or the other way round."""
    return any(detail.endswith(BOUNDARY) for detail in result.details)


def failures_of_run(result: TraceResult, *, is_example: bool) -> Iterator[str]:
    """What a run says against promoting; `is_example` is whether the candidate was made from it."""
    if not result.details and result.standing == "holds":
        return
    if crosses_boundary(result):
        yield f"run {result.trace_id} asks for approval where the workflow does not, or the other way round"
    elif is_example and result.standing != "holds":
        yield f"run {result.trace_id}, which it was made from, is not as described"


def failures_of_all(holding: int, count: int, confidence: float) -> Iterator[str]:
    """What so many runs that a candidate was not made from say, of which some hold it."""
    if ruled_out(holding, count, confidence):
        yield "runs that it was not made from hold it less often than its confidence promises"


def ruled_out(holding: int, count: int, confidence: float) -> bool:
    """Whether so many held-out runs rule out that a candidate of a confidence holds as often as it should."""
    return count > 0 and wilson(holding / count, count)[1] < min(confidence, PROMISED)
