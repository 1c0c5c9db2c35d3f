"""A live workspace without files, threads or clock (`from tests.tui.fakes import …`); what it shows is in made.py."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from core.live.reviewing import Outcome, Raw, Refused, Request
from core.live.snapshot import Activity, CandidateView, JournalView, Snapshot
from core.model.decision import Decision, DecisionKind, Status
from core.model.errors import InputError
from core.model.trace import Action, Cost, Trace
from core.shadow.waivers import Waiver
from tests.tui.made import HOSTILE as HOSTILE
from tests.tui.made import NOW as NOW
from tests.tui.made import TIME as TIME
from tests.tui.made import candidate as candidate
from tests.tui.made import decision as decision
from tests.tui.made import problems as problems
from tests.tui.made import result as result
from tests.tui.made import snapshot as snapshot
from tests.tui.made import step as step
from tests.tui.made import version_bump_steps as version_bump_steps
from tests.tui.made import view as view
from tests.tui.made import views as views

_AFTER: dict[DecisionKind, Status] = {"approve": "ready", "reject": "rejected", "needs_work": "needs_work"}


def trace(trace_id: str = "trace_0") -> Trace:
    """A run whose actions are the steps of `version_bump`."""
    actions = tuple(
        Action(
            id=f"a{s.index - 1}",
            kind=s.kind,
            name=s.name,
            timestamp=f"2026-09-01T08:00:{s.index:02}Z",
            inputs={"repo_path": "/src/a", "nested": {"list": [1, 1.0, True, "1", None]}},
            output={"ok": True},
            side_effects=s.side_effects,
            cost=Cost(model="m", model_calls=1, input_tokens=600, output_tokens=80, total_cost_usd=0.2, wall_ms=12_000),
            duration_ms=12_000,
            fuzzy=s.segment == "fuzzy",
        )
        for s in version_bump_steps()
    )
    return Trace(version=1, id=trace_id, source_hash="sha256:" + "0" * 64, workflow_id="release", actions=actions)


def decided(seen: CandidateView, made: Decision) -> CandidateView:
    """A view as a decision leaves it."""
    match made.kind:
        case "rename":
            return replace(seen, label=str(made.detail["name"]))
        case "allow":
            rule = Waiver.decode({**made.detail, "seq": made.seq, "reason": made.reason or ""})
            return replace(seen, rules=(*seen.rules, rule))
        case "withdraw":
            return replace(seen, rules=tuple(rule for rule in seen.rules if rule.seq != made.detail["rule"]))
    return replace(seen, status=_AFTER.get(made.kind, "needs_approval"), reasons=())


class FakeReviewing:
    """`core.live.reviewing.Reviewing` from values in memory; `push` and `tell` play the background threads."""

    def __init__(self, shown: Snapshot | None = None, activity: Activity | None = None) -> None:
        self.traces = Path("runs")
        self.workspace = Path("runs.assay")
        self.reviewer = "ana@example.com"
        self.snapshot = shown if shown is not None else snapshot()
        self.activity = activity or Activity(phase="watching", done=9, total=9, watching="events", last_change=NOW - 5)
        self.requests: list[Request] = []
        self.refusal: Exception | None = None
        """Raised by the next decision instead of recording it."""
        self.started = self.closed = False
        self.retried: list[tuple[str, ...]] = []
        self._on_snapshot: Callable[[Snapshot], None] = lambda _: None
        self._on_activity: Callable[[Activity], None] = lambda _: None

    def start(self, on_snapshot: Callable[[Snapshot], None], on_activity: Callable[[Activity], None]) -> None:
        self.started = True
        self._on_snapshot, self._on_activity = on_snapshot, on_activity

    def push(self, shown: Snapshot) -> None:
        """The files, the journal or the policy changed."""
        self.snapshot = shown
        self._on_snapshot(shown)

    def tell(self, activity: Activity) -> None:
        """The engine does something else now."""
        self.activity = activity
        self._on_activity(activity)

    def trace(self, trace_id: str) -> Trace:
        if trace_id not in self.snapshot.runs:
            raise InputError(f"no run has the id {trace_id}")
        return trace(trace_id)

    def raw(self, unit: str, most: int) -> Raw:
        data = (self.traces / unit).read_bytes()
        return Raw(data[:most], len(data))

    def decide(self, request: Request) -> Outcome:
        self.requests.append(request)
        if self.refusal:
            refusal, self.refusal = self.refusal, None
            raise refusal
        seen = self.snapshot.view(request.lineage)
        if seen is None:
            raise Refused((f"{request.lineage} is no longer listed",))
        made = decision(seen, request.kind, seq=len(self.snapshot.journal.decisions) + 1).replace(
            actor=request.actor, reason=request.reason or None, detail=dict(request.detail)
        )
        after = replace(decided(seen, made), decisions=(*seen.decisions, made))
        journal = JournalView((*self.snapshot.journal.decisions, made))
        shown = tuple(after if v.lineage == seen.lineage else v for v in self.snapshot.candidates)
        self.push(replace(self.snapshot, candidates=shown, journal=journal))
        packed = request.kind in ("approve", "reject")
        pack = self.workspace / "crashpacks" / f"{seen.candidate.id}-001"
        bundle = self.workspace / "candidates" / seen.lineage
        return Outcome(made, pack if packed else None, bundle if packed else None, after)

    def retry(self, *units: str) -> None:
        self.retried.append(units)

    def close(self) -> None:
        self.closed = True
