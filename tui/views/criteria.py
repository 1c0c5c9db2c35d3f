"""The criteria of a promotion as a checklist: what is, and what is required (spec/pipeline.md §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from core.live.snapshot import CandidateView
from core.model.candidate import TraceResult
from core.model.shares import confidence
from core.model.text import plural
from core.promotion.promote import sample_count
from core.promotion.standing import counting
from core.store.policy import Policy
from tui.format import count
from tui.views.line import Line, labelled, text


@dataclass(frozen=True, slots=True)
class Criterion:
    """One criterion; `met` is None where it is open: the approval, and a comparison when no run is left to compare."""

    name: str
    met: bool | None
    actual: str
    required: str


def criteria(view: CandidateView, policy: Policy) -> tuple[Criterion, ...]:
    """All criteria, in the order in which the promotion's reasons name them."""
    made = view.candidate
    needed = made.promotion.criteria
    runs, rejections = sample_count(made), len(made.rejection_reasons)
    given = len(counting(view.decisions, view.behaviour_digest, policy.rules(view.risk)))
    compared = len(made.shadow.traces)
    agree = f"{count(view.passed)} of {plural(compared, 'run')} agree{by_rule(view)}"
    return (
        Criterion("sample count", runs >= needed.min_examples, count(runs), f"at least {count(needed.min_examples)}"),
        Criterion(
            "confidence",
            made.confidence >= needed.min_confidence,
            confidence(made.confidence),
            f"at least {needed.min_confidence:.2f}",
        ),
        Criterion(
            "shadow comparison",
            made.shadow.passed if compared or not made.shadow.passed else None,
            agree if compared else "no run is left to compare",
            "every run to agree" if made.induction is None else "no run against it that its confidence does not count",
        ),
        Criterion("rejection reasons", not rejections, count(rejections) if rejections else "none", "none"),
        Criterion(
            "human approval",
            True if given >= policy.approvals_required else None,
            f"{given} recorded",
            plural(policy.approvals_required, "approval"),
        ),
    )


def by_rule(view: CandidateView) -> str:
    """How many of the runs that agree do so only by rule, as the end of a sentence; empty where none does."""
    return f", {count(view.allowed)} of them only thanks to allow rules" if view.allowed else ""


def agreement(result: TraceResult) -> str:
    """Whether a run agrees, and whether only by rule."""
    if not result.passed:
        return "differs"
    return "agrees only thanks to allow rules" if result.allowed else "agrees"


def criterion_lines(found: tuple[Criterion, ...], width: int) -> Iterator[Line]:
    """The checklist: a sign, the name, what is and what is required; never by colour alone."""
    signs = {True: ("✓", "$text-success"), False: ("✗", "$text-error"), None: ("○", "$text-warning")}
    for item in found:
        sign, style = signs[item.met]
        said = text(item.actual, style if item.met is not True else "") + text(
            f"  (needs {item.required})", "$text-muted"
        )
        yield from labelled(item.name, said, width, 20, text(f" {sign} ", style))
