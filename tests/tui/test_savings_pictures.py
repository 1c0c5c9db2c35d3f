"""How the savings tab looks: without colour, with nothing known, with hostile names, with a thousand examples."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.candidate import Example
from core.model.trace import Cost
from tests.tui import fakes
from tests.tui.reviewed import Held, changed, settled, world
from tui.screens.candidate import CandidateScreen


def savings(folder, view, theme=""):
    app = Held(folder, CandidateScreen(folder, view.lineage))
    if theme:
        app.theme = theme
    return app


async def opened(pilot):
    await pilot.press("3")
    await settled(pilot)
    await pilot.pause()


def unknown():
    """Runs that record neither prices nor tokens nor when they began."""
    folder, view = world()
    folder.held = {
        key: trace.replace(actions=tuple(a.replace(cost=Cost(model_calls=1), duration_ms=None) for a in trace.actions))
        for key, trace in folder.held.items()
    }
    bare = view.candidate.savings.replace(
        estimated_cost_usd_avoided=0.0, input_tokens_avoided=0, output_tokens_avoided=0, wall_ms_avoided=0
    )
    view = replace(view, candidate=view.candidate.replace(savings=bare))
    folder.snapshot = replace(
        changed(folder, view),
        runs={key: replace(run, started_at=None) for key, run in folder.snapshot.runs.items()},
    )
    return folder, view


def hostile():
    folder, view = world()
    steps = tuple(step.replace(name=fakes.HOSTILE) for step in view.candidate.steps)
    view = replace(view, candidate=view.candidate.replace(steps=steps))
    folder.snapshot = changed(folder, view)
    return folder, view


def thousand():
    """A thousand examples, a few hours apart."""
    folder, view = world()
    made = view.candidate
    examples = tuple(Example(trace_id=f"trace_{n}", start_index=1, action_ids=("a0", "a1", "a2")) for n in range(1_000))
    folder.held = {e.trace_id: folder.held["trace_0"].replace(id=e.trace_id) for e in examples}
    view = replace(view, candidate=made.replace(examples=examples))
    run = folder.snapshot.runs["trace_0"]
    runs = {
        f"trace_{n}": replace(
            run, trace_id=f"trace_{n}", started_at=f"2026-{1 + n // 112:02}-{1 + n // 4 % 28:02}T08:00:00Z"
        )
        for n in range(1_000)
    }
    folder.snapshot = replace(changed(folder, view), runs=runs)
    return folder, view


@pytest.mark.parametrize("size", [(120, 50), (80, 24)], ids=["wide", "narrow"])
def test_without_colour(snap_compare, size):
    assert snap_compare(savings(*world(), theme="assay-monochrome"), terminal_size=size, run_before=opened)


def test_nothing_known(snap_compare):
    assert snap_compare(savings(*unknown()), terminal_size=(100, 40), run_before=opened)


def test_hostile_names(snap_compare):
    assert snap_compare(savings(*hostile()), terminal_size=(80, 40), run_before=opened)


async def test_a_thousand_examples_are_all_listed_and_charted():
    folder, view = thousand()
    app = savings(folder, view)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot)
        text = app.screen.query_one("#savings").document.text
    assert "observed: 1,000 runs, $400.00" in text
    assert "Saved every 4 weeks" in text
    assert sum(line.strip().startswith("trace_") for line in text.splitlines()) == 1_000


async def test_what_is_unknown_is_said_and_never_counted_as_nothing():
    folder, view = unknown()
    app = savings(folder, view)
    async with app.run_test(size=(100, 40)) as pilot:
        await opened(pilot)
        text = app.screen.query_one("#savings").document.text
    rows = {line.split("  ")[1].strip(): line for line in text.splitlines() if line.startswith("  ") and "  " in line}
    assert "unknown" in rows["cost"]
    assert "unknown" in rows["tokens in"]
    assert "$" not in rows["cost"]
    assert "No run says when it began" in text


async def test_hostile_names_are_spelled_out():
    folder, view = hostile()
    app = savings(folder, view)
    async with app.run_test(size=(80, 40)) as pilot:
        await opened(pilot)
        text = app.screen.query_one("#savings").document.text
    assert not any(char in text for char in "\x1b\x07\r\x9b\u202e")
