"""Structured differences as lines."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.jsontext import same
from core.shadow.jsondiff import MISSING, json_differences
from tui.views.diff import Fold, Heading, Place, Section, Spot, items, sections_rows
from tui.views.json_rows import Row, compare_rows, json_lines
from tui.views.words_changed import changed_words

texts = st.text(max_size=12) | st.lists(st.sampled_from(["a", "b", "c d", ""]), max_size=6).map("\n".join)
scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from("abc~/ "), inner, max_size=4),
    max_leaves=20,
)


def sides(rows: tuple[Row, ...]) -> tuple[list[str], list[str]]:
    return [r.left.text for r in rows if r.left], [r.right.text for r in rows if r.right]


@given(values, values)
@settings(max_examples=150)
def test_rows_reproduce_both_sides(left: Any, right: Any) -> None:
    assert sides(compare_rows(left, right)) == (json_lines(left), json_lines(right))


@given(values, values)
@settings(max_examples=150)
def test_all_rows_are_the_same_only_for_the_same_values(left: Any, right: Any) -> None:
    assert all(row.same for row in compare_rows(left, right)) == (json_lines(left) == json_lines(right))
    if same(left, right):
        assert all(row.same for row in compare_rows(left, right))


@given(values)
def test_a_missing_side_shows_the_other_in_full(value: Any) -> None:
    assert sides(compare_rows(MISSING, value)) == ([], json_lines(value))
    assert sides(compare_rows(value, MISSING)) == (json_lines(value), [])


@given(values, values)
@settings(max_examples=100)
def test_every_difference_is_announced_once_and_unfolding_hides_nothing(left: Any, right: Any) -> None:
    spots = tuple(Spot(d.pointer, "differs") for d in json_differences(left, right))
    compared = sections_rows([Section("s", "step 1", left, right, spots)])
    shown = items(compared)
    announced = [item.spot.pointer for item in shown if isinstance(item, Place) and not item.allowed]
    assert sorted(announced) == sorted({spot.pointer for spot in spots})
    folds = frozenset(item.key for item in shown if isinstance(item, Fold))
    opened = tuple(item for item in items(compared, folds) if isinstance(item, Row))
    assert opened == compared[0][1]
    hidden = sum(item.rows for item in shown if isinstance(item, Fold))
    assert hidden + sum(isinstance(item, Row) for item in shown) == len(opened)


@given(st.text(max_size=60), st.text(max_size=60))
def test_texts_without_their_changed_words_are_equal(left: str, right: str) -> None:
    marks = changed_words(left, right)
    assert _without(left, marks[0]) == _without(right, marks[1])


def test_only_the_changed_word_is_marked() -> None:
    marks = changed_words('"version": "1.2.0"', '"version": "1.3.0"')
    assert marks == (((14, 15),), ((14, 15),))


def test_words_that_stayed_between_two_changes_are_not_marked() -> None:
    assert changed_words("a bb c dd e", "a x c yyy e") == (((2, 4), (7, 9)), ((2, 3), (6, 9)))
    assert changed_words("a b", "a b") == ((), ())
    assert changed_words("", "new") == ((), ((0, 3),))


def test_two_long_texts_differ_only_between_their_common_ends() -> None:
    left = "same " + "a " * 2_000 + "end"
    right = "same " + "b " * 2_000 + "end"
    marks = changed_words(left, right)
    assert marks[0] == marks[1] == ((5, 4_004),)


def test_lines_of_a_block_are_aligned() -> None:
    rows = compare_rows({"log": "a\nb\nc"}, {"log": "a\nnew\nb\nc"})
    changed = [row for row in rows if not row.same]
    assert [(row.left, row.right.text if row.right else None) for row in changed] == [(None, "    new")]
    assert changed[0].pointer == "/log"


def test_strict_equality_is_seen() -> None:
    rows = compare_rows([1, True, "1"], [1.0, 1, 1])
    assert [row.same for row in rows] == [True, False, False, False, True]


def test_keys_are_walked_in_byte_order() -> None:
    assert json_lines({"b": 1, "a": 2, "Z": 3}) == ["{", '  "Z": 3', '  "a": 2', '  "b": 1', "}"]


def test_controls_are_spelled_out_everywhere() -> None:
    lines = json_lines({"\x1b]0;\u202e": "a\u202e\n\x9b2J\x1b[31m", "k": "\u200b"})
    joined = "".join(lines)
    assert not any(char in joined for char in "\x1b\x9b\u202e\u200b\n")
    assert '  "k": "\\u{200b}"' in lines


def test_a_place_that_is_no_difference_is_shown_as_allowed() -> None:
    section = Section("s", "t", {"a": 1, "b": 1}, {"a": 2, "b": 2}, (Spot("/a", "differs", True),))
    found = [item for item in items(sections_rows([section])) if isinstance(item, Place)]
    assert [(item.spot.pointer, item.allowed, item.spot.first) for item in found] == [
        ("/a", False, True),
        ("/b", True, False),
    ]


def test_unchanged_parts_are_folded_and_counted() -> None:
    left = {"list": list(range(40)), "v": 1}
    shown = items(sections_rows([Section("s", "t", left, left | {"v": 2}, (Spot("/v", "differs"),))]))
    assert isinstance(shown[0], Heading)
    fold = next(item for item in shown if isinstance(item, Fold))
    assert (fold.rows, fold.pointer) == (41, "/")
    assert [type(item).__name__ for item in shown] == ["Heading", "Fold", "Row", "Row", "Place", "Row", "Row"]


def _without(text: str, marks: tuple[tuple[int, int], ...]) -> str:
    for start, end in reversed(marks):
        text = text[:start] + text[end:]
    return text
