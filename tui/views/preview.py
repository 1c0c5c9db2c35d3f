"""The selected candidate in brief: its steps, what stands in the way and how to mend it, the last decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content

from core.live.snapshot import CandidateView
from core.model.shares import confidence as told
from core.model.text import plural
from core.review.checks import may_not_approve
from core.review.consequence import counts_already
from core.store.policy import Policy
from tui import words
from tui.format import NOTHING, count, since
from tui.text import flowed, plain
from tui.views.columns import exact, shadow
from tui.views.criteria import Criterion, criteria
from tui.views.line import Line, bullet, heading, joined, labelled, paragraph, text

SHOWN_CHANGES = 3
"""How many changes since the approval, and how many side effects, are listed; the candidate's screen has all."""


def preview_lines(view: CandidateView, policy: Policy, now: float, width: int, reviewer: str = "") -> list[Line]:
    """All of it, what matters most first; `now` is in Unix seconds, `reviewer` who looks at it."""
    return [
        *_title(view, width),
        *_why(view, policy, width, reviewer),
        *_steps(view, width),
        *_numbers(view, width),
        *_last_decision(view, now, width),
    ]


def _title(view: CandidateView, width: int) -> Iterator[Line]:
    status, risk = words.STATUS[view.status], words.RISK[view.risk]
    label, gap = plain(view.label, "bold"), text("  ")
    facts = joined(
        [text(str(status), status.style), text(f"{risk} risk", risk.style), plain(view.cohort or "no cohort")]
    )
    for part in [label + gap + facts] if label.cell_length + facts.cell_length + len(gap) <= width else [label, facts]:
        yield from paragraph(part, width)


def _why(view: CandidateView, policy: Policy, width: int, reviewer: str) -> Iterator[Line]:
    failing = [item for item in criteria(view, policy) if item.met is False]
    told = [reason for reason in view.reasons if not _is_said_by(reason, failing)]
    sign = words.STATUS[view.status]
    for reason in told:
        yield from bullet(text(f"{sign.glyph} ", sign.style), plain(reason), width)
    for change in view.changes[:SHOWN_CHANGES]:
        yield from bullet(text("~ ", "$warning"), plain(change.text), width)
    if len(view.changes) > SHOWN_CHANGES:
        yield Line(text(f"  … and {len(view.changes) - SHOWN_CHANGES} more changes", "$text-muted"))
    for item in failing:
        said = f"{item.name}: {item.actual}, needs {item.required}"
        yield from bullet(text("✗ ", "$error"), plain(said), width)
        yield from bullet(text("  → ", "$text-muted"), plain(fix(item, view), "$text-muted"), width)
    for reason in view.candidate.rejection_reasons:
        if reason not in view.reasons and reason not in view.candidate.shadow.failures:
            yield from bullet(text("  · ", "$text-muted"), plain(reason), width)
    for obstacle in view.obstacles:
        yield from bullet(text("✗ ", "$error"), plain(f"it cannot be approved now: {obstacle}"), width)
    if view.status in ("needs_approval", "stale") and not view.approvable:
        yield from bullet(text("→ ", "$accent"), plain(_next(view, policy, reviewer)), width)
    for note in view.notes:
        yield from bullet(text("· ", "$text-muted"), plain(note), width)


def _next(view: CandidateView, policy: Policy, reviewer: str) -> str:
    """What the reviewer can do about a candidate that waits for approval."""
    if counts_already(view, reviewer, policy):
        return "your approval counts already; another person has to approve (u takes yours back)"
    if told := may_not_approve(view, reviewer, policy):
        return f"read it (Enter); you can reject it (r), but {told}"
    return "read it (Enter), then approve (a) or reject (r)"


def _is_said_by(reason: str, failing: list[Criterion]) -> bool:
    """Whether a reason only repeats a failing criterion, which is told with its numbers and its remedy."""
    starts = {
        "sample count": ("sample count ",),
        "confidence": ("confidence ",),
        "shadow comparison": ("shadow comparison did not pass",),
        "rejection reasons": ("candidate has rejection reasons",),
    }
    return any(reason.startswith(starts.get(item.name, ())) for item in failing)


def fix(item: Criterion, view: CandidateView) -> str:
    """What would make a failing criterion hold."""
    if view.candidate.induction is not None and item.name == "confidence":
        return "more runs that do the job as described; those that do it otherwise are in tab 2"
    match item.name:
        case "sample count":
            return "more runs in which these steps occur; each one counts as soon as its file arrives"
        case "confidence":
            agentic = "; fewer fuzzy steps raise it too" if view.fuzzy_steps else ""
            return (
                f"these steps in a larger share of the cohort's runs (now {count(len(view.candidate.examples))} of "
                f"{count(view.cohort_runs)}){agentic}"
            )
        case "shadow comparison":
            differing = "run that differs" if view.failed == 1 else f"{count(view.failed)} runs that differ"
            return f"open it and read the {differing}: allow what may differ, mend the rest"
        case "rejection reasons":
            return "runs that agree on what mining found to differ"
    return "a decision"


def _steps(view: CandidateView, width: int) -> Iterator[Line]:
    fuzzy = view.fuzzy_steps
    yield from heading("Steps", f"{fuzzy} of {len(view.candidate.steps)} fuzzy" if fuzzy else "all deterministic")
    parts = []
    for number, step in enumerate(view.candidate.steps):
        sign = words.SEGMENT[step.segment]
        arrow = ("→ ", "$text-muted") if number else ""
        asks = (" (asks)", "$warning") if step.approval and step.approval.required else ""
        parts.append(Content.assemble(arrow, (sign.glyph, sign.style), " ", plain(step.name or step.kind), asks))
    for line in flowed(parts, width, Content(" ")):
        yield Line(line)


def _numbers(view: CandidateView, width: int) -> Iterator[Line]:
    yield Line(Content())
    made = view.candidate
    for label, said in (
        ("occurs in", Content(view.occurrence)),
        ("shadow", shadow(view)),
        ("confidence", Content(told(made.confidence))),
        ("would save", Content(exact(view))),
    ):
        yield from labelled(label, said, width, 12)
    effects = list(dict.fromkeys(f"{effect.kind} {effect.target}" for effect in made.side_effects))
    more = [f"… and {len(effects) - SHOWN_CHANGES} more (tab 1)"] if len(effects) > SHOWN_CHANGES else []
    for number, effect in enumerate([*effects[:SHOWN_CHANGES], *more] or [NOTHING]):
        yield from labelled("" if number else "changes", plain(effect), width, 12)
    yield from labelled("secrets", plain(", ".join(dict.fromkeys(made.required_secrets)) or NOTHING), width, 12)


def _last_decision(view: CandidateView, now: float, width: int) -> Iterator[Line]:
    if view.decisions:
        last = view.decisions[-1]
        said = Content.assemble(
            (words.DECISION[last.kind], "bold"), " by ", plain(last.actor), plain(f", {since(last.time, now)}")
        )
        yield from labelled("decision", said, width, 12)
        if last.reason:
            yield from labelled("", plain(last.reason, "italic"), width, 12)
    yield from labelled("id", plain(view.lineage, "$text-muted"), width, 12)


def folded_lines(views: Sequence[CandidateView], width: int) -> list[Line]:
    """What a folded section holds: the names of its candidates."""
    lines = list(paragraph(text(f"{plural(len(views), 'candidate')} folded away; Enter or z shows them."), width))
    lines.append(Line(text("")))
    for view in views:
        sign = words.STATUS[view.status]
        lines += bullet(text(f"{sign.glyph} ", sign.style), plain(view.label), width)
    return lines
