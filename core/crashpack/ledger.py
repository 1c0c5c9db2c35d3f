"""The evidence ledger: what each oracle's answer weighs (spec/crashpack.md, Evidence ledger)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Literal

from core.crashpack.oracles import SEVERITIES, OracleResult
from core.model.record import F64, U32, U64, Flag, Record, Text

Strength = Literal["Against", "Negligible", "Positive", "Strong", "VeryStrong"]

SCHEMA_VERSION = 1
EVIDENCE_SOURCE = "transfer.atp-trace"
"""The artifact that every entry refers to."""
EQUATION = "BF = P(oracle evidence | violation) / P(oracle evidence | clean)"

_CLEAN = -1.0
_WITHOUT_VIOLATION = 0.5
_WEIGHTS = {"Low": 0.6, "Medium": 1.0, "High": 1.6, "Critical": 2.4}
_VIOLATION: frozenset[Strength] = frozenset({"Positive", "Strong", "VeryStrong"})


class BayesFactor(Record):
    """How much likelier the evidence is under a violation, as log10, with its strength in words."""

    log10_bf: F64 = 0.0
    hypothesis: Text = ""
    strength: Strength = "Negligible"


class LogLikelihoods(Record):
    """The parts that a Bayes factor is the sum of, as log10."""

    structural: F64 = 0.0
    detection: F64 = 0.0
    total: F64 = 0.0


class EvidenceLine(Record):
    """The model, the numbers put into it, and what that means."""

    equation: Text = ""
    substitution: Text = ""
    intuition: Text = ""


class Evidence(Record):
    """The evidence for or against one invariant's violation."""

    invariant: Text = ""
    passed: Flag = False
    bayes_factor: BayesFactor = BayesFactor()
    log_likelihoods: LogLikelihoods = LogLikelihoods()
    evidence_lines: tuple[EvidenceLine, ...] = ()

    @property
    def is_violation(self) -> bool:
        """Whether it speaks for a violation: strength Positive or more."""
        return self.bayes_factor.strength in _VIOLATION


class LedgerEntry(Record):
    """One oracle's evidence; `timestamp` in Unix seconds."""

    oracle_name: Text = ""
    evidence: Evidence = Evidence()
    artifact_path: Text = EVIDENCE_SOURCE
    timestamp: U64 = 0


class EvidenceLedger(Record):
    """All evidence of a crashpack."""

    schema_version: U32 = SCHEMA_VERSION
    entries: tuple[LedgerEntry, ...] = ()
    seeds: dict[Text, U64] = {}
    artifact_paths: tuple[Text, ...] = ()
    metadata: dict[Text, Text] = {}

    @property
    def violation_entries(self) -> int:
        """Entries that speak for a violation."""
        return sum(entry.evidence.is_violation for entry in self.entries)

    @property
    def summary(self) -> str:
        """The ledger in a sentence."""
        return summarise(entry.evidence for entry in self.entries)


def strength_of(log10_bf: float) -> Strength:
    """The strength of a Bayes factor in words, after Kass & Raftery (1995)."""
    if log10_bf < 0:
        return "Against"
    if log10_bf < 0.5:
        return "Negligible"
    if log10_bf < 1.3:
        return "Positive"
    return "Strong" if log10_bf < 2.2 else "VeryStrong"


def summarise(evidence: Iterable[Evidence]) -> str:
    """How many pieces of evidence there are, by strength."""
    counts = Counter(item.bayes_factor.strength for item in evidence)
    violations = sum(counts[strength] for strength in _VIOLATION)
    strong = counts["Strong"] + counts["VeryStrong"]
    return (
        f"Evidence: {counts.total()} total, {violations} violations ({strong} strong+), "
        f"{counts['Against']} against, {counts['Negligible']} negligible"
    )


def oracle_evidence(result: OracleResult) -> Evidence:
    """What an oracle's answer weighs: by its worst violation."""
    worst = max((v.severity for v in result.violations), key=SEVERITIES.index, default=None)
    found_weight = _WEIGHTS[worst] if worst else _WITHOUT_VIOLATION
    weight = _CLEAN if result.passed else found_weight
    name, found = result.oracle_name, len(result.violations)
    told = "produced deterministic clean evidence" if result.passed else f"reported {found} deterministic violation(s)"
    numbers = (
        f"passed={'true' if result.passed else 'false'}, violations={found}, "
        f"events_recorded={result.stats.events_recorded}, entities_tracked={result.stats.entities_tracked}, "
        f"max_severity={worst.lower() if worst else 'none'}"
    )
    return Evidence(
        invariant=name,
        passed=result.passed,
        bayes_factor=BayesFactor(log10_bf=weight, hypothesis=f"{name} violation", strength=strength_of(weight)),
        log_likelihoods=LogLikelihoods(structural=weight / 2, detection=weight / 2, total=weight),
        evidence_lines=(EvidenceLine(equation=EQUATION, substitution=numbers, intuition=f"{name} {told}"),),
    )


def entry_for(result: OracleResult, timestamp: int) -> LedgerEntry:
    """The ledger's entry of an oracle's answer, recorded at some Unix second."""
    return LedgerEntry(oracle_name=result.oracle_name, evidence=oracle_evidence(result), timestamp=timestamp)
