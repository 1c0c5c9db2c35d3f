from __future__ import annotations

from dataclasses import replace

import pytest

from core.live.snapshot import Problem
from tests.tui.fakes import HOSTILE, NOW, FakeReviewing, problems, snapshot
from tests.tui.seen import list_of, seen
from tui.app import AssayApp
from tui.views.problems import completions, detail_lines, grouped


@pytest.mark.parametrize("size", [(80, 24), (160, 50)])
async def test_problems_are_grouped_by_state_and_rule_with_the_story_of_one(app, size):
    async with app.run_test(size=size) as pilot:
        await pilot.press("p")
        await pilot.pause()
        said = seen(app)
        for words in (
            "✗ quarantined: invalid JSON  1",
            "✗ quarantined: wrong field  1",
            "○ excluded: policy violation  1",
            "… settling: still being written  1",
            "runs/broken.json",
            "line 3 column 7",
            "1.2 kB",
            "1 min",
            "invalid JSON: expected a comma or `}`",
            "→ Correct the file or remove it",
        ):
            assert words in said
        await pilot.press("down")
        await pilot.pause()
        assert "actions[2].cost: expected an object, got null" in seen(app)


def test_groups_come_in_the_order_of_the_states():
    found = grouped((*problems(), Problem("quarantined", "z.json", "invalid JSON", "again")))
    assert [(state, rule, len(group)) for (state, rule), group in found.items()] == [
        ("quarantined", "invalid JSON", 2),
        ("quarantined", "wrong field", 1),
        ("excluded", "policy violation", 1),
        ("settling", "still being written", 1),
    ]


@pytest.mark.parametrize(
    ("written", "offered"),
    [
        ("", []),
        ("inbox ", []),
        ("ru", ["rule:", 'rule:"invalid JSON"', "rule:oversized"]),
        ("inbox STATE:q", ["inbox state:quarantined"]),
        ("rule:o", ["rule:oversized"]),
        ("rule:oversized", []),
    ],
)
def test_completions_offer_fields_states_and_rules(written, offered):
    rules = ("invalid JSON", "oversized", HOSTILE, "invalid JSON")
    assert completions(written, [Problem("quarantined", "z.json", rule, "again") for rule in rules]) == offered


def test_the_story_has_place_size_and_age():
    said = "\n".join(line.content.plain for line in detail_lines(problems()[1], NOW, 60))
    for words in ("line 3 column 7", "1,204 bytes", "1 min ago", "The file does not load"):
        assert words in said
    bare = "\n".join(line.content.plain for line in detail_lines(problems()[2], NOW, 60))
    assert "the whole file" in bare
    assert "size" not in bare
    assert "first seen" not in bare


async def test_the_selection_stays_on_its_file(app, reviewing):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "end")
        assert app.screen.selected.unit == "inbox/new.json"
        more = tuple(Problem("quarantined", f"a{n}.json", "invalid JSON", "bad") for n in range(50))
        reviewing.push(snapshot(problems=(*more, *problems())))
        await pilot.pause()
        assert app.screen.selected.unit == "inbox/new.json"
        assert any(line.startswith("▌ inbox/new.json") for line in seen(app).splitlines())
        reviewing.push(snapshot(problems=problems()[1:]))
        await pilot.pause()
        assert app.screen.selected.unit == "runs/t007.json"
        assert "metadata.policy_violation" in seen(app)


async def test_a_file_that_stops_settling_is_selected_no_more(app, reviewing):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "end")
        failed = replace(problems()[0], state="quarantined")
        reviewing.push(snapshot(problems=(failed,)))
        await pilot.pause()
        assert app.screen.selected == failed


async def test_copy_takes_the_path(app):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "y")
        await pilot.pause()
        assert app.clipboard == "runs/broken.json"


async def test_pause_works_here_too(app, reviewing):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "space")
        reviewing.push(snapshot(problems=()))
        await pilot.pause()
        assert "runs/broken.json" in seen(app)
        assert "paused, 4 changes waiting" in seen(app)


async def test_no_problems_is_said_and_they_may_come(app, reviewing):
    reviewing.push(snapshot(problems=()))
    app = AssayApp(reviewing, clock=lambda: NOW)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        assert "No problems" in seen(app)
        assert "Every file below runs that was read could be used." in seen(app)
        reviewing.push(snapshot())
        await pilot.pause()
        assert "No problems" not in seen(app)
        assert app.screen.selected.unit == "runs/broken.json"
        assert "expected a comma" in seen(app)


async def test_a_hundred_thousand_rows_are_drawn_only_where_they_are_seen(clock):
    found = tuple(Problem("quarantined", f"runs/{n:06}.json", "invalid JSON", "bad") for n in range(100_000))
    app = AssayApp(FakeReviewing(snapshot(problems=found)), clock=clock)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        lines = list_of(app)
        painted, paint = [], lines._paint
        lines._paint = lambda key, width: painted.append(key) or paint(key, width)
        await pilot.press("end")
        await pilot.pause()
        assert app.screen.selected.unit == "runs/099999.json"
        assert 0 < len(set(painted)) <= 30
        assert "runs/099999.json" in seen(app)
        assert "✗ quarantined: invalid JSON  100,000" not in seen(app)
        await pilot.press("home")
        await pilot.pause()
        assert "✗ quarantined: invalid JSON  100,000" in seen(app)


async def test_a_filter_can_leave_out_as_its_hint_says(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("p", "slash", *"!rule:json", "enter")
        await pilot.pause()
        said = seen(app)
        assert "quarantined: wrong field" in said
        assert "quarantined: invalid JSON" not in said


async def test_a_folded_group_tells_what_it_holds(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("p", "z")
        await pilot.pause()
        said = seen(app)
        assert "1 problem folded away; Enter or z shows it." in said
        assert "· runs/broken.json" in said
        assert "expected a comma" not in said
