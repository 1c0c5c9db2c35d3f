"""Many texts looked at as one: no secret is passed over, and nothing else changes."""

from __future__ import annotations

import re
from typing import Any
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.harmless import MANY, all_harmless, all_plain, is_harmless
from core.artifacts.redact import PLAIN, Redactor
from core.artifacts.redaction_rules import LONG, PART_RULES, PartRule
from core.model.candidate import Candidate, Example, ShadowReport, TraceResult
from core.model.late import Late
from core.model.record import Record, Text
from tests.artifacts.test_redaction_figures import SECRETS

GITHUB = "ghp_" + "x1Y2" * 9
PARTS = [case.text for case in SECRETS if not is_harmless(case.text)]
FILLING = [f"run-{number}" for number in range(LONG)]


def test_there_are_texts_of_every_rule_about_parts() -> None:
    assert all(any(rule.pattern.search(text) for text in PARTS) for rule in PART_RULES)


@pytest.mark.parametrize("text", PARTS)
def test_a_secret_among_many_names_is_found(text: str) -> None:
    for texts in ([text], ["a", text, "b"], [*FILLING, text], [text, *FILLING]):
        assert not all_harmless(texts)


@given(st.sampled_from(PARTS), st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=4))
def test_nothing_beside_a_secret_hides_it(text: str, before: list[str], after: list[str]) -> None:
    assert not all_harmless([*before, text, *after])


def test_names_are_harmless_however_many_there_are() -> None:
    assert all_harmless(FILLING)
    assert all_harmless([])


class Person(Record):
    name: Text = "ann"
    age: float | None = None


class Keeper(Record):
    required_secrets: tuple[Text, ...] = ("hunter2",)


class Parcel(Record):
    held: Any = None


@pytest.mark.parametrize(
    ("value", "is_plain"),
    [
        ("ann", True),
        (GITHUB, False),
        ((1, True, None, 2.5, ("a", "b")), True),
        (Person(), True),
        (Person(name=GITHUB), False),
        (Keeper(), False),
        (Parcel(), False),
        ({"password": "hunter2"}, False),
    ],
)
def test_only_names_and_numbers_are_plain(value: object, is_plain: bool) -> None:
    assert all_plain([value]) is is_plain


class Payload(str):
    """A text of which one can see whether it is still held."""


@pytest.mark.parametrize("ending", ["", GITHUB])
def test_a_long_text_is_not_held_once_it_was_looked_at(ending: str) -> None:
    text = Payload("word " * LONG + ending)
    assert is_harmless(text) == (not ending)
    held = ref(text)
    del text
    assert held() is None


def candidate(*, late: bool = False, changed: int | None = None) -> Candidate:
    def example(number: int) -> Example:
        name = GITHUB if number == changed else f"run-{number}"
        return Example(trace_id=name, source_hash=f"sha256:{number}", action_ids=("a", "b"))

    results = tuple(TraceResult(trace_id=f"run-{number}", passed=True) for number in range(MANY))
    made = Late(MANY, example)
    shadow = ShadowReport(traces=results)
    return Candidate(shadow=shadow).replace(examples=made if late else tuple(made))


@pytest.mark.parametrize("late", [False, True])
def test_many_records_are_redacted_as_one_by_one(late: bool) -> None:
    assert PLAIN.everything(candidate(late=late)) == candidate()
    secretive = PLAIN.everything(candidate(late=late, changed=7))
    assert [one.trace_id for one in secretive.examples] == [
        "[redacted]" if number == 7 else f"run-{number}" for number in range(MANY)
    ]


def test_a_workspaces_own_rules_are_asked_about_each() -> None:
    redactor = Redactor(extras=(PartRule("own", re.compile("run-7$")),))
    assert redactor.everything(candidate()).examples[7].trace_id == "[redacted]"
