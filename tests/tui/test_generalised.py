"""Generalised candidates on screen: where values come from, what speaks against them, and approving one."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from core.crashpack.decision_replay import replay_decision
from core.live.changes import ChangeSet
from core.live.engine import Change, State, step
from core.live.snapshot import CandidateView, Snapshot
from core.model.jsontext import pretty
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from core.store.policy import NEW_POLICY
from tests.live.test_engine_generalised import elsewhere, further, loaded
from tests.mining_generalised.data import one_task, retail
from tests.mining_generalised.noise import closing
from tests.tui.fakes import HOSTILE
from tests.tui.reviewed import Folder, Held, settled
from tests.tui.seen import seen
from tests.tui.test_candidate_looks import NARROW, SIZES, ready
from tests.tui.test_flow_on_disk import until
from tui.app import AssayApp
from tui.screens.candidate import CandidateScreen
from tui.screens.candidate_tabs.base import CandidateTab
from tui.views.run_details import run_lines
from tui.views.runs import evidence


@cache
def snapshot(name: str) -> Snapshot:
    """What the review shows of real runs, or of planted ones with two near misses."""
    runs = {"retail": retail, "one task": one_task, "planted": planted}[name]()
    files = {f"{run.id}.json": loaded(f"{run.id}.json", run) for run in runs}
    return step(State(), Change(files=ChangeSet(files), policy=NEW_POLICY)).snapshot


@cache
def planted() -> tuple[Any, ...]:
    odd = further()[0]
    value = odd.actions[-1].replace(parameters={"row": "v-odd"}, inputs={"row": "v-odd"})
    return (
        *closing(random.Random(1), 20),
        elsewhere(further()[1]),
        odd.replace(actions=(*odd.actions[:-1], value)),
    )


def opened(name: str, label: str = "") -> Held:
    runs = {"retail": retail, "one task": one_task, "planted": planted}[name]()
    shown = snapshot(name)
    view = next(v for v in shown.candidates if label in v.label)
    folder = Folder(shown, {run.id: run for run in runs})
    return Held(folder, CandidateScreen(folder, view.lineage))


@SIZES
@pytest.mark.parametrize("name", ["retail", "one task"])
def test_overview(snap_compare: Any, name: str, size: tuple[int, int]) -> None:
    label = {"retail": "→ exchange_delivered_order_items", "one task": "write_file"}[name]
    keys = ("1", "pagedown", "pagedown") if size == NARROW else ("1",)
    assert snap_compare(opened(name, label), terminal_size=size, run_before=ready(*keys))


@SIZES
def test_divergences(snap_compare: Any, size: tuple[int, int]) -> None:
    assert snap_compare(opened("planted"), terminal_size=size, run_before=ready("2", "n"))


async def texts(app: Held, keys: str, size: tuple[int, int] = (150, 80)) -> str:
    async with app.run_test(size=size) as pilot:
        await ready(*keys)(pilot)
        return seen(app)


async def test_the_overview_says_where_values_come_from_and_how_sure_it_is() -> None:
    said = await texts(opened("retail", "→ exchange_delivered_order_items"), "1")
    for part in ("← step 1's output", "one of step", "order:{order_id}", "(95 %)", "conversation", "repeat it"):
        assert part in said, part
    task = await texts(opened("one task"), "1")
    assert "or part of step 1's output /datetime" in task


async def test_the_divergences_name_the_argument_and_the_effect() -> None:
    said = await texts(opened("planted"), "2")
    assert "step 3 argument /row" in said
    assert "step 3 side effects" in said
    assert "20 runs agree" in said


async def test_a_run_has_the_numbers_of_the_steps_at_the_actions_that_evidence_names() -> None:
    app = opened("retail", "→ exchange_delivered_order_items")
    view = next(v for v in app.snapshot.candidates if "→ exchange_delivered_order_items" in v.label)
    example = next(e for e in view.candidate.examples if len(e.steps or ()) != e.steps[-1][-1] - e.steps[0][0] + 1)
    wanted = {index: number for number, step in enumerate(example.steps, 1) for index in step}
    *some, last = (str(index + 1) for index in wanted)
    assert f"actions {', '.join(some)} and {last} of" in evidence_of(view, app.snapshot, example.trace_id)
    async with app.run_test(size=(150, 80)) as pilot:
        await settled(pilot)
        app.screen.on_candidate_tab_run_wanted(CandidateTab.RunWanted(example.trace_id))
        await settled(pilot)
        table = app.screen.table
        shown = {
            row.index: table.fitting[0][0].cell(row, 6).plain[:3].split() for row in map(table._rows.get, table._rows)
        }
    assert {index: int(mark[0][1:]) for index, mark in shown.items() if mark and mark[0][0] == "┃"} == wanted


def evidence_of(view: CandidateView, shown: Snapshot, trace_id: str) -> str:
    row = next(section.rows[f"r:{trace_id}"] for section in evidence(view, shown) if f"r:{trace_id}" in section.rows)
    return " ".join(" ".join(line.content.plain.split()) for line in run_lines(view, row, 200))


async def test_a_value_cannot_be_allowed_to_differ() -> None:
    app = opened("planted")
    async with app.run_test(size=(150, 50)) as pilot:
        await ready("2", "n", "x")(pilot)
        notes = [str(note.message) for note in app._notifications]
    assert any("Only outputs and receipts may differ by rule" in note for note in notes), notes


async def test_hostile_names_stay_text_on_every_tab() -> None:
    def hostile(run: Any) -> Any:
        text = pretty(run).decode().replace("find_customer", json.dumps(f"find{HOSTILE}")[1:-1])
        text = text.replace('"row"', json.dumps(f"row{HOSTILE}"))
        return type(run).decode(json.loads(text))

    runs = [hostile(run) for run in planted()]
    files = {f"{n}.json": loaded(f"{n}.json", run) for n, run in enumerate(runs)}
    shown = step(State(), Change(files=ChangeSet(files), policy=NEW_POLICY)).snapshot
    view = shown.candidates[0]
    folder = Folder(shown, {run.id: run for run in runs})
    app = Held(folder, CandidateScreen(folder, view.lineage))
    async with app.run_test(size=(150, 50)) as pilot:
        for key in "123456":
            await ready(key)(pilot)
            said = seen(app)
            assert "\x1b" not in said
            assert "\u202e" not in said
        await ready("1")(pilot)
        assert "\\e[31m" in seen(app)


def ready_to_approve(view: CandidateView) -> bool:
    return view.status == "needs_approval"


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_read_approve_and_find_it_on_disk(tmp_path: Path, size: tuple[int, int]) -> None:
    traces = tmp_path / "traces"
    traces.mkdir()
    for run in closing(random.Random(1), 12):
        (traces / f"{run.id}.json").write_bytes(pretty(run))
    session = Session.open(traces, actor="reviewer@example.com")
    app = AssayApp(session)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.snapshot.candidates)
        view = app.snapshot.candidates[0]
        assert ready_to_approve(view)
        await pilot.press("enter", "2")
        await until(pilot, lambda: "agree" in seen(app))
        await pilot.press("a")
        await until(pilot, lambda: "Promote" in seen(app))
        for _ in view.warnings:
            await pilot.press("space", "down")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: app.snapshot.candidates[0].status == "ready")
    (pack,) = (session.workspace / "crashpacks").iterdir()
    assert replay_decision(read_folder(pack)).passed
    assert (session.workspace / "candidates" / view.lineage / "workflow.harn").exists()
    assert not verify(session.store).problems
