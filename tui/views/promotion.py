"""Where a candidate's promotion stands: criteria, what changed, who decided, digests and files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.decision import Decision
from core.model.text import plural, visible
from core.promotion.changes import Change
from core.store.policy import Policy
from tui import words
from tui.views.allowing import place
from tui.views.criteria import criteria, criterion_lines
from tui.views.line import Line, bullet, heading, labelled, text
from tui.views.words_changed import changed_words

PACK, FOLDER, RULE = "pack:", "folder:", "rule:"
"""How the keys of lines begin that stand for a crashpack (where it was decided, where it lies) or an allow rule."""


def promotion_lines(view: CandidateView, policy: Policy, workspace: Path, width: int) -> list[Line]:
    """The whole tab; every line can be selected, those of crashpacks and rules stand for them."""
    lines = [
        *_criteria(view, policy, width),
        *_changes(view, width),
        *_rules(view, width),
        *_history(view, width),
        *_digests(view, width),
        *_files(view, workspace, width),
    ]
    # A title belongs to the line below it and needs no stop of its own.
    return [
        line if line.key or not line.content.plain.strip() else Line(line.content, f"={number}")
        for number, line in enumerate(lines)
    ]


def _criteria(view: CandidateView, policy: Policy, width: int) -> Iterator[Line]:
    sign = words.STATUS[view.status]
    yield from heading("Criteria", f"{sign}")
    yield from criterion_lines(criteria(view, policy), width)
    for obstacle in view.obstacles:
        told = f"it cannot be approved now: {visible(obstacle)}"
        yield from bullet(text("✗ ", "$text-error"), Content(told), width)
    if view.reasons:
        yield from heading("Reasons")
        for reason in view.reasons:
            yield from bullet(text("  - ", sign.style), Content(visible(reason)), width)
    for reason in view.candidate.rejection_reasons:
        if reason not in view.reasons:
            yield from bullet(text("  ✗ ", "$text-error"), Content(visible(reason)), width)


def _changes(view: CandidateView, width: int) -> Iterator[Line]:
    if not view.changes:
        return
    yield from heading("Changed since the approval", plural(len(view.changes), "difference"))
    for change in view.changes:
        yield from change_lines(change, width)


def change_lines(change: Change, width: int) -> Iterator[Line]:
    """One change: where, then what it was and what it is, the changed words marked."""
    yield Line(text(f"  {visible(change.where)}", "$accent"))
    before, after = visible(change.before), visible(change.after)
    marks = changed_words(before, after)
    for sign, said, spans, style in (
        ("-", before, marks[0], "$text-error"),
        ("+", after, marks[1], "$text-success"),
    ):
        content = text(said or "(nothing)", style)
        for start, end in spans:
            content = content.stylize("bold underline", start, end)
        yield from bullet(text(f"    {sign} ", style), content, width)


def _rules(view: CandidateView, width: int) -> Iterator[Line]:
    if not view.rules and not view.notes:
        return
    yield from heading("Allow rules in force", "x withdraws the selected one" if view.rules else "none")
    for rule in view.rules:
        # What still differs elsewhere has the rule as well, and does not agree.
        used = sum(result.passed and str(rule) in (result.allowed or ()) for result in view.candidate.shadow.traces)
        said = Content.assemble(
            (visible(place(rule)), "bold"),
            (f"  #{rule.seq}  {plural(used, 'run agrees', 'runs agree')} by it", "$text-muted"),
        )
        yield from keyed(f"{RULE}{rule.seq}", bullet(text("  ≈ ", "$accent"), said, width))
        if rule.reason:
            yield from keyed(f"{RULE}{rule.seq}", bullet(Content("    "), Content(visible(rule.reason)), width))
    for note in view.notes:
        yield from bullet(text("  · ", "$text-muted"), Content(visible(note)), width)


def keyed(key: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Lines that are selected together and open what the key names."""
    return (Line(line.content, key) for line in lines)


def _history(view: CandidateView, width: int) -> Iterator[Line]:
    yield from heading(
        "Decisions", plural(len(view.decisions), "decision") + ", newest first" if view.decisions else ""
    )
    if not view.decisions:
        yield Line(text("  none yet", "$text-muted"))
    for decision in reversed(view.decisions):
        yield from _decision(view, decision, width)


def _decision(view: CandidateView, decision: Decision, width: int) -> Iterator[Line]:
    said = Content.assemble(
        (words.DECISION[decision.kind], "bold"),
        f" by {visible(decision.actor)}",
        (f"  {visible(decision.time)}  #{decision.seq}", "$text-muted"),
    )
    yield from bullet(text("  · ", "$text-muted"), said, width)
    if decision.reason:
        yield from bullet(Content("    "), Content(visible(decision.reason)), width)
    if decision.behaviour_digest != view.behaviour_digest:
        yield from labelled("", text("about another behaviour than the present one", "$text-warning"), width, 4)
    if decision.crashpack:
        pack = f"crashpack {visible(decision.crashpack.name)}  {visible(decision.crashpack.digest)}"
        key = f"{PACK}{decision.crashpack.name}"
        yield from keyed(key, bullet(Content("    "), text(pack, "$text-muted"), width))


def _digests(view: CandidateView, width: int) -> Iterator[Line]:
    yield from heading("Digests", "an approval is bound to them")
    for name, value in (
        ("behaviour", view.behaviour_digest),
        ("evidence", view.evidence_digest),
        ("lineage", view.lineage),
        ("candidate", view.candidate.id),
    ):
        yield from labelled("  " + name, Content(visible(value)), width, 14)


def _files(view: CandidateView, workspace: Path, width: int) -> Iterator[Line]:
    yield from heading("Files", f"below {visible(str(workspace))}")
    packs = [d.crashpack.name for d in view.decisions if d.crashpack]
    bundle = f"candidates/{view.lineage}/" if view.decisions else "written with the first decision"
    yield from labelled("  bundle", text(bundle, "" if view.decisions else "$text-muted"), width, 14)
    for number, name in enumerate(packs):
        shown = labelled("" if number else "  crashpacks", Content(f"crashpacks/{visible(name)}/"), width, 14)
        yield from keyed(f"{FOLDER}{name}", shown)
    yield from labelled("  journal", Content("journal.jsonl"), width, 14)
