"""What generalised mining says of a candidate, in lines: where values come from, loops, talk, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.binding_words import ambiguity_told, constant_told, source_told
from core.model.candidate import Parameter, Step
from core.model.generalised import Between, Binding, Induction, StepDetail
from core.model.jsontext import Json
from core.model.shares import confidence as told
from core.model.shares import interval, percent
from core.model.text import plural, visible
from core.model.trace import SideEffect
from core.shadow.results import count_standings
from tui.views.line import Line, bullet, joined, labelled, text

LONGEST = 160
"""Characters of a constant that are shown; the workflow has all of it."""
FIELDS = 8
"""Fields of an expected object that are named."""

Fact = tuple[str, Content]
"""A label and what it says."""


def induction_lines(view: CandidateView, width: int) -> Iterator[Line]:
    """How sure it is and why, and what speaks against it."""
    made, induced = view.candidate, view.candidate.induction
    if induced is None:
        return
    if not made.rejection_reasons or made.confidence:
        yield from labelled("confidence", _confidence(made.confidence, induced), width)
        yield from labelled("", text("that a new run which does this job does it as described", "$text-muted"), width)
    yield from labelled("compared", _compared(view, induced), width)
    yield from labelled("hangs together", Content(_LINK[induced.link]), width)
    if induced.with_outcome:
        said = f"{induced.succeeded} of {plural(induced.with_outcome, 'run')} that say how they ended succeeded"
        style = "$text-warning" if 2 * induced.succeeded < induced.with_outcome else ""
        yield from labelled("outcomes", text(said, style), width)
    if induced.reruns:
        yield from labelled("note", text("the runs are re-runs of one task; each counts by itself"), width)


_LINK = {
    "data": "every step passes a value on or takes one",
    "determined": "no values are passed on, and everything about the steps is determined",
    "implied": "some values are passed on, others are given, and the first step implies the rest",
}


def _confidence(confidence: float, induced: Induction) -> Content:
    bounds = f"  between {interval(induced.interval.low, induced.interval.high)} (95 %)"
    groups = plural(induced.interval.groups, "run" if induced.reruns else "group")
    return Content.assemble((told(confidence), "bold"), (f"{bounds}, judged on {groups} held out", "$text-muted"))


def _compared(view: CandidateView, induced: Induction) -> Content:
    stands = count_standings(view.candidate.shadow.traces)
    if not stands:
        return text("no run is left to compare", "$text-muted")
    holds = sum(number for (standing, _), number in stands.items() if standing == "holds")
    differs = sum(number for (standing, _), number in stands.items() if standing == "differs")
    otherwise = sum(stands.values()) - holds - differs
    parts = [text(f"{plural(holds, 'run')} as described", "$text-success")]
    if differs:
        parts.append(text(f"{differs} with a difference", "$text-warning"))
    if otherwise:
        parts.append(text(f"{otherwise} do the job in another way", "$text-warning"))
    if odd := stands.get(("holds", False)):
        parts.append(text(f"{odd} with another output", "$text-warning"))
    if induced.unfinished:
        parts.append(text(f"{induced.unfinished} only begin like it", "$text-muted"))
    return joined(parts)


def counter_evidence(view: CandidateView, width: int) -> Iterator[Line]:
    """Why runs that differ do not block it by themselves."""
    if view.candidate.induction is None or not view.candidate.shadow.passed:
        return
    stands = count_standings(view.candidate.shadow.traces)
    odd = stands.get(("holds", False), 0)
    against = sum(number for (_, passed), number in stands.items() if not passed) - odd
    if against:
        speak = "speaks against it and is" if against == 1 else "speak against it and are"
        said = f"{plural(against, 'run')} with a difference {speak} counted in its confidence (tab 2)."
        yield from bullet(text("  · ", "$text-warning"), text(said), width)
    if odd:
        said = f"{plural(odd, 'run')} as described with another kind of output than most (tab 2)."
        yield from bullet(text("  · ", "$text-warning"), text(said), width)


def step_facts(step: Step, parameters: dict[str, Parameter]) -> Iterator[Fact]:
    """Where the values of a step come from, how often it stands, what it changes and gives."""
    detail = step.detail
    if detail is None:
        return
    for binding in detail.bindings:
        yield visible(binding.name), _binding(binding, parameters.get(_input(step, binding)))
        for place in binding.ambiguous:
            yield "", text(f"? or {visible(ambiguity_told(place))}: no run tells them apart", "$text-warning")
    if detail.repeats:
        yield "repeats", _repeats(detail)
    yield from _before(detail)
    for effect, names in zip(step.side_effects, detail.effect_names, strict=False):
        yield "side effect", _effect(effect, names, detail.effects_share)
    if detail.expected.shape is not None and detail.expected.exact_share is None:
        yield "gives", _shape(detail.expected.shape) + _share(detail.expected.share, "of the recorded outputs")


def _input(step: Step, binding: Binding) -> str:
    """The path by which a parameter names the argument that it is given to."""
    return f"steps[{step.index - 1}].parameters.{binding.name}"


def by_path(parameters: tuple[Parameter, ...]) -> dict[str, Parameter]:
    """The inputs by the arguments that they are given to."""
    return {path: parameter for parameter in parameters for path in parameter.source_paths}


def _binding(binding: Binding, given: Parameter | None) -> Content:
    evidence = binding.evidence
    if binding.kind == "constant":
        value = visible(constant_told(binding))
        shown = value if len(value) <= LONGEST else value[: LONGEST - 1] + "…"
        return Content.assemble(("= ", "$text-muted"), shown) + _share(evidence.share, "of the groups")
    if binding.kind == "free":
        said = text("← given", "$accent")
        if given is not None and given.examples:
            values = joined(Content(visible(value) or "(empty)") for value in given.examples)
            said += text("  e.g. ", "$text-muted") + values
        return said
    style = "$text-warning" if binding.choice else ""
    told = Content.assemble(("← ", "$text-muted"), (visible(source_told(binding)), style))
    return told + _share(evidence.share, f"of the groups, {plural(evidence.distinct, 'value')}")


def _share(share: float, of: str) -> Content:
    return text(f"  {percent(share)} {of}", "$text-muted")


def _repeats(detail: StepDetail) -> Content:
    repeats = detail.repeats
    assert repeats is not None
    times = f"{repeats.least} to {repeats.most} times" if repeats.least != repeats.most else f"{repeats.most} times"
    if detail.is_loop:
        return Content(times) + _share(repeats.share, "of the groups repeat it")
    return text("once; ", "") + text(f"{percent(repeats.share)} of the groups repeat it, up to {repeats.most} times")


_KINDS = {
    "talk": "conversation",
    "tool": "also called",
    "idle": "also called, to no effect",
    "try": "tried in vain",
}


def _before(detail: StepDetail) -> Iterator[Fact]:
    """What may stand in front of the step, kind by kind."""
    for kind, word in _KINDS.items():
        found = [between for between in detail.before if between.kind == kind]
        if found:
            label = "before it" if kind == "talk" else ""
            yield label, text(f"{word}: ", "$text-muted") + joined(map(_between, found), ", ")


def _between(between: Between) -> Content:
    most = f", up to {between.most}" if between.most > 1 else ""
    return Content(visible(between.name)) + text(f" {percent(between.share)}{most}", "$text-muted")


def _effect(effect: SideEffect, names: tuple[str, ...], share: float) -> Content:
    said = Content.assemble((visible(effect.kind), "$text-warning"), " ", visible(effect.target))
    more = ", ".join(visible(word) for word in (effect.mutation, effect.capability) if word)
    said += text(f"  ({more})" if more else "", "$text-muted")
    if not names and share < 1:
        return said + _share(share, "of the groups")
    return said + (text(f"  {percent(share)} of the groups", "$text-muted") if share < 1 else Content())


def _shape(shape: Json) -> Content:
    if not isinstance(shape, dict):
        return Content(f"any {shape}")
    named = ", ".join(visible(f"{key} ({kind})") for key, kind in list(shape.items())[:FIELDS])
    more = f" and {len(shape) - FIELDS} more" if len(shape) > FIELDS else ""
    return text("an object with ", "$text-muted") + Content(named + more)
