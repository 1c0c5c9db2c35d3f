"""What the evidence digest is about, and what it is not about."""

from __future__ import annotations

from core.live.changes import ChangeSet
from core.live.engine import Change, State, step
from core.live.snapshot import CandidateView
from tests.live.test_engine_generalised import POLICY, elsewhere, further, loaded, only, planted


def test_what_files_are_called_changes_no_digest() -> None:
    runs = [*planted(), *map(elsewhere, further(3))]
    names = [f"{number:02}.json" for number in range(len(runs))]

    def mined(called: list[str]) -> CandidateView:
        files = {name: loaded(name, run) for name, run in zip(called, runs, strict=True)}
        return only(step(State(), Change(files=ChangeSet(files), policy=POLICY)).snapshot)

    first, second = mined(names), mined(names[::-1])
    assert first.failed == second.failed == 3
    assert first.evidence_digest == second.evidence_digest
