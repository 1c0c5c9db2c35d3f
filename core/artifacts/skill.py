"""Skills: a candidate as instructions for an agent, let through only by a replay gate (spec/artifacts.md, Skill).

A candidate's examples are what a skill is made from; they alone prove nothing. The gate therefore wants runs that
were **held out**: compared with the candidate without having been an example.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from core.artifacts.skill_record import EvidenceRef, ReplayGate, Skill
from core.artifacts.skill_text import skill_markdown
from core.model.candidate import Candidate, PromotionStatus
from core.model.jsontext import sha256_hex
from core.model.report import Report
from core.model.signature import occurrence, signatures
from core.model.text import identifier, is_blank, lower, sorted_strings
from core.model.trace import Trace
from core.shadow.compare import failed, missing

NO_HELD_OUT = "no held-out trace was compared"


def with_skills(report: Report, traces: Sequence[Trace]) -> Report:
    """The report with a skill for each candidate, accepted ones and those that the gate holds back.

    `traces` are the normalised runs that were mined or compared; they add where a held-out run shows the steps.
    """
    runs = {trace.id: trace for trace in reversed(traces)}
    skills = [skill_of(candidate, runs) for candidate in (*report.candidates, *report.rejected_candidates)]
    accepted = tuple(skill for skill in skills if skill.replay_gate.accepted)
    rejected = tuple(skill for skill in skills if not skill.replay_gate.accepted)
    return report.replace(skill_candidates=accepted or None, rejected_skill_candidates=rejected or None)


def skill_of(candidate: Candidate, runs: Mapping[str, Trace]) -> Skill:
    """The skill of one candidate; `runs` by id."""
    skill_id = "skill_" + sha256_hex(f"{candidate.id}:{candidate.name}".encode("utf-8", "replace"))[:16]
    gate = replay_gate(candidate, skill_id)
    tools = sorted_strings(step.name for step in candidate.steps if step.kind == "tool_call")
    skill = Skill(
        id=skill_id,
        workflow_candidate_id=candidate.id,
        name=f"{identifier(candidate.name)}_skill",
        short=_short(candidate),
        description=_description(candidate, tools),
        when_to_use=_when(candidate),
        allowed_tools=tuple(tools),
        paths=tuple(sorted_strings(_paths(candidate))),
        source_trace_hashes=tuple(sorted_strings(example.source_hash for example in candidate.examples)),
        evidence_refs=(*_sources(candidate, runs), *_held_out(candidate, runs)),
        replay_gate=gate,
        warnings=candidate.warnings,
        rejection_reasons=gate.failures,
    )
    return skill.replace(skill_markdown=skill_markdown(skill, candidate, STATUS[candidate.promotion.criteria.status]))


STATUS: Mapping[PromotionStatus, str] = {
    "blocked": "blocked: a criterion of the promotion does not hold",
    "needs_approval": "not approved yet",
    "ready": "approved",
}
"""What a promotion's status means to who uses the skill."""


def replay_gate(candidate: Candidate, skill_id: str) -> ReplayGate:
    """What the gate decides: every source run and every held-out one agrees, of which there is one at least."""
    sources = {example.trace_id for example in candidate.examples}
    results = candidate.shadow.traces
    held_out = [result for result in results if result.trace_id not in sources]
    told = [
        *candidate.rejection_reasons,
        *_unproved(sources, {result.trace_id: result.passed for result in results}),
        *(failed(result.trace_id) for result in held_out if not result.passed),
        *(() if held_out else (NO_HELD_OUT,)),
    ]
    # A run that fails is a reason for rejecting the candidate already.
    failures = tuple(dict.fromkeys(told))
    return ReplayGate(
        skill_candidate_id=skill_id,
        workflow_candidate_id=candidate.id,
        accepted=not failures,
        decision="rejected" if failures else "accepted",
        original_trace_count=len(sources),
        heldout_trace_count=len(held_out),
        compared_trace_count=len(results),
        failures=failures,
        replay_trace_ids=tuple(result.trace_id for result in results),
        heldout_trace_ids=tuple(result.trace_id for result in held_out),
    )


def _unproved(sources: Iterable[str], passed: Mapping[str, bool]) -> Iterable[str]:
    if not sources:
        yield "there is no source trace"
    for trace_id in sorted(sources):
        if trace_id not in passed:
            yield missing(trace_id)
        elif not passed[trace_id]:
            yield failed(trace_id)


def _sources(candidate: Candidate, runs: Mapping[str, Trace]) -> Iterable[EvidenceRef]:
    for example in candidate.examples:
        run = runs.get(example.trace_id)
        yield EvidenceRef(
            trace_id=example.trace_id,
            source_hash=example.source_hash,
            source_url=run.source if run else None,
            action_ids=example.action_ids,
        )


def _held_out(candidate: Candidate, runs: Mapping[str, Trace]) -> Iterable[EvidenceRef]:
    sources = {example.trace_id for example in candidate.examples}
    for result in candidate.shadow.traces:
        if result.trace_id in sources:
            continue
        run = runs.get(result.trace_id)
        yield EvidenceRef(
            trace_id=result.trace_id,
            source_hash=result.source_hash,
            source_url=run.source if run else None,
            action_ids=_window(candidate, run) if run else (),
            role="held_out",
        )


def _window(candidate: Candidate, run: Trace) -> tuple[str, ...]:
    start = occurrence(candidate.sequence_signature, signatures(run))
    if start is None:
        return ()
    return tuple(action.id for action in run.actions[start : start + len(candidate.sequence_signature)])


def _paths(candidate: Candidate) -> Iterable[str]:
    return (effect.target for effect in candidate.side_effects if "file" in lower(effect.kind))


def _short(candidate: Candidate) -> str:
    steps = len(candidate.steps)
    return f"{candidate.name}: {steps} step{'s' * (steps != 1)} that {len(candidate.examples)} runs have in common"


def _description(candidate: Candidate, tools: Sequence[str]) -> str:
    fuzzy = sum(step.segment == "fuzzy" for step in candidate.steps)
    parts = [f"Carries out {candidate.name} as recorded runs did."]
    if tools:
        parts.append(f"Uses {', '.join(tools)}.")
    if candidate.parameters:
        parts.append(f"Takes {', '.join(parameter.name for parameter in candidate.parameters)}.")
    if fuzzy:
        parts.append(f"{fuzzy} of {len(candidate.steps)} steps need judgement.")
    return " ".join(parts)


def _when(candidate: Candidate) -> str:
    goal = candidate.cluster_key.goal
    what = f"the goal is {goal}" if goal and not is_blank(goal) else f"the task is {candidate.name}"
    return f"Use it when {what} and every parameter is known; otherwise work step by step."
