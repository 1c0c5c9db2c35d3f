from __future__ import annotations

from textual import events
from textual.widgets import Input

from tests.tui.fakes import snapshot, views
from tests.tui.seen import home, label, list_of, seen, toasts
from tui.screens.candidates import CandidatesScreen
from tui.views.columns import COLUMNS


def listed(app):
    return [app.snapshot.view(lineage).label for lineage in home(app).order]


async def test_filtering_narrows_and_escape_clears(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:hi")
        await pilot.pause()
        assert listed(app) == ["rotate_keys", "refund_order"]
        assert "2 of 8" in seen(app)
        await pilot.press("enter")
        await pilot.pause()
        assert list_of(app).has_focus
        await pilot.press("down")
        assert label(app) == "refund_order"
        await pilot.press("escape")
        await pilot.pause()
        assert len(listed(app)) == 8
        assert label(app) == "refund_order"
        assert "2 of 8" not in seen(app)


async def test_the_hint_leaves_examples_out_where_there_is_no_room(app):
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"risk:low")
        await pilot.pause()
        told = next(line for line in seen(app).splitlines() if "words, or status:needs" in line)
        assert "! for not · Enter keeps" in told
        assert "…" not in told


async def test_a_filter_fault_is_told_and_the_former_filter_holds(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:high status:z")
        await pilot.pause()
        assert "`status:z` is none of drifted" in seen(app)
        assert listed(app) == ["rotate_keys", "refund_order"]
        await pilot.press("backspace", "d")
        await pilot.pause()
        assert "is none of" not in seen(app)
        assert listed(app) == ["rotate_keys"]


async def test_a_faulty_filter_stays_open_until_it_is_mended_or_cleared(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"foo:bar saves>abc", "enter")
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert field.has_focus
        assert "`foo:` is no term" in seen(app)
        await pilot.press("escape")
        await pilot.pause()
        assert len(listed(app)) == 8
        await pilot.press("slash")
        await pilot.pause()
        assert field.value == "", "nothing of it is left"
        await pilot.press(*"risk:hig", "enter")
        await pilot.pause()
        assert listed(app) == ["rotate_keys", "refund_order"]
        assert list_of(app).has_focus


async def test_whoever_leaves_a_faulty_filter_is_told_what_holds(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:high saves>abc")
        await pilot.pause()
        list_of(app).focus()
        await pilot.pause()
        (told,) = toasts(app)
        assert told.startswith("`saves>` needs a number")
        assert told.endswith("; the filter is `risk:high`")
        assert listed(app) == ["rotate_keys", "refund_order"]
        await pilot.press("slash")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "risk:high"


async def test_a_field_being_typed_does_not_empty_the_list(app):
    async with app.run_test(size=(120, 40)) as pilot:
        for key in ("slash", *"cohort:"):
            await pilot.press(key)
            await pilot.pause()
            assert len(listed(app)) == 8
        await pilot.press(*"ops")
        await pilot.pause()
        assert listed(app) == ["rotate_keys"]


async def test_tab_completes_a_term(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:h")
        await pilot.pause()
        await pilot.press("tab")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "risk:high"


async def test_letters_are_text_while_a_filter_is_written(app, reviewing):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"aq p")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "aq p"
        assert isinstance(app.screen, CandidatesScreen)
        foot = seen(app).splitlines()[-1]
        assert "Keep" in foot
        assert "Approve" not in foot


async def test_a_filter_survives_snapshots_and_says_when_nothing_is_left(app, reviewing):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:high", "enter")
        reviewing.push(snapshot(*reversed(views())))
        await pilot.pause()
        assert listed(app) == ["rotate_keys", "refund_order"]
        await pilot.press("slash", *" nothing", "enter")
        await pilot.pause()
        assert "No candidate matches risk:high nothing" in seen(app)
        assert "8 candidates hidden. Escape clears the filter." in seen(app)
        foot = seen(app).splitlines()[-1]
        assert "Approve" in foot
        await pilot.press("a", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CandidatesScreen)
        await pilot.press("escape")
        await pilot.pause()
        assert len(listed(app)) == 8
        assert label(app) in home(app).query_one("#preview").text


async def test_sorting_goes_through_the_columns_and_turns_round(app):
    async with app.run_test(size=(240, 40)) as pilot:
        await pilot.pause()
        usual = listed(app)
        heads = []
        for _ in COLUMNS:
            await pilot.press("s")
            await pilot.pause()
            heads.append(home(app).query_one("Head").render().plain)
        assert [sum(arrow in head for arrow in "▲▼") for head in heads] == [1] * len(COLUMNS)
        assert "saves ▼" in heads[6]
        await pilot.press("s")
        assert listed(app) == usual
        await pilot.press("s", "s")
        await pilot.pause()
        assert listed(app)[2:4] == ["nightly_report", "version_bump"]
        await pilot.press("S")
        await pilot.pause()
        assert listed(app)[2:4] == ["version_bump", "nightly_report"]
        assert "workflow ▼" in seen(app)


async def test_reverse_without_a_sort_says_what_to_do(app):
    async with app.run_test() as pilot:
        await pilot.press("S")
        await pilot.pause()
        assert toasts(app) == ["Press s first to choose a column."]


async def test_sorting_keeps_the_cursor_and_equal_rows_keep_their_order(app):
    async with app.run_test(size=(240, 40)) as pilot:
        await pilot.press("down", "down")
        for _ in range(len(COLUMNS)):
            await pilot.press("s")
            assert label(app) == "version_bump"
        assert listed(app)[:2] == ["rotate_keys", "sync_labels"]


async def test_a_click_on_a_title_sorts_and_another_turns_round(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        at = home(app).query_one("Head").render().plain.index("saves")
        await pilot.click("Head", offset=(at, 0))
        await pilot.pause()
        assert "saves ▼" in seen(app)
        assert listed(app)[2:4] == ["nightly_report", "version_bump"]
        await pilot.click("Head", offset=(at, 0))
        await pilot.pause()
        assert "saves ▲" in seen(app)
        assert listed(app)[2:4] == ["version_bump", "nightly_report"]


async def test_a_look_at_another_window_does_not_end_the_writing(app):
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("slash", *"risk:hi")
        await pilot.pause()
        app.post_message(events.AppBlur())
        await pilot.pause()
        app.post_message(events.AppFocus())
        await pilot.pause()
        await pilot.press("g")
        await pilot.pause()
        field = app.screen.query_one(Input)
        assert (field.display, field.has_focus, field.value) == (True, True, "risk:hig")
        await pilot.press("enter", "down")
        await pilot.pause()
        assert listed(app) == ["rotate_keys", "refund_order"]
        assert label(app) == "refund_order"


async def test_a_click_on_how_many_terms_there_are_takes_none_away(app):
    async with app.run_test(size=(60, 24)) as pilot:
        await pilot.press("slash", *"risk:high cohort:release shadow:fail saves>1", "enter")
        await pilot.pause()
        bar = home(app).bar
        line = next(line for line in seen(app).splitlines() if "more" in line)
        await pilot.click(offset=(line.index("more"), seen(app).splitlines().index(line)))
        await pilot.pause()
        assert bar.text == "risk:high cohort:release shadow:fail saves>1"
        assert bar.writing
