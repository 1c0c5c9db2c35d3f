"""A decision as one transaction: it is recorded whole or not at all (spec/review.md, design of the six steps there).

1 lock, 2 compare digests with the files as they are now, 3 build crashpack and bundle aside, flushed, 4 append to the
journal (the commit point), 5 put the crashpack in place, 6 move the bundle's files over the old ones. What fails after
4 is completed by the next decision or the next start (core.store.recovery).
"""

from __future__ import annotations

import socket
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Protocol, Self

from core.artifacts.manifest import MANIFEST
from core.artifacts.redact import Redactor
from core.crashpack.oracles import TransferState
from core.crashpack.pack import MODES
from core.live.engine import Change, State, step
from core.live.reviewing import Outcome, Refused, Request
from core.live.snapshot import CandidateView
from core.live.transfer import Facts, Point, finding, judged_state, runs_backwards, source_actions, source_points
from core.model.decision import CrashpackRef, Decision
from core.model.errors import WorkspaceError
from core.model.outlined import Outlined
from core.model.record import JsonMap
from core.model.trace import Trace
from core.model.uncollected import uncollected
from core.promotion.behaviour import behaviour
from core.review.at_once import holding
from core.review.bundle import bundle_of
from core.review.checks import added_runs, check, lost_runs, named, named_step, revocable
from core.review.criteria import fresh_bundle_sums, vouching
from core.review.evidence import Evidence
from core.review.pack import pack_digest, pack_files
from core.review.runs import Copies, Runs
from core.review.words import sentence
from core.store.recovery import leftovers, recover_locked
from core.store.signing.checking import Checker
from core.store.signing.signer import Signer
from core.store.staging import SUMS, Build, build_aside, move_files, publish_folder
from core.store.workspace import Workspace

EMITTING = ("approve", "reject")
"""The kinds of decision that leave a crashpack."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Where and when a decision is made: RFC 3339 time, host and program version."""

    time: str
    host: str
    program: str

    @classmethod
    def here(cls, time: str) -> Self:
        """On this machine, by this program."""
        return cls(time, socket.gethostname(), f"assay {version('assay')}")


@dataclass(frozen=True, slots=True)
class Recheck:
    """What is true at the moment of confirming."""

    state: State
    """Derived from the candidate's files as they are on disk now."""
    moved: int = 0
    """Files of the candidate that changed or vanished since they were last absorbed."""
    outlines: Mapping[str, Outlined] = field(default_factory=dict)
    """What the candidate's files say of its runs, by id, where that is at hand."""
    traces: Mapping[str, Trace] = field(default_factory=dict)
    """Those that are at hand whole."""


class Desk(Protocol):
    """What the transaction needs of the live workspace."""

    @property
    def store(self) -> Workspace:
        """The workspace on disk."""

    def recheck(self, lineage: str) -> Recheck:
        """Read the candidate's files, the journal and the policy again. Raises WorkspaceError."""

    def adopt(self) -> State:
        """The state with the journal as it is on disk now."""

    def tell(self, sentences: tuple[str, ...]) -> None:
        """Tell the user what was done about an earlier crash."""


def decide(desk: Desk, request: Request, stamp: Stamp, signer: Signer | None = None) -> Outcome:
    """Record a decision, signed where there is a signer.

    Raises Refused, or WorkspaceError when the disk or the signer refuses; nothing is recorded then.
    """
    store = desk.store
    with uncollected(), holding() as hold, store.locked(request.actor):
        if leftovers(store):
            desk.tell(recover_locked(store))
        # A policy that cannot be read allows nothing: what was in force before, or by default, may allow more.
        store.load_policy()
        if request.seen:
            hold(request.seen)
        found = desk.recheck(request.lineage)
        hold(view := named(request, found.state.snapshot))
        check(request, view, found.state.policy, signer.key.keyid if signer else "")
        draft = _draft(request, view, found.state, stamp, signer)
        hold(after := _after(found.state, view, draft))
        redactor = store.redactor(found.state.policy)
        runs = Runs(found.state.parts.traces, found.outlines, found.traces)
        copies = Copies(runs, redactor)
        bundle = bundle_of(after, runs, copies, redactor)
        sums = fresh_bundle_sums(bundle)
        draft = draft.replace(detail={**draft.detail, **vouching(sums, after, redactor)})
        builds = [Build(store.bundle(after.lineage), {**bundle, SUMS: sums})]
        if request.kind in EMITTING:
            evidence = _evidence(store, request, view, found, runs, draft, after)
            draft, pack = _pack(store, evidence, found.state, redactor, copies)
            builds.append(pack)
        try:
            asides = build_aside(builds, store.tmp, disk=store.disk)
            store.append(draft, signer)
        except BaseException:
            # The journal may have the decision already, so only it can say what is to become of the folders.
            with suppress(Exception):
                desk.tell(recover_locked(store))
            raise
        return _finish(desk, draft, builds, asides, after)


def _finish(
    desk: Desk, draft: Decision, builds: Sequence[Build], asides: Sequence[Path], after: CandidateView
) -> Outcome:
    """The steps after the commit point; what fails here never takes the decision back."""
    store, troubles = desk.store, []
    (bundle, its_aside), *packs = zip(builds, asides, strict=True)
    for pack, aside in packs:
        try:
            publish_folder(aside, pack.final, disk=store.disk)
        except WorkspaceError as error:
            troubles.append(str(error))
    folder: Path | None = bundle.final
    try:
        move_files(its_aside, bundle.final, last=MANIFEST, disk=store.disk)
    except WorkspaceError as error:
        folder = None
        troubles.append(str(error))
    state = desk.adopt()
    recorded = next((d for d in reversed(state.journal.decisions) if d.lineage == after.lineage), draft)
    crashpack = packs[0][0].final if packs else None
    return Outcome(recorded, crashpack, folder, _view(state, after.lineage) or after, "; ".join(troubles))


