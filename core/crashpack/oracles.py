"""The transfer oracle: five checks over what is known when a workflow is handed over (spec/crashpack.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from core.model.record import U32, U64, Flag, Record, Text

Severity = Literal["Low", "Medium", "High", "Critical"]

SEVERITIES: tuple[Severity, ...] = ("Low", "Medium", "High", "Critical")
"""All severities, mildest first."""


class TransferState(Record):
    """What the oracle judges; the defaults are those of a transfer in which nothing happened."""

    manifest_hash: Text = ""
    expected_manifest_hash: Text = ""
    journal_gaps: U32 = 0
    pending_operations: U32 = 0
    leaked_obligations: U32 = 0
    path_outcomes_consistent: Flag = True


class Checks(Record):
    """Which of the five checks run."""

    manifest: Flag = True
    journal: Flag = True
    quiescence: Flag = True
    obligations: Flag = True
    paths: Flag = True


class Violation(Record):
    """One thing that an oracle found wrong."""

    violation_type: Text = ""
    description: Text = ""
    severity: Severity = "Low"
    evidence: dict[Text, Text] = {}


class OracleStats(Record):
    """How much an oracle looked at: violations found and checks run."""

    entities_tracked: U64 = 0
    events_recorded: U64 = 0


class OracleResult(Record):
    """What one oracle said."""

    oracle_name: Text = ""
    violations: tuple[Violation, ...] = ()
    stats: OracleStats = OracleStats()
    passed: Flag = False


class OracleRun(Record):
    """An oracle with what it is to judge: all that running it again needs."""

    oracle_name: Text = ""
    state: TransferState = TransferState()
    checks: Checks = Checks()

    def run(self) -> OracleResult:
        """The oracle's result."""
        return run_oracle(self.oracle_name, self.state, self.checks)


class RecordedState(Record):
    """What the oracles of a crashpack saw (`state.json`); replaying runs them on it again. More fields may follow."""

    schema_version: U32 = 1
    oracles: tuple[OracleRun, ...] = ()


ALL_CHECKS = Checks()


def run_oracle(name: str, state: TransferState, checks: Checks = ALL_CHECKS) -> OracleResult:
    """Judge a transfer's state by the checks that are switched on."""
    violations = tuple(_violations(state, checks))
    switched_on = (checks.manifest, checks.journal, checks.quiescence, checks.obligations, checks.paths)
    return OracleResult(
        oracle_name=name,
        violations=violations,
        stats=OracleStats(entities_tracked=len(violations), events_recorded=sum(switched_on)),
        passed=not violations,
    )


def _violations(state: TransferState, checks: Checks) -> Iterator[Violation]:
    if checks.manifest and state.manifest_hash != state.expected_manifest_hash:
        yield Violation(
            violation_type="manifest_integrity",
            description=f"Manifest hash mismatch: expected {state.expected_manifest_hash}, got {state.manifest_hash}",
            severity="High",
            evidence={"expected_hash": state.expected_manifest_hash, "actual_hash": state.manifest_hash},
        )
    if checks.journal and state.journal_gaps:
        yield Violation(
            violation_type="journal_consistency",
            description=f"Journal has {state.journal_gaps} gaps or ordering violations",
            severity="High",
            evidence={"gap_count": str(state.journal_gaps)},
        )
    if checks.quiescence and state.pending_operations:
        yield Violation(
            violation_type="quiescence",
            description=f"Transfer attempted with {state.pending_operations} pending operations",
            severity="Medium",
            evidence={"pending_count": str(state.pending_operations)},
        )
    if checks.obligations and state.leaked_obligations:
        yield Violation(
            violation_type="obligation_leak",
            description=f"Found {state.leaked_obligations} leaked obligations",
            severity="High",
            evidence={"leak_count": str(state.leaked_obligations)},
        )
    if checks.paths and not state.path_outcomes_consistent:
        yield Violation(
            violation_type="path_consistency",
            description="Path outcomes are inconsistent across replicas",
            severity="High",
        )
