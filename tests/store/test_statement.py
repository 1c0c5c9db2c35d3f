"""What a line of the journal is: a DSSE envelope over an in-toto-style statement, and nothing else."""

from __future__ import annotations

import base64
import json

import pytest

from core.model.jsontext import canonical, parse
from core.store.envelope import PAYLOAD_TYPE, Signature, pae, seal, unseal
from core.store.journal import GENESIS, Journal, next_line, read_journal
from core.store.statement import PREDICATE_TYPE, STATEMENT_TYPE, decode_payload, encode_payload, statement
from tests.store.samples import draft, lines

LINES = lines(1)
DECISIONS = read_journal(LINES[0]).decisions


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
    signature = Signature(keyid="k", sig="AAAA")
    payload, signatures = unseal(seal(encode_payload(DECISIONS[0]), [signature]))
    assert (decode_payload(payload), tuple(signatures)) == (DECISIONS[0], (signature,))


@pytest.mark.parametrize("kind", ["approve", "reject", "needs_work", "revoke", "rename", "allow", "withdraw"])
def test_every_kind_of_decision_reads_back(kind: str) -> None:
    bare = draft(kind=kind, reason=None, crashpack=None, behaviour_digest="", evidence_digest="", detail={})
    decision, line = next_line(Journal(), bare)
    assert decision == bare.replace(seq=1, prev=GENESIS) == decode_payload(unseal(line[:-1])[0])


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
    "subjects by name": ("", "subject", {"x": 1}),
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


def _enveloped(payload: bytes) -> bytes:
    body = base64.b64encode(payload).decode()
    return canonical({"payload": body, "payloadType": PAYLOAD_TYPE, "signatures": []}) + b"\n"
