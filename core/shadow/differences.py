"""Everything that differs between a candidate and a run, for people; the comparison itself tells only the first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from core.model.candidate import Candidate, Step
from core.model.effects import canonical_side_effects
from core.model.jsontext import Json, plain, pointer
from core.model.signature import signature
from core.model.trace import Action, SideEffect, Trace
from core.shadow.compare import expects_output, receipt_oracle, required, same_side_effects, window_of
from core.shadow.jsondiff import MISSING, JsonDifference, iter_differences, json_differences
from core.shadow.oracle import OracleError, compared_runs, divergence_message
from core.shadow.waivers import Waiver, about

__all__ = ["MISSING", "Difference", "DifferenceKind", "JsonDifference", "differences", "json_differences"]

DifferenceKind = Literal["extent", "signature", "argument", "side_effects", "approval", "output", "receipts"]
"""`argument`: a value that does not come from where generalised mining says."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One place at which a run is not as the candidate says."""

    step: int | None
    """The step's index (from 1); None for the run as a whole."""
    kind: DifferenceKind
    pointer: str
    """A JSON pointer: inside the output, the step's side effects, or the replay run; `/` for the whole."""
    expected: Json
    """What the candidate says, or MISSING."""
    observed: Json
    """What the run says, or MISSING."""
    message: str
    """The difference as a sentence; it may quote untrusted text."""
    first: bool = False
    """Whether it is the one that the replay oracle reports."""
    allowed: str = ""
    """The reviewer's rule that expects it; empty when none does."""


def differences(
    candidate: Candidate, trace: Trace, start: int, waivers: Sequence[Waiver] = ()
) -> tuple[Difference, ...]:
    """All differences from the run whose window begins at `start` (from 0), those that a rule expects marked.

    None, or only marked ones, exactly when the comparison passes.
    """
    waivers = about(waivers, candidate.steps)
    return (*_marked(_window(candidate, trace, start), waivers), *_receipts(candidate, trace, waivers))


def _marked(found: Iterable[Difference], waivers: Sequence[Waiver]) -> Iterator[Difference]:
    for difference in found:
        rules = (
            str(w) for w in waivers if difference.kind == "output" and w.covers(difference.step, difference.pointer)
        )
        yield replace(difference, allowed=next(rules, ""))


def _window(candidate: Candidate, trace: Trace, start: int) -> Iterator[Difference]:
    window = window_of(candidate, trace, start)
    wanted = len(candidate.sequence_signature)
    if len(window) < wanted:
        message = f"the run ends after {len(window)} of {wanted} steps"
        yield Difference(None, "extent", "/", wanted, len(window), message)
        return
    for number, (expected, action) in enumerate(zip(candidate.sequence_signature, window, strict=True), 1):
        if (seen := signature(action)) != expected:
            yield Difference(number, "signature", "/", expected, seen, f"step {number} is another action")
    for step, action in zip(candidate.steps, window, strict=False):
        yield from _step(step, action)


def _step(step: Step, action: Action) -> Iterator[Difference]:
    for found in _side_effects(step.side_effects, action.side_effects):
        yield _told(step, "side_effects", found, "side effects differ")
    expected, seen = required(step.approval), required(action.approval)
    if expected is not seen:
        found = JsonDifference("/required", _or_missing(expected), _or_missing(seen))
        yield _told(step, "approval", found, "approval boundary differs")
    if expects_output(step):
        for found in iter_differences(step.expected_output, action.seen_output):
            yield _told(step, "output", found, "output differs")


def _told(step: Step, kind: DifferenceKind, found: JsonDifference, what: str) -> Difference:
    place = "" if found.pointer == "/" else f" at {found.pointer}"
    how = ""
    if found.observed is MISSING:
        how = ": missing in the run"
    elif found.expected is MISSING:
        how = ": only in the run"
    message = f"step {step.index} {what}{place}{how}"
    return Difference(step.index, kind, found.pointer, found.expected, found.observed, message)


def _or_missing(value: bool | None) -> Json:
    return MISSING if value is None else value


def _side_effects(step: tuple[SideEffect, ...], action: tuple[SideEffect, ...]) -> tuple[JsonDifference, ...]:
    if same_side_effects(step, action):
        return ()
    seen = canonical_side_effects(action)
    return tuple(_aligned(step, seen)) or json_differences(plain(step), plain(seen))


def _aligned(step: tuple[SideEffect, ...], action: tuple[SideEffect, ...]) -> Iterator[JsonDifference]:
    """Differences of effects paired by what they are: an extra one does not shift the others."""
    seen = {_key(effect): effect for effect in action}
    known = set(map(_key, step))
    unmatched = [effect for key, effect in seen.items() if key not in known]
    for index, effect in enumerate(step):
        other = seen.get(_key(effect))
        if other is None and unmatched:
            other = _take_alike(unmatched, effect)
        yield from _effect(index, effect, other)
    for index, effect in enumerate(unmatched, len(step)):
        yield JsonDifference(pointer(index), MISSING, plain(effect), element=True)


def _key(effect: SideEffect) -> tuple[str, str, str, str]:
    return (effect.kind, effect.target, effect.capability or "", effect.mutation or "")


def _take_alike(unmatched: list[SideEffect], effect: SideEffect) -> SideEffect:
    """Take out the effect of the same kind that comes first, or else the first one."""
    index = next((i for i, other in enumerate(unmatched) if other.kind == effect.kind), 0)
    return unmatched.pop(index)


def _effect(index: int, expected: SideEffect, observed: SideEffect | None) -> Iterator[JsonDifference]:
    if observed is None:
        yield JsonDifference(pointer(index), plain(expected), MISSING, element=True)
    else:
        yield from iter_differences(plain(expected), plain(observed), (index,))


def _receipts(candidate: Candidate, trace: Trace, waivers: Sequence[Waiver]) -> Iterator[Difference]:
    """Every place at which the run and the candidate's receipts differ once the allowlist is applied."""
    given = receipt_oracle(candidate, trace, waivers)
    if given is None:
        return
    try:
        recorded, expected = compared_runs(given)
    except OracleError as error:
        message = f"receipts cannot be compared: {error}"
        yield Difference(None, "receipts", "/", MISSING, MISSING, message, first=True)
        return
    # The oracle calls the recorded run the left one: here that is what was observed.
    for index, found in enumerate(iter_differences(recorded, expected)):
        message = f"receipt replay diverged at {found.pointer}: {divergence_message(found)}"
        yield Difference(None, "receipts", found.pointer, found.observed, found.expected, message, first=index == 0)
