"""Hand-made candidates, views, problems and runs for the screens to show."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from core.live.snapshot import CandidateView, Problem, Run, Snapshot
from core.model.candidate import (
    Candidate,
    ClusterKey,
    Criteria,
    Divergence,
    Example,
    OracleReport,
    Parameter,
    Promotion,
    Savings,
    ShadowReport,
    Step,
    TraceResult,
)
from core.model.decision import Decision, DecisionKind, Status
from core.model.jsontext import digest
from core.model.trace import Approval, SideEffect, Usage

NOW = 1_790_000_000.0
"""The moment at which every test happens."""
TIME = "2026-09-21T13:33:20Z"
HOSTILE = "\x1b[31mred\x1b]52;c;aGk=\x07 \u202eevil [red]x[/red] [@click=app.quit]q[/] \r\n\x9b2J"
"""What an attacker would put into every string of a trace."""


def step(index: int, kind: str, name: str, **changes: Any) -> Step:
    """One deterministic step unless told otherwise."""
    return Step(index=index, kind=kind, name=name).replace(**changes)


def version_bump_steps() -> tuple[Step, ...]:
    """Three steps, the last one fuzzy and asking for approval."""
    push = SideEffect(kind="git_push", target="origin", capability="git.write", mutation="create")
    return (
        step(1, "tool_call", "read_manifest", parameter_refs=("repo_path",), capabilities=("fs.read",)),
        step(
            2,
            "file_mutation",
            "bump_version",
            parameter_refs=("repo_path", "version"),
            capabilities=("fs.write",),
            side_effects=(SideEffect(kind="file_write", target="{repo_path}/Cargo.toml", capability="fs.write"),),
            expected_output={"ok": True},
        ),
        step(
            3,
            "model_call",
            "write_release_notes",
            segment="fuzzy",
            capabilities=("git.write",),
            required_secrets=("GITHUB_TOKEN",),
            side_effects=(push,),
            approval=Approval(prompt="Push the release?", required=True, boundary="release"),
            review_notes=("model decides the wording",),
        ),
    )


def result(number: int, *, passed: bool = True, details: tuple[str, ...] = ()) -> TraceResult:
    """How run `trace_N` compares; a failing one differs at `/effect_receipts/0/version`."""
    oracle = None
    if not passed:
        divergence = Divergence(path="/effect_receipts/0/version", left="1.2.0", right="1.3.0", message="values differ")
        oracle = OracleReport(name="receipts", expectation="match", passed=False, divergence=divergence)
        details = details or ('step 3 output differs: expected `{"ok":true}`, got `{"ok":false}`',)
    return TraceResult(
        trace_id=f"trace_{number}",
        source_hash=f"sha256:{number:064x}",
        passed=passed,
        details=details,
        compared_receipts=1,
        replay_oracle=oracle,
    )


def candidate(
    name: str = "version_bump",
    *,
    steps: tuple[Step, ...] | None = None,
    examples: int = 5,
    passed: int = 5,
    failed: int = 0,
    confidence: float = 0.92,
    savings: Savings | None = None,
    criteria: Criteria | None = None,
    **changes: Any,
) -> Candidate:
    """A mined candidate with as many examples and shadow results as asked for."""
    steps = version_bump_steps() if steps is None else steps
    savings = savings or Savings(
        model_calls_avoided=4 * examples,
        input_tokens_avoided=2_480 * examples,
        output_tokens_avoided=310 * examples,
        estimated_cost_usd_avoided=0.64 * examples,
        wall_ms_avoided=50_400 * examples,
        remaining_model_calls=examples,
    )
    results = tuple(result(n) for n in range(passed)) + tuple(result(passed + n, passed=False) for n in range(failed))
    shadow = ShadowReport(
        passed=not failed,
        compared_traces=len(results),
        failures=tuple(f"{r.trace_id}: {d}" for r in results for d in r.details),
        traces=results,
    )
    made = Candidate(
        id="candidate_" + digest(name)[7:23],
        name=name,
        confidence=confidence,
        cluster_key=ClusterKey(goal="release", tool_sequence=tuple(f"{s.kind}:{s.name}" for s in steps)),
        sequence_signature=tuple(f"{s.kind}:{s.name}" for s in steps),
        parameters=(
            Parameter(
                name="repo_path", source_paths=("inputs.repo_path",), examples=("/src/a", "/src/b"), required=True
            ),
            Parameter(name="version", source_paths=("parameters.version",), examples=("1.2.0", "1.3.0"), required=True),
        ),
        steps=steps,
        examples=tuple(
            Example(
                trace_id=f"trace_{n}",
                source_hash=f"sha256:{n:064x}",
                start_index=0,
                action_ids=tuple(f"a{i}" for i in range(len(steps))),
            )
            for n in range(examples)
        ),
        capabilities=tuple(sorted({c for s in steps for c in s.capabilities})),
        required_secrets=tuple(sorted({x for s in steps for x in s.required_secrets})),
        approval_points=tuple(s.approval for s in steps if s.approval),
        side_effects=tuple(e for s in steps for e in s.side_effects),
        promotion=Promotion(
            created_at=TIME,
            package_name=name.replace("_", "-"),
            sample_count=examples,
            confidence=confidence,
            shadow_success_count=passed,
            shadow_failure_count=failed,
            criteria=criteria
            or Criteria(
                min_examples=2,
                min_confidence=0.8,
                requires_shadow_pass=True,
                requires_no_rejections=True,
                requires_human_approval=True,
                status="blocked" if failed else "needs_approval",
                reasons=("shadow comparison has failures",) if failed else ("human approval is required",),
            ),
            estimated_time_token_savings=savings,
        ),
        savings=savings,
        shadow=shadow,
    )
    return made.replace(**changes)


def view(
    label: str = "version_bump",
    status: Status = "needs_approval",
    *,
    made: Candidate | None = None,
    **changes: Any,
) -> CandidateView:
    """A lineage named after its label."""
    made = made or candidate(label, failed=0 if status in ("needs_approval", "ready") else 1)
    reasons: tuple[str, ...] = {
        "needs_approval": ("0 of 1 approvals recorded",),
        "blocked": ("shadow comparison failed in 1 of 6 runs",),
        "ready": (),
        "rejected": ("rejected by ana@example.com: too risky",),
        "needs_work": ("sent back by ana@example.com: name the branch",),
        "stale": ("step 2 expected output changed since the approval",),
        "drifted": ("approved, and now 1 of 6 runs fails the shadow comparison",),
    }[status]
    base = CandidateView(
        lineage="lineage_" + digest(label)[7:23],
        label=label,
        cohort="release",
        candidate=made,
        status=status,
        reasons=reasons,
        behaviour_digest=digest(["behaviour", label]),
        evidence=digest(["evidence", label]),
        risk="medium",
        cohort_runs=9,
        warnings=("step 3 write_release_notes is fuzzy: a model decides its output",),
        approvable=() if status in ("needs_approval", "ready", "stale") else reasons,
    )
    return replace(base, **changes)


def decision(seen: CandidateView, kind: DecisionKind = "approve", *, seq: int = 1, **changes: Any) -> Decision:
    """A decision on a view as the journal keeps it."""
    return Decision(
        seq=seq,
        time=TIME,
        actor="ana@example.com",
        kind=kind,
        reason="read every step",
        lineage=seen.lineage,
        candidate_id=seen.candidate.id,
        behaviour_digest=seen.behaviour_digest,
        evidence_digest=seen.evidence_digest,
    ).replace(**changes)


@cache
def views() -> tuple[CandidateView, ...]:
    """One lineage of every status, in no helpful order."""
    ready = view("triage_issue", "ready", risk="low", cohort="triage")
    steps = tuple(step(n, "tool_call", f"lookup_{n}") for n in range(1, 13))
    return (
        replace(ready, decisions=(decision(ready),)),
        view("deploy_docs", "blocked", risk="low", cohort="docs"),
        view("version_bump"),
        view("rotate_keys", "drifted", risk="high", cohort="ops"),
        view("refund_order", "rejected", risk="high", cohort="retail"),
        view("sync_labels", "stale", risk="low", cohort="triage"),
        view("close_sprint", "needs_work", cohort="triage"),
        view("nightly_report", made=candidate("nightly_report", steps=steps, examples=1204, passed=1300), cohort=""),
    )


def problems() -> tuple[Problem, ...]:
    """One problem of each state, and a second quarantined one."""
    return (
        Problem(
            "settling", "inbox/new.json", "still being written", "the file ends inside a string", "line 9", "", 812, NOW
        ),
        Problem(
            "quarantined",
            "runs/broken.json",
            "invalid JSON",
            "invalid JSON: expected a comma or `}`",
            "line 3 column 7",
            "Correct the file or remove it; it is read again when it changes.",
            1_204,
            NOW - 90,
        ),
        Problem("quarantined", "runs/odd.json", "wrong field", "actions[2].cost: expected an object, got null"),
        Problem(
            "excluded",
            "runs/t007.json",
            "policy violation",
            "metadata.policy_violation of action build is true",
            "action build",
            "The agent broke its policy in this run, so it teaches nothing.",
            40_960,
            NOW - 7_200,
        ),
    )


def snapshot(*shown: CandidateView, **changes: Any) -> Snapshot:
    """A snapshot of some views (all kinds of them by default) with nine loaded runs and every kind of problem."""
    runs = {
        f"trace_{n}": Run(
            unit=f"runs/t{n:03}.json",
            trace_id=f"trace_{n}",
            source_hash=f"sha256:{n:064x}",
            cohort="release",
            shadow=n > 6,
            actions=3,
            started_at=f"2026-09-{n + 1:02}T08:00:00Z",
            finished_at=f"2026-09-{n + 1:02}T08:01:00Z",
            usage=Usage(model_calls=5, input_tokens=3_000, output_tokens=400, total_cost_usd=0.8, wall_ms=60_000),
        )
        for n in range(9)
    }
    found = problems()
    base = Snapshot(
        candidates=shown or views(),
        runs=runs,
        problems=found,
        loaded=len(runs),
        excluded=1,
        quarantined=2,
        settling=1,
    )
    return replace(base, **changes)
