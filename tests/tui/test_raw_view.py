"""A file as it is: whatever it holds, nothing of it is lost."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult

from core.live.reviewing import Raw
from core.model.text import visible
from tests.tui.fakes import NOW, FakeReviewing, snapshot
from tests.tui.reviewed import settled
from tests.tui.seen import seen
from tui.app import AssayApp
from tui.screens.raw import RawScreen
from tui.text import row_starts
from tui.widgets.raw import PIECE, RawText, lines_of

ANYTHING = st.text(st.sampled_from("ab字é \t\x1b\u0301\u200d\ufe0f☺한") | st.characters(exclude_categories=["Cs"]))


async def test_an_empty_file_says_that_it_is() -> None:
    app = AssayApp(FakeReviewing(snapshot()), clock=lambda: NOW)
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(RawScreen("runs/none.json", lambda *_: Raw(b"", 0)))
        await settled(pilot)
        assert "runs/none.json  the file is empty" in seen(app)


class Viewer(App[None]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def compose(self) -> ComposeResult:
        yield RawText()

    def on_mount(self) -> None:
        self.raw.load(lines_of(self._text))

    @property
    def raw(self) -> RawText:
        return self.query_one(RawText)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """The number and the text of each row on the screen; both have a fixed place."""
        rows = [self.raw.render_line(y).text for y in range(len(self.raw.keys))]
        edge = 2 + self.raw._edge
        return [(row[2:edge].strip(), row[edge:].rstrip()) for row in rows]


@given(ANYTHING, st.integers(2, 12), st.integers(1, 20))
def test_rows_hold_everything_and_are_full(text: str, width: int, most: int) -> None:
    said = visible(text)
    starts = [*row_starts(said, width, most), len(said)]
    assert starts[0] == 0
    rows = [said[begin:end] for begin, end in pairwise(starts)]
    assert "".join(rows) == said
    assert all(cell_len(row) <= width and len(row) <= most for row in rows)
    assert all(rows) or not said
    for row, following in pairwise(rows):
        assert len(row) == most or cell_len(row + following[0]) > width


@pytest.mark.parametrize(
    "text",
    ["字" * 300, "漢a" * 200, "\x01" * 200, "x\x1b[31m" * 60, "한국어 é e\u0301 ☺\u200d" * 40, "\u0301" * 3 * PIECE],
    ids=["wide", "wide and narrow", "spelled out", "escapes", "many kinds", "no cells"],
)
async def test_no_text_is_lost_at_the_end_of_a_row(text: str) -> None:
    app = Viewer(f"{text}\nend")
    async with app.run_test(size=(47, 200)) as pilot:
        for width in (47, 60, 100):
            await pilot.resize_terminal(width, 200)
            await pilot.pause()
            rows = app.rows
            assert [number for number, _ in rows if number] == ["1", "2"]
            assert "".join(said for _, said in rows[:-1]).replace(" ", "") == visible(text).replace(" ", "")
            assert rows[-1][1] == "end"


async def test_a_scroll_bar_takes_no_text_away() -> None:
    text = "0123456789" * 100
    app = Viewer("")
    async with app.run_test(size=(47, 8)) as pilot:
        await pilot.pause()
        app.raw.load(lines_of(text))
        await pilot.pause()
        assert app.raw.max_scroll_y > 0
        shown: list[str] = []
        for top in range(len(app.raw.keys)):
            app.raw.scroll_to(y=top, animate=False, immediate=True)
            await pilot.pause()
            if app.raw.scroll_offset.y == top:
                shown.append(app.raw.render_line(0).text[2 + app.raw._edge :].strip())
        rest = [app.raw.render_line(y).text[2 + app.raw._edge :].strip() for y in range(1, app.raw.size.height)]
        assert "".join([*shown, *rest]) == text


async def test_a_column_leads_to_the_row_that_holds_it() -> None:
    lines = ["\x01" * 30 + "字" * 30 + "needle" + "x" * 200, "short", "y" * 300]
    app = Viewer("\n".join(lines))
    async with app.run_test(size=(60, 40)) as pilot:
        rows = dict(zip(app.raw.keys, app.rows, strict=True))
        app.raw.go(1, lines[0].index("needle") + 1)
        assert "need" in rows[app.raw.selected or ""][1]
        app.raw.go(1)
        assert app.raw.selected == "1.1"
        app.raw.go(2, 99)
        assert app.raw.selected == "2.1"
        app.raw.go(99, 301)
        assert app.raw.selected == app.raw.keys[-1]
        assert app.raw.said == lines[2]
        assert app.raw.find(r"\U{1}字".lower()) == [1]
        await pilot.pause()


async def test_another_width_keeps_what_is_selected() -> None:
    app = Viewer("\n".join(["字" * 500, "x" * 3_000, "end"]))
    async with app.run_test(size=(60, 40)) as pilot:
        for line, column in ((1, 450), (2, 2_900)):
            app.raw.go(line, column)
            await pilot.resize_terminal(120, 40)
            await pilot.pause()
            assert app.raw.line == line, "there are fewer rows now"
            begin = app.raw._starts(line)[app.raw._place(app.raw.selected or "")[1] - 1]
            assert column - 120 < begin < column
            await pilot.resize_terminal(60, 40)
            await pilot.pause()


async def test_an_empty_file_has_no_rows() -> None:
    for text, number in (("", 0), ("\n", 1), ("\n\n字", 3)):
        app = Viewer(text)
        async with app.run_test(size=(60, 40)) as pilot:
            app.raw.go(7, 7)
            await pilot.resize_terminal(90, 40)
            await pilot.pause()
            assert len(app.raw.keys) == number
            assert app.raw.said == ("字" if number == 3 else "")
