"""The replay oracle: do two recorded executions agree but for what is allow-listed (spec/pipeline.md §4)."""

from __future__ import annotations

from typing import Literal

from core.model.candidate import Divergence, OracleReport, RunCounts
from core.model.jsontext import Json, plain, same
from core.model.record import Record, Text
from core.model.text import is_blank, quoted
from core.model.trace import AllowRule, ReplayRun
from core.shadow.allowlist import OracleError, apply_rules, check_rules
from core.shadow.jsondiff import MISSING, JsonDifference, iter_differences

__all__ = [
    "SCHEMA",
    "OracleError",
    "OracleInput",
    "compared_runs",
    "divergence_message",
    "replay_oracle",
    "run_counts",
]

SCHEMA = "harn.orchestration.replay_trace.v1"
"""The only schema of a replay trace that is known."""


class OracleInput(Record):
    """Two executions to compare, the places that may differ, and what is expected."""

    schema_version: Text = SCHEMA
    name: Text = ""
    description: Text | None = None
    expect: Literal["match", "drift"] = "match"
    protocol_fixture_refs: tuple[Text, ...] = ()
    allowlist: tuple[AllowRule, ...] = ()
    first_run: ReplayRun = ReplayRun()
    second_run: ReplayRun = ReplayRun()


def replay_oracle(given: OracleInput) -> OracleReport:
    """Compare two executions. Raises OracleError when the material cannot be judged."""
    left, right = compared_runs(given)
    divergence = _first_divergence(left, right)
    return OracleReport(
        name=given.name,
        expectation=given.expect,
        passed=(divergence is None) == (given.expect == "match"),
        first_run_counts=run_counts(given.first_run),
        second_run_counts=run_counts(given.second_run),
        protocol_fixture_refs=given.protocol_fixture_refs,
        divergence=divergence,
    )


def compared_runs(given: OracleInput) -> tuple[Json, Json]:
    """Both runs as JSON with the allowlist applied. Raises OracleError when the material cannot be judged."""
    _check(given)
    return (
        apply_rules(plain(given.first_run), given.allowlist),
        apply_rules(plain(given.second_run), given.allowlist),
    )


def run_counts(run: ReplayRun) -> RunCounts:
    """How many entries each list of a run has."""
    return RunCounts(**{name: len(getattr(run, name)) for name in RunCounts.model_fields})


def divergence_message(found: JsonDifference) -> str:
    """A difference in the oracle's words; what is expected counts as the left run."""
    place = "array element" if found.element else "field"
    if found.observed is MISSING:
        return f"right run is missing this {place}"
    if found.expected is MISSING:
        return f"left run is missing this {place}"
    return "values differ"


def _first_divergence(left: Json, right: Json) -> Divergence | None:
    if same(left, right):
        return None
    found = next(iter_differences(left, right))
    return Divergence(
        path=found.pointer,
        left=None if found.expected is MISSING else found.expected,
        right=None if found.observed is MISSING else found.observed,
        message=divergence_message(found),
    )


def _check(given: OracleInput) -> None:
    """The faults of the material, in the specification's order."""
    if given.schema_version != SCHEMA:
        raise OracleError(f"unsupported replay trace schema_version {quoted(given.schema_version)}; expected {SCHEMA}")
    if is_blank(given.name):
        raise OracleError("replay trace name cannot be empty")
    runs = (given.first_run, given.second_run)
    if any(is_blank(run.run_id) for run in runs):
        raise OracleError(f"{given.name} must include run ids for both replay executions")
    if not all(any(getattr(run, name) for name in RunCounts.model_fields) for run in runs):
        raise OracleError(f"{given.name} must include replay trace material for both executions")
    check_rules(given.allowlist)
