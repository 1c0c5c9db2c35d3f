"""Failure witnesses: events that show a violation happening (spec/crashpack.md, Replay)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from core.crashpack.event_text import lowered
from core.crashpack.events import TraceEvent
from core.crashpack.oracles import OracleResult, Violation
from core.model.text import lower

WITNESS_KINDS = frozenset({"obligation_leak", "futurelock_detected", "io_error", "chaos_injection"})
"""Kinds of event that are failures by themselves."""

FAILURE_WORDS = ("violation", "failure", "panic", "corrupt", "leak", "error")
"""What makes a `user_trace` message a failure."""

_SHOWN_BY = {
    "obligation_leak": ("obligation", "leak"),
    "futurelock_detected": ("quiescence", "pending", "obligation", "leak"),
    "io_error": ("path", "journal"),
    "chaos_injection": ("crash", "journal"),
}
"""Which words in a violation each kind bears witness to."""

_ALIASES = {
    "manifest": ("manifest corruption", "hash"),
    "journal": ("journal gap",),
    "quiescence": ("non quiescence", "pending operation"),
    "obligation": ("leak",),
    "path": ("route",),
    "proof": ("proof bundle", "invalid proof"),
}
"""Other names that a failure message may use for a topic."""

_NOT_WORD = re.compile(r"[^0-9a-z\u0080-\U0010ffff]+")


def is_witness(event: TraceEvent) -> bool:
    """Whether an event is a failure witness."""
    if event.kind in WITNESS_KINDS:
        return True
    message = event.message if event.kind == "user_trace" else None
    if message is None:
        return False
    low = lowered(message)
    return any(word in low for word in FAILURE_WORDS)


def unwitnessed(results: Iterable[OracleResult], events: Iterable[TraceEvent]) -> list[tuple[str, Violation]]:
    """The violations, each with its oracle's name, that no event bears witness to."""
    witnesses = list(filter(is_witness, events))
    kinds = {event.kind for event in witnesses}
    messages = {_words(event.message) for event in witnesses if event.kind == "user_trace" and event.message}
    return [
        (result.oracle_name, violation)
        for result in results
        for violation in result.violations
        if not _shown(result.oracle_name, violation, kinds, messages)
    ]


def _shown(oracle_name: str, violation: Violation, kinds: set[str], messages: set[str]) -> bool:
    topic = lower(f"{violation.violation_type} {violation.description}")
    if any(word in topic for kind in kinds & _SHOWN_BY.keys() for word in _SHOWN_BY[kind]):
        return True
    names = aliases(oracle_name, violation)
    return any(name in message for message in messages for name in names)


def aliases(oracle_name: str, violation: Violation) -> Sequence[str]:
    """The phrases, as plain lower-case words, of which a failure message must contain one."""
    own = [oracle_name, violation.violation_type, violation.description]
    about = lower(" ".join(own))
    topical = [alias for topic, names in _ALIASES.items() if topic in about for alias in names]
    return [words for words in map(_words, [*own, *topical]) if words]


def witness_message(oracle_name: str, violation: Violation) -> str:
    """A `user_trace` message that bears witness to a violation, for those who record one."""
    return f"{violation.violation_type or oracle_name} violation: {violation.description}"


def _words(text: str) -> str:
    """Lower-case words with single spaces: identifiers and sentences read alike."""
    return _NOT_WORD.sub(" ", lower(text)).strip()
