"""The main flow with nothing faked: a folder, a live session, keys and clicks, and the files that are left behind."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from core.artifacts.validate import validate_bundle
from core.crashpack.decision_replay import replay_decision
from core.model.jsontext import pretty
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from tests.review.making import drop, releases, run
from tests.tui.seen import seen
from tui.app import AssayApp

PATIENCE = 400
"""Looks before a wait is given up; each lets the program work for a moment."""


async def until(pilot: Pilot[None], met: Callable[[], object]) -> None:
    """Let the program work until something is the case."""
    for _ in range(PATIENCE):
        if met():
            return
        await pilot.pause(0.03)
    raise AssertionError(f"never came true; the screen was\n{seen(pilot.app)}")


@asynccontextmanager
async def review(
    traces: Path, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[AssayApp, Pilot[None], Session]]:
    session = Session.open(traces, actor="reviewer@example.com", mode="exact")
    app = AssayApp(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.snapshot.candidates)
        yield app, pilot, session


def journal(traces: Path) -> list[bytes]:
    path = traces.parent / "traces.assay" / "journal.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return releases(tmp_path / "traces")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_find_read_approve_and_find_it_on_disk(traces: Path, size: tuple[int, int]) -> None:
    async with review(traces, size) as (app, pilot, session):
        await pilot.press("enter", "2")
        await until(pilot, lambda: "agree" in seen(app))
        await pilot.press("a")
        await until(pilot, lambda: "Promote build → publish" in seen(app))
        await pilot.press("enter")
        assert not journal(traces), "Enter never approves"
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.snapshot.candidates[0].status == "ready")
        lineage = app.snapshot.candidates[0].lineage
    assert len(journal(traces)) == 1
    workspace = session.workspace
    bundle = read_folder(workspace / "candidates" / lineage)
    assert not validate_bundle(bundle, "bundle").problems
    promotion = json.loads(bundle["candidate.json"])["promotion"]
    assert promotion["approver"] == "reviewer@example.com"
    assert promotion["criteria"]["status"] == "ready"
    (pack,) = (workspace / "crashpacks").iterdir()
    assert replay_decision(read_folder(pack)).passed
    assert not verify(session.store).problems


async def test_reject_then_revoke_with_reasons(traces: Path) -> None:
    async with review(traces) as (app, pilot, _):
        for key, status in (("r", "rejected"), ("u", "needs_approval")):
            await pilot.press(key)
            await until(pilot, lambda: len(app.screen_stack) > 1)
            await pilot.press("ctrl+s")
            assert app.snapshot.candidates[0].status != status, "a reason is wanted"
            await pilot.press(*"why not", "ctrl+s")
            await until(pilot, lambda status=status: app.snapshot.candidates[0].status == status)
            await until(pilot, lambda: len(app.screen_stack) == 1)
    assert len(journal(traces)) == 2


async def test_a_stale_approval_is_refused_in_the_dialog_and_writes_nothing(traces: Path) -> None:
    async with review(traces) as (app, pilot, _):
        await pilot.press("a")
        await until(pilot, lambda: "Promote" in seen(app))
        for number in range(4):
            changed = run(f"run-{number}", f"1.{number}")
            changed["actions"][1]["observed_output"] = {"failed": 0, "skipped": 1}
            drop(traces, f"run-{number}", changed)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "changed" in seen(app))
        assert not journal(traces)


async def test_files_come_break_heal_and_go_while_one_looks_on(traces: Path, tmp_path: Path) -> None:
    async with review(traces) as (app, pilot, _):
        lineage = app.snapshot.candidates[0].lineage
        half = traces / "half.json"
        half.write_bytes(pretty(run("half"))[:200])
        await until(pilot, lambda: app.snapshot.settling == 1)
        await until(pilot, lambda: app.snapshot.quarantined == 1)
        assert "1 quarantined" in seen(app)
        half.write_bytes(pretty(run("half", "2.0")))
        await until(pilot, lambda: (app.snapshot.quarantined, app.snapshot.loaded) == (0, 5))
        half.unlink()
        await until(pilot, lambda: app.snapshot.loaded == 4)
        for number in range(3):
            drop(tmp_path / "aside", str(number), run(f"moved-{number}", workflow="other"))
        (tmp_path / "aside").rename(traces / "moved")
        await until(pilot, lambda: app.snapshot.loaded == 7)
        await until(pilot, lambda: len(app.snapshot.candidates) == 2)
        selected: Any = app.screen.selected  # type: ignore[attr-defined]
        assert selected.lineage == lineage, "the cursor stays where it was"


async def test_drift_arrives_live_and_goes_to_the_top(traces: Path) -> None:
    for number in range(3):
        drop(traces, f"other-{number}", run(f"other-{number}", workflow="aaa"))
    async with review(traces) as (app, pilot, _session):
        view = next(v for v in app.snapshot.candidates if v.cohort == "release")
        app.open_candidate(view.lineage)
        await pilot.press("a")
        await until(pilot, lambda: "Promote" in seen(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: any(v.status == "ready" for v in app.snapshot.candidates))
        bad = run("bad", "9.9")
        bad["actions"][1]["observed_output"] = {"failed": 3}
        drop(traces, "shadow/bad", bad)
        await until(pilot, lambda: app.snapshot.candidates[0].status == "drifted")
        assert app.snapshot.candidates[0].lineage == view.lineage
