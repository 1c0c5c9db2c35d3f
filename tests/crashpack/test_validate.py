from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.integrity import check_files, files_sha256
from core.crashpack.oracles import OracleResult, OracleStats, Violation, run_oracle
from core.crashpack.pack import NAMES, emit
from core.crashpack.replay import replay
from core.crashpack.validate import validate
from core.model.jsontext import parse, pretty, sha256_hex
from core.model.text import visible
from tests.crashpack.makers import BAD, CLEAN, decision_pack, message, plain_pack

PLAIN = plain_pack()
DECISION = decision_pack()
TEXTS = sorted(set(NAMES) - {"transfer.atp-trace", "evidence-ledger.json"})


def told(files: dict[str, bytes]) -> list[str]:
    return [str(problem) for problem in validate(files).problems]


def changed(name: str, old: bytes, new: bytes, files: dict[str, bytes] = PLAIN) -> dict[str, bytes]:
    assert old in files[name]
    return {**files, name: files[name].replace(old, new, 1)}


@st.composite
def damaged(draw: st.DrawFn, files: dict[str, bytes], names: list[str]) -> tuple[str, dict[str, bytes]]:
    """A pack with one file flipped, cut, lengthened or with a line twice or not at all."""
    name = draw(st.sampled_from([name for name in names if files[name]]))
    data = bytearray(files[name])
    at = draw(st.integers(0, len(data) - 1))
    lines = files[name].splitlines(keepends=True)
    line = draw(st.integers(0, len(lines) - 1))
    match draw(st.sampled_from(["flip", "cut", "insert", "repeat", "drop", "remove"])):
        case "flip":
            data[at] ^= draw(st.integers(1, 255))
        case "cut":
            data = data[:at]
        case "insert":
            data.insert(at, draw(st.integers(0, 255)))
        case "repeat":
            data = bytearray(b"".join(lines[: line + 1] + lines[line:]))
        case "drop":
            data = bytearray(b"".join(lines[:line] + lines[line + 1 :]))
        case "remove":
            return name, {key: value for key, value in files.items() if key != name}
    return name, {**files, name: bytes(data)}


@given(damaged(DECISION, sorted(DECISION)))
def test_any_change_to_a_decisions_pack_is_found_and_named(case: tuple[str, dict[str, bytes]]) -> None:
    name, files = case
    outcome = validate(files)
    assert not outcome.passed
    assert not outcome.report.replay_ready
    assert any(name in str(problem) for problem in outcome.problems)
    assert not replay(files).passed


@given(damaged(PLAIN, TEXTS))
def test_any_change_to_what_can_be_computed_is_found_without_digests(case: tuple[str, dict[str, bytes]]) -> None:
    name, files = case
    assert any(name in text for text in told(files))


@given(st.sampled_from(["fixtures/run-2.json", "x", "state.json.bak"]), st.binary(max_size=5))
def test_an_added_file_is_named(name: str, data: bytes) -> None:
    assert any(name in text for text in told({**DECISION, name: data}))


def test_untouched_packs_are_valid() -> None:
    for files in (PLAIN, DECISION, plain_pack(CLEAN), decision_pack(CLEAN), emit([], [])):
        outcome = validate(files)
        assert outcome.problems == []
        assert outcome.report.replay_ready


def test_the_report() -> None:
    report = validate(PLAIN).report
    assert (report.trace_events, report.ledger_entries, report.violation_entries) == (11, 1, 1)
    assert report.artifact_paths == (*NAMES, "b", "a")
    assert report.journal_digest == "sha256:" + sha256_hex(PLAIN["journal"])


