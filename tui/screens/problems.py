"""Files and runs that are not mined: what is wrong with each, where, what can be done, and how watching goes."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.app import ComposeResult
from textual.containers import Container
from textual.content import Content
from textual.widgets import Static

from core.live.snapshot import Activity, Problem, Snapshot
from core.model.text import plural
from tui.actions import bindings
from tui.screens.listing import ListScreen
from tui.shell import shell
from tui.text import plain, stacked
from tui.views.health import health
from tui.views.problems import accepts, columns, completions, detail_lines, folded_lines, grouped, heading
from tui.widgets.document import Document
from tui.widgets.frame import Header, Keys
from tui.widgets.lines import Lines
from tui.widgets.search_bar import SearchBar
from tui.widgets.table import Section, Table


class ProblemsScreen(ListScreen):
    """All problems by state and rule, drawn line by line, with the story of the selected one."""

    NAME = "problems"
    MARK_HINT = "y copies their paths · t has them looked at again"
    BINDINGS = bindings("problems")

    def __init__(self) -> None:
        super().__init__()
        self._groups: dict[str, list[Problem]] = {}

    def compose(self) -> ComposeResult:
        """Frame, how watching goes, the filter, list and details."""
        yield Header()
        yield Static(id="health", markup=False)
        yield SearchBar(
            "words, or state:quarantined rule:json",
            lambda text: completions(text, shell(self).standing.snapshot.problems),
        )
        with Container(id="body"):
            yield Table(columns(lambda: shell(self).standing.now), id="table", foldable=True)
            yield Document(id="problem")
        yield Static(id="empty", markup=False)
        yield Static(id="marks", markup=False)
        yield Keys()

    def on_mount(self) -> None:
        """Show what is known already, as it was left."""
        self.recall()
        self.show(shell(self).standing.snapshot)

    def on_resize(self) -> None:
        """Lay out anew how watching goes."""
        self._say_health()

    def show(self, snapshot: Snapshot) -> None:
        """Show the problems of a snapshot; the selected one stays selected as long as it is there."""
        self.relist()

    def show_activity(self, activity: Activity) -> None:
        """Say how watching goes."""
        self._say_health()

    def tick(self) -> None:
        """Let ages grow."""
        for lines in self.query(Lines):
            lines.refresh()
        self._say_health()

    @property
    def selected(self) -> Problem | None:
        """The selected problem."""
        return self.table.selected

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Letters are text while the filter is written; the footer shows only what works."""
        if self.writing(action):
            return False
        if not self.is_mounted or action not in ("open", "edit", "copy", "retry"):
            return True
        if action == "open" and self.table.lines.selected:
            return True
        return True if self.selected or (self.marked and action in ("copy", "retry")) else None

    @on(Lines.Opened)
    def action_open(self) -> None:
        """Show the file as it is, at the place; or unfold the group."""
        if problem := self.selected:
            shell(self).open_raw(problem.unit, problem.place)
        else:
            self.open_folded()

    def action_edit(self) -> None:
        """Open the file in the reviewer's editor, at the place."""
        if problem := self.selected:
            shell(self).edit(problem.unit, problem.place)

    def action_retry(self) -> None:
        """Have the selected or marked files looked at again."""
        if units := [problem.unit for problem in self._chosen()]:
            self._retry(*units)
            self._promise(plural(len(units), "file"))

    def action_retry_all(self) -> None:
        """Have the whole folder looked at again."""
        self._retry()
        self._promise("the whole folder")

    def action_copy(self) -> None:
        """Copy the paths of the marked files, or of the selected one."""
        if chosen := self._chosen():
            shell(self).copy("\n".join(problem.unit for problem in chosen))

    @on(SearchBar.Changed)
    def narrow(self, event: SearchBar.Changed) -> None:
        """Narrow the list to what is written."""
        self.change(filter=event.text)

    def followed(self) -> None:
        """Tell the story of the selected problem, or what the selected group holds."""
        story = self.query_one("#problem", Document)
        if problem := self.selected:
            story.show(partial(detail_lines, problem, shell(self).standing.now))
        elif hidden := self._groups.get((self.table.lines.selected or "#")[1:]):
            story.show(partial(folded_lines, hidden))

    def relist(self) -> None:
        """Show the problems as filter and order want them now."""
        found = shell(self).standing.snapshot.problems
        kept = [problem for problem in found if accepts(problem, self.state.filter)] if self.state.filter else found
        sections = [Section(heading(group), problems, "folded") for group, problems in grouped(kept).items()]
        self._groups = {section.title: list(section.rows.values()) for section in sections}
        self.table.show(sections, self.state.sort, reverse=self.state.reverse)
        self.bar.count(len(kept), len(found))
        self.query_one("#body").display = bool(kept)
        self.keep_marks({problem.key for problem in found})
        self._say_empty(len(found))
        self._say_health()
        self.followed()

    def _chosen(self) -> list[Problem]:
        listed = {problem.key: problem for problem in shell(self).standing.snapshot.problems}
        marked = [listed[key] for key in self.marked if key in listed]
        return marked or ([self.selected] if self.selected else [])

    def _retry(self, *units: str) -> None:
        shell(self).reviewing.retry(*units)

    def _promise(self, what: str) -> None:
        told = f"Looking at {what} again; what became good leaves this list, the rest stays."
        self.notify(told, markup=False, timeout=4)

    def _say_health(self) -> None:
        # None while the screen is being taken apart, when the clock may still tick.
        for line in self.query("#health").results(Static):
            line.update(stacked(health(shell(self).standing, max(self.size.width - 2, 20))))

    def _say_empty(self, hidden: int) -> None:
        empty = self.query_one("#empty", Static)
        empty.display = not self.query_one("#body").display
        if hidden:
            title = plain(f"No problem matches {self.state.filter}", "bold")
            said = Content(f"{plural(hidden, 'problem')} hidden. Escape clears the filter.")
        else:
            title = Content.styled("No problems", "bold")
            said = plain(f"Every file below {shell(self).standing.traces} that was read could be used.")
        empty.update(stacked([title, Content(), said]))
