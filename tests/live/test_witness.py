"""What the examples of a proposal say is part of it."""

from __future__ import annotations

from core.live.engine import Change, State, step
from core.model.trace import Approval
from tests.live.test_engine_generalised import POLICY, after, changed, changes, only, planted


def test_what_the_examples_warn_of_is_told_anew_when_only_that_changed() -> None:
    """Also where the runs claim hashes of their own, so that the candidate stays the same."""
    asking = [changed(run, approval=Approval(required=True)) for run in planted()]
    given = [changed(run, approval=Approval(required=True, approver="ann@example.com")) for run in planted()]
    assert [run.source_hash for run in asking] == [run.source_hash for run in given]
    before = step(State(), Change(files=changes(asking), policy=POLICY))
    assert [text.partition(":")[0] for text in only(before.snapshot).warnings if "approv" in text] == ["obligations"]
    later = step(before, Change(files=changes(given)))
    assert only(later.snapshot).candidate.examples == only(before.snapshot).candidate.examples
    assert only(later.snapshot).warnings == only(after(given)).warnings
    assert not any("approv" in text for text in only(later.snapshot).warnings)
