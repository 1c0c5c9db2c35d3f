"""What an approver has opened and what not: shown in the dialog, and ticked where it matters most."""

from __future__ import annotations

from collections.abc import Iterator

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.text import plural, visible
from core.shadow.results import failing_results
from tui import words
from tui.reading import Opened
from tui.text import flowed
from tui.views.line import Line, heading, labelled, paragraph, text

_MOST = 6
"""Side effects that are named one by one."""


def mark_lines(view: CandidateView, opened: Opened, width: int) -> Iterator[Line]:
    """What was opened of it in this review, and what was not."""
    yield from heading("What you opened", "in this review, of this behaviour")
    parts = [_mark(done, said) for said, done in marks(view, opened)]
    for line in flowed(parts, max(width - 1, 10), Content("   ")):
        yield Line(Content(" ") + line)


def marks(view: CandidateView, opened: Opened) -> Iterator[tuple[str, bool]]:
    """Each thing to read, and whether it was opened."""
    yield "steps (1)", "overview" in opened.tabs
    differing = _differing(view)
    if differing:
        read = len(differing & opened.differences)
        yield f"{read} of {plural(len(differing), 'differing run')} (2)", read == len(differing)
    else:
        ruled = f", {plural(view.allowed, 'run')} only thanks to allow rules" if view.allowed else ""
        yield f"no run differs{ruled} (2)", True
    if view.changes:
        yield f"{plural(len(view.changes), 'change')} since the approved version (4, 6)", _changes_read(opened)
    else:
        yield "workflow (4)", "workflow" in opened.tabs
    runs = {example.trace_id for example in view.candidate.examples}
    yield f"{len(runs & opened.runs)} of {plural(len(runs), 'example run')} (5)", bool(runs & opened.runs)


def unread(view: CandidateView, opened: Opened) -> tuple[str, ...]:
    """What has to be ticked because it was not opened: differences, changes, and the steps where the risk is high."""
    found = []
    if left := _differing(view) - opened.differences:
        found.append(
            f"not opened here: how {plural(len(left), 'compared run differs', 'compared runs differ')} (tab 2)"
        )
    if view.changes and not _changes_read(opened):
        found.append("not opened here: what changed since the approved version (tabs 4 and 6)")
    if view.risk == "high" and "overview" not in opened.tabs:
        found.append("not opened here: the steps, though the risk is high (tab 1)")
    return tuple(found)


def risk_lines(view: CandidateView, width: int) -> Iterator[Line]:
    """The risk in words: what it means, and what this workflow would touch."""
    risk = words.RISK[view.risk]
    yield from heading("Risk", "")
    yield from paragraph(Content.assemble((f"{risk}", risk.style), f": {risk.meaning}"), width, 1)
    effects = list(dict.fromkeys(f"{effect.kind} {effect.target}" for effect in view.candidate.side_effects))
    if effects:
        more = f" and {len(effects) - _MOST:,} more" if len(effects) > _MOST else ""
        yield from labelled(" changes", Content(visible(", ".join(effects[:_MOST])) + more), width, 12)
    if secrets := view.candidate.required_secrets:
        yield from labelled(" secrets", Content(visible(", ".join(secrets))), width, 12)


def _differing(view: CandidateView) -> set[str]:
    return {result.trace_id for result in failing_results(view.candidate.shadow.traces)}


def _changes_read(opened: Opened) -> bool:
    return bool(opened.tabs & {"workflow", "promotion"})


def _mark(done: bool, said: str) -> Content:
    sign, style = ("✓", "$text-success") if done else ("○", "$text-warning")
    return Content.assemble((f"{sign} ", style), text(said, "" if done else "$text-warning"))
