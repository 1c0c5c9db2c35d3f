from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, set_cell_size
from textual.app import App
from textual.content import Content

from core.model.text import visible
from tests.tui.seen import list_of, seen
from tui.text import fitted, flowed, shortened
from tui.widgets.lines import Lines


class Listing(App):
    def __init__(self, keys, headings=frozenset()):
        super().__init__()
        self.start, self.moves = (keys, headings), []

    def compose(self):
        yield Lines(lambda key, width: Content(f"row {key} " + "x" * width))

    def on_mount(self):
        list_of(self).show(*self.start)

    def on_lines_moved(self, event):
        self.moves.append(event.key)


def keys(number):
    return [f"k{n}" for n in range(number)]


async def test_rows_are_cut_with_an_ellipsis_and_fill_the_width():
    app = Listing(keys(3))
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.pause()
        assert seen(app).splitlines()[0] == "▌ row k0 xxxxxxxxxx…"[:18] + "…"


async def test_the_first_row_that_is_no_heading_is_selected():
    app = Listing(["#a", "k1", "#b", "k2"], {"#a", "#b"})
    async with app.run_test(size=(20, 5)) as pilot:
        lines = list_of(app)
        assert lines.selected == "k1"
        await pilot.press("down")
        assert lines.selected == "k2"
        await pilot.press("down", "home")
        assert lines.selected == "k1"
        assert not lines.select("#b")
        assert not lines.select("nowhere")
        assert lines.selected == "k1"


async def test_going_back_to_the_first_row_shows_its_heading():
    app = Listing(["#a", *keys(40)], {"#a"})
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("end", "home")
        await pilot.pause()
        assert "#a" in seen(app).splitlines()[0]


async def test_moves_are_told_once_each():
    app = Listing(keys(3))
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("down", "down", "down", "up")
        await pilot.pause()
        assert app.moves == ["k0", "k1", "k2", "k1"]
        list_of(app).show(["k0", "k1"])
        await pilot.pause()
        assert app.moves[-1] == "k1"
        list_of(app).show([])
        await pilot.pause()
        assert app.moves[-1] is None
        await pilot.press("down", "end", "pageup")
        list_of(app).show(["new"])
        await pilot.pause()
        assert app.moves[-1] == "new"


async def test_a_list_of_headings_only_has_no_selection():
    app = Listing(["#a", "#b"], {"#a", "#b"})
    async with app.run_test(size=(20, 5)) as pilot:
        await pilot.press("down", "end")
        assert list_of(app).selected is None


async def test_a_click_below_the_last_row_does_nothing():
    app = Listing(keys(2))
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.click(Lines, offset=(3, 6))
        assert list_of(app).selected == "k0"


async def test_when_the_selected_row_goes_its_neighbour_takes_over():
    app = Listing(keys(6))
    async with app.run_test(size=(20, 8)) as pilot:
        lines = list_of(app)
        lines.select("k3")
        lines.show(["k0", "k1", "k2", "k4", "k5"])
        assert lines.selected == "k4"
        lines.show(["k0", "k1", "k2"])
        assert lines.selected == "k2"
        lines.show(["z", "k0"])
        assert lines.selected == "k0"
        lines.show(["y"])
        assert lines.selected == "y"
        await pilot.pause()


@given(st.text(alphabet="ab字é \u0301", max_size=30), st.integers(1, 30), st.booleans())
def test_fitted_is_exactly_as_wide_as_asked(text, width, right):
    assert fitted(Content(text), width, right=right).cell_length == width


@given(st.lists(st.text(alphabet="ab字", min_size=1, max_size=12)), st.integers(3, 40))
def test_flowed_never_overflows_and_loses_no_part(parts, width):
    lines = flowed([Content(part) for part in parts], width, Content("  "))
    assert all(line.cell_length <= width for line in lines)
    whole = [part for part in parts if Content(part).cell_length <= width]
    assert sum(part in "\n".join(line.plain for line in lines) for part in whole) == len(whole)


@given(st.text(max_size=40), st.integers(3, 30))
def test_shortened_keeps_both_ends(text, width):
    said, whole = shortened(text, width), visible(text)
    assert cell_len(said) <= width
    head, _, tail = said.partition("…") if cell_len(whole) > width else (whole, "", "")
    if "…" not in whole:
        assert whole.startswith(head)
        assert whole.endswith(tail)


@given(st.text(alphabet="ab字é \u0301\u200d\ufe0f☺", max_size=40), st.integers(0, 30))
def test_shortened_keeps_as_much_of_the_end_as_fits_into_half_of_the_room(text, width):
    whole = visible(text)
    ends = [whole[start:] for start in range(len(whole) + 1) if cell_len(whole[start:]) <= (width - 1) // 2]
    tail = max(ends, key=len, default="")
    assert shortened(text, width) == (
        whole
        if cell_len(whole) <= width
        else set_cell_size(whole, max(width - 1 - cell_len(tail), 0)).rstrip() + "…" + tail
    )


def test_shortened_measures_no_character_over_and_over(monkeypatch):
    measured = []
    monkeypatch.setattr("tui.text.cell_len", lambda text: measured.append(len(text)) or cell_len(text))
    text = "a" * 100 + "\u0301" * 400
    assert shortened(text, 26).endswith("a" * 12 + "\u0301" * 400)
    assert sum(measured) < 4 * len(text)


def test_labels_that_differ_in_their_middle_or_end_stay_apart():
    assert shortened("checkout_branch → publish_crate", 26) == "checkout_bran…ublish_crate"
    assert shortened("short", 26) == "short"
