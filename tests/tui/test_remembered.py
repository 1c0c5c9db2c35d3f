"""How a list was left comes back: filter, order and folds; and terms, folds and marks by key and by mouse."""

from __future__ import annotations

import json
import threading

import pytest

from core.live.snapshot import Snapshot
from tests.tui.fakes import NOW, FakeReviewing, snapshot, views
from tests.tui.seen import home, label, list_of, seen, toasts
from tui import settings
from tui.app import AssayApp
from tui.settings import Memory, ViewState


def again(reviewing: FakeReviewing) -> AssayApp:
    return AssayApp(reviewing, clock=lambda: NOW)


def listed(app):
    return [app.snapshot.view(lineage).label for lineage in home(app).order]


async def test_filter_order_and_folds_survive_a_restart(app, reviewing):
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("slash", *"status:n", "enter", "s", "s", "S", "z")
        await pilot.pause()
    fresh = again(reviewing)
    async with fresh.run_test(size=(160, 40)) as pilot:
        await pilot.pause()
        said = seen(fresh)
        assert "status:n ✕" in said
        assert "3 of 8" in said
        assert "workflow ▼" in said
        assert "▸ Needs approval  2  folded" in said
        assert listed(fresh) == ["close_sprint"]


async def test_another_folder_has_looks_of_its_own(app, reviewing, tmp_path):
    async with app.run_test() as pilot:
        await pilot.press("slash", *"risk:high", "enter")
    reviewing.traces = tmp_path
    fresh = again(reviewing)
    async with fresh.run_test() as pilot:
        await pilot.pause()
        assert len(listed(fresh)) == 8


async def test_a_remembered_filter_that_is_no_filter_any_more_is_left_out(reviewing):
    memory = Memory(reviewing.traces)
    memory.keep("candidates", ViewState(filter="nosuch:field", sort="nosuch"))
    assert not memory.flush()
    app = again(reviewing)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert len(listed(app)) == 8


def test_who_writes_last_waits_for_who_writes_already(tmp_path, monkeypatch):
    memory, begun, go = Memory(tmp_path), threading.Event(), threading.Event()
    write = settings.write_file

    def slowly(path, data):
        begun.set()
        assert go.wait(30)
        write(path, data)

    monkeypatch.setattr(settings, "write_file", slowly)
    memory.keep("candidates", ViewState(filter="old"))
    first = threading.Thread(target=memory.flush)
    first.start()
    assert begun.wait(30)
    assert memory.recall("candidates").filter == "old"
    memory.keep("problems", ViewState(filter="new"))
    last = threading.Thread(target=memory.flush)
    last.start()
    go.set()
    for thread in (first, last):
        thread.join(30)
    kept = Memory(tmp_path)
    assert (kept.recall("candidates").filter, kept.recall("problems").filter) == ("old", "new")


def test_a_flush_with_nothing_to_write_waits_for_one_that_writes(tmp_path, monkeypatch):
    memory, begun, go, done = Memory(tmp_path), threading.Event(), threading.Event(), threading.Event()
    write = settings.write_file

    def slowly(path, data):
        begun.set()
        assert go.wait(30)
        write(path, data)
        done.set()

    monkeypatch.setattr(settings, "write_file", slowly)
    memory.keep("candidates", ViewState(filter="old"))
    first = threading.Thread(target=memory.flush)
    first.start()
    assert begun.wait(30)
    threading.Timer(0.05, go.set).start()
    memory.flush()
    assert done.is_set()
    first.join(30)


@pytest.mark.parametrize("views_", [[], {"x": 3}, {"candidates /": {"filter": 3, "folded": "no", "reverse": "yes"}}])
def test_spoiled_views_count_as_not_set(settings_folder, views_):
    settings_folder.mkdir(parents=True)
    (settings_folder / "settings.json").write_text(json.dumps({"views": views_}))
    assert all(state == ViewState() for state in settings.load().views.values())


def test_two_reviews_do_not_forget_each_others_lists(tmp_path):
    one, other = Memory(tmp_path / "one"), Memory(tmp_path / "other")
    one.keep("candidates", ViewState(filter="a"))
    other.keep("candidates", ViewState(filter="b"))
    assert one.flush() == other.flush() == ""
    assert Memory(tmp_path / "one").recall("candidates").filter == "a"
    assert Memory(tmp_path / "other").recall("candidates").filter == "b"
    assert settings.load().theme == ""


async def test_terms_are_taken_away_by_key_and_by_mouse(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"status:needs risk:medium vrsb", "enter")
        await pilot.pause()
        assert listed(app) == ["version_bump"]
        await pilot.press("backspace")
        await pilot.pause()
        assert listed(app) == ["version_bump", "nightly_report", "close_sprint"]
        chips = app.screen.query_one("#filter-chips")
        at = chips.render().plain.index("✕")
        await pilot.click("#filter-chips", offset=(at, 0))
        await pilot.pause()
        assert app.screen.bar.text == "risk:medium"
        await pilot.click("#filter-chips", offset=(2, 0))
        await pilot.pause()
        assert not app.screen.bar.display
        assert len(listed(app)) == 8
        await pilot.press("backspace")
        assert "There is no filter" in toasts(app)[-1]


