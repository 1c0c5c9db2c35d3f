"""Whether a decision may be recorded (spec/review.md, Status and What approving does)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.live.reviewing import Refused, Request
from core.live.snapshot import CandidateView, Snapshot
from core.model.candidate import TraceResult
from core.model.decision import Decision
from core.model.text import is_blank, visible
from core.promotion.standing import ALWAYS_HEARD, objected, verdicts
from core.review.consequence import against
from core.store.policy import Policy
from core.store.signing.checking import Checker


def named(request: Request, snapshot: Snapshot) -> CandidateView:
    """The present view of the candidate that a decision is about. Raises Refused."""
    view = next((v for v in snapshot.candidates if v.lineage == request.lineage), None)
    if view is None:
        raise Refused((f"{request.lineage} is no longer among the candidates",), stale=True)
    return view


def check(request: Request, view: CandidateView, policy: Policy, keyid: str = "") -> None:
    """Raises Refused when a decision may not be made on a candidate as it is now; nothing may be written then.

    `keyid` names the key that the decision would be signed with; empty for none.
    """
    if is_blank(request.actor):
        raise Refused(("nobody is named who decides; use --as",), view)
    if told := _key_fault(request, policy, keyid):
        raise Refused((told,), view)
    if missing := _missing_reason(request, view, policy):
        raise Refused((missing,), view)
    if _is_bound(request) and (stale := tuple(_stale(request, view, policy))):
        raise Refused(stale, view, stale=True)
    if request.kind == "approve":
        _check_approval(request, view, policy)
    if request.kind == "revoke" and (unseen := _not_shown(request, view, policy)):
        raise Refused(unseen, view, stale=True)
    if fault := _fault(request, view):
        raise Refused((fault,), view)


def _key_fault(request: Request, policy: Policy, keyid: str) -> str:
    """Why a decision would not count for want of a trusted key; empty when it would."""
    if not policy.keys_required or request.kind in ALWAYS_HEARD:
        return ""
    trust = f"`assay keys trust TRACES {keyid[:16] or 'KEY'} --as {request.actor}`"
    told = "the policy wants decisions signed with a trusted key (keys_required)"
    if not keyid:
        return f"{told} and you have none; make one with `assay keys init` and have it added with {trust}"
    if (request.actor, keyid) not in Checker.of(policy.trusted_keys).trusted:
        return f"{told} and yours, {keyid[:16]}, is not trusted as that of {request.actor}; have it added with {trust}"
    return ""


def _fault(request: Request, view: CandidateView) -> str:
    """What is wrong with the particulars of a renaming or a rule; empty when nothing is."""
    detail = request.detail
    if request.kind == "rename":
        name = str(detail.get("name", ""))
        return "" if not is_blank(name) and visible(name) == name else "a name is visible text on one line"
    if request.kind == "withdraw" and detail.get("rule") not in [rule.seq for rule in view.rules]:
        known = ", ".join(str(rule.seq) for rule in view.rules) or "none"
        return f"there is no such allow rule in force; those in force: {known}"
    if request.kind != "allow":
        return ""
    step, pointer = detail.get("step"), str(detail.get("pointer", ""))
    if not pointer.startswith("/"):
        return "an allow rule needs a JSON pointer that begins with /"
    if step is None:
        return "" if pointer.strip("/") else "a rule cannot allow the whole replay run"
    present = named_step(request, view)
    if present is None:
        return f"there is no step {step}; the steps are 1 to {len(view.candidate.steps)}"
    if request.seen and (shown := named_step(request, request.seen)) not in (None, present):
        return f"step {step} is {visible(present)} now and was {visible(str(shown))}; look again"
    return ""


def named_step(request: Request, view: CandidateView) -> str | None:
    """What the step of a candidate does that an allow rule is about; None where it is about none that is there."""
    step = request.detail.get("step")
    return next((made.name for made in view.candidate.steps if made.index == step), None)


def _missing_reason(request: Request, view: CandidateView, policy: Policy) -> str:
    needed = request.kind in policy.reason_required
    if request.kind == "approve" and view.risk == "high":
        needed = needed or "approve_high_risk" in policy.reason_required
    return (
        f"the policy wants a reason for this {request.kind.replace('_', ' ')}"
        if needed and is_blank(request.reason)
        else ""
    )


def _is_bound(request: Request) -> bool:
    """Whether a decision is refused when what was seen has changed.

    A rejection is not, as rejecting is always possible: its crashpack shows that the manifest differs. But a digest
    that the command line expects, and that was not even there when the candidate was looked up, is a mistake.
    """
    if request.kind == "reject":
        return request.seen is None or request.seen.behaviour_digest != request.behaviour_digest
    return request.kind in ("approve", "needs_work")


def _stale(request: Request, view: CandidateView, policy: Policy) -> Iterator[str]:
    """What changed since the reviewer looked; runs that only add passing evidence do not count."""
    if request.behaviour_digest and request.behaviour_digest != view.behaviour_digest:
        yield f"the behaviour changed: {request.behaviour_digest} was reviewed, it is {view.behaviour_digest} now"
        yield from (change.text for change in view.changes)
    if request.seen is None or request.kind != "approve":
        return
    known = {decision.seq for decision in against(request.seen, request.actor, policy)}
    said = (said for said in against(view, request.actor, policy) if said.seq not in known)
    yield from (f"it was {objected(one)}" for one in said)
    present = {result.trace_id: result for result in view.candidate.shadow.traces}
    for seen in request.seen.candidate.shadow.traces:
        if told := _differs(seen, present.get(seen.trace_id)):
            yield told
    shown = {result.trace_id for result in request.seen.candidate.shadow.traces}
    yield from (
        f"run {new.trace_id} was added and fails" for key, new in present.items() if key not in shown and not new.passed
    )


def _differs(seen: TraceResult, present: TraceResult | None) -> str:
    if present is seen:
        return ""
    if present is None:
        return f"run {seen.trace_id} is gone"
    if present.source_hash == seen.source_hash and present.passed != seen.passed:
        return f"run {seen.trace_id} {'passes' if present.passed else 'fails'} now"
    # A source hash is only what the file claims, so the result is compared as well.
    return "" if present == seen else f"run {seen.trace_id} was changed"


def _check_approval(request: Request, view: CandidateView, policy: Policy) -> None:
    if view.approvable:
        raise Refused(tuple(f"blocked: {reason}" for reason in view.approvable), view)
    if told := may_not_approve(view, request.actor, policy):
        raise Refused((told,), view)


def may_not_approve(view: CandidateView, actor: str, policy: Policy) -> str:
    """Why it is not for this person to approve; empty when it is."""
    if policy.author == actor and not policy.allow_self_approval:
        return f"{actor} is the author and may not approve (allow_self_approval in the policy)"
    approvers = policy.rules(view.risk).approvers
    if approvers is None or actor in approvers:
        return ""
    named = ", ".join(sorted(approvers)) or "nobody"
    return f"only {named} may approve a workflow of {view.risk} risk (approvers.{view.risk} in the policy)"


def revocable(view: CandidateView, actor: str, policy: Policy) -> tuple[Decision, ...]:
    """The standing decisions that an actor can take back: the own one, by policy anyone's. Raises Refused for none."""
    standing: Sequence[Decision] = verdicts(view.decisions, policy)
    found = tuple(d for d in standing if d.actor == actor) or (tuple(standing) if policy.revoke_others else ())
    if not found:
        others = ", ".join(dict.fromkeys(d.actor for d in standing))
        told = f"only {others} can take back what they decided" if others else "there is no decision to take back"
        raise Refused((told,), view)
    return found


def _not_shown(request: Request, view: CandidateView, policy: Policy) -> tuple[str, ...]:
    """What a revocation would take back besides what its reviewer was shown. Raises Refused when there is nothing."""
    now = revocable(view, request.actor, policy)
    shown = {decision.seq for decision in request.seen.decisions} if request.seen else set()
    return tuple(
        f"decision {d.seq} ({d.kind.replace('_', ' ')} by {d.actor}) came meanwhile and would be taken back as well"
        for d in now
        if shown and d.seq not in shown
    )


def lost_runs(request: Request, view: CandidateView) -> list[str]:
    """Runs that were shown and are gone or changed now."""
    seen = request.seen.candidate.shadow.traces if request.seen else ()
    present = {result.trace_id: result.source_hash for result in view.candidate.shadow.traces}
    return [result.trace_id for result in seen if present.get(result.trace_id) != result.source_hash]


def added_runs(request: Request, view: CandidateView) -> list[str]:
    """Runs that were compared after the reviewer looked; all of them pass."""
    if request.seen is None:
        return []
    shown = {result.trace_id for result in request.seen.candidate.shadow.traces}
    return [result.trace_id for result in view.candidate.shadow.traces if result.trace_id not in shown]
