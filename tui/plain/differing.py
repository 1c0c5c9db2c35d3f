"""Every difference of a candidate's compared runs, told in plain lines."""

from __future__ import annotations

from collections.abc import Iterator

from core.live.reviewing import Reviewing
from core.live.snapshot import CandidateView
from core.model.errors import AssayError
from core.model.jsontext import Json, compact
from core.model.text import plural
from core.shadow.differences import MISSING
from tui.plain.talk import Talk
from tui.screens.candidate_tabs.comparing import read_differences

LONGEST = 600
"""Characters of a value that are told."""


def differences_told(talk: Talk, live: Reviewing, view: CandidateView) -> Iterator[str]:
    """Tell how each run differs, and give its id once it was told."""
    failing = [result.trace_id for result in view.candidate.shadow.traces if not result.passed]
    talk.say(f"{plural(len(failing), 'run')} of {len(view.candidate.shadow.traces)} compared differ.")
    for trace_id in failing:
        talk.say()
        try:
            found = read_differences(live.trace, view.candidate, trace_id, view.rules)
        except (AssayError, OSError, ValueError) as error:
            talk.say(f"{trace_id} cannot be read: {error}")
            continue
        talk.say(f"{trace_id}:")
        for number, difference in enumerate(found, 1):
            who = "the run" if difference.step is None else f"step {difference.step}"
            place = f"{who} {difference.kind} at {difference.pointer}"
            talk.say(f"  {number}. {place}{', allowed: ' + difference.allowed if difference.allowed else ''}")
            talk.say(f"     expected: {_told(difference.expected)}")
            talk.say(f"     observed: {_told(difference.observed)}")
        yield trace_id
    for change in view.changes:
        talk.say(f"Since the approval: {change.text}")


def _told(value: Json) -> str:
    if value is MISSING:
        return "nothing"
    text = compact(value).decode()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"
