"""The composite oracle: how much the counts behind a decision say about each invariant (spec/crashpack.md).

Counted things (comparisons, journal lines, approval points, …) are weighed by a Beta-Binomial model: under a violation
the share of failures is unknown (uniform); without one a failure is a recording fault of a fixed, very small rate. Two
digests are weighed by their length. Each evidence line names the model and the numbers that went into it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from core.crashpack.ledger import BayesFactor, Evidence, EvidenceLine, LogLikelihoods, strength_of, summarise
from core.crashpack.oracles import TransferState
from core.crashpack.proof import AgentProofBundle, bundle_problems
from core.model.record import U32, U64, Flag, Record, Text

Scope = Literal["all", "basic"]

FAULT_RATE = 1e-6
"""How often something clean is recorded as failed."""

_HEX = re.compile(r"(?:sha256:)?([0-9a-f]+)")
_LOG10_2 = math.log10(2)


class Counts(Record):
    """What was looked at when the transfer state was made; failures are in the state, except for comparisons."""

    journal_entries: U64 = 0
    """Lines of the journal and source runs whose order was checked."""
    operations: U64 = 0
    """Files of the candidate whose state was checked."""
    obligations: U64 = 0
    """Required approval points."""
    comparisons_passed: U64 = 0
    """Shadow comparisons that agree."""
    comparisons_failed: U64 = 0


class CompositeInputs(Record):
    """All that the evidence is computed from, besides the proof bundle."""

    state: TransferState = TransferState()
    counts: Counts = Counts()


class CompositeEvidence(Record):
    """The evidence about each invariant (`composite-evidence.json`)."""

    schema_version: U32 = 1
    scope: Scope = "all"
    inputs: CompositeInputs = CompositeInputs()
    passed: Flag = False
    evidence: tuple[Evidence, ...] = ()
    summary: Text = ""


@dataclass(frozen=True, slots=True)
class _Weight:
    """log10 of the probability of what was seen, under a violation and without one, and the model behind it."""

    violated: float
    clean: float
    equation: str
    numbers: str


def composite_evidence(
    state: TransferState,
    counts: Counts,
    proof: AgentProofBundle | None = None,
    *,
    scope: Scope = "all",
) -> CompositeEvidence:
    """Weigh every invariant; `basic` are manifest, journal and quiescence only. A missing proof is an invalid one."""
    evidence = tuple(_basic(state, counts))
    if scope == "all":
        evidence += tuple(_further(state, counts, proof))
    return CompositeEvidence(
        scope=scope,
        inputs=CompositeInputs(state=state, counts=counts),
        passed=all(item.passed for item in evidence),
        evidence=evidence,
        summary=summarise(evidence),
    )


def _basic(state: TransferState, counts: Counts) -> Iterator[Evidence]:
    same = state.manifest_hash == state.expected_manifest_hash
    told = "the reviewed behaviour and the present one have " + ("the same digest" if same else "different digests")
    yield _evidence("manifest_integrity", _digests(state), told, passed=same)
    yield _counted("journal_consistency", state.journal_gaps, counts.journal_entries, "journal entries are in order")
    yield _counted("quiescence", state.pending_operations, counts.operations, "files were settled")


def _further(state: TransferState, counts: Counts, proof: AgentProofBundle | None) -> Iterator[Evidence]:
    yield _counted("obligation_leak", state.leaked_obligations, counts.obligations, "approval points were resolved")
    failed = max(counts.comparisons_failed, 0 if state.path_outcomes_consistent else 1)
    compared = counts.comparisons_passed + counts.comparisons_failed
    yield _counted("path_consistency", failed, compared, "compared runs agree")
    problems, checks = 1, 1
    if proof:
        problems = sum(1 for _ in bundle_problems(proof))
        checks = 2 + len(proof.commands) + len(proof.touched_paths) + len(proof.artifact_paths)
    yield _counted("proof_bundle_validity", problems, checks, "parts of the proof bundle are valid")


def _counted(invariant: str, failures: int, trials: int, what: str) -> Evidence:
    trials = max(trials, failures)
    told = f"{trials - failures} of {trials} {what}" if trials else f"nothing was counted, so nothing shows that {what}"
    return _evidence(invariant, beta_binomial(failures, trials), told, passed=failures == 0)


def beta_binomial(failures: int, trials: int) -> _Weight:
    """Weigh `failures` among `trials`: an unknown failure rate, uniform from 0 to 1, against the fault rate."""
    passes = trials - failures
    violated = (math.lgamma(failures + 1) + math.lgamma(passes + 1) - math.lgamma(trials + 2)) / math.log(10)
    clean = (failures * math.log(FAULT_RATE) + passes * math.log1p(-FAULT_RATE)) / math.log(10)
    return _Weight(
        violated,
        clean,
        "BF = P(failures | rate ~ Beta(1, 1)) / P(failures | rate = fault_rate)",
        f"model=beta_binomial, trials={trials}, failures={failures}, prior=Beta(1, 1), fault_rate={FAULT_RATE:g}",
    )


def _digests(state: TransferState) -> _Weight:
    """Weigh two digests: by chance, different behaviours share one of b bits once in 2^b."""
    found = _HEX.fullmatch(state.expected_manifest_hash)
    bits = 4 * len(found[1]) if found else 0
    same = state.manifest_hash == state.expected_manifest_hash
    return _Weight(
        -bits * _LOG10_2 if same else 0.0,
        0.0 if same else math.log10(FAULT_RATE),
        "BF = P(digests | behaviour changed) / P(digests | behaviour unchanged)",
        f"model=digest, bits={bits}, equal={'true' if same else 'false'}, fault_rate={FAULT_RATE:g}",
    )


def _evidence(invariant: str, weight: _Weight, told: str, *, passed: bool) -> Evidence:
    total = _rounded(weight.violated - weight.clean)
    return Evidence(
        invariant=invariant,
        passed=passed,
        bayes_factor=BayesFactor(log10_bf=total, hypothesis=f"{invariant} violation", strength=strength_of(total)),
        log_likelihoods=LogLikelihoods(
            structural=_rounded(weight.violated), detection=_rounded(-weight.clean), total=total
        ),
        evidence_lines=(EvidenceLine(equation=weight.equation, substitution=weight.numbers, intuition=told),),
    )


def _rounded(value: float) -> float:
    """Six digits: machines may disagree about the last bit of a logarithm. Never -0.0."""
    return round(value, 6) + 0.0
