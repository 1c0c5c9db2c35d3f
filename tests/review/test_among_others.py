"""A decision is about one candidate, however many there are beside it."""

from __future__ import annotations

from pathlib import Path

from core.model.jsontext import parse
from core.review.verify import verify
from tests.review.making import drop, opened, releases, run
from tests.review.test_decide import request


def test_a_decision_is_about_the_candidate_that_it_names_and_no_other(tmp_path: Path) -> None:
    traces = releases(tmp_path / "traces")
    for number in range(4):
        drop(traces, f"other-{number}", run(f"other-{number}", f"1.{number}", workflow="other"))
    session = opened(traces)
    for seen, kind in zip(session.snapshot.candidates, ("approve", "reject"), strict=True):
        outcome = session.decide(request(seen, kind))
        assert outcome.view.lineage == outcome.decision.lineage == seen.lineage
        assert "reviewed_behaviour" not in outcome.decision.detail
        assert outcome.bundle is not None
        assert outcome.bundle.name == seen.lineage
        assert parse((outcome.bundle / "candidate.json").read_bytes())["candidate_id"] == seen.candidate.id
    assert {view.status for view in session.snapshot.candidates} == {"ready", "rejected"}
    assert verify(session.store).problems == ()
