from __future__ import annotations

from dataclasses import replace
from typing import NoReturn

import pytest

from core.model.late import LateText
from tests.tui.fakes import NOW, snapshot, view, views
from tests.tui.seen import home, label, list_of, seen, toasts
from tui.app import AssayApp
from tui.marks import SECONDS, Marks
from tui.screens.candidate import CandidateScreen
from tui.screens.candidates import CandidatesScreen
from tui.screens.decision import DecisionDialog
from tui.views.columns import COLUMNS
from tui.widgets.table import GAP, fit

SIZES = [(80, 24), (160, 50)]


def named(name):
    return next(v for v in views() if v.label == name)


def many(number):
    return tuple(view(f"workflow_{n:03}", "blocked") for n in range(number))


def rows(app):
    return [line for line in seen(app).splitlines() if any(v.label in line for v in app.snapshot.candidates)]


def listed(app):
    return [app.snapshot.view(lineage).label for lineage in home(app).order]


@pytest.mark.parametrize("size", [*SIZES, (200, 50)])
async def test_it_groups_by_what_asks_for_a_person(app, size):
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert listed(app) == [
            "rotate_keys",
            "sync_labels",
            "version_bump",
            "nightly_report",
            "deploy_docs",
            "triage_issue",
            "close_sprint",
            "refund_order",
        ]
        said = seen(app)
        for words in ("Drifted or stale  2", "Needs approval  2", "Blocked  "):
            assert words in said
        # Beside the preview there is less room: the signs alone are below headings that say it in words.
        for sign, word, name in (
            ("▲", " drifted", "rotate"),
            ("≠", " stale", "sync"),
            ("●", " needs approval", "version"),
        ):
            row = next(line for line in rows(app) if name in line)
            assert sign + ("" if size[0] < 200 else word) in row
        assert label(app) == "rotate_keys"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (131, 40), (132, 40), (160, 50), (220, 60)])
async def test_nothing_is_cut_at_any_width(app, size):
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        head, table = home(app).query_one("Head").render().plain, home(app).query_one("#table")
        assert head.split() == [column.title for column, given in table.fitting if given > column.brief]
        assert "…" not in "".join(line[: table.size.width] for line in rows(app))
        assert table.lines.max_scroll_x == 0


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (160, 50)])
async def test_every_heading_can_tell_that_the_list_is_sorted_by_it(app, size):
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        head, table = home(app).query_one("Head"), home(app).query_one("#table")
        for column, _ in table.fitting:
            for reverse, arrow in ((False, "▼" if column.falling else "▲"), (True, "▲" if column.falling else "▼")):
                home(app).change(sort=column.key, reverse=reverse)
                told = head.render().plain
                assert arrow in told
                assert "…" not in told.split(), f"nothing is left of {column.key}"


async def test_columns_leave_in_the_stated_order():
    kept = {tuple(c.key for c, _ in fit(COLUMNS, width)) for width in range(10, 250)}
    by_length = sorted(kept, key=len)
    order = [c.key for c in sorted(COLUMNS, key=lambda c: -c.keep)]
    for keys in by_length:
        assert set(keys) == set(order[: len(keys)])
    assert by_length[-1] == tuple(c.key for c in COLUMNS)
    for width in range(40, 250):
        fitted = fit(COLUMNS, width)
        assert sum(w + GAP for _, w in fitted) - GAP <= width
        assert all(w >= (c.brief or c.least) for c, w in fitted)


def test_names_take_the_room_of_words_that_headings_say_as_well():
    for width in range(44, 100):
        given = {column.key: size for column, size in fit(COLUMNS, width)}
        assert given["status"] == 1
        assert given["workflow"] >= 38
        assert ("confidence" in given) == (width >= 85), "where there still is room"


@pytest.mark.parametrize(("size", "shown"), [((160, 50), {"steps", "runs"}), ((200, 50), {"steps", "runs", "changed"})])
async def test_beside_the_preview_names_are_as_long_as_on_a_small_screen_and_more_is_shown(app, size, shown):
    (small,) = (given for column, given in fit(COLUMNS, 77) if column.key == "workflow")
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        given = {column.key: size for column, size in home(app).query_one("#table").fitting}
        assert given["workflow"] >= small
        assert shown <= given.keys()


