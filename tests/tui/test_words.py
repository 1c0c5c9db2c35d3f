"""Every value that can be shown has a word, and a glyph that tells it apart without colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

import pytest
from rich.cells import cell_len

from core.live.snapshot import ProblemState, Risk
from core.model.candidate import Segment
from core.model.decision import DecisionKind, Signed, Status
from tui import words
from tui.words import Sign

SIGNS: list[tuple[Mapping[Any, Sign], Any]] = [
    (words.STATUS, Status),
    (words.RISK, Risk),
    (words.SEGMENT, Segment),
    (words.PROBLEM, ProblemState),
    (words.SIGNED, Signed),
    (words.KIND, DecisionKind),
]


@pytest.mark.parametrize(("signs", "kind"), SIGNS)
def test_every_value_has_a_sign(signs: Mapping[Any, Sign], kind: Any) -> None:
    assert set(signs) == set(get_args(kind))
    assert all(cell_len(sign.glyph) == 1 and sign.meaning.endswith(".") for sign in signs.values())
    assert len({sign.word for sign in signs.values()}) == len(signs)


@pytest.mark.parametrize("signs", [words.STATUS, words.RISK, words.SEGMENT, words.PROBLEM, words.KIND])
def test_no_two_signs_of_a_kind_look_alike(signs: Mapping[Any, Sign]) -> None:
    assert len({sign.glyph for sign in signs.values()}) == len(signs)


def test_every_kind_of_decision_has_its_word_in_a_sentence() -> None:
    assert set(words.DECISION) == set(get_args(DecisionKind))


def test_every_status_is_listed_in_one_section() -> None:
    listed = [status for _, statuses in words.SECTIONS for status in statuses]
    assert sorted(listed) == sorted(get_args(Status))


def test_the_glossary_has_every_sign_and_word_once() -> None:
    told = words.glossary()
    assert len(set(told)) == len(told)
    named = [name for name, _ in told]
    assert all(name in named for name, _ in words.GLOSSARY)
    for sign in (*words.STATUS.values(), *words.KIND.values(), words.PASSED, words.BY_RULE, words.FAILED):
        assert str(sign) in named
