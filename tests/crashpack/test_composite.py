from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.composite import FAULT_RATE, CompositeEvidence, Counts, composite_evidence
from core.crashpack.ledger import Evidence
from core.crashpack.oracles import TransferState
from core.crashpack.proof import proof_bundle
from core.model.jsontext import parse, plain, pretty
from tests.crashpack.makers import BAD, CLEAN

PROOF = proof_bundle("o", "a")
HASH = "sha256:" + "0a" * 32
BASIC = ["manifest_integrity", "journal_consistency", "quiescence"]
REST = ["obligation_leak", "path_consistency", "proof_bundle_validity"]


def named(made: CompositeEvidence) -> dict[str, Evidence]:
    return {item.invariant: item for item in made.evidence}


def test_scopes() -> None:
    assert list(named(composite_evidence(CLEAN, Counts(), PROOF))) == BASIC + REST
    basic = composite_evidence(CLEAN, Counts(), scope="basic")
    assert list(named(basic)) == BASIC
    assert basic.passed


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ({"manifest_hash": "sha256:0b"}, "manifest_integrity"),
        ({"journal_gaps": 1}, "journal_consistency"),
        ({"pending_operations": 1}, "quiescence"),
        ({"leaked_obligations": 1}, "obligation_leak"),
        ({"path_outcomes_consistent": False}, "path_consistency"),
    ],
)
def test_each_invariant_fails_for_its_own_reason(change: dict, invariant: str) -> None:
    made = composite_evidence(CLEAN.replace(**change), Counts(), PROOF)
    assert not made.passed
    assert [item.invariant for item in made.evidence if not item.passed] == [invariant]
    assert named(made)[invariant].is_violation


def test_a_missing_or_invalid_proof_fails() -> None:
    for proof in (None, proof_bundle("", "a")):
        made = composite_evidence(CLEAN, Counts(), proof)
        assert [item.invariant for item in made.evidence if not item.passed] == ["proof_bundle_validity"]


def test_comparisons_are_weighed_by_a_beta_binomial_model() -> None:
    path = named(composite_evidence(CLEAN, Counts(comparisons_passed=12), PROOF))["path_consistency"]
    expected = math.log10(1 / 13) - 12 * math.log10(1 - FAULT_RATE)
    assert path.bayes_factor.log10_bf == pytest.approx(expected, abs=1e-5)
    assert path.bayes_factor.strength == "Against"
    (line,) = path.evidence_lines
    assert line.substitution == "model=beta_binomial, trials=12, failures=0, prior=Beta(1, 1), fault_rate=1e-06"
    assert line.intuition == "12 of 12 compared runs agree"


def test_failures_among_passes() -> None:
    state = CLEAN.replace(path_outcomes_consistent=False)
    path = named(composite_evidence(state, Counts(comparisons_passed=199, comparisons_failed=1), PROOF))[
        "path_consistency"
    ]
    expected = math.log10(1 / (201 * 200)) + 6 - 199 * math.log10(1 - FAULT_RATE)
    assert path.bayes_factor.log10_bf == pytest.approx(expected, abs=1e-5)
    assert path.bayes_factor.strength == "Strong"
    assert "199 of 200 compared runs agree" in path.evidence_lines[0].intuition


@given(st.integers(0, 500), st.integers(0, 500))
def test_more_evidence_weighs_more(passes: int, more: int) -> None:
    def weight(passed: int, failed: int) -> float:
        state = CLEAN.replace(path_outcomes_consistent=not failed)
        counts = Counts(comparisons_passed=passed, comparisons_failed=failed)
        return named(composite_evidence(state, counts, PROOF))["path_consistency"].bayes_factor.log10_bf

    assert weight(passes + more, 0) <= weight(passes, 0) <= 0
    assert weight(passes, more + 1) > 0


def test_nothing_counted_is_no_evidence() -> None:
    journal = named(composite_evidence(CLEAN, Counts(), PROOF))["journal_consistency"]
    assert journal.bayes_factor.log10_bf == 0.0
    assert journal.bayes_factor.strength == "Negligible"
    assert "nothing was counted" in journal.evidence_lines[0].intuition


def test_equal_digests_weigh_by_their_length() -> None:
    state = TransferState(manifest_hash=HASH, expected_manifest_hash=HASH)
    manifest = named(composite_evidence(state, Counts()))["manifest_integrity"]
    assert manifest.bayes_factor.log10_bf == pytest.approx(-256 * math.log10(2), abs=1e-5)
    assert manifest.evidence_lines[0].substitution == "model=digest, bits=256, equal=true, fault_rate=1e-06"
    empty = named(composite_evidence(TransferState(), Counts()))["manifest_integrity"]
    assert empty.bayes_factor.strength == "Negligible"
    other = named(composite_evidence(state.replace(manifest_hash="x"), Counts()))["manifest_integrity"]
    assert other.bayes_factor.log10_bf == 6.0


def test_the_parts_make_up_the_whole_and_the_summary_counts() -> None:
    made = composite_evidence(BAD, Counts(comparisons_passed=3, comparisons_failed=2), PROOF)
    for item in made.evidence:
        parts = item.log_likelihoods
        assert parts.structural + parts.detection == pytest.approx(parts.total, abs=2e-6)
        assert parts.total == item.bayes_factor.log10_bf
    assert made.summary.startswith("Evidence: 6 total, 5 violations")
    assert plain(CompositeEvidence.decode(parse(pretty(made)))) == plain(made)