@pytest.mark.parametrize("name", NAMES)
def test_each_file_must_exist(name: str) -> None:
    assert f"{name}: is missing" in told({key: value for key, value in PLAIN.items() if key != name})


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        ("manifest", b"schema_version: 1", b"schema_version: 2", 'manifest: schema_version is "2", computed "1"'),
        ("manifest", b"violations: 5", b"violations: 4", 'manifest: violations is "4", computed "5"'),
        ("manifest", b"id: tx", b"id: ty", 'manifest: metadata.transfer_id is "ty", computed "tx"'),
        ("manifest", b"  lab: 42", b"  lab: 43", 'manifest: lab is "43", computed "42"'),
        ("manifest", b"metadata.B: 2\n", b"", 'manifest: lacks the line "metadata.B: 2"'),
        ("manifest", b"metadata.B: 2\n", b"metadata.B: 2\n" * 2, 'manifest: repeats the line "metadata.B: 2"'),
        ("manifest", b"seeds:", b"extra: 1\nseeds:", 'manifest: has unexpected the line "extra: 1"'),
        (
            "manifest",
            b"  - b\n",
            b"  - c\n",
            'artifact_paths besides the nine files are ["c","a"], the ledger has ["b","a"]',
        ),
        ("manifest", b"  - b\n", b"  - b\n  - b\n", 'manifest: artifact_paths lists "b" 2 times, expected once'),
        (
            "manifest",
            b"journal_digest_artifact: journal.digest",
            b"journal_digest_artifact: j",
            'is "j", computed "journal.digest"',
        ),
        ("manifest", b"evidence_ledger: evidence", b"evidence_ledger: e", 'evidence_ledger is "e-ledger.json"'),
        ("manifest", b"journal_digest: sha256:", b"journal_digest: sha256:0", "manifest: journal_digest is"),
        ("journal.digest", b"bytes: ", b"bytes: 1", "journal.digest: bytes is"),
        ("journal.digest", b"digest: sha256:", b"digest: sha512:", "journal.digest: digest is"),
        ("evidence-ledger.json", b'"schema_version": 1', b'"schema_version": 2', "schema_version is 2, expected 1"),
        (
            "evidence-ledger.json",
            b'"strength": "Strong"',
            b'"strength": "Against"',
            'strength is "Against", computed "Strong"',
        ),
        ("evidence-ledger.json", b'"strength": "Strong"', b'"strength": "Odd"', "evidence-ledger.json: entries[0]"),
        ("evidence-ledger.json", b'"log10_bf": 1.6', b'"log10_bf": 2.6', "log10_bf is 2.6, computed 1.6"),
        (
            "evidence-ledger.json",
            b'"oracle_name": "transfer check"',
            b'"oracle_name": "other"',
            'the journal has "transfer check"',
        ),
        ("evidence-ledger.json", b'    "pathlog",\n', b"", "artifact_paths lacks pathlog"),
        (
            "evidence-ledger.json",
            b'    "pathlog",\n    "quiclog",',
            b'    "quiclog",\n    "pathlog",',
            "artifact_paths is out of order",
        ),
        ("evidence-ledger.json", b'    "b",\n', b'    "b",\n    "b",\n', 'artifact_paths lists "b" 2 times'),
        ("evidence-ledger.json", b'"seeds": {', b'"note": 1, "seeds": {', "something was added"),
        ("evidence-ledger.json", b'"B": "2"', b'"B": "3"', 'manifest: metadata.B is "2", computed "3"'),
        ("evidence-ledger.json", b"{", b"[", "evidence-ledger.json: "),
        ("transfer.atp-trace", b'"kind": "checkpoint"', b'"kind": "odd"', 'kind: "odd" is no kind of event'),
        ("transfer.atp-trace", b'"seq": 0', b'"seq": 7', 'pathlog: line 1 is "[000000]'),
        ("transfer.atp-trace", b'"seq": 0,', b'"seq": 0, "note": 1,', "something was added"),
        ("pathlog", b"route", b"ruote", "pathlog: line 2 is"),
        ("quiclog", b"route", b"\xff", "quiclog: is not UTF-8 at byte"),
        ("repairlog", b"repaired", b"", "repairlog: line 1 is"),
        ("journal", b"gap_count: 2", b"gap_count: 3", "journal.digest: digest is"),
        ("journal", b"oracle: transfer", b"oracle: \xff", "journal: is not UTF-8"),
        ("replay_command.sh", b"ATP_SEED_LAB=42", b"ATP_SEED_LAB=43", "replay_command.sh: "),
    ],
)
def test_every_failure_has_its_message(name: str, old: bytes, new: bytes, expected: str) -> None:
    problems = told(changed(name, old, new))
    assert any(expected in text for text in problems), problems


def test_lines_in_another_order_are_found() -> None:
    files = changed(
        "manifest", b"metadata.B: 2\nmetadata.transfer_id: tx\n", b"metadata.transfer_id: tx\nmetadata.B: 2\n"
    )
    assert any("manifest: out of order: line 7 is" in text for text in told(files))


def test_seeds_and_metadata_of_the_ledger_stand_in_order() -> None:
    ledger = parse(PLAIN["evidence-ledger.json"])
    for name in ("seeds", "metadata"):
        turned = {**ledger, name: dict(reversed(ledger[name].items()))}
        assert any("moved" in text for text in told({**PLAIN, "evidence-ledger.json": pretty(turned)}))


def test_an_entry_too_few_is_found() -> None:
    ledger = parse(PLAIN["evidence-ledger.json"])
    problems = told({**PLAIN, "evidence-ledger.json": pretty({**ledger, "entries": []})})
    assert any("has 0 entries, the journal has 1 oracles" in text for text in problems)


def test_an_oracle_needs_a_name() -> None:
    assert told(emit([run_oracle("", CLEAN)], [])) == ["journal: oracle 1 has no name"]


def test_violation_entries_need_a_witness() -> None:
    problems = told(emit([run_oracle("o", BAD)], [message("all fine")]))
    assert problems == [
        "transfer.atp-trace: has 0 failure witnesses for 1 violation entries of the ledger, expected 1 or more"
    ]


def test_violation_entries_need_violations() -> None:
    failed = OracleResult(oracle_name="o", passed=False)
    assert told(emit([failed], [message("a failure")])) == ["journal: has 0 violations, the ledger 1 violation entries"]