def test_of_a_very_small_screen_the_names_are_what_is_left():
    for width in range(30, 44):
        assert [column.key for column, _ in fit(COLUMNS, width)][:2] == ["status", "workflow"]


async def test_rows_show_counts_of_fuzzy_steps_shadow_and_savings(app):
    async with app.run_test(size=(240, 40)) as pilot:
        await pilot.pause()
        row = next(line for line in rows(app) if "deploy_docs" in line)
        for said in ("3 ◇1", "5/9", "0.92 ▮▮▮▮", "✓5 ✗1", "$3.20", "13.9 k", "4 min 12 s", "▂ low"):
            assert said in row


@pytest.mark.parametrize("size", SIZES)
async def test_the_cursor_stays_on_its_lineage_when_the_order_changes(app, reviewing, size):
    async with app.run_test(size=size) as pilot:
        await pilot.press("down", "down")
        assert label(app) == "version_bump"
        for shown in (
            tuple(reversed(views())),
            tuple(replace(v, status="ready") if v.label == "version_bump" else v for v in views()),
            (*many(3), *views()),
        ):
            reviewing.push(snapshot(*shown))
            await pilot.pause()
            assert label(app) == "version_bump"
            assert "version_bump" in home(app).query_one("#preview").text


async def test_the_selected_row_keeps_its_line_on_the_screen(app, reviewing):
    reviewing.push(snapshot(*many(60)))
    app = AssayApp(reviewing, clock=lambda: NOW)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        home(app).select(named_lineage := many(60)[40].lineage)
        await pilot.pause()

        def line():
            return next(i for i, text in enumerate(seen(app).splitlines()) if text.startswith("▌"))

        before = line()
        reviewing.push(snapshot(*many(75)[70:], *many(60)))
        await pilot.pause()
        assert home(app).selected.lineage == named_lineage
        assert line() == before


async def test_a_list_scrolled_away_from_the_cursor_stays_where_it_is(reviewing):
    reviewing.push(snapshot(*many(60)))
    app = AssayApp(reviewing, clock=lambda: NOW)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        lines = list_of(app)
        lines.scroll_to(y=30, animate=False)
        await pilot.pause()
        top = lines.keys[lines.scroll_offset.y]
        reviewing.push(snapshot(*many(62)[60:], *many(60)))
        await pilot.pause()
        assert lines.keys[lines.scroll_offset.y] == top
        assert label(app) == "workflow_000"


async def test_a_vanished_selection_is_told_and_the_nearest_takes_over(app, reviewing):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("down", "down")
        reviewing.push(snapshot(*(v for v in views() if v.label != "version_bump")))
        await pilot.pause()
        assert label(app) == "nightly_report"
        assert toasts(app) == ["version_bump is no longer listed; nightly_report is selected now."]
        reviewing.push(snapshot(*(v for v in views() if v.label == "refund_order")))
        await pilot.pause()
        assert label(app) == "refund_order"


async def test_new_and_changed_rows_are_marked_for_a_while(app, reviewing, clock):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        assert not any(" new" in row or " changed" in row for row in rows(app))
        bump = named("version_bump")
        others = [v for v in views() if v.label != "version_bump"]
        reviewing.push(snapshot(*others, replace(bump, evidence="sha256:more"), view("fresh_one", "blocked")))
        await pilot.pause()
        assert len([row for row in rows(app) if " new " in row or " changed " in row]) == 2
        assert any("fresh_one new" in row for row in rows(app))
        assert any("version_bump changed" in row for row in rows(app))
        clock.now += SECONDS
        app.tick()
        await pilot.pause()
        assert not any(" new" in row or " changed" in row for row in rows(app))


