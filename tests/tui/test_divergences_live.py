"""The divergences tab while the files of its runs change."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import CandidateView, Snapshot
from core.model.jsontext import digest
from core.model.trace import Trace
from core.shadow.compare import Pool, shadow_compare
from tests.tui.reviewed import Folder, Held, base_trace, changed, settled, words, world
from tui.screens.candidate import CandidateScreen
from tui.widgets.diff import DiffView
from tui.widgets.lines import Lines

SIZE = (160, 45)


def written(folder: Folder, view: CandidateView, claimed: str = "", **outputs: object) -> None:
    """The file of run 6 is written anew: as the runs that agree, but for some parts of the second step's output."""
    trace = base_trace(0).replace(id="trace_6", source_hash=claimed or digest(outputs))
    actions = list(trace.actions)
    output = actions[2].observed_output
    assert isinstance(output, dict)
    actions[2] = actions[2].replace(observed_output=output | outputs)
    folder.held["trace_6"] = trace.replace(actions=tuple(actions))
    compared(folder, view)


def compared(folder: Folder, view: CandidateView) -> None:
    """The runs are compared anew, and what comes of it arrives."""
    shadow = shadow_compare(view.candidate, Pool(tuple(folder.held.values())))
    folder.push(read(folder, changed(folder, replace(view, candidate=view.candidate.replace(shadow=shadow)))))


def read(folder: Folder, shown: Snapshot) -> Snapshot:
    """What is shown, with the bytes that the runs have now."""
    first = shown.runs["trace_0"]
    runs = {name: replace(first, trace_id=name, sha256=digest(trace)) for name, trace in folder.held.items()}
    return replace(shown, runs=runs)


def opened() -> tuple[Held, Folder, CandidateView]:
    folder, view = world(runs=7)
    folder.snapshot = read(folder, folder.snapshot)
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


@pytest.mark.parametrize("away", [False, True], ids=["in front", "behind another tab"])
async def test_the_difference_follows_the_file(away: bool) -> None:
    app, folder, view = opened()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        runs = app.screen.query_one("#runs", Lines)
        for version in ("FIRST", "SECOND"):
            if away:
                await pilot.press("1")
            written(folder, view, version=version)
            await settled(pilot)
            await pilot.press("2")
            await settled(pilot)
            said = words(app)
            assert runs.selected == "r:trace_6"
            assert "✗ 1 run differs: step 2 /version" in said
            assert f'"version": "{version}"' in said
        written(folder, view)
        await settled(pilot)
        runs.select("r:trace_6")
        await settled(pilot)
        said = words(app)
        assert "✓ 7 runs agree" in said
        assert "✓ agrees trace_6" in said
        assert "Nothing differs: the run did what every step says." in said
        assert "SECOND" not in said


async def test_the_difference_follows_a_file_that_keeps_the_source_hash_that_it_claims() -> None:
    app, folder, view = opened()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        for version in ("FIRST", "SECOND"):
            written(folder, view, claimed="sha256:mine", version=version)
            await settled(pilot)
            assert f'"version": "{version}"' in words(app)


async def test_the_groups_follow_the_file() -> None:
    app, folder, view = opened()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        assert "✗ 1 run differs: step 2 /log, step 2 /version" in words(app)
        written(folder, view, files=[])
        await settled(pilot)
        assert "✗ 1 run differs: step 2 /files" in words(app)
        folder.held["trace_7"] = folder.held["trace_6"].replace(id="trace_7")
        compared(folder, view)
        await settled(pilot)
        said = words(app)
        assert said.count("✗ 2 runs differ: step 2 /files") == 1
        assert said.count("2 runs differ: step 2 /files") == 2, "also above the difference"


async def test_a_run_is_read_again_only_when_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    app, folder, view = opened()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        app.screen.query_one(DiffView).focus()
        await pilot.press("n")
        place = app.screen.query_one(DiffView).place
        assert place == "/version"
        asked: list[str] = []

        def reading(trace_id: str) -> Trace:
            asked.append(trace_id)
            return folder.held[trace_id]

        monkeypatch.setattr(folder, "trace", reading)
        folder.held["trace_7"] = base_trace(7)
        compared(folder, view)
        await settled(pilot)
        await pilot.press("1", "2")
        await settled(pilot)
        assert asked == ["trace_7"]
        assert app.screen.query_one(DiffView).place == place
