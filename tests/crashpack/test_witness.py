from __future__ import annotations

import pytest

from core.crashpack.events import KINDS, TraceEvent
from core.crashpack.oracles import OracleResult, Violation, run_oracle
from core.crashpack.witness import FAILURE_WORDS, WITNESS_KINDS, aliases, is_witness, unwitnessed, witness_message
from tests.crashpack.makers import BAD, message


def judged(kind: str, description: str = "first description", oracle: str = "my_judge") -> OracleResult:
    return OracleResult(oracle_name=oracle, violations=(Violation(violation_type=kind, description=description),))


def shown(result: OracleResult, *events: TraceEvent) -> bool:
    return not unwitnessed([result], events)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_which_kinds_are_failures(kind: str) -> None:
    failures = ("obligation_leak", "futurelock_detected", "io_error", "chaos_injection")
    assert is_witness(TraceEvent(kind=kind)) == (kind in failures)
    assert frozenset(failures) == WITNESS_KINDS


@pytest.mark.parametrize("word", FAILURE_WORDS)
def test_failure_words_make_a_user_trace_a_failure(word: str) -> None:
    assert is_witness(message(f"some {word.upper()}s here"))
    assert not is_witness(message(f"some {word}", kind="schedule"))


def test_other_messages_are_no_failures() -> None:
    assert FAILURE_WORDS == ("violation", "failure", "panic", "corrupt", "leak", "error")
    assert not is_witness(message("all fine"))
    assert not is_witness(TraceEvent())


@pytest.mark.parametrize(
    ("kind", "topics"),
    [
        ("obligation_leak", ("obligation", "leak")),
        ("futurelock_detected", ("quiescence", "pending", "obligation", "leak")),
        ("io_error", ("path", "journal")),
        ("chaos_injection", ("crash", "journal")),
    ],
)
def test_which_violations_a_kind_shows(kind: str, topics: tuple[str, ...]) -> None:
    every = {"obligation", "leak", "quiescence", "pending", "path", "journal", "crash", "manifest", "proof"}
    found = {topic for topic in every if shown(judged(f"{topic}_x"), TraceEvent(kind=kind))}
    assert found == set(topics)


@pytest.mark.parametrize(
    ("topic", "phrases"),
    [
        ("manifest", ("manifest corruption", "hash")),
        ("journal", ("journal gap",)),
        ("quiescence", ("non-quiescence", "pending operation", "non quiescence")),
        ("obligation", ("leak",)),
        ("path", ("route",)),
        ("proof", ("proof bundle", "invalid proof")),
    ],
)
def test_a_topics_other_names(topic: str, phrases: tuple[str, ...]) -> None:
    for phrase in phrases:
        assert shown(judged(f"{topic}_x"), message(f"A Failure: {phrase.upper()}!"))
        assert not shown(judged("other"), message(f"failure: {phrase}"))


@pytest.mark.parametrize("text", ["my_oracle", "my oracle", "odd_type", "Odd Type", "it went: wrong", "it_went_wrong"])
def test_own_names_as_identifiers_or_words(text: str) -> None:
    result = judged("odd_type", "It went: wrong", "my_oracle")
    assert shown(result, message(f"failure of {text} seen"))
    assert not shown(result, message(f"{text} seen")), "a message without a failure word shows nothing"


def test_nothing_shows_without_a_matching_event() -> None:
    assert not shown(judged("journal_consistency"))
    assert not shown(judged("journal_consistency"), message("a failure of something else"))


def test_empty_names_match_nothing() -> None:
    assert aliases("", Violation(violation_type="!!", description="")) == []
    assert not shown(judged("", "", ""), message("any failure"))


def test_every_violation_is_shown_by_the_message_made_for_it() -> None:
    result = run_oracle("transfer", BAD)
    events = [message(witness_message("transfer", violation)) for violation in result.violations]
    assert unwitnessed([result], events) == []
    for index, violation in enumerate(result.violations):
        only = [event for number, event in enumerate(events) if number == index]
        assert violation not in [missing for _, missing in unwitnessed([result], only)]
