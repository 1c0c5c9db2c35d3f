"""What a workflow does: its steps one below the other, its parameters, and what to be wary of."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.candidate import Parameter, Step
from core.model.shares import confidence
from core.model.text import plural, visible
from core.model.trace import Approval, SideEffect
from tui import words
from tui.views.induced import by_path, counter_evidence, induction_lines, step_facts
from tui.views.json_rows import json_lines
from tui.views.line import Line, beside, bullet, edged, heading, joined, labelled, paragraph, text

TWO_COLUMNS_FROM = 130
"""Cells from which parameters and warnings stand beside the steps."""

MAX_LABEL = 26
"""Cells of the labels beside a step's facts, at the most."""

MAX_OUTPUT = 12
"""Lines of an expected output that are shown; the whole of it is in the run itself."""


def overview(view: CandidateView, width: int) -> list[Line]:
    """The whole tab."""
    if width >= TWO_COLUMNS_FROM:
        left = width * 11 // 20
        return beside(list(_flow(view, left))[1:], list(_about(view, width - left - 4)), left)
    return [*_about(view, width), *_flow(view, width)]


def _about(view: CandidateView, width: int) -> Iterator[Line]:
    """Why it stands as it does, what it touches, warnings and parameters."""
    made = view.candidate
    sign, risk = words.STATUS[view.status], words.RISK[view.risk]
    yield from paragraph(Content.assemble((str(sign), sign.style), (f"  {sign.meaning}", "$text-muted")), width)
    for reason in view.reasons:
        yield from bullet(text("  - ", sign.style), Content(visible(reason)), width)
    for note in view.notes:
        yield from bullet(text("  · ", "$text-muted"), Content(visible(note)), width)
    yield from counter_evidence(view, width)
    yield Line(Content())
    yield from labelled("risk", Content.styled(f"{risk}", risk.style), width)
    cohort = f"cohort {visible(view.cohort) or '(none)'}"
    runs = f"{plural(len(made.examples), 'example')} of {plural(view.cohort_runs, 'run')} of {cohort}"
    yield from labelled("found in", text(runs if view.proposed else f"{view.occurrence} ({cohort})"), width)
    if made.induction is None:
        yield from labelled("confidence", text(confidence(made.confidence)), width)
    yield from induction_lines(view, width)
    if made.cluster_key.goal:
        yield from labelled("goal", Content(visible(made.cluster_key.goal)), width)
    for criterion in made.cluster_key.success_criteria:
        yield from labelled("success means", Content(visible(criterion)), width)
    yield from labelled("capabilities", _listed(made.capabilities), width)
    yield from labelled("secrets", _listed(made.required_secrets, "$text-warning"), width)
    if warnings := (*view.warnings, *(w for w in made.warnings if w not in view.warnings)):
        yield from heading("Warnings", plural(len(warnings), "to weigh", "to weigh"))
        for warning in warnings:
            yield from bullet(text(" ! ", "$text-warning bold"), Content(visible(warning)), width)
    yield from heading("Parameters", "what a run is given" if made.parameters else "none")
    for parameter in made.parameters:
        yield from _parameter(parameter, width)


def _parameter(parameter: Parameter, width: int) -> Iterator[Line]:
    name = text(f"  {visible(parameter.name)}", "$accent")
    yield Line(name + text("" if parameter.required else "  optional", "$text-muted"))
    yield from labelled("    e.g.", _examples(parameter), width, 10)
    for path in parameter.source_paths:
        yield from labelled("    from", text(visible(path), "$text-muted"), width, 10)


def _examples(parameter: Parameter) -> Content:
    return joined(Content(visible(value) or "(empty)") for value in parameter.examples)


def _listed(values: tuple[str, ...], style: str = "") -> Content:
    return joined(text(visible(value), style) for value in values) if values else text("none", "$text-muted")


def _flow(view: CandidateView, width: int) -> Iterator[Line]:
    made = view.candidate
    fuzzy = view.fuzzy_steps
    note = f"{plural(fuzzy, 'fuzzy step')}" if fuzzy else "all deterministic"
    yield from heading(plural(len(made.steps), "step"), note)
    parameters = by_path(made.parameters) if made.induction else {p.name: p for p in made.parameters}
    for number, step in enumerate(made.steps):
        last = number == len(made.steps) - 1
        yield from _step(step, parameters, width, last=last)
        if not last:
            yield Line(text(" ▼", "$text-muted"))


def _step(step: Step, parameters: dict[str, Parameter], width: int, *, last: bool) -> Iterator[Line]:
    sign = words.SEGMENT[step.segment]
    title = Content.assemble(
        (f" {sign.glyph} ", sign.style),
        (f"{step.index} ", "bold"),
        (visible(step.name), "bold"),
        (f"  {visible(step.kind)}", "$text-muted"),
        (f"  {sign.word}", sign.style),
    )
    yield from paragraph(title, width)
    edge = text("   " if last else " │ ", "$text-muted")
    facts = list(_facts(step, parameters))
    column = min(max([len(label) + 4 for label, _ in facts] + [17]), MAX_LABEL)
    for label, content in facts:
        said = label if len(label) + 4 <= column else label[: column - 5] + "…"
        yield from edged(edge, labelled("  " + said, content, width - len(edge), column))
    yield from _output(step, width, edge)


def _facts(step: Step, parameters: dict[str, Parameter]) -> Iterator[tuple[str, Content]]:
    """Everything about a step that has something to say, with its label."""
    yield from step_facts(step, parameters)
    for name in step.parameter_refs if step.detail is None else ():
        shown = Content.styled(visible(name), "$accent")
        if (known := parameters.get(name)) is not None and known.examples:
            shown += text("  e.g. ", "$text-muted") + _examples(known)
        yield "parameter", shown
    for precondition in step.preconditions:
        yield "before", Content(visible(precondition))
    for effect in step.side_effects if step.detail is None else ():
        yield "side effect", side_effect(effect)
    if step.capabilities:
        yield "capabilities", _listed(step.capabilities)
    if step.required_secrets:
        yield "secrets", _listed(step.required_secrets, "$text-warning")
    if step.approval:
        yield "approval", approval(step.approval)
    for note in step.review_notes:
        yield "note", Content(visible(note))


def side_effect(effect: SideEffect) -> Content:
    """What changes outside the run, in a line."""
    said = Content.assemble((visible(effect.kind), "$text-warning"), " ", visible(effect.target))
    more = ", ".join(visible(word) for word in (effect.mutation, effect.capability) if word)
    return said + text(f"  ({more})" if more else "", "$text-muted")


def approval(point: Approval) -> Content:
    """Where a human is asked, in a line."""
    said = text("a person must agree" if point.required else "a person may be asked", "$text-warning")
    if point.boundary:
        said += Content(f", boundary {visible(point.boundary)}")
    if point.prompt:
        said += Content(f": {visible(point.prompt)}")
    return said


def _output(step: Step, width: int, edge: Content) -> Iterator[Line]:
    if step.expected_output is None:
        return
    lines = json_lines(step.expected_output)
    for number, line in enumerate(lines[:MAX_OUTPUT]):
        label = "  expected" if number == 0 else ""
        yield from edged(edge, labelled(label, Content(line), width - len(edge), 17))
    if len(lines) > MAX_OUTPUT:
        rest = f"… {len(lines) - MAX_OUTPUT:,} more lines; 5 Evidence opens a run that holds them"
        yield from edged(edge, labelled("", text(rest, "$text-muted"), width - len(edge), 17))
