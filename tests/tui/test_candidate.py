"""The tabs of the candidate screen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import CandidateView
from core.model.decision import CrashpackRef
from core.promotion.changes import Change
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, changed, settled, words, world
from tui.screens.candidate import CandidateScreen
from tui.screens.trace import TraceScreen
from tui.widgets.document import Document
from tui.widgets.lines import Lines

WIDE, NARROW = (160, 45), (80, 24)
TABS = ("overview", "divergences", "savings", "workflow", "evidence", "promotion")


def opened(given: tuple[Folder, CandidateView] | None = None) -> tuple[Held, Folder, CandidateView]:
    folder, view = given or world()
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


def tab_text(app: Held, name: str) -> str:
    """Everything that a tab's document holds, scrolled into view or not."""
    return app.screen.query_one(f"#{name}").query_one(Document).text


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_title_says_what_it_is(size: tuple[int, int]) -> None:
    app, _, view = opened()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        said = words(app)
        for part in ("version_bump", "■ blocked", "risk", "medium", "2/3", "1 Overview", "6 Promotion"):
            assert part in said
        if size == WIDE:
            assert f"{view.lineage[:16]} · behaviour {view.behaviour_digest[7:15]}" in said


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("number", range(1, 7))
async def test_every_tab_opens_by_its_number(size: tuple[int, int], number: int) -> None:
    app, _, _ = opened()
    async with app.run_test(size=size) as pilot:
        await pilot.press("2" if number == 1 else "1", str(number))
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, CandidateScreen)
        assert screen.tab.id == TABS[number - 1]
        assert app.focused is not None
        assert screen.tab in app.focused.ancestors


async def test_every_tab_opens_by_mouse() -> None:
    app, _, _ = opened()
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        for name in reversed(TABS):
            assert await pilot.click(f"#tab-{name}")
            await settled(pilot)
            assert app.screen.tab.id == name  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_the_overview_tells_all_of_every_step(size: tuple[int, int]) -> None:
    folder, view = world()
    steps = list(view.candidate.steps)
    steps[0] = steps[0].replace(preconditions=("capability 'fs.read' is available",))
    view = replace(view, candidate=view.candidate.replace(steps=tuple(steps)), notes=("approved on 5 runs, now 9",))
    folder.snapshot = changed(folder, view)
    app, _, _ = opened((folder, view))
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        said = " ".join(tab_text(app, "overview").replace("│", " ").split())
    for part in (
        "1 read_manifest tool_call deterministic",
        "parameter repo_path e.g. /src/a · /src/b",
        "before capability 'fs.read' is available",
        "side effect file_write {repo_path}/Cargo.toml (fs.write)",
        '"files": [',
        "3 write_release_notes model_call fuzzy",
        "secrets GITHUB_TOKEN",
        "approval a person must agree, boundary release: Push the release?",
        "note model decides the wording",
        "! step 3 write_release_notes is fuzzy",
        "from parameters.version",
        "approved on 5 runs, now 9",
        "4 examples of 9 runs of cohort release",
    ):
        assert part in said, part


async def test_savings_are_exact_and_drawn_once_the_examples_are_read() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        await settled(pilot)
        lines = [" ".join(line.split()) for line in tab_text(app, "savings").splitlines()]
    for line in (
        "one run all observed in 30 days",
        "model calls 4 16 ~ 120",
        "tokens in 2,480 9,920 ~ 74,400",
        "cost $0.64 $2.56 ~ $19.20",
        "calls that remain 1 4 ~ 30",
        "In 30 days: 1 run a day, at the rate of 4 runs that began within 3 days; rates change.",
    ):
        assert line in lines
    drawn = next(line for line in lines if "read_manifest" in line)
    assert "▇" in drawn
    assert drawn.endswith("$0.80 50 % 2.7 k tok 1 min 36 s")
    assert any("write_release_notes" in line and "▇" not in line and line.endswith("4 left") for line in lines)
    assert sum(line.startswith("trace_") for line in lines) == 4


async def test_savings_name_examples_that_cannot_be_read() -> None:
    app, folder, _ = opened()
    del folder.held["trace_2"]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        await settled(pilot)
        assert "trace_2: runs/trace_2.json: no such file" in tab_text(app, "savings")


async def test_the_generated_files_are_shown() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("4")
        await settled(pilot)
        said = tab_text(app, "workflow")
    assert "pipeline version_bump(repo_path, version) {" in said
    assert 'id = "version-bump-crystallization"' in said


@pytest.mark.parametrize("way", ["enter", "click"])
async def test_evidence_opens_a_run_with_its_window(way: str) -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5")
        await settled(pilot)
        said = words(app)
        assert "Examples: mined and compared  4" in said
        assert "Compared only  5" in said
        assert said.count("✗ differs") == 3
        await pilot.press("down")
        if way == "enter":
            await pilot.press("enter")
        else:
            table = app.screen.query_one("#evidence").query_one(Lines)
            await pilot.click(table, offset=(5, 2), times=2)
        await settled(pilot)
        assert isinstance(app.screen, TraceScreen)
        assert app.screen.trace_id == "trace_1"
        assert app.screen.window == (1, 4)


async def test_evidence_sorts_by_a_clicked_column() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("5")
        await settled(pilot)
        evidence = app.screen.query_one("#evidence")
        lines = evidence.query_one(Lines)
        await pilot.click(evidence.query_one("Head"), offset=(3, 0))
        await settled(pilot)
        rows = [key for key in lines.keys if key.startswith("r:")]
        assert rows[4:7] == ["r:trace_6", "r:trace_7", "r:trace_8"], "what differs comes first"


async def test_promotion_shows_criteria_history_changes_and_files() -> None:
    folder, view = world()
    decided = fakes.decision(view, reason="looked at every run").replace(behaviour_digest="sha256:old")
    decided = decided.replace(crashpack=CrashpackRef(name="candidate_x-001", digest="sha256:aa"))
    change = Change("step 2 expected output", '{"version":"1.1.0"}', '{"version":"1.2.0"}', "it changed")
    view = replace(view, decisions=(decided,), changes=(change,))
    folder.snapshot = changed(folder, view)
    app, _, _ = opened((folder, view))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("6")
        await settled(pilot)
        said = " ".join(tab_text(app, "promotion").split())
    for part in (
        "✓ sample count 9 (needs at least 2)",
        "✗ shadow comparison 6 of 9 runs agree",
        "○ human approval 0 recorded (needs 1 approval)",
        'step 2 expected output - {"version":"1.1.0"} + {"version":"1.2.0"}',
        "approved by ana@example.com",
        "looked at every run",
        "about another behaviour than the present one",
        view.behaviour_digest,
        view.evidence_digest,
        f"candidates/{view.lineage}/",
        "crashpacks/candidate_x-001/",
        "below runs.assay",
    ):
        assert part in said, part