def test_what_was_read_first_is_not_new():
    marks, first = Marks(), views()
    marks.observe(first[:2], 0.0, settled=False)
    marks.observe(first, 1.0, settled=False)
    assert {marks.row(v, 1.0).mark for v in first} == {""}
    grown = (replace(first[0], status="blocked"), *first[1:-1])
    marks.observe(grown, 2.0, settled=True)
    assert [marks.row(v, 3.0).mark for v in grown][:2] == ["changed", ""]
    assert marks.row(grown[0], 200.0).changed == 198.0
    marks.observe(first, 300.0, settled=True)
    assert marks.row(first[-1], 300.0).mark == "new"


async def test_a_click_selects_and_a_double_click_opens(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        y = next(i for i, line in enumerate(seen(app).splitlines()) if "deploy_docs" in line)
        await pilot.click(offset=(10, y))
        await pilot.pause()
        assert label(app) == "deploy_docs"
        assert isinstance(app.screen, CandidatesScreen)
        await pilot.click(offset=(10, y), times=2)
        await pilot.pause()
        assert isinstance(app.screen, CandidateScreen)
        assert app.screen.lineage == named("deploy_docs").lineage


async def test_a_click_on_a_heading_selects_nothing(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        y = next(i for i, line in enumerate(seen(app).splitlines()) if "Blocked  1" in line)
        await pilot.click(offset=(10, y))
        await pilot.pause()
        assert label(app) == "rotate_keys"


async def test_enter_opens_and_the_keys_ask_about_the_selected_lineage(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "down")
        for key, kind in (("a", "approve"), ("r", "reject"), ("u", "revoke")):
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, DecisionDialog)
            assert (app.screen.case.view.label, app.screen.case.kind) == ("version_bump", kind)
            await pilot.press("escape")
            await pilot.pause()
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, CandidateScreen)
        assert app.screen.lineage == named("version_bump").lineage
        await pilot.press("q")
        await pilot.pause()
        assert label(app) == "version_bump"


async def test_keys_of_lists(app, reviewing):
    reviewing.push(snapshot(*many(60)))
    app = AssayApp(reviewing, clock=lambda: NOW)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        steps = [("end", 59), ("k", 58), ("home", 0), ("j", 1), ("up", 0), ("up", 0), ("G", 59), ("down", 59), ("g", 0)]
        for key, at in steps:
            await pilot.press(key)
            assert label(app) == f"workflow_{at:03}"
        assert list_of(app).scroll_offset.y == 0
        await pilot.press("pagedown")
        paged = int(label(app)[-3:])
        assert 5 < paged < 30
        await pilot.press("pageup")
        assert label(app) == "workflow_000"


async def test_resizing_keeps_selection_and_view(app):
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("end")
        for width, height in ((80, 24), (60, 15), (200, 60)):
            await pilot.resize_terminal(width, height)
            await pilot.pause()
            assert label(app) == "refund_order"
            assert any(line.startswith("▌") and "refund_order" in line for line in seen(app).splitlines())


def test_marks_tell_evidence_apart_without_making_its_digest():
    def never() -> NoReturn:
        raise AssertionError("the digest of all examples was made while the screen waits")

    marks, one = Marks(), replace(view("one"), evidence=LateText(never, b"1"))
    marks.observe([one], NOW, settled=False)
    marks.observe([replace(one, evidence=LateText(never, b"1"))], NOW, settled=True)
    assert not marks
    marks.observe([replace(one, evidence=LateText(never, b"2"))], NOW, settled=True)
    assert marks.row(one, NOW).mark == "changed"


async def test_a_key_lays_nothing_out_anew(app, monkeypatch):
    async with app.run_test(size=(160, 60)) as pilot:
        await pilot.pause()
        laid_out = []
        real = CandidatesScreen._refresh_layout
        monkeypatch.setattr(
            CandidatesScreen,
            "_refresh_layout",
            lambda screen, *told, **more: laid_out.append(real(screen, *told, **more)),
        )
        for before in range(3):
            await pilot.press("down")
            await pilot.pause()
            assert not laid_out, f"key {before + 1}"
        app.tick()
        await pilot.pause()
        assert not laid_out, "a second later"
