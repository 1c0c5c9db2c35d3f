"""Every changed, missing, repeated or moved line is named; a torn last line hides nothing."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.errors import InputError
from core.model.jsontext import canonical, parse, sha256_hex
from core.store.envelope import PAYLOAD_TYPE, Signature, pae
from core.store.journal import GENESIS, Head, Journal, next_line, read_journal
from core.store.statement import PREDICATE_TYPE, STATEMENT_TYPE, decode_line, encode_line, statement
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


def test_the_line_is_a_dsse_envelope_over_an_in_toto_statement() -> None:
    envelope = json.loads(LINES[0])
    assert LINES[0] == canonical(envelope) + b"\n"
    assert set(envelope) == {"payload", "payloadType", "signatures"}
    assert envelope["payloadType"] == PAYLOAD_TYPE == "application/vnd.in-toto+json"
    assert envelope["signatures"] == []
    inner = json.loads(base64.b64decode(envelope["payload"]))
    assert inner["_type"] == STATEMENT_TYPE == "https://in-toto.io/Statement/v1"
    assert inner["predicateType"] == PREDICATE_TYPE == "urn:assay:decision:v1"
    assert inner["subject"] == [
        {
            "name": "lineage_0123456789abcdef",
            "annotations": {"candidate_id": "workflow_candidate_1"},
            "digest": {"behaviour_sha256": "a" * 64, "evidence_sha256": "b" * 64},
        }
    ]
    assert set(inner["predicate"]) == {
        *("seq", "time", "actor", "kind", "reason", "crashpack", "policy_digest", "host", "program", "prev", "detail")
    }
    assert inner["predicate"]["crashpack"] == {"name": "workflow_candidate_1-001", "digest": "sha256:" + "c" * 64}


def test_the_bytes_that_a_signature_covers_are_those_of_the_dsse_protocol() -> None:
    # The example of the protocol's own description.
    assert pae(b"hello world", "http://example.com/HelloWorld") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_a_line_may_carry_signatures() -> None:
    line = encode_line(DECISIONS[0], [Signature(keyid="k", sig="AAAA")])
    assert decode_line(line[:-1]) == DECISIONS[0]


@pytest.mark.parametrize("kind", ["approve", "reject", "needs_work", "revoke", "rename", "allow", "withdraw"])
def test_every_kind_of_decision_reads_back(kind: str) -> None:
    bare = draft(kind=kind, reason=None, crashpack=None, behaviour_digest="", evidence_digest="", detail={})
    decision, line = next_line(Journal(), bare)
    assert decision == bare.replace(seq=1, prev=GENESIS) == decode_line(line[:-1])


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


CHANGES = {
    "seq as text": ("predicate", "seq", "1"),
    "seq as float": ("predicate", "seq", 1.0),
    "seq as true": ("predicate", "seq", True),
    "unknown kind": ("predicate", "kind", "sign"),
    "actor null": ("predicate", "actor", None),
    "reason number": ("predicate", "reason", 3),
    "detail list": ("predicate", "detail", []),
    "crashpack text": ("predicate", "crashpack", "pack"),
    "crashpack more": ("predicate", "crashpack", {"name": "a", "digest": "b", "x": 1}),
    "prev number": ("predicate", "prev", 0),
    "more": ("predicate", "extra", 1),
    "statement type": ("", "_type", "https://in-toto.io/Statement/v2"),
    "predicate type": ("", "predicateType", "urn:other"),
    "no subject": ("", "subject", []),
    "subject text": ("", "subject", ["x"]),
    "more outside": ("", "note", "x"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_line_with_values_of_other_types_is_refused_by_name(change: str) -> None:
    where, key, value = CHANGES[change]
    inner = parse(canonical(statement(DECISIONS[0])))
    (inner[where] if where else inner)[key] = value
    journal = read_journal(_enveloped(canonical(inner)))
    assert len(journal.faults) == 1
    assert journal.faults[0].startswith("line 1 was changed: ")
    assert journal.decisions == ()


@pytest.mark.parametrize(
    "digests",
    [{"behaviour_sha256": "A" * 64}, {"behaviour_sha256": ""}, {"behaviour_sha256": 1}, {"sha256": "a" * 64}, []],
)
def test_only_digests_of_the_right_form_are_read(digests: object) -> None:
    inner = parse(canonical(statement(DECISIONS[0])))
    inner["subject"][0]["digest"] = digests
    assert read_journal(_enveloped(canonical(inner))).faults


@pytest.mark.parametrize(
    "line",
    [
        LINES[0].replace(b'":"', b'": "', 1),
        LINES[0].replace(b'"signatures":[]', b'"signatures":{}'),
        LINES[0].replace(b'"signatures":[]', b'"signatures":[{"sig":"x"}]'),
        LINES[0].replace(b"in-toto", b"in_toto"),
        LINES[0].replace(b'"signatures":[]', b'"signatures":[],"x":1'),
        LINES[0][:-1] + b"\r\n",
        b"\n",
        b"null\n",
        b'{"payload":"????","payloadType":"application/vnd.in-toto+json","signatures":[]}\n',
    ],
)
def test_another_envelope_is_refused(line: bytes) -> None:
    assert read_journal(line).faults[0].startswith("line 1 was changed: ")


def test_a_payload_that_is_not_canonical_is_refused() -> None:
    spaced = json.dumps(statement(DECISIONS[0].replace(crashpack=None))).encode()
    assert "the one way" in read_journal(_enveloped(spaced)).faults[0]


def test_faults_never_carry_text_that_could_move_a_cursor() -> None:
    inner = parse(canonical(statement(DECISIONS[0])))
    inner["\x1b[2J\u202e"] = 1
    assert read_journal(_enveloped(canonical(inner))).faults[0].isprintable()


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


@pytest.mark.parametrize("changes", [{"reason": "\ud800"}, {"detail": {"n": 2**70}}, {"detail": {"x": object()}}])
def test_what_json_cannot_carry_is_refused_before_it_is_written(changes: dict[str, object]) -> None:
    with pytest.raises(InputError, match="cannot be written"):
        next_line(Journal(), draft(**changes))


def test_a_head_is_told_and_read_as_text() -> None:
    assert Head.parse(f" {HEAD}\n") == HEAD
    for wrong in ("", "5", f"5:{'g' * 64}", f"-1:{'a' * 64}", f"5:{'a' * 63}"):
        with pytest.raises(InputError, match="no journal head"):
            Head.parse(wrong)


def _enveloped(payload: bytes) -> bytes:
    body = base64.b64encode(payload).decode()
    return canonical({"payload": body, "payloadType": PAYLOAD_TYPE, "signatures": []}) + b"\n"
