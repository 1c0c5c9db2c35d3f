"""One candidate in six tabs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.live.snapshot import CandidateView
from core.model.decision import CrashpackRef
from core.model.trace import ReplayRun
from core.promotion.changes import Change
from tests.tui import fakes
from tests.tui.reviewed import Folder, Held, base_trace, good_world, world
from tui.screens.candidate import CandidateScreen
from tui.screens.decision import DecisionDialog
from tui.screens.trace import TraceScreen
from tui.widgets.diff import DiffView
from tui.widgets.document import Document
from tui.widgets.lines import Lines

WIDE, NARROW = (160, 45), (80, 24)
TABS = ("overview", "divergences", "savings", "workflow", "evidence", "promotion")


async def settled(pilot: Any) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


def words(app: Held) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


def opened(given: tuple[Folder, CandidateView] | None = None) -> tuple[Held, Folder, CandidateView]:
    folder, view = given or world()
    return Held(folder, CandidateScreen(folder, view.lineage)), folder, view


def changed(folder: Folder, view: CandidateView) -> Any:
    return replace(
        folder.snapshot,
        candidates=tuple(view if v.lineage == view.lineage else v for v in folder.snapshot.candidates),
    )


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


async def test_divergences_are_grouped_by_where_the_runs_differ() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        said = words(app)
        assert "✗ 2 runs differ: step 2 /log, step 2 /version" in said
        assert "✗ 1 run differs: step 2 side effects /0/target" in said
        assert "✓ 6 runs agree" in said
        rows = [key for key in app.screen.query_one("#runs", Lines).keys if key.startswith("r:")]
        assert rows[:3] == ["r:trace_6", "r:trace_7", "r:trace_8"]


async def test_a_difference_is_shown_with_its_pointer_and_its_sources() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        said = words(app)
        for part in (
            "expected, from trace_0 and 3 other examples",
            "observed, in trace_6",
            "step 2 · file_mutation bump_version · output  2 differences",
            "◆ /log",
            "◆ /version",
            "25 unchanged lines",
        ):
            assert part in said, part
        line = next(line for line in said.splitlines() if '"version": "1.2.0"' in line)
        assert '"version": "1.3.0"' in line, "wide enough for both sides"
        await pilot.press("v")
        await settled(pilot)
        assert '"version": "1.3.0"' not in next(
            line for line in words(app).splitlines() if '"version": "1.2.0"' in line
        )


async def test_narrow_screens_show_one_side_below_the_other() -> None:
    app, _, _ = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff = app.screen.query_one(DiffView)
        assert not diff.side_by_side
        lines = diff.text.splitlines()
        at = next(n for n, line in enumerate(lines) if line.startswith('-   "version": "1.2.0"'))
        assert lines[at + 1].startswith('+   "version": "1.3.0"')
        await pilot.press("v")
        await settled(pilot)
        assert diff.side_by_side


async def test_next_walks_all_differences_and_then_the_next_run() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff, runs = app.screen.query_one(DiffView), app.screen.query_one("#runs", Lines)
        seen = [(runs.selected, diff.place)]
        for _ in range(4):
            await pilot.press("n")
            await settled(pilot)
            seen.append((runs.selected, diff.place))
        assert seen == [
            ("r:trace_6", "/log"),
            ("r:trace_6", "/version"),
            ("r:trace_7", "/log"),
            ("r:trace_7", "/version"),
            ("r:trace_8", "/0/target"),
        ]
        await pilot.press("n")
        await settled(pilot)
        assert (runs.selected, diff.place) == ("r:trace_8", "/0/target")
        await pilot.press("N")
        await settled(pilot)
        assert (runs.selected, diff.place) == ("r:trace_7", "/version")


async def test_what_the_oracle_reports_first_is_marked() -> None:
    folder, view = world()
    receipts = [{"id": "r1", "version": "1.2.0", "tag": "v1.2.0"}]
    trace = base_trace(6).replace(
        replay_run=ReplayRun(run_id="x", effect_receipts=({"id": "r1", "version": "1.3.0", "tag": "v1.3.0"},))
    )
    folder.held["trace_6"] = trace
    made = view.candidate.replace(expected_receipts=tuple(receipts))
    folder.snapshot = changed(folder, replace(view, candidate=made))
    app, _, _ = opened((folder, view))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff = app.screen.query_one(DiffView)
        marked = [line for line in diff.text.splitlines() if "first one the replay oracle reports" in line]
        assert marked == ["◆ /effect_receipts/0/tag  first one the replay oracle reports"]
        assert diff.place == "/effect_receipts/0/tag", "the reader starts there"
        assert "◆ /effect_receipts/0/version" in diff.text
        assert "◆ /version" in diff.text


async def test_a_fold_opens_with_enter() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        diff = app.screen.query_one(DiffView)
        diff.focus()
        assert "crate_3" not in diff.text
        assert diff.select(next(key for key in diff.keys if key.startswith("#")))
        await pilot.press("enter")
        await settled(pilot)
        assert "crate_3" in diff.text
        assert isinstance(app.screen, CandidateScreen), "Enter on a fold opens no run"


async def test_a_vanished_run_is_told_and_the_others_still_work() -> None:
    app, folder, _ = opened()
    del folder.held["trace_6"]
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        assert "This run cannot be read: runs/trace_6.json: no such file" in words(app)
        app.screen.query_one("#runs", Lines).select("r:trace_7")
        await settled(pilot)
        assert "◆ /version" in words(app)


async def test_a_run_that_agrees_says_so() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        app.screen.query_one("#runs", Lines).select("r:trace_0")
        await settled(pilot)
        assert "Nothing differs: the run did what every step says." in words(app)


async def test_the_raw_run_opens_at_the_action_that_differs() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("o")
        await settled(pilot)
        screen = app.screen
        assert isinstance(screen, TraceScreen)
        assert screen.trace_id == "trace_6"
        assert screen.window == (1, 4)
        assert screen.table.lines.selected == "a:2"
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)


async def test_the_pointer_under_the_cursor_is_copied() -> None:
    app, _, view = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("y", "2")
        await settled(pilot)
        app.screen.query_one(DiffView).focus()
        await pilot.press("n", "y")
        assert app.copied == [view.lineage, "/version"]


async def test_savings_are_exact_and_drawn_once_the_examples_are_read() -> None:
    app, _, _ = opened()
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("3")
        await settled(pilot)
        lines = [" ".join(line.split()) for line in tab_text(app, "savings").splitlines()]
    for line in ("model calls 4 16", "tokens in 2,480 9,920", "cost $0.64 $2.56", "still needed 1 4 model calls"):
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
        "✓ runs 9 (needs at least 2)",
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


async def test_a_live_change_keeps_tab_scroll_selection_and_focus() -> None:
    app, folder, view = opened()
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("down")
        await settled(pilot)
        diff, runs = app.screen.query_one(DiffView), app.screen.query_one("#runs", Lines)
        diff.focus()
        await pilot.press("n", "down")
        await settled(pilot)
        before = (runs.selected, diff.selected, diff.scroll_offset, app.focused)
        grown = view.candidate.shadow.replace(traces=(fakes.result(50), *view.candidate.shadow.traces))
        folder.push(changed(folder, replace(view, candidate=view.candidate.replace(shadow=grown))))
        await settled(pilot)
        assert (runs.selected, diff.selected, diff.scroll_offset, app.focused) == before
        assert "r:trace_50" in runs.keys
        assert app.screen.tab.id == "divergences"  # type: ignore[attr-defined]


async def test_a_live_change_is_shown_in_the_open_tab() -> None:
    app, folder, view = opened()
    async with app.run_test(size=NARROW) as pilot:
        await settled(pilot)
        document = app.screen.query_one("#overview").query_one(Document)
        await pilot.press("pagedown")
        await settled(pilot)
        place = document.scroll_offset
        assert place.y > 0
        folder.push(changed(folder, replace(view, status="rejected", reasons=("rejected by bo@example.com: no",))))
        await settled(pilot)
        assert "rejected by bo@example.com: no" in document.text
        assert "✗ rejected" in words(app)
        assert document.scroll_offset == place


async def test_a_vanished_lineage_says_so_and_cannot_be_decided() -> None:
    app, folder, view = opened()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        folder.push(replace(folder.snapshot, candidates=tuple(v for v in folder.snapshot.candidates if v != view)))
        await settled(pilot)
        assert "no longer listed; what is shown is the last state" in words(app)
        await pilot.press("a")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)


async def test_neighbours_follow_the_lists_order_and_the_tab_stays() -> None:
    folder, view = world()
    names = [v.lineage for v in folder.snapshot.candidates]
    order = [names[1], names[0], names[2]]
    screen = CandidateScreen(folder, view.lineage, lambda: order)
    app = Held(folder, screen)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("6", "right_square_bracket")
        await settled(pilot)
        assert screen.lineage == names[0]
        assert "triage_issue" in words(app)
        assert "2/3" in words(app)
        assert screen.tab.id == "promotion"
        assert names[0] in tab_text(app, "promotion")
        await pilot.press("left_square_bracket", "left_square_bracket")
        await settled(pilot)
        assert screen.lineage == names[1], "there is none before the first one"


@pytest.mark.parametrize(("key", "kind"), [("a", "approve"), ("r", "reject"), ("u", "revoke"), ("w", "needs_work")])
async def test_decisions_open_their_dialog_with_the_shown_view(key: str, kind: str) -> None:
    app, _, view = opened(good_world())
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press(key)
        await settled(pilot)
        dialog = app.screen
        assert isinstance(dialog, DecisionDialog)
        assert (dialog.case.kind, dialog.case.view) == (kind, view)


async def test_an_approval_shows_in_the_title_and_in_a_toast() -> None:
    app, folder, view = opened(good_world())
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        await pilot.press("a")
        await settled(pilot)
        await pilot.press("space", "ctrl+s")
        await settled(pilot)
        assert isinstance(app.screen, CandidateScreen)
        assert "✓ ready" in words(app)
        told = [notification.message for notification in app._notifications]
        assert any(f"runs.assay/crashpacks/{view.candidate.id}-001" in message for message in told)
    assert len(folder.requests) == 1


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_hostile_text_is_spelled_out_in_every_tab(size: tuple[int, int]) -> None:
    evil = fakes.HOSTILE
    folder, view = world()
    trace = base_trace(6)
    actions = list(trace.actions)
    actions[2] = actions[2].replace(observed_output={evil: evil, "log": evil + "\n" + evil})
    folder.held["trace_6"] = trace.replace(actions=tuple(actions))
    made = view.candidate
    steps = list(made.steps)
    steps[1] = steps[1].replace(expected_output={evil: [evil]}, preconditions=(evil,), review_notes=(evil,))
    results = tuple(r.replace(details=(evil,)) if not r.passed else r for r in made.shadow.traces)
    made = made.replace(
        name=evil,
        steps=tuple(s.replace(name=evil, kind=evil, capabilities=(evil,), required_secrets=(evil,)) for s in steps),
        parameters=tuple(p.replace(name=evil, examples=(evil,), source_paths=(evil,)) for p in made.parameters),
        warnings=(evil,),
        rejection_reasons=(evil,),
        shadow=made.shadow.replace(traces=results),
    )
    view = replace(view, label=evil, cohort=evil, candidate=made, reasons=(evil,), warnings=(evil,), notes=(evil,))
    view = replace(view, decisions=(fakes.decision(view, reason=evil, actor=evil),))
    view = replace(view, changes=(Change(evil, evil, evil + " more", evil),))
    runs = {key: replace(run, unit=evil, started_at=evil) for key, run in folder.snapshot.runs.items()}
    folder.snapshot = replace(changed(folder, view), runs=runs)
    app, _, _ = opened((folder, view))
    said = ""
    async with app.run_test(size=size) as pilot:
        for key in "123456":
            await pilot.press(key)
            await settled(pilot)
            said += words(app)
            for document in app.screen.query(Document):
                said += document.text
        await pilot.press("2", "o")
        await settled(pilot)
        said += words(app)
    assert not any(char in said for char in "\x1b\x07\r\x9b\u202e")
    assert "[red]x[/red]" in said
    assert "[@click=app.quit]" in said
