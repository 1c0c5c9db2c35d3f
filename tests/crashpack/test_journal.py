from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.journal import JournalError, digest_text, journal_text, parse_journal
from core.crashpack.oracles import SEVERITIES, OracleResult, OracleStats, Violation, run_oracle
from core.crashpack.validate import validate
from core.model.jsontext import plain, sha256_hex
from core.model.text import visible
from tests.crashpack.makers import BAD, CLEAN, plain_pack

HOSTILE = st.text(st.characters(codec="utf-8"), max_size=12) | st.sampled_from(
    ["a\noracle: forged", "x\r\n  passed: true", "\x1b[2J", "k: v", "", " ", "\u2028", "violations:", "\\n"]
)
NUMBER = st.integers(0, 2**64 - 1)
VIOLATIONS = st.builds(
    Violation,
    violation_type=HOSTILE,
    description=HOSTILE,
    severity=st.sampled_from(SEVERITIES),
    evidence=st.dictionaries(HOSTILE, HOSTILE, max_size=3),
)
RESULTS = st.builds(
    OracleResult,
    oracle_name=HOSTILE,
    violations=st.lists(VIOLATIONS, max_size=3).map(tuple),
    stats=st.builds(OracleStats, entities_tracked=NUMBER, events_recorded=NUMBER),
    passed=st.booleans(),
)


@given(st.lists(RESULTS, max_size=3))
def test_no_value_forges_a_line(results: list[OracleResult]) -> None:
    lines = journal_text(results).split("\n")
    violations = [v for r in results for v in r.violations]
    names = [f"oracle: {visible(result.oracle_name)}" for result in results]
    assert [line for line in lines if line.startswith("oracle: ")] == names
    assert sum(line.startswith("    - type: ") for line in lines) == len(violations)
    headings = sum(bool(r.violations) for r in results) + sum(bool(v.evidence) for v in violations)
    pairs = sum(len(v.evidence) for v in violations)
    assert len(lines) == 2 + 4 * len(results) + 3 * len(violations) + headings + pairs


def has_one_key_twice(result: OracleResult) -> bool:
    """Whether two keys of a violation's evidence read alike in the journal, up to the first colon and space."""
    keys = [[f"{visible(key)}: ".partition(": ")[0] for key in v.evidence] for v in result.violations]
    return any(len(set(some)) < len(some) for some in keys)


@given(st.lists(RESULTS.filter(lambda result: not has_one_key_twice(result)), max_size=3))
def test_what_is_written_can_be_read(results: list[OracleResult]) -> None:
    text = journal_text(results)
    parsed = parse_journal(text)
    assert sorted(journal_text(parsed).split("\n")) == sorted(text.split("\n"))
    assert [r.oracle_name for r in parsed] == [visible(r.oracle_name) for r in results]
    assert [(r.passed, plain(r.stats)) for r in parsed] == [(r.passed, plain(r.stats)) for r in results]
    for ours, theirs in zip(parsed, results, strict=True):
        assert [v.description for v in ours.violations] == [visible(v.description) for v in theirs.violations]


GOOD = journal_text([run_oracle("o", BAD)])


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("# ATP", "# atp", "line 1"),
        ("oracle: o\n", "orakel: o\n", "line 2: expected an oracle or the end"),
        ("events_recorded: 5", "events_recorded: 05", "line 3: expected a number"),
        ("events_recorded: 5", "events_recorded: 99999999999999999999", "line 3: expected a number"),
        ("  entities_tracked: 5\n", "", "line 4"),
        ("passed: false", "passed: False", "line 5: expected true or false"),
        ("severity: High", "severity: Huge", "line 8"),
        ("        gap_count: 2\n", "", "expected a piece of evidence"),
        ("gap_count: 2", "gap_count=2", "expected a key and a value"),
        ("gap_count: 2\n", "gap_count: 2\n        gap_count: 2\n", "line 18: repeats the evidence"),
    ],
)
def test_another_form_is_refused_with_its_line(old: str, new: str, told: str) -> None:
    assert old in GOOD
    with pytest.raises(JournalError, match=told):
        parse_journal(GOOD.replace(old, new, 1))


@pytest.mark.parametrize("text", ["", "# ATP Journal Digest", GOOD + "\n", GOOD[:-1], GOOD + "x\n"])
def test_the_end_is_one_line_feed(text: str) -> None:
    with pytest.raises(JournalError, match="line"):
        parse_journal(text)


def test_violations_need_a_violation() -> None:
    with pytest.raises(JournalError, match="a violation"):
        parse_journal(journal_text([run_oracle("o", CLEAN)]) + "  violations:\n")


def test_the_digest_names_hash_and_size() -> None:
    assert digest_text(b"abc") == f"digest: sha256:{sha256_hex(b'abc')}\nbytes: 3\n"


def test_a_journal_that_cannot_be_read_is_named() -> None:
    files = plain_pack()
    files["journal"] = files["journal"].replace(b"severity: High", b"severity: Huge")
    assert any("journal: line 8" in str(problem) for problem in validate(files).problems)
