"""How a candidate changed while a dialog about it was open, and whether that lets it still be confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.live.snapshot import CandidateView, Snapshot
from core.model.text import plural, visible
from core.store.policy import Policy
from tui import words
from tui.views.criteria import agreement
from tui.views.deciding import Case


@dataclass(frozen=True, slots=True)
class Drift:
    """How the candidate changed while the dialog was open."""

    lines: tuple[str, ...] = ()
    blocking: bool = False
    """Whether what was read is not what would be decided on any more."""

    def told(self, most: int) -> tuple[str, ...]:
        """The sentences in so many lines; the last one says how many are left out."""
        if len(self.lines) <= most:
            return self.lines
        return (*self.lines[: most - 1], f"… and {len(self.lines) - most + 1:,} more changes.")


def drift(case: Case, snapshot: Snapshot) -> Drift:
    """What a newer snapshot means for the open dialog."""
    return drifts([case], snapshot)[0]


def drifts(cases: Iterable[Case], snapshot: Snapshot) -> list[Drift]:
    """The same of a dialog about many candidates, for each of them."""
    views = {view.lineage: view for view in snapshot.candidates}
    return [_drift(case, views.get(case.view.lineage), snapshot.policy) for case in cases]


def _drift(case: Case, now: CandidateView | None, policy: Policy) -> Drift:
    if now is None:
        return Drift(("The candidate is no longer listed.",), blocking=True)
    if now is case.view and policy is case.policy:
        return Drift()
    if now.behaviour_digest != case.view.behaviour_digest:
        return Drift(
            ("Its behaviour changed since this dialog was opened. Look again before deciding.",), blocking=True
        )
    fresh, lines = replace(case, view=now, policy=policy), list(_results(case.view, now))
    failing = case.kind == "approve" and bool(fresh.obstacles) and not case.obstacles
    if failing:
        lines = [*(f"It cannot be approved any more: {visible(reason)}" for reason in fresh.obstacles), *lines]
    meaning = fresh.taken_back != case.taken_back or (fresh.consequence != case.consequence and not failing)
    if meaning:
        lines = [*_decided(case, fresh), *lines]
    return Drift(tuple(lines), blocking=failing or meaning)


def _decided(case: Case, fresh: Case) -> Iterator[str]:
    """What others decided meanwhile, so that confirming would not do what the dialog says."""
    known = {decision.seq for decision in case.view.decisions}
    for decision in fresh.view.decisions:
        if decision.seq not in known:
            why = f": {decision.reason}" if decision.reason else ""
            yield visible(f"{decision.actor} {words.DECISION[decision.kind]} meanwhile{why}.")
    yield "Confirming would not do any more what this dialog says. Look again before deciding."


def _results(seen: CandidateView, now: CandidateView) -> Iterator[str]:
    before = {result.trace_id: result for result in seen.candidate.shadow.traces}
    after = {result.trace_id: result for result in now.candidate.shadow.traces}
    added = [result for key, result in after.items() if key not in before]
    told = [result for result in added if not result.passed or result.allowed]
    if agreeing := len(added) - len(told):
        yield f"{plural(agreeing, 'new run')} arrived meanwhile and {'agrees' if agreeing == 1 else 'agree'}."
    yield from (f"New run {visible(result.trace_id)} {agreement(result)}." for result in told)
    yield from (f"Run {visible(key)} is gone." for key in before if key not in after)
    yield from (
        f"Run {visible(key)} {agreement(after[key])} now."
        for key in before
        if key in after and agreement(after[key]) != agreement(before[key])
    )
