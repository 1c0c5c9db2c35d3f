"""A decision in plain lines: the same to read, to tick and to type as in the dialog."""

from __future__ import annotations

from core.live.reviewing import Outcome, Refused, Request, Reviewing
from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.errors import AssayError
from core.model.text import is_blank
from tui.plain.talk import WIDTH, Talk
from tui.reading import Reading
from tui.views.deciding import TITLES, Case, closing, command, happening, is_named, opening, refusal
from tui.views.outcome import told


def decide(
    talk: Talk, reviewing: Reviewing, view: CandidateView, kind: DecisionKind, reading: Reading
) -> Outcome | None:
    """Ask for everything that a decision needs and record it; None when it was not recorded."""
    case = Case(view, kind, reviewing.reviewer, reviewing.snapshot.policy, opened=reading.of(view))
    talk.show([*happening(case, WIDTH), *opening(case, WIDTH)])
    if case.obstacles:
        talk.say("Nothing was recorded.")
        return None
    talk.show(closing(case, WIDTH))
    request = _asked(talk, reviewing, case)
    if request is None:
        talk.say("Nothing was recorded.")
        return None
    try:
        outcome = reviewing.decide(request)
    except Refused as refused:
        talk.show(refusal(view, refused, WIDTH))
        return None
    except (AssayError, OSError) as error:
        talk.say(f"Not recorded: {error}")
        return None
    talk.say("Recorded. " + told(outcome, reviewing.snapshot.candidates))
    return outcome


def _asked(talk: Talk, reviewing: Reviewing, case: Case) -> Request | None:
    """The decision as it was confirmed; None when it was not."""
    for number, warning in enumerate(case.warnings, 1):
        if not talk.agree(f"Warning {number} of {len(case.warnings)}: {warning}. Have you weighed it?"):
            return None
    reason = talk.ask("Reason, required:" if case.needs_reason else "Reason, or Enter for none:")
    if case.needs_reason and is_blank(reason):
        talk.say("A reason is required.")
        return None
    if name := case.name_to_type:
        typed = talk.ask(f"The risk is high. Type the name of the workflow, {name}:")
        if not is_named(typed, name):
            talk.say("That is another name.")
            return None
    word = TITLES[case.kind].casefold()
    if talk.ask(f"To confirm type: {word}. Anything else cancels:").casefold() != word:
        return None
    return Request(
        kind=case.kind,
        lineage=case.view.lineage,
        behaviour_digest=case.view.behaviour_digest,
        actor=case.actor,
        reason=reason,
        seen=case.view,
        acknowledged=case.warnings,
        command=command(case, reviewing, reason),
    )
