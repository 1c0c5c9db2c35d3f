"""While the first look is under way nothing says that it is over, whatever goes wrong meanwhile."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from core.live.changes import ChangeSet
from core.live.snapshot import Activity
from core.session import Session
from core.store.policy import Mode
from tests.live.feeding import wait_until
from tests.review.making import run


@pytest.mark.parametrize("mode", ["exact", "generalised"])
def test_a_first_look_that_fails_goes_on(tmp_path: Path, mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    (traces := tmp_path / "runs").mkdir()
    for number in range(6):
        (traces / f"run-{number}.json").write_text(json.dumps(run(f"run-{number}", f"1.{number}")))
    told: list[tuple[Activity, int]] = []
    with Session.open(traces, mode=mode) as session:
        take, fails = session._take, iter([True])

        def refuse(found: ChangeSet | None) -> None:
            if next(fails, False):
                raise OSError(errno.EIO, "Input/output error")
            take(found)

        monkeypatch.setattr(session, "_take", refuse)
        monkeypatch.setattr(session._stop, "wait", lambda _: False)  # it is tried again at once
        session.start(lambda _: None, lambda activity: told.append((activity, len(session.snapshot.candidates))))
        wait_until(lambda: told and told[-1][0].phase == "watching" and not told[-1][0].trouble)
    assert any("input/output error" in activity.trouble for activity, _ in told)
    assert all(candidates for activity, candidates in told if activity.phase == "watching")
