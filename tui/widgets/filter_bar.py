"""The line in which a filter is written: completed as you type, faults told, applied at every key."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from core.live.snapshot import CandidateView
from tui.actions import bindings
from tui.filter import Filter, FilterError, completions, parse, settled
from tui.format import count
from tui.text import plain

Candidates = Callable[[], Iterable[CandidateView]]


class Completion(Suggester):
    """Goes on with the last term: fields, then the values that the candidates have."""

    def __init__(self, candidates: Candidates) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._candidates = candidates

    async def get_suggestion(self, value: str) -> str | None:
        """The first completion."""
        return next(iter(completions(value, self._candidates())), None)


class FilterInput(Input):
    """The field; leaving it keeps the filter."""

    BINDINGS = bindings("filter")

    def action_complete(self) -> None:
        """Take over the completion, else go one character to the right."""
        self.action_cursor_right()


class FilterBar(Horizontal):
    """Hidden as long as there is no filter."""

    class Changed(Message):
        """Another filter holds."""

        def __init__(self, chosen: Filter) -> None:
            super().__init__()
            self.filter = chosen

    class Done(Message):
        """The filter is written."""

    def __init__(self, candidates: Candidates) -> None:
        super().__init__()
        self._counts = ""
        self._fault = ""
        # Made here and not looked up, as the screen counts before this widget has put its parts together.
        self._note = Static(id="filter-note", markup=False)
        self._field = FilterInput(
            placeholder="words, or status:needs risk:high cap:git.write shadow:fail saves>1.00",
            suggester=Completion(candidates),
            compact=True,
            select_on_focus=False,
        )

    def compose(self) -> ComposeResult:
        """A sign, the field, and what it does."""
        yield Static("/", id="filter-sign", markup=False)
        yield self._field
        yield self._note

    def on_mount(self) -> None:
        """Stay out of sight until there is a filter."""
        self.display = False
        self._say()

    def open(self) -> None:
        """Show the field and write into it."""
        self.display = True
        self._field.focus()

    def clear(self) -> None:
        """Take the filter away."""
        self._field.value = ""
        self.display = False

    def count(self, kept: int, total: int) -> None:
        """Say how many candidates pass."""
        self._counts = f"{count(kept)} of {count(total)}"
        self._say()

    @on(Input.Changed)
    def follow(self, event: Input.Changed) -> None:
        """Apply what is written so far."""
        event.stop()
        self._apply(settled(event.value))

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go back to the list; an empty field disappears."""
        event.stop()
        self._apply(event.value)
        self.display = bool(event.value.strip())
        self.post_message(self.Done())

    def _apply(self, text: str) -> None:
        """Narrow the list; while the text is faulty the former filter holds."""
        try:
            self.post_message(self.Changed(parse(text)))
            self._fault = ""
        except FilterError as fault:
            self._fault = str(fault)
            self._say()

    def _say(self) -> None:
        note = Content.styled(self._counts, "$text-muted") if not self._fault else plain(self._fault, "$error")
        self.set_class(bool(self._fault), "faulty")
        if self._note.is_attached:
            self._note.update(note)
