from __future__ import annotations

import pytest

from core.crashpack.ledger import EvidenceLedger, entry_for, oracle_evidence, strength_of
from core.crashpack.oracles import SEVERITIES, OracleResult, Violation


def result(*severities: str, passed: bool = False) -> OracleResult:
    found = tuple(Violation(violation_type="t", description="d", severity=s) for s in severities)
    return OracleResult(oracle_name="o", violations=found, passed=passed)


@pytest.mark.parametrize(
    ("log10", "strength"),
    [
        (-0.001, "Against"),
        (0.0, "Negligible"),
        (0.499, "Negligible"),
        (0.5, "Positive"),
        (1.299, "Positive"),
        (1.3, "Strong"),
        (2.199, "Strong"),
        (2.2, "VeryStrong"),
    ],
)
def test_strength_after_kass_and_raftery(log10: float, strength: str) -> None:
    assert strength_of(log10) == strength


@pytest.mark.parametrize(("severity", "log10"), zip(SEVERITIES, (0.6, 1.0, 1.6, 2.4), strict=True))
def test_a_violation_weighs_by_its_severity(severity: str, log10: float) -> None:
    evidence = oracle_evidence(result(severity))
    assert evidence.bayes_factor.log10_bf == log10
    assert evidence.log_likelihoods.total == log10
    assert evidence.log_likelihoods.structural == evidence.log_likelihoods.detection == log10 / 2
    assert evidence.is_violation
    assert evidence.evidence_lines[0].substitution.endswith(f"max_severity={severity.lower()}")


def test_the_worst_violation_counts() -> None:
    assert oracle_evidence(result("Low", "Critical", "High")).bayes_factor.log10_bf == 2.4


def test_failing_without_a_violation_is_half_and_passing_is_against() -> None:
    assert oracle_evidence(result()).bayes_factor.log10_bf == 0.5
    passed = oracle_evidence(result("High", passed=True))
    assert passed.bayes_factor.log10_bf == -1.0
    assert passed.evidence_lines[0].substitution.startswith("passed=true, violations=1, ")
    assert passed.evidence_lines[0].intuition == "o produced deterministic clean evidence"
    assert not passed.is_violation


def test_the_summary_counts_strengths() -> None:
    results = [result("Low"), result("High"), result("Critical"), result(passed=True)]
    ledger = EvidenceLedger(entries=tuple(entry_for(item, 7) for item in results))
    assert ledger.summary == "Evidence: 4 total, 3 violations (2 strong+), 1 against, 0 negligible"
    assert ledger.violation_entries == 3
    assert {entry.timestamp for entry in ledger.entries} == {7}
