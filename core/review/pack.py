"""The crashpack of a decision: its files, from the evidence alone (spec/review.md, crashpack.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.artifacts.names import fixture_names
from core.artifacts.redact import Redactor
from core.crashpack.composite import Counts, composite_evidence
from core.crashpack.integrity import NAME as FILES_SHA256
from core.crashpack.oracles import OracleRun
from core.crashpack.pack import NAMES, STATE, emit
from core.crashpack.proof import AgentProofBundle, ProofCommand, proof_bundle
from core.crashpack.reading import COMPOSITE, PROOF
from core.crashpack.rederive import (
    CANDIDATE,
    FIXTURES,
    DecisionState,
    Redactions,
    RunRef,
    redactions,
    rederive,
)
from core.live.transfer import ORACLE, moment
from core.model.jsontext import pretty, sha256_hex
from core.model.text import as_utf8
from core.review.evidence import Evidence, events, metadata
from core.review.runs import Copies, chosen

_NO_RUN = RunRef()


def pack_files(
    evidence: Evidence, mode: str, max_fixtures: int, redactor: Redactor, copies: Copies
) -> dict[str, bytes]:
    """The files of the crashpack by name; the same evidence and redactor give the same bytes."""
    candidate = redactor.everything(evidence.view.candidate)
    kept = copies.of(chosen([run.id for run in evidence.compared], evidence.view.candidate, max_fixtures))
    names = [FIXTURES + name for name in fixture_names([copy.trace.id for copy in kept.values()])]
    fixtures = {name: copy.data for name, copy in zip(names, kept.values(), strict=True)}
    paths = dict(zip(kept, names, strict=True))
    artifacts = sorted({STATE, CANDIDATE, PROOF, COMPOSITE, FILES_SHA256, *fixtures})
    proof = redactor.everything(_proof(evidence, (*NAMES, *artifacts)))
    copied = {CANDIDATE: pretty(candidate), **fixtures}
    state = _state(evidence, mode, redactor)
    state = state.replace(
        runs=_runs(evidence, paths, redactor),
        rederived=rederive(candidate, [copy.trace for copy in kept.values()], len(evidence.compared), state.rules),
        redaction=_redaction(copied, redactor),
    )
    extra = {
        STATE: pretty(state),
        PROOF: pretty(proof),
        COMPOSITE: pretty(composite_evidence(evidence.transfer, _counts(evidence), proof)),
        **copied,
    }
    return emit(
        [evidence.result],
        events(evidence, redactor),
        artifact_paths=artifacts,
        metadata={name: redactor.name(text) for name, text in metadata(evidence).items()},
        timestamp=int(moment(evidence.decision.time) or 0),
        extra=extra,
    )


def pack_digest(files: Mapping[str, bytes]) -> str:
    """What the journal records of a crashpack: `sha256:…` of its `files.sha256`, which vouches for the rest."""
    return "sha256:" + sha256_hex(files[FILES_SHA256])


def _runs(evidence: Evidence, paths: Mapping[str, str], redactor: Redactor) -> tuple[RunRef, ...]:
    """Every run that took part, with the path of its copy."""
    named = redactor.all(
        _NO_RUN.replace(trace_id=run.id, source_hash=run.source_hash or "") for run in evidence.compared
    )
    return tuple(
        ref.replace(path=paths[run.id]) if run.id in paths else ref
        for run, ref in zip(evidence.compared, named, strict=True)
    )


def _redaction(copied: Mapping[str, bytes], redactor: Redactor) -> Redactions | None:
    found = redactions(copied)
    counts = {rule: len(places) for rule, places in found.items()}
    return Redactions(key_id=redactor.key_id, rules=counts) if counts else None


def _state(evidence: Evidence, mode: str, redactor: Redactor) -> DecisionState:
    view = evidence.view
    return DecisionState(
        oracles=(OracleRun(oracle_name=ORACLE, state=evidence.transfer, checks=evidence.checks),),
        decision=evidence.decision.kind,
        lineage=view.lineage,
        cohort=redactor.name(view.cohort),
        mode=mode,
        status_before=view.status,
        status_after=evidence.status_after,
        behaviour_digest=view.behaviour_digest,
        evidence_digest=view.evidence_digest,
        policy_digest=evidence.decision.policy_digest,
        journal_head=evidence.journal_head,
        behaviour=redactor.behaviour(evidence.behaviour),
        rules=tuple(map(redactor.everything, view.rules)),
    )


def _counts(evidence: Evidence) -> Counts:
    return Counts(
        journal_entries=evidence.journal_entries + len(evidence.examples),
        operations=len(evidence.compared),
        obligations=len(evidence.points),
        comparisons_passed=evidence.view.passed,
        comparisons_failed=evidence.view.failed,
    )


def _proof(evidence: Evidence, artifacts: Sequence[str]) -> AgentProofBundle:
    # An argument may be a path whose bytes are no text, and none may keep a decision from being recorded.
    command = ProofCommand(command=tuple(map(as_utf8, evidence.command)), exit_status=0)
    return proof_bundle(
        evidence.sentence,
        evidence.decision.actor,
        commands=(command,) if evidence.command else (),
        touched_paths=evidence.written,
        artifact_paths=artifacts,
        metadata={"lineage": evidence.view.lineage, "decision": evidence.decision.kind},
    )