def test_a_state_needs_digests_and_digests_are_always_checked() -> None:
    without = {name: data for name, data in DECISION.items() if name != "files.sha256"}
    assert told(without) == ["files.sha256: is missing, so nothing vouches for the other files"]
    stateless = {name: data for name, data in DECISION.items() if name != "state.json"}
    assert any("state.json: is missing; files.sha256 records" in text for text in told(stateless))


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("state.json", b"[]", "state.json: expected an object"),
        ("state.json", b'{"oracles": [{"state": {"journal_gaps": -1}}]}', "oracles[0].state.journal_gaps"),
        ("agent_proof_bundle.json", b"{}", "Missing required field: objective"),
        ("agent_proof_bundle.json", b"{", "agent_proof_bundle.json: "),
    ],
)
def test_what_a_decision_adds_must_be_valid_too(name: str, data: bytes, expected: str) -> None:
    files = {key: value for key, value in DECISION.items() if key != "files.sha256"}
    files[name] = data
    files["files.sha256"] = files_sha256(files)
    assert any(expected in text for text in told(files))


HOSTILE = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(
    ["x\nviolations: 0", "x\n  - forged", "\x1b[31m", "a: b", "\u202e", "seeds:", "\\n", "atp replay", "'; touch x; '"]
)


@given(
    st.dictionaries(HOSTILE, HOSTILE, max_size=3),
    st.dictionaries(HOSTILE, st.integers(0, 2**64 - 1), max_size=3),
    st.lists(HOSTILE, max_size=3),
    HOSTILE.filter(lambda text: text != ""),
)
def test_hostile_texts_forge_nothing_and_stay_valid(
    metadata: dict[str, str], seeds: dict[str, int], paths: list[str], name: str
) -> None:
    files = emit([run_oracle(name, CLEAN)], [], seeds=seeds, metadata=metadata, artifact_paths=paths)
    lines = files["manifest"].decode().split("\n")
    sections = bool(seeds) + bool(paths)
    assert len(lines) == 7 + len(metadata) + len(seeds) + len(dict.fromkeys(paths)) + sections
    assert lines[2] == "violations: 0"
    assert all(line == visible(line) for line in lines)
    if len({visible(path) for path in paths}) == len(set(paths)):
        assert told(files) == []


def test_a_line_feed_in_metadata_makes_no_line() -> None:
    files = emit([], [], metadata={"reason": "fine\nviolations: 0\nmetadata.approver: boss"})
    assert b"metadata.reason: fine\\nviolations: 0\\nmetadata.approver: boss\n" in files["manifest"]
    assert told(files) == []


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (lambda data: data.replace(b"  journal\n", b"  jurnal\n"), "jurnal: is missing"),
        (lambda data: data.replace(b"  journal\n", b"  jurnal\n"), "journal: is not listed in files.sha256"),
        (lambda data: data[:-1], "does not end with a line feed"),
        (lambda data: data + data.splitlines(keepends=True)[0], "again"),
        (lambda data: b"\n" + data, "files.sha256: line 1 is"),
        (lambda data: b"".join(reversed(data.splitlines(keepends=True))), "out of order"),
        (lambda data: data.replace(b"a", b"A", 1), "files.sha256: line"),
        (lambda data: data + b"\xff", "files.sha256: is not UTF-8"),
        (lambda data: data + b"0" * 64 + b"  files.sha256\n", "lists itself"),
    ],
)
def test_the_list_of_digests_has_one_form(edit: Any, expected: str) -> None:
    files = {**DECISION, "files.sha256": edit(DECISION["files.sha256"])}
    problems = [str(problem) for problem in check_files(files)]
    assert any(expected in text for text in problems), problems


def test_digests_are_sorted_and_leave_themselves_out() -> None:
    data = files_sha256({"b": b"2", "a": b"1", "files.sha256": b"old"})
    assert data.decode() == f"{sha256_hex(b'1')}  a\n{sha256_hex(b'2')}  b\n"
    assert check_files({"b": b"2", "a": b"1", "files.sha256": data}) == []
    with pytest.raises(ValueError, match="not printable"):
        files_sha256({"a\nb": b""})


@pytest.mark.parametrize("name", ["journal", "files.sha256", "../x", "/x", "a//b", "."])
def test_extra_files_cannot_take_a_name_or_leave_the_pack(name: str) -> None:
    with pytest.raises(ValueError, match=r"file"):
        emit([], [], extra={name: b""})


def test_emitting_is_reproducible_and_sorted() -> None:
    assert decision_pack() == decision_pack()
    assert list(DECISION) == sorted(DECISION)


def test_raw_results_of_all_severities_are_valid_with_a_witness() -> None:
    found = tuple(Violation(violation_type="t", description="d", severity=s) for s in ("Low", "Critical"))
    result = OracleResult(oracle_name="o", violations=found, stats=OracleStats(events_recorded=9))
    assert told(emit([result], [message("t violation")])) == []
