"""Replaying a crashpack: validate it, judge again what it recorded, and compare (spec/crashpack.md, Replay)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from core.crashpack.composite import CompositeEvidence, composite_evidence
from core.crashpack.journal import journal_text
from core.crashpack.lines import first_difference
from core.crashpack.oracles import OracleResult
from core.crashpack.proof import AgentProofBundle
from core.crashpack.reading import COMPOSITE, Contents
from core.crashpack.validate import NOTHING_ELSE, Validation, differences, validate
from core.crashpack.witness import unwitnessed
from core.model.jsontext import compact, plain
from core.model.record import DecodeError
from core.model.text import plural, quoted, visible


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a replay."""

    name: str
    passed: bool
    text: str
    """What was compared, or the first difference."""


@dataclass(frozen=True, slots=True)
class ReplayResult:
    """Everything that a replay compared."""

    validation: Validation
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be compared, and why."""

    @property
    def passed(self) -> bool:
        """Whether everything came out as recorded."""
        return all(check.passed for check in self.checks)

    @property
    def first_difference(self) -> str | None:
        """The first difference, None when there is none."""
        return next((f"{check.name}: {check.text}" for check in self.checks if not check.passed), None)

    def and_also(self, *checks: Check, notes: Sequence[str] = ()) -> ReplayResult:
        """The result with further comparisons."""
        return replace(self, checks=(*self.checks, *checks), notes=(*self.notes, *notes))


def replay(
    files: Mapping[str, bytes],
    *,
    oracles: Sequence[str] = (),
    rerun: bool = True,
    strange: Mapping[str, str] = NOTHING_ELSE,
) -> ReplayResult:
    """Replay a crashpack's files; `strange` is that of validate.

    `oracles` restricts it to oracles of these names (as spelled in the journal); without `rerun` nothing is judged
    again. A crashpack that is not valid is not replayed any further.
    """
    validation = validate(files, strange)
    if not validation.passed:
        problems = tuple(Check("crashpack", False, str(problem)) for problem in validation.problems)
        return ReplayResult(validation, problems)
    contents = validation.contents
    held = plural(len(files), "file holds together", "files hold together")
    result = ReplayResult(validation, (Check("crashpack", True, held), *_known(contents, oracles)))
    chosen = _chosen(contents.results or (), oracles)
    result = result.and_also(_witnesses(contents, chosen))
    if not rerun:
        return result.and_also(notes=["the oracles were not run again, as asked"])
    if contents.state is None:
        return result.and_also(notes=["the crashpack does not record what its oracles saw: they were not run again"])
    return result.and_also(*_oracles(contents, chosen, oracles), *_composite(contents))


def _chosen(results: Sequence[OracleResult], names: Sequence[str]) -> list[OracleResult]:
    return [result for result in results if not names or visible(result.oracle_name) in names]


def _known(contents: Contents, names: Sequence[str]) -> Iterator[Check]:
    recorded = {result.oracle_name for result in contents.results or ()}
    for name in names:
        if name not in recorded:
            yield Check(f"oracle {visible(name)}", False, "is not recorded in this crashpack")


def _witnesses(contents: Contents, results: Sequence[OracleResult]) -> Check:
    """Every violation has an event that shows it."""
    missing = unwitnessed(results, contents.events or ())
    if missing:
        name, violation = missing[0]
        text = f"no event of transfer.atp-trace shows {violation.violation_type} of oracle {quoted(name)}"
        return Check("witnesses", False, text)
    count = sum(len(result.violations) for result in results)
    shown = "the one violation has its witness" if count == 1 else f"all {count} violations have their witness"
    return Check("witnesses", True, shown if count else "no violations")


def _oracles(contents: Contents, recorded: Sequence[OracleResult], names: Sequence[str]) -> Iterator[Check]:
    """Every oracle says the same again."""
    runs = contents.state.oracles if contents.state else ()
    again = _chosen([run.run() for run in runs], names)
    if len(again) != len(recorded):
        text = f"state.json holds what {len(again)} oracles saw, the journal records {len(recorded)}"
        yield Check("oracles", False, text)
    for ours, theirs in zip(recorded, again, strict=False):
        before, now = journal_text([ours]), journal_text([theirs])
        same = before == now
        verdict = "passed" if ours.passed else plural(len(ours.violations), "violation")
        text = f"{verdict}, as recorded" if same else f"the journal's {first_difference(before, now)} from state.json"
        yield Check(f"oracle {ours.oracle_name}", same, text)


def _composite(contents: Contents) -> Iterator[Check]:
    """The composite evidence follows from what the oracles saw and what was counted."""
    if contents.composite is None:
        return
    try:
        recorded = CompositeEvidence.decode(contents.composite)
        proof = None if contents.proof is None else AgentProofBundle.decode(contents.proof)
    except DecodeError as error:
        yield Check(COMPOSITE, False, str(error))
        return
    seen = [run.state for run in contents.state.oracles] if contents.state else []
    if plain(recorded.inputs.state) not in map(plain, seen):
        yield Check(COMPOSITE, False, "inputs.state is none of the states in state.json")
    again = composite_evidence(recorded.inputs.state, recorded.inputs.counts, proof, scope=recorded.scope)
    for place, ours, theirs in differences(contents.composite, plain(again), ""):
        yield Check(COMPOSITE, False, f"{place} is {compact(ours).decode()}, computed {compact(theirs).decode()}")
        return
    yield Check(COMPOSITE, True, again.summary)
