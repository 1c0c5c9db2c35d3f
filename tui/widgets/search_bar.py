"""A line in which words and terms are written that narrow a list; applied at every key, then shown as chips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static

from core.model.text import visible
from tui.actions import bindings
from tui.filter import terms, without
from tui.format import count
from tui.text import fitted, plain
from tui.widgets.chips import Chips

Completions = Callable[[str], Sequence[str]]
"""What a text could go on as, whole texts."""


def _no_completions(_: str) -> Sequence[str]:
    return ()


class Completion(Suggester):
    """Shows the first way in which a text could go on."""

    def __init__(self, completions: Completions) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._completions = completions

    async def get_suggestion(self, value: str) -> str | None:
        """The first completion."""
        return next(iter(self._completions(value)), None)


class FilterInput(Input):
    """The field; leaving it keeps the filter."""

    BINDINGS = bindings("filter")

    def action_complete(self) -> None:
        """Take over the completion, else go one character to the right."""
        self.action_cursor_right()


class SearchBar(Vertical):
    """Hidden as long as nothing is looked for; a field while it is written, then a line of chips."""

    @dataclass
    class Changed(Message):
        """Something else is looked for."""

        text: str

    class Done(Message):
        """It is written."""

    def __init__(self, hint: str, completions: Completions = _no_completions) -> None:
        super().__init__()
        self._hint, self._completions = hint, completions
        self._counts = self._noted = self._fault = ""
        self._text = ""
        self._writing = False
        # Made here and not looked up, as the screen counts before this widget has put its parts together.
        self._note = Static(id="filter-note", markup=False)
        self._more = Static(id="filter-more", markup=False)
        self._chips = Chips(id="filter-chips")
        self._field = FilterInput(
            placeholder="words or terms",
            suggester=Completion(completions),
            compact=True,
            select_on_focus=False,
            id="filter-field",
        )

    def compose(self) -> ComposeResult:
        """A sign, the field or the chips, what it does; and below, how the text could go on."""
        with Horizontal(id="filter-line"):
            yield Static("/", id="filter-sign", markup=False)
            yield self._field
            yield self._chips
            yield self._note
        yield self._more

    def on_mount(self) -> None:
        """Stay out of sight until something is looked for."""
        self._arrange()

    @property
    def writing(self) -> bool:
        """Whether it is being written."""
        return self._writing

    @property
    def text(self) -> str:
        """What is looked for."""
        return self._text

    def open(self) -> None:
        """Show the field and write into it."""
        self._writing = True
        self._arrange()
        # At once and not after the next message: keys that follow quickly are text, and no commands.
        self.screen.set_focus(self._field)

    def put(self, text: str) -> None:
        """Look for a text at once, as if it had been written and kept."""
        self._take(text)
        if self._fault:
            kept = f"; the filter is `{visible(self._text)}`" if self._text else "; nothing is filtered"
            self.notify(f"{self._fault}{kept}", severity="warning", markup=False)
            self._fault = ""
        self._keep()

    def _keep(self) -> None:
        """Show what is looked for as chips; the field has the same the next time."""
        self._writing = False
        with self.prevent(Input.Changed):
            self._field.value = self._text
        self._field.cursor_position = len(self._text)
        self._arrange()

    def clear(self) -> None:
        """Look for nothing any more."""
        self.put("")

    def drop(self, place: int = -1) -> bool:
        """Take one term away, by default the last one; False when there is none."""
        if not terms(self._text):
            return False
        self.put(without(self._text, place))
        return True

    def count(self, kept: int, total: int) -> None:
        """Say how many rows are left."""
        self._counts = f"{count(kept)} of {count(total)}"
        self._say()

    @on(Input.Changed)
    def follow(self, event: Input.Changed) -> None:
        """Apply what is written so far."""
        event.stop()
        self._take(event.value, final=False)
        self._say()

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        """Go back to the list; the terms become chips. What is faulty stays open, with what is wrong."""
        event.stop()
        self._take(event.value.strip())
        if self._fault:
            self._say()
            return
        self._keep()
        self.post_message(self.Done())

    @on(Chips.Removed)
    def _remove(self, event: Chips.Removed) -> None:
        event.stop()
        self.drop(event.place)

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Whoever clicks elsewhere has written what was wanted; whoever looks at another window writes on later."""
        if event.widget is self._field and self._writing and self.app.app_focus:
            self.put(self._field.value.strip())

    def on_click(self) -> None:
        """A click beside the chips writes on."""
        if not self._writing:
            self.open()

    def on_resize(self) -> None:
        """Lay out anew what could follow."""
        self._say()

    def _take(self, text: str, *, final: bool = True) -> None:
        """Look for a text; `final` when it is not being written any more."""
        self._text = text.strip()
        self.post_message(self.Changed(self._text))

    def _arrange(self) -> None:
        self.display = self._writing or bool(self._text)
        self._field.display = self._more.display = self._writing
        self._chips.display = not self._writing
        self._chips.show(terms(self._text))
        self._say()

    def _say(self) -> None:
        if not self._note.is_attached:
            return
        self.set_class(bool(self._fault), "faulty")
        if self._counts != self._noted:  # each new text has the whole screen laid out anew
            self._noted = self._counts
            self._note.update(Content.styled(self._counts, "$text-muted"))
        if self._writing:
            self._more.update(self._going_on(max(self.size.width - 4, 10)))

    def _going_on(self, width: int) -> Content:
        """What is wrong, else how the last term could go on, else what can be written."""
        if self._fault:
            return plain(self._fault, "$error")
        head = self._field.value.rpartition(" ")[0]
        options = [option[len(head) :].strip() for option in self._completions(self._field.value)]
        if not options:
            return fitted(plain(_told(self._hint, width), "$text-muted"), width)
        said = Content.assemble(("Tab ", "$text-muted"), plain(options[0], "bold"))
        for option in options[1:]:
            said = Content.assemble(said, "  ", plain(option, "$text-muted"))
        return fitted(said, width)


def _told(hint: str, width: int) -> str:
    """The hint with as many of its examples as there is room for beside what holds for all of them."""
    rest = " · ! for not · Enter keeps"
    while len(hint + rest) > width and " " in hint:
        hint = hint.rpartition(" ")[0]
    return hint + rest
