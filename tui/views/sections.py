"""The differences of one run as sections of a structured diff, each with the whole values around them."""

from __future__ import annotations

from collections.abc import Sequence

from core.mining.generalised.shapes import type_of
from core.model.candidate import Candidate, Step
from core.model.jsontext import Json, plain
from core.model.text import visible
from core.model.trace import Trace
from core.shadow.compare import receipt_oracle, window_of
from core.shadow.differences import MISSING, Difference
from core.shadow.oracle import OracleError, compared_runs
from tui.views.diff import Section, Spot

_WHAT = {
    "extent": "length",
    "signature": "action",
    "argument": "where values come from",
    "side_effects": "side effects",
    "approval": "approval",
    "output": "output",
    "receipts": "receipts and replay material",
}


def sections(candidate: Candidate, trace: Trace, start: int, found: Sequence[Difference]) -> tuple[Section, ...]:
    """One section for each compared value that differs, in the order of the differences."""
    grouped: dict[tuple[int | None, str], list[Difference]] = {}
    for difference in found:
        grouped.setdefault((difference.step, difference.kind), []).append(difference)
    return tuple(_section(candidate, trace, start, listed) for listed in grouped.values())


def _section(candidate: Candidate, trace: Trace, start: int, found: list[Difference]) -> Section:
    head = found[0]
    expected, observed = _values(candidate, trace, start, found)
    spots = tuple(Spot(d.pointer, visible(_said(candidate, d)), d.first, visible(d.allowed)) for d in found)
    return Section(f"{head.step}:{head.kind}", _title(candidate, head), expected, observed, spots)


def _said(candidate: Candidate, difference: Difference) -> str:
    """What the message adds to the step and the pointer, which stand above it anyway."""
    step, seen = _step(candidate, difference), difference.observed
    if candidate.induction is not None and difference.kind == "output" and step and step.expected_output is None:
        kind = "nothing" if seen is MISSING else type_of(seen)
        return f"of another kind than in most runs: {kind}, not {str(difference.expected).removeprefix('any ')}"
    before, place, after = difference.message.partition(f" at {difference.pointer}")
    return after.lstrip(": ") if place and difference.pointer != "/" else before


def _title(candidate: Candidate, head: Difference) -> str:
    what = _WHAT[head.kind]
    step = _step(candidate, head)
    if head.step is None and head.kind == "signature":
        return "whole run · steps"
    if step is None:
        return f"step {head.step} · {what}" if head.step else f"whole run · {what}"
    return f"step {step.index} · {visible(step.kind)} {visible(step.name)} · {what}"


def _step(candidate: Candidate, head: Difference) -> Step | None:
    return next((step for step in candidate.steps if step.index == head.step), None)


def _values(candidate: Candidate, trace: Trace, start: int, found: list[Difference]) -> tuple[Json, Json]:
    """The whole values that were compared, what is expected first."""
    head = found[0]
    step = _step(candidate, head)
    if candidate.induction is not None and head.kind in ("output", "argument"):
        return _gathered(found)
    if candidate.induction is not None and head.kind == "signature":
        return _one_below_the_other(head.expected), _one_below_the_other(head.observed)
    if candidate.induction is not None and head.kind == "side_effects":
        return head.expected, head.observed
    if head.kind == "output" and step is not None:
        # Steps are aligned by position: differences() numbers them as the candidate does.
        position = candidate.steps.index(step)
        return step.expected_output, window_of(candidate, trace, start)[position].seen_output
    if head.kind == "side_effects" and step is not None:
        return plain(step.side_effects), patched(plain(step.side_effects), found)
    if head.kind == "receipts" and (given := receipt_oracle(candidate, trace)) is not None:
        try:
            recorded, expected = compared_runs(given)
        except OracleError:
            return head.expected, head.observed
        return expected, recorded
    if head.kind == "approval":
        return _wrapped(head.expected), _wrapped(head.observed)
    return head.expected, head.observed


def _one_below_the_other(steps: Json) -> Json:
    """Steps as lines: lines are aligned by what they say, so that a step more or less moves none of the others."""
    return "\n".join(visible(str(step)) for step in steps) if isinstance(steps, list) else steps


def _gathered(found: Sequence[Difference]) -> tuple[Json, Json]:
    """What generalised mining expects and what a run says, of all places at once; what agrees is left out."""
    if any(difference.pointer == "/" for difference in found):
        return found[0].expected, found[0].observed
    expected: dict[str, Json] = {}
    observed: dict[str, Json] = {}
    for difference in found:
        for side, value in ((expected, difference.expected), (observed, difference.observed)):
            _placed(side, difference.pointer, value)
    return expected, observed


def _placed(holder: dict[str, Json], pointer: str, value: Json) -> None:
    """Put a value where a pointer leads, with objects on the way."""
    *above, last = (part.replace("~1", "/").replace("~0", "~") for part in pointer[1:].split("/"))
    for part in above:
        below = holder.setdefault(part, {})
        if not isinstance(below, dict):
            return
        holder = below
    if value is not MISSING:
        holder[last] = value


def _wrapped(value: Json) -> Json:
    return MISSING if value is MISSING else {"required": value}


def patched(expected: list[Json], found: Sequence[Difference]) -> list[Json]:
    """The observed list, aligned with the expected one: MISSING stands where an element is gone.

    Side effects are compared by what they are, not by their position, so the run's own list would not line up.
    """
    result: list[Json] = plain(expected)
    for difference in found:
        parts = [part.replace("~1", "/").replace("~0", "~") for part in difference.pointer[1:].split("/")]
        holder: Json = result
        for part in parts[:-1]:
            holder = holder[int(part) if isinstance(holder, list) else part]
        _put(holder, parts[-1], difference.observed)
    return result


def _put(holder: Json, part: str, value: Json) -> None:
    if isinstance(holder, list):
        index = int(part)
        if index < len(holder):
            holder[index] = value
        else:
            holder.append(value)
    elif value is MISSING:
        holder.pop(part, None)
    else:
        holder[part] = value