def _after(state: State, view: CandidateView, draft: Decision) -> CandidateView:
    """The candidate as it stands once the decision is recorded."""
    journal = state.journal
    decided = replace(journal, decisions=(*journal.decisions, draft.replace(seq=len(journal.decisions) + 1)))
    return _view(step(state, Change(journal=decided)), view.lineage) or view


def _view(state: State, lineage: str) -> CandidateView | None:
    return next((view for view in state.snapshot.candidates if view.lineage == lineage), None)


def _draft(request: Request, view: CandidateView, state: State, stamp: Stamp, signer: Signer | None = None) -> Decision:
    """The decision but for its crashpack, seq and prev."""
    checker = Checker.of(state.policy.trusted_keys)
    candidate = view.candidate
    detail: dict[str, object] = {
        "cohort": view.cohort,
        "label": view.label,
        "examples": len(candidate.examples),
        "compared_traces": candidate.shadow.compared_traces,
        "status_before": view.status,
        **request.detail,
    }
    if request.acknowledged:
        detail["acknowledged"] = list(request.acknowledged)
    if request.kind == "reject" and request.behaviour_digest not in ("", view.behaviour_digest):
        detail["reviewed_behaviour"] = request.behaviour_digest
    if added := added_runs(request, view):
        detail["added_runs"] = added
    if request.kind == "allow" and (step_name := named_step(request, view)) is not None:
        detail["step_name"] = step_name
    if request.kind == "revoke":
        detail["revokes"] = [d.seq for d in revocable(view, request.actor, state.policy)]
    return Decision(
        time=stamp.time,
        actor=request.actor,
        kind=request.kind,
        reason=request.reason.strip() or None,
        lineage=view.lineage,
        candidate_id=candidate.id,
        behaviour_digest=view.behaviour_digest,
        evidence_digest=view.evidence_digest,
        policy_digest=state.policy.digest,
        host=stamp.host,
        program=stamp.program,
        detail=detail,
        signed=checker.worth(signer.key, request.actor) if signer else "unsigned",
        keyid=signer.key.keyid if signer else "",
    )


def _pack(
    store: Workspace, evidence: Evidence, state: State, redactor: Redactor, copies: Copies
) -> tuple[Decision, Build]:
    """The decision with its crashpack, and the crashpack to be built. Raises Refused."""
    if evidence.decision.kind == "approve":
        _check_oracles(evidence, state)
    files = pack_files(evidence, state.policy.mode, state.policy.max_fixtures, redactor, copies)
    name = _pack_name(store, evidence.view, state)
    decision = evidence.decision.replace(crashpack=CrashpackRef(name=name, digest=pack_digest(files)))
    return decision, Build(store.crashpack(name), files, MODES)


def _pack_name(store: Workspace, view: CandidateView, state: State) -> str:
    return store.next_crashpack(view.candidate.id or view.lineage, state.journal.decisions)


def _evidence(
    store: Workspace,
    request: Request,
    view: CandidateView,
    found: Recheck,
    runs: Runs,
    draft: Decision,
    after: CandidateView,
) -> Evidence:
    examples = runs.outlines(example.trace_id for example in view.candidate.examples)
    actions = list(source_actions(view.candidate, examples))
    points = list(source_points(view.candidate, examples))
    return Evidence(
        view=view,
        status_after=after.status,
        decision=draft,
        examples=examples,
        compared=runs.outlines(result.trace_id for result in view.candidate.shadow.traces),
        actions=actions,
        points=points,
        behaviour=_behaviour(found.state, view, runs),
        transfer=_transfer(request, view, examples, points, found),
        journal_head=found.state.journal.head,
        journal_entries=len(found.state.journal.decisions),
        sentence=sentence(request.kind, view, request.actor, found.state.policy),
        command=request.command,
        written=("journal.jsonl", f"crashpacks/{_pack_name(store, view, found.state)}", f"candidates/{view.lineage}"),
    )


def _behaviour(state: State, view: CandidateView, runs: Runs) -> JsonMap:
    """What is decided on; of a lineage that is no longer proposed from the runs of its examples."""
    judged = state.viewed[view.lineage].judged
    if judged is not None:
        return judged.behaviour
    found = (runs.whole(example.trace_id) for example in view.candidate.examples)
    return behaviour(view.candidate, [run for run in found if run is not None])


def _transfer(
    request: Request, view: CandidateView, examples: Sequence[Outlined], points: Sequence[Point], found: Recheck
) -> TransferState:
    snapshot = found.state.snapshot
    facts = Facts(
        expected_behaviour=request.behaviour_digest or view.behaviour_digest,
        present_behaviour=view.behaviour_digest,
        journal_breaks=len(snapshot.journal.faults),
        lost_sources=max(found.moved, len(lost_runs(request, view))),
        pending=found.moved + snapshot.quarantined,
    )
    unresolved = sum(not resolved for _, _, resolved in points)
    return judged_state(view.candidate, facts, sum(map(runs_backwards, examples)), unresolved)


def _check_oracles(evidence: Evidence, state: State) -> None:
    """Refuse an approval that a blocking oracle speaks against. Raises Refused."""
    found = map(finding, evidence.result.violations)
    blocking = tuple(f"blocked: {told}" for check, told in found if check in state.policy.block_on)
    if blocking:
        raise Refused(blocking, evidence.view)