async def test_what_could_follow_is_shown_while_writing(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:")
        await pilot.pause()
        assert "Tab risk:low  risk:medium  risk:high" in seen(app)
        await pilot.press("tab", "enter")
        await pilot.pause()
        assert app.screen.bar.text == "risk:low"


async def test_a_faulty_filter_is_not_kept(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:high ", *"steps>x", "enter")
        await pilot.pause()
        assert app.screen.bar.text == "risk:high"
        assert listed(app) == ["rotate_keys", "refund_order"]


async def test_sections_fold_by_key_and_by_mouse_and_open_again(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "down", "z")
        await pilot.pause()
        assert "version_bump" not in listed(app)
        assert label(app) == ""
        assert "2 candidates folded away" in home(app).query_one("#preview").text
        assert "version_bump" in home(app).query_one("#preview").text
        await pilot.press("enter")
        await pilot.pause()
        assert "version_bump" in listed(app)
        y = next(i for i, line in enumerate(seen(app).splitlines()) if "▾ Blocked" in line)
        await pilot.click(offset=(10, y))
        await pilot.pause()
        assert "deploy_docs" not in listed(app)
        assert "▸ Blocked  1  folded" in seen(app)
        await pilot.press("Z")
        await pilot.pause()
        assert listed(app) == []
        await pilot.press("Z")
        await pilot.pause()
        assert len(listed(app)) == 8


async def test_a_selected_candidate_that_moves_into_a_folded_section_is_told(app, reviewing):
    from dataclasses import replace

    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("end", "z", "home", "down", "down")
        assert label(app) == "version_bump"
        moved = tuple(replace(v, status="rejected") if v.label == "version_bump" else v for v in views())
        reviewing.push(snapshot(*moved))
        await pilot.pause()
        assert "version_bump changed and is hidden by filter or folding" in toasts(app)[-1]


async def test_marks_stay_by_key_while_rows_come_and_go(app, reviewing):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("down", "v", "v")
        await pilot.pause()
        names = {"sync_labels", "version_bump"}
        assert {app.snapshot.view(key).label for key in home(app).marked} == names
        assert "2 marked · r rejects" in seen(app)
        reviewing.push(snapshot(*reversed(views())))
        await pilot.pause()
        assert {app.snapshot.view(key).label for key in home(app).marked} == names
        await pilot.press("slash", *"sync", "enter")
        await pilot.pause()
        assert "2 marked (1 hidden)" in seen(app)
        reviewing.push(snapshot(*(v for v in views() if v.label != "sync_labels")))
        await pilot.pause()
        assert {app.snapshot.view(key).label for key in home(app).marked} == {"version_bump"}
        await pilot.press("escape")
        await pilot.pause()
        assert not home(app).marked
        assert home(app).bar.text == "sync"


async def test_all_that_are_listed_are_marked_or_none(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:high", "enter", "V")
        assert len(home(app).marked) == 2
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard.splitlines() == home(app).marked
        await pilot.press("V")
        assert not home(app).marked


async def test_problems_are_marked_copied_and_looked_at_again(app, reviewing):
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p", "v", "v", "y")
        await pilot.pause()
        assert app.clipboard.splitlines() == ["runs/broken.json", "runs/odd.json"]
        await pilot.press("t")
        assert sorted(reviewing.retried[-1]) == ["runs/broken.json", "runs/odd.json"]
        await pilot.press("T")
        assert reviewing.retried[-1] == ()
        await pilot.press("slash", *"state:excl", "enter")
        await pilot.pause()
        assert "1 of 4" in seen(app)
        assert [k for k in list_of(app).keys if not k.startswith("#")] == ["excluded:runs/t007.json"]


async def test_how_watching_goes_is_said_with_the_problems(app, reviewing):
    from core.live.snapshot import Activity

    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("p")
        await pilot.pause()
        assert "by the system's events" in seen(app)
        assert "last change 5 s ago" in seen(app)
        reviewing.tell(Activity("watching", watching="polling", pending=3, trouble="no events on this disk"))
        await pilot.pause()
        for part in ("by polling", "not read yet 3 files", "! no events on this disk"):
            assert part in seen(app)


async def test_an_outcome_with_trouble_is_a_warning(app, reviewing):
    from dataclasses import replace

    from core.live.reviewing import Request

    async with app.run_test(size=(100, 30)) as pilot:
        view = views()[2]
        outcome = reviewing.decide(Request("approve", view.lineage, view.behaviour_digest, "ana"))
        app.decided(replace(outcome, trouble="the bundle could not be written"))
        await pilot.pause()
        (note,) = app._notifications
        assert note.severity == "warning"
        assert "the bundle could not be written" in note.message
        assert note.title == "Recorded, but not finished"


async def test_newcomers_are_greeted_once(reviewing):
    app = AssayApp(reviewing, clock=lambda: NOW, greeting=True)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert "? explains every key" in toasts(app)[0]
    fresh = AssayApp(reviewing, clock=lambda: NOW, greeting=True)
    async with fresh.run_test() as pilot:
        await pilot.pause()
        assert not toasts(fresh)


async def test_an_empty_folder_has_nothing_to_fold_or_mark():
    app = again(FakeReviewing(Snapshot()))
    async with app.run_test() as pilot:
        await pilot.press("z", "Z", "v", "V", "E", "o", "e", "y", "backspace")
        await pilot.pause()
        assert not home(app).marked
