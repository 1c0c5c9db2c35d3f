"""Every changed, missing, repeated or moved line is named; a torn last line hides nothing."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.store.journal import GENESIS, Head, Journal, next_line, read_journal
from tests.store.samples import draft, lines

LINES = lines(5)
WHOLE = b"".join(LINES)
HEAD = read_journal(WHOLE).head
DECISIONS = read_journal(WHOLE).decisions


def test_a_sound_journal_reads_back_what_was_written() -> None:
    journal = read_journal(WHOLE)
    assert journal.faults == ()
    assert [d.seq for d in journal.trusted] == [1, 2, 3, 4, 5]
    assert [d.reason for d in journal.decisions] == [f"reason {n}" for n in range(5)]
    assert journal.decisions[0].prev == GENESIS
    assert journal.decisions[3].prev == sha256_hex(LINES[2][:-1])
    assert journal.head == Head(5, sha256_hex(LINES[4][:-1]))
    assert journal.size == len(WHOLE)


def test_an_empty_journal_is_sound() -> None:
    assert read_journal(b"") == Journal()
    assert Journal().head == Head(0, "0" * 64)


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_any_changed_byte_is_noticed_and_its_line_named(place: int, flip: int) -> None:
    changed = WHOLE[:place] + bytes([WHOLE[place] ^ flip]) + WHOLE[place + 1 :]
    number = WHOLE[:place].count(b"\n") + 1
    journal = read_journal(changed, known=[HEAD])
    if place == len(WHOLE) - 1:
        assert journal.torn_tail
        assert "decision 5 is missing" in journal.faults[0]
        return
    assert journal.faults
    assert f"line {number}" in journal.faults[0] or "ends at line 4" in journal.faults[0]
    assert journal.trusted == DECISIONS[: len(journal.trusted)]
    assert len(journal.trusted) < number


@given(st.integers(0, 3), st.integers(0, 400), st.integers(1, 255))
def test_a_change_above_the_last_line_is_noticed_without_a_known_head(line: int, place: int, flip: int) -> None:
    changed = list(LINES)
    place = min(place, len(LINES[line]) - 1)
    changed[line] = LINES[line][:place] + bytes([LINES[line][place] ^ flip]) + LINES[line][place + 1 :]
    assert f"line {line + 1}" in read_journal(b"".join(changed)).faults[0]


@pytest.mark.parametrize("gone", range(5))
def test_a_missing_line_is_noticed(gone: int) -> None:
    left = b"".join(LINES[:gone] + LINES[gone + 1 :])
    journal = read_journal(left, known=[HEAD])
    if gone == 4:
        assert journal.faults == ("the journal ends at line 4: decision 5 is missing",)
    else:
        assert journal.faults[0] == (
            f"line {gone + 1} holds decision {gone + 2}: decision {gone + 1} should stand before it"
        )
    assert journal.trusted == DECISIONS[:gone]
    assert len(journal.decisions) == 4


def test_several_missing_lines_are_named() -> None:
    journal = read_journal(b"".join([LINES[0], LINES[3]]))
    assert journal.faults == ("line 2 holds decision 4: decisions 2 to 3 should stand before it",)


@given(st.permutations(range(5)))
def test_any_other_order_is_noticed(order: list[int]) -> None:
    journal = read_journal(b"".join(LINES[n] for n in order), known=[HEAD])
    if order == sorted(order):
        assert journal.faults == ()
        return
    first = next(place for place, n in enumerate(order) if place != n)
    assert f"line {first + 1}" in journal.faults[0]
    assert journal.trusted == DECISIONS[:first]
    assert len(journal.decisions) == 5


@pytest.mark.parametrize("twice", range(5))
@pytest.mark.parametrize("at", range(6))
def test_a_repeated_line_is_noticed(twice: int, at: int) -> None:
    repeated = [*LINES[:at], LINES[twice], *LINES[at:]]
    journal = read_journal(b"".join(repeated), known=[HEAD])
    # Beside itself, it is the second of the two that stands wrongly.
    first = at + 1 if at == twice else at
    assert f"line {first + 1}" in journal.faults[0]
    assert journal.trusted == DECISIONS[:first]


def test_a_line_of_another_journal_is_noticed() -> None:
    _, other = next_line(read_journal(b"".join(LINES[:2])), draft("mallory@example.org"))
    journal = read_journal(b"".join([*LINES[:2], other, *LINES[3:]]))
    assert journal.faults == ("line 3 was changed: line 4 was written after other bytes",)
    assert journal.trusted == DECISIONS[:2]
    assert [d.seq for d in journal.decisions] == [1, 2, 3, 4, 5]


def test_a_first_line_that_follows_another_is_not_relied_on() -> None:
    decision, _ = next_line(Journal(), draft("mallory@example.org"))
    _, other = next_line(Journal(head=Head(0, "a" * 64)), draft("mallory@example.org"))
    journal = read_journal(other)
    assert journal.faults == ("line 1 was changed: the first line must not follow another",)
    assert (journal.trusted, len(journal.decisions), decision.seq) == ((), 1, 1)


def test_a_line_that_cannot_be_read_is_told_with_what_is_wrong_with_it() -> None:
    (empty,) = read_journal(b"\n").faults
    (text,) = read_journal(b"x\n").faults
    assert empty == "line 1 was changed: it is empty"
    assert text.startswith("line 1 was changed: ")
    assert text != empty


def test_what_stands_behind_a_line_that_cannot_be_read_is_compared_as_well() -> None:
    _, other = next_line(read_journal(b"".join(LINES[:3])), draft("mallory@example.org"))
    journal = read_journal(b"".join([LINES[0], b"x\n", LINES[2], other, LINES[4]]))
    assert len(journal.faults) == 2
    assert journal.faults[0].startswith("line 2 was changed: ")
    assert journal.faults[1] == "line 4 was changed: line 5 was written after other bytes"
    assert journal.trusted == DECISIONS[:1]


def test_a_replaced_last_line_is_noticed_by_the_head() -> None:
    _, other = next_line(read_journal(b"".join(LINES[:4])), draft("mallory@example.org"))
    forged = b"".join([*LINES[:4], other])
    assert read_journal(forged).faults == ()
    journal = read_journal(forged, known=[HEAD])
    assert journal.faults == ("line 5 was changed: it is not the one that was recorded",)
    assert journal.trusted == DECISIONS[:4]


def test_an_older_journal_is_noticed_by_any_known_head() -> None:
    journal = read_journal(b"".join(LINES[:2]), known=[Head(1, sha256_hex(LINES[0][:-1])), HEAD])
    assert journal.faults == ("the journal ends at line 2: decisions 3 to 5 are missing",)


def test_a_head_of_the_past_is_no_fault() -> None:
    assert read_journal(WHOLE, known=[Head(2, sha256_hex(LINES[1][:-1])), Head()]).faults == ()


@given(st.integers(1, 5), st.data())
def test_a_torn_last_line_hides_nothing_before_it(count: int, data: st.DataObject) -> None:
    cut = data.draw(st.integers(1, len(LINES[count - 1]) - 1))
    journal = read_journal(b"".join(LINES[: count - 1]) + LINES[count - 1][:cut])
    assert journal.faults == ()
    assert journal.trusted == DECISIONS[: count - 1]
    assert journal.torn_tail == LINES[count - 1][:cut]
    assert journal.head.seq == count - 1
    assert journal.size == sum(map(len, LINES[: count - 1]))


def test_a_whole_last_line_without_its_newline_was_never_acknowledged() -> None:
    journal = read_journal(WHOLE[:-1])
    assert (journal.faults, journal.trusted, journal.torn_tail) == ((), DECISIONS[:4], LINES[4][:-1])


@given(st.data())
def test_a_last_line_with_a_lost_middle_is_torn(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(LINES[4]) - 2))
    end = data.draw(st.integers(start + 1, len(LINES[4]) - 1))
    torn = LINES[4][:start] + b"\0" * (end - start) + LINES[4][end:]
    journal = read_journal(b"".join(LINES[:4]) + torn)
    assert (journal.faults, journal.trusted, journal.torn_tail) == ((), DECISIONS[:4], torn)
    assert read_journal(b"".join(LINES[:4]) + torn, known=[HEAD]).faults


@given(st.binary(max_size=300))
def test_no_bytes_make_reading_fail(data: bytes) -> None:
    journal = read_journal(data)
    assert journal.decisions == ()
    assert bool(journal.faults) == (journal.size > 0)
    assert journal.size + len(journal.torn_tail) == len(data)


@settings(max_examples=30)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=6))
def test_any_text_can_be_recorded(texts: list[str]) -> None:
    journal, data = Journal(), b""
    for text in texts:
        decision, line = next_line(journal, draft(text, reason=text, detail={text: text}))
        assert decision.reason == text
        data += line
        journal = read_journal(data)
    assert journal.faults == ()
    assert [d.actor for d in journal.decisions] == texts


DEEP: dict[str, object] = {}
for _ in range(140):
    DEEP = {"in": DEEP}


@pytest.mark.parametrize(
    "changes", [{"reason": "\ud800"}, {"detail": {"n": 2**70}}, {"detail": {"x": object()}}, {"detail": DEEP}]
)
def test_what_json_cannot_carry_is_refused_before_it_is_written(changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        next_line(Journal(), draft(**changes))


def test_a_head_is_told_and_read_as_text() -> None:
    assert Head.parse(f" {HEAD}\n") == HEAD
    for wrong in ("", "5", f"5:{'g' * 64}", f"-1:{'a' * 64}", f"5:{'a' * 63}"):
        with pytest.raises(InputError, match="no journal head"):
            Head.parse(wrong)
