"""Files and runs that are not mined: what is wrong with each, where, and what can be done."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from core.live.snapshot import Problem, Snapshot
from tui.actions import bindings
from tui.format import age, size
from tui.shell import shell
from tui.text import fitted, plain, stacked
from tui.views.problems import detail_lines, grouped
from tui.widgets.document import Document
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines
from tui.words import PROBLEM

_AGE, _SIZE = 8, 9


class ProblemsScreen(Screen[None]):
    """All problems by state and rule, drawn line by line, with the story of the selected one."""

    BINDINGS = bindings("problems")
    AUTO_FOCUS = "Lines"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (132, "-wide")]

    def __init__(self) -> None:
        super().__init__(id="problems")
        self._rows: dict[str, Problem] = {}
        self._titles: dict[str, Content] = {}

    def compose(self) -> ComposeResult:
        """Frame, list and details."""
        yield Header()
        with Container(id="body"):
            yield Lines(self._paint)
            yield Document(id="problem")
        yield Static(id="empty", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Show what is known already."""
        self.show(shell(self).standing.snapshot)

    def show(self, snapshot: Snapshot) -> None:
        """Show the problems of a snapshot; the selected one stays selected as long as it is there."""
        keys: list[str] = []
        self._rows, self._titles = {}, {}
        for (state, rule), problems in grouped(snapshot.problems).items():
            sign = PROBLEM[state]
            heading = f"#{state}:{rule}"
            self._titles[heading] = Content.assemble(
                (f"{sign}: ", sign.style), plain(rule), (f"  {len(problems):,}", "$text-muted")
            )
            keys.append(heading)
            keys += problems
            self._rows.update(problems)
        lines = self.query_one(Lines)
        lines.show(keys, self._titles.keys())
        self.query_one("#body").display = bool(self._rows)
        empty = self.query_one("#empty", Static)
        empty.display = not self._rows
        if not self._rows:
            where = plain(f"Every file below {shell(self).standing.traces} that was read could be used.")
            empty.update(stacked([Content.styled("No problems", "bold"), Content(), where]))
        self._detail()

    def tick(self) -> None:
        """Let ages grow."""
        self.query_one(Lines).refresh()

    @property
    def selected(self) -> Problem | None:
        """The selected problem."""
        return self._rows.get(self.query_one(Lines).selected or "")

    def action_copy(self) -> None:
        """Copy the path of the selected file."""
        if self.selected:
            shell(self).copy(self.selected.unit)

    @on(Lines.Moved)
    def follow(self) -> None:
        """Tell the story of the selected problem."""
        self._detail()

    def _detail(self) -> None:
        if problem := self.selected:
            self.query_one("#problem", Document).show(partial(detail_lines, problem, shell(self).standing.now))

    def _paint(self, key: str, width: int) -> Content:
        if (title := self._titles.get(key)) is not None:
            return title
        problem = self._rows[key]
        seen = "" if problem.first_seen is None else age(max(shell(self).standing.now - problem.first_seen, 0))
        bytes_ = "" if problem.size is None else size(problem.size)
        room = max(width - _AGE - _SIZE - 4, 8)
        place = min(max(len(problem.place), 1), room // 3) if problem.place else 0
        unit = fitted(plain(problem.unit), room - place - (2 if place else 0))
        where = Content.assemble("  ", fitted(plain(problem.place, "$text-muted"), place)) if place else Content()
        return Content.assemble(
            unit,
            where,
            "  ",
            fitted(Content.styled(bytes_, "$text-muted"), _SIZE, right=True),
            "  ",
            fitted(Content.styled(seen, "$text-muted"), _AGE, right=True),
        )
