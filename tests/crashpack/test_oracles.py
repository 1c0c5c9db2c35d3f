from __future__ import annotations

import pytest

from core.crashpack.oracles import Checks, OracleRun, RecordedState, TransferState, run_oracle
from core.model.jsontext import plain
from core.model.record import DecodeError
from tests.crashpack.makers import BAD, CLEAN

EXPECTED = [
    (
        "manifest",
        "manifest_integrity",
        "High",
        "Manifest hash mismatch: expected sha256:0a, got sha256:0b",
        {"expected_hash": "sha256:0a", "actual_hash": "sha256:0b"},
    ),
    ("journal", "journal_consistency", "High", "Journal has 2 gaps or ordering violations", {"gap_count": "2"}),
    ("quiescence", "quiescence", "Medium", "Transfer attempted with 3 pending operations", {"pending_count": "3"}),
    ("obligations", "obligation_leak", "High", "Found 4 leaked obligations", {"leak_count": "4"}),
    ("paths", "path_consistency", "High", "Path outcomes are inconsistent across replicas", {}),
]


def test_every_check_fails_in_its_order() -> None:
    result = run_oracle("t", BAD)
    found = [(v.violation_type, v.severity, v.description, v.evidence) for v in result.violations]
    assert found == [row[1:] for row in EXPECTED]
    assert not result.passed
    assert (result.stats.entities_tracked, result.stats.events_recorded) == (5, 5)


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row[0])
def test_a_check_alone_finds_only_its_violation(row: tuple) -> None:
    checks = Checks(**{name: name == row[0] for name in Checks.model_fields})
    result = run_oracle("t", BAD, checks)
    assert [v.violation_type for v in result.violations] == [row[1]]
    assert result.stats.events_recorded == 1


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row[0])
def test_a_check_switched_off_finds_nothing(row: tuple) -> None:
    result = run_oracle("t", BAD, Checks(**{row[0]: False}))
    assert row[1] not in [v.violation_type for v in result.violations]
    assert result.stats.events_recorded == 4


def test_a_clean_state_and_the_default_state_pass() -> None:
    for state in (CLEAN, TransferState()):
        result = run_oracle("t", state)
        assert result.passed
        assert result.violations == ()
        assert result.stats.events_recorded == 5


@pytest.mark.parametrize(
    "bad", [{"journal_gaps": -1}, {"journal_gaps": 2**32}, {"journal_gaps": True}, {"journal_gaps": 1.0}]
)
def test_counts_are_u32(bad: dict) -> None:
    with pytest.raises(DecodeError, match="journal_gaps"):
        TransferState.decode(bad)


def test_a_recorded_state_judges_the_same_after_a_round_trip() -> None:
    state = RecordedState(oracles=(OracleRun(oracle_name="t", state=BAD, checks=Checks(paths=False)),))
    again = RecordedState.decode(plain(state))
    assert plain(again.oracles[0].run()) == plain(state.oracles[0].run())
