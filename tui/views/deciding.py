"""What a decision dialog says and asks for; the rules themselves are core.review's (spec/review.md)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from unicodedata import normalize

from textual.content import Content

from core.live.reviewing import Refused, Reviewing
from core.live.snapshot import CandidateView
from core.model.decision import Decision, DecisionKind
from core.model.text import visible
from core.promotion.behaviour import behaviour
from core.promotion.changes import behaviour_changes
from core.promotion.standing import objected
from core.review.checks import may_not_approve, revocable
from core.review.command import BOUND, command_line
from core.review.consequence import against, consequence
from core.review.words import sentence
from core.store.policy import Policy
from tui import words
from tui.reading import Opened
from tui.text import fitted
from tui.views.allowing import About
from tui.views.criteria import criteria, criterion_lines
from tui.views.line import Line, bullet, heading, labelled, paragraph, text
from tui.views.promotion import change_lines
from tui.views.read_marks import mark_lines, risk_lines, unread

TITLES: dict[DecisionKind, str] = {
    "approve": "Approve",
    "reject": "Reject",
    "needs_work": "Send back",
    "revoke": "Revoke",
    "rename": "Rename",
    "allow": "Allow a divergence",
    "withdraw": "Withdraw a rule",
}
"""The titles of the dialogs."""


@dataclass(frozen=True, slots=True)
class Case:
    """What is to be decided: the view that was read, by whom, under which policy."""

    view: CandidateView
    kind: DecisionKind
    actor: str
    policy: Policy
    detail: Mapping[str, object] = field(default_factory=dict)
    """What is known of a renaming or a rule before the dialog opens."""
    about: About = ()
    """What a rule is about."""
    barred: str = ""
    """Why nothing can be decided here at all; empty when it can."""
    opened: Opened = field(default_factory=Opened)
    """What the reviewer has opened of the candidate."""

    @property
    def needs_reason(self) -> bool:
        """Whether the policy wants a reason."""
        high = (
            self.kind == "approve" and self.view.risk == "high" and "approve_high_risk" in self.policy.reason_required
        )
        return high or self.kind in self.policy.reason_required

    @property
    def name_to_type(self) -> str:
        """What has to be typed to confirm an approval of high risk; empty otherwise."""
        return typeable(self.view.label) if self.kind == "approve" and self.view.risk == "high" else ""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What has to be ticked one by one: what others said, what the candidate warns of, and what was not read."""
        if self.kind != "approve":
            return ()
        said = map(objected, against(self.view, self.actor, self.policy))
        return (*said, *self.view.warnings, *unread(self.view, self.opened))

    @property
    def consequence(self) -> str:
        """What follows from the decision beyond what its name says."""
        return consequence(self.kind, self.view, self.actor, self.policy)

    @property
    def taken_back(self) -> tuple[Decision, ...]:
        """The decisions that a revocation takes back."""
        try:
            return revocable(self.view, self.actor, self.policy) if self.kind == "revoke" else ()
        except Refused:
            return ()

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Why it cannot be recorded at all; empty when it can."""
        if self.barred:
            return (self.barred,)
        if self.kind == "approve":
            told = may_not_approve(self.view, self.actor, self.policy)
            return self.view.approvable or ((told,) if told else ())
        if self.kind == "revoke":
            try:
                revocable(self.view, self.actor, self.policy)
            except Refused as refused:
                return refused.reasons
        if self.kind == "withdraw" and self.detail.get("rule") not in [rule.seq for rule in self.view.rules]:
            return (f"rule {self.detail.get('rule')} is not in force any more",)
        return ()


def is_named(typed: str, name: str) -> bool:
    """Whether what was typed is a name to type, in its own characters or in those that every keyboard has."""
    return typeable(typed) == name


def typeable(label: str) -> str:
    """A label in characters that every keyboard has: arrows as `->`, dots as `-`, anything else by its number."""
    plain = " ".join(visible(normalize("NFC", label)).replace("→", "->").replace("·", "-").split())
    return "".join(char if char.isascii() else f"\\u{{{ord(char):x}}}" for char in plain)


def happening(case: Case, width: int, room: int | None = None) -> list[Line]:
    """What will happen, in a sentence that is always on the screen, as far as there is room for it."""
    lines = list(paragraph(_said(case), width))
    if room is None or len(lines) <= room:
        return lines
    rest = Content(" ").join(line.content for line in lines[room - 1 :])
    return [*lines[: room - 1], Line(fitted(rest, width))]


def in_full(case: Case, width: int, room: int) -> list[Line]:
    """The same where it had no room, for names and reasons may be long."""
    lines = list(paragraph(_said(case), width))
    return [*list(heading("What will happen, in full"))[1:], *lines, Line(Content())] if len(lines) > room else []


def _said(case: Case) -> Content:
    told = visible(sentence(case.kind, case.view, case.actor, case.policy))
    before, label, after = told.partition(visible(case.view.label))
    return Content.assemble(before, (label, "bold"), after, ".")


def opening(case: Case, width: int) -> list[Line]:
    """What to read before the warnings: what stands against it, the risk, what was opened, the criteria."""
    lines: list[Line] = []
    if case.obstacles:
        lines += heading("This cannot be recorded now")
        for reason in case.obstacles:
            lines += bullet(text(" ✗ ", "$text-error"), text(visible(reason), "$text-error"), width)
    lines += _taken_back(case, width)
    if case.kind == "rename":
        said = "The program writes it in ASCII letters, digits and _: `Ship it` is `ship_it` there."
        lines += paragraph(text(said, "$text-muted"), width)
    if case.about:
        lines += heading("What it is about")
        for label, value in case.about:
            lines += labelled(f"  {label}", Content(visible(value)), width, 14)
    if case.kind == "approve":
        lines += risk_lines(case.view, width)
        lines += mark_lines(case.view, case.opened, width)
        lines += heading("Criteria")
        lines += criterion_lines(criteria(case.view, case.policy), width)
    elif case.view.reasons:
        sign = words.STATUS[case.view.status]
        lines += heading("Why it stands as it does", str(sign))
        for reason in case.view.reasons:
            lines += bullet(text(" - ", sign.style), Content(visible(reason)), width)
    return lines


def closing(case: Case, width: int) -> list[Line]:
    """What to read after the warnings: what is written, and what the decision is bound to."""
    lines: list[Line] = []
    if case.obstacles:
        return lines
    lines += heading("What is written", "all of it or nothing")
    for name, what in written(case):
        lines += labelled(
            "", Content.assemble(name, (f"  {what}", "$text-muted")), width, 0, text(" + ", "$text-success")
        )
    if case.kind not in BOUND:
        return lines
    lines += heading("What is bound", "the decision counts for exactly this")
    lines += labelled(" behaviour", Content(visible(case.view.behaviour_digest)), width, 12)
    lines += labelled(" evidence", Content(visible(case.view.evidence_digest)), width, 12)
    return lines


def _taken_back(case: Case, width: int) -> Iterator[Line]:
    if not case.taken_back:
        return
    yield from heading("Taken back")
    for decision in case.taken_back:
        told = f"{words.DECISION[decision.kind]} by {decision.actor}, {decision.time}: {decision.reason or 'no reason'}"
        yield from bullet(text(" - ", "$text-error"), Content(visible(told)), width)


def written(case: Case) -> list[tuple[str, str]]:
    """The files below the workspace that confirming writes."""
    files = []
    if case.kind in ("approve", "reject"):
        files.append((f"crashpacks/{visible(case.view.candidate.id)}-NNN/", "the evidence, kept for ever"))
    files.append((f"candidates/{visible(case.view.lineage)}/", "the bundle, with the new standing"))
    files.append(("journal.jsonl", "one more line"))
    return files


def command(
    case: Case, reviewing: Reviewing, reason: str, detail: Mapping[str, object] | None = None
) -> tuple[str, ...]:
    """The command line that does the same."""
    place = reviewing.workspace
    return command_line(
        case.kind, reviewing.traces, case.view, detail or {}, actor=case.actor, reason=reason, workspace=place
    )


def refusal(seen: CandidateView, refused: Refused, width: int) -> list[Line]:
    """Why nothing was recorded, and how the candidate stands now."""
    title = "Not recorded: it is not what you read any more" if refused.stale else "Not recorded"
    lines = list(heading(title))[1:]
    for reason in refused.reasons:
        lines += bullet(text(" ✗ ", "$text-error"), text(visible(reason), "$text-error"), width)
    fresh = refused.fresh
    if fresh is None or not refused.stale:
        return lines
    changes = behaviour_changes(behaviour(seen.candidate, ()), behaviour(fresh.candidate, ()))
    for change in changes:
        lines += change_lines(change, width)
    sign = words.STATUS[fresh.status]
    lines += bullet(Content(" "), Content.assemble("Now: ", (str(sign), sign.style)), width)
    for reason in fresh.reasons:
        lines += bullet(text("   - ", sign.style), Content(visible(reason)), width)
    return lines
