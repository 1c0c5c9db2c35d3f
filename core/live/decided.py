"""What became of decided candidates: how they differ from what was decided, and how the runs bear them out now."""

from __future__ import annotations

# What mines is imported where it is needed: nobody has to wait for it before there are runs.
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from core.artifacts.redact import Redactor, blunted
from core.live.snapshot import CandidateView
from core.model.candidate import Candidate
from core.model.decision import CrashpackRef, Decision
from core.model.jsontext import Json, plain, same
from core.model.record import JsonMap
from core.model.redaction_marks import blunt
from core.model.signature import occurrence
from core.model.trace import Trace
from core.promotion.changes import Change, behaviour_changes
from core.promotion.risk import RiskLevel, risk_level
from core.promotion.standing import Standing
from core.shadow.waivers import Waiver


@dataclass(frozen=True, slots=True)
class Kept:
    """A decided candidate as its crashpack keeps it, redacted."""

    candidate: Candidate
    cohort: str
    behaviour: JsonMap = field(default_factory=dict)
    """The redacted behaviour that was decided on."""
    key_id: str | None = None
    """The key of the marks in it; None when nothing was taken out."""

    def alike(self, redactor: Redactor) -> bool:
        """Whether its marks can be told from each other by a redactor: there are none, or the key is the same."""
        return self.key_id in (None, redactor.key_id)


@dataclass(frozen=True, eq=False)
class Archived:
    """The crashpack of a decision, which never changes; it is read when something has to be compared."""

    read: Callable[[], Kept | None]

    @cached_property
    def kept(self) -> Kept | None:
        """What it keeps; None when it is missing or damaged."""
        return self.read()

    @property
    def is_lost(self) -> bool:
        """Whether it was looked for and not found."""
        return vars(self).get("kept", self) is None


def packs_of(decisions: Sequence[Decision], decision: Decision) -> list[CrashpackRef]:
    """The crashpacks of a lineage that keep what a decision is about, best first: its own, else of one that is alike.

    Those of other behaviours only where no other is named: a candidate that is sent back leaves none. None for an
    approval that is being recorded, as the present behaviour is not to be compared with what was approved before.
    """
    if decision.kind == "approve" and decision.crashpack is None:
        return []

    def worth(one: Decision) -> tuple[bool, bool, int]:
        return one.seq == decision.seq, one.kind == "approve", one.seq

    named = sorted((d for d in decisions if d.crashpack is not None), key=worth, reverse=True)
    alike = [d for d in named if d.behaviour_digest == decision.behaviour_digest]
    return [d.crashpack for d in alike or named if d.crashpack is not None]


def risk_of(kept: Kept | None) -> RiskLevel:
    """The risk of what a crashpack keeps, as far as it is known."""
    made = kept.candidate if kept else Candidate()
    return risk_level(made.side_effects, made.required_secrets)


def changes_since(
    kept: Kept, present: JsonMap, candidate: Candidate, traces: Mapping[str, Trace], redactor: Redactor
) -> tuple[Change, ...]:
    """How the present behaviour differs from the one that was decided on, and in how many of the runs."""
    if not kept.behaviour:
        return ()
    alike = kept.alike(redactor)

    def safe(value: Json) -> Json:
        return redactor.json(value) if alike else blunt(redactor.json(value))

    def apart(number: int) -> tuple[int, int]:
        expected = safe(plain(kept.candidate.steps[number - 1].expected_output))
        seen = list(_outputs(candidate, number, traces))
        return sum(not same(expected, safe(output)) for output in seen), len(seen)

    before, now = (redactor.behaviour(value) for value in (kept.behaviour, present))
    return behaviour_changes(before, now, apart) if alike else behaviour_changes(blunt(before), blunt(now), apart)


def _outputs(candidate: Candidate, number: int, traces: Mapping[str, Trace]) -> Iterable[Json]:
    """What every compared run gave at a step, counted from 1."""
    from core.mining.comparing import steps_in

    for result in candidate.shadow.traces:
        if (trace := traces.get(result.trace_id)) is None:
            continue
        if steps := steps_in(candidate, trace):
            yield plain(trace.actions[steps[number - 1][0]].seen_output)


def compared_again(kept: Kept, traces: Iterable[Trace], rules: Sequence[Waiver], redactor: Redactor) -> Candidate:
    """The decided steps compared with every run in which they occur; both sides redacted, as the record is.

    Unless its marks are alike they only tell that something was taken out.
    """
    from core.mining.comparing import occurs, shadow_compare

    candidate = kept.candidate
    found = [trace for trace in traces if occurs(candidate, trace)]
    steps, runs = redactor.everything(candidate.replace(examples=())), [redactor.everything(trace) for trace in found]
    if not kept.alike(redactor):
        steps, runs = blunted(steps), [blunted(run) for run in runs]
    known = {result.trace_id for result in candidate.shadow.traces if not result.held_out}
    later = {run.id for run in runs} - known
    return candidate.replace(shadow=shadow_compare(steps, runs, rules, held_out=later))


def contains(view: CandidateView, candidate: Candidate, cohort: str) -> bool:
    """Whether a candidate is a part of another one of its cohort, which was mined alike."""
    if view.cohort != cohort or (view.candidate.induction is None) is not (candidate.induction is None):
        return False
    if candidate.induction is not None:
        rest = iter(view.candidate.sequence_signature)
        return all(symbol in rest for symbol in candidate.sequence_signature)
    return occurrence(candidate.sequence_signature, view.candidate.sequence_signature) is not None


def growth(candidate: Candidate, stands: Standing) -> tuple[str, ...]:
    """How the evidence differs from what the latest counting approval saw."""
    if not stands.approvals:
        return ()
    then, now = stands.approvals[-1].detail.get("compared_traces"), candidate.shadow.compared_traces
    return (f"approved on {then} runs, now {now}",) if isinstance(then, int) and then != now else ()


def turned_against(kept: Kept | None, candidate: Candidate, redactor: Redactor) -> str:
    """Whether the runs that came since a generalised candidate was decided on rule out that it still holds.

    They are runs that its reviewer never saw, so they are judged as held-out ones are; one alone is no drift. What
    the runs of before and after say together may still be enough for the confidence.
    """
    from core.mining.generalised.shadow import ruled_out

    if kept is None or candidate.induction is None:
        return ""
    known = {result.trace_id for result in kept.candidate.shadow.traces}
    later = [r.standing == "holds" for r in candidate.shadow.traces if redactor.name(r.trace_id) not in known]
    against = later.count(False)
    if against < 2 or not ruled_out(sum(later), len(later), candidate.confidence):
        return ""
    return f"{against} of {len(later)} runs that came since the decision are not as described"
