"""The command palette: every action that works here, every candidate, crashpack and theme."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from textual import on
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import Input
from textual.worker import Worker, WorkerCancelled

from core.model.text import visible
from tui import words
from tui.screens.closing import Closing
from tui.screens.help import acts_here, shown_key
from tui.themes import THEMES

if TYPE_CHECKING:
    from tui.app import AssayApp

Command = tuple[str, str, Callable[[], Awaitable[None] | None]]
"""Visible text, help (constant, since the palette reads it as markup), what to run."""


class Palette(CommandPalette, Closing[None]):
    """Textual's palette, which does not mind keys for a list that was filled a moment ago or has no room.

    Nor does Enter take what was found for fewer letters than were typed: it waits for what they find.
    """

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):  # to go by a page takes lines that are not there yet
            super()._action_command_list(action)

    @on(Input.Submitted)
    def _take(self, event: Input.Submitted) -> None:
        looking = [one for one in self.workers if one.node is self and one.group == self._GATHER_COMMANDS_GROUP]
        if any(not one.is_finished for one in looking):
            event.prevent_default()
            event.stop()
            self.run_worker(self._take_when_found(looking[-1]), exclusive=True, group="take")

    async def _take_when_found(self, looking: Worker[None]) -> None:
        with suppress(WorkerCancelled):  # somebody typed on
            await looking.wait()
            self._select_or_command()


class Everything(Provider):
    """Actions first, then candidates, crashpacks and themes."""

    async def discover(self) -> Hits:
        """What is shown before anything is typed."""
        async for text, told, run in _each(self._actions()):
            yield DiscoveryHit(Content(text), run, text=text, help=told)

    async def search(self, query: str) -> Hits:
        """Everything whose text has the typed letters in order."""
        matcher = self.matcher(query)
        for commands in (self._actions(), self._candidates(), self._crashpacks(), self._themes()):
            async for text, told, run in _each(commands):
                if (score := matcher.match(text)) > 0:
                    yield Hit(score, highlighted(text, matcher), run, text=text, help=told)

    @property
    def _assay(self) -> AssayApp:
        return cast("AssayApp", self.app)

    def _actions(self) -> Iterator[Command]:
        bindings = {(i.binding.action, i.binding.tooltip): i for i in self.screen.active_bindings.values()}
        for act in acts_here(self.screen):
            if act.action != "command_palette":
                active = bindings[act.action, act.help]
                text = f"{act.label}  {shown_key(act, self.screen)}"
                yield text, act.help, partial(self._run, active.binding.action, active.node)

    async def _run(self, action: str, node: object) -> None:
        await self.app.run_action(action, node)  # type: ignore[arg-type] # every namespace of a binding is a node

    def _candidates(self) -> Iterator[Command]:
        app = self._assay
        for view in app.standing.snapshot.candidates:
            told = f"{words.STATUS[view.status]}, {view.risk} risk"
            yield f"Open {visible(view.label)}", told, partial(app.open_candidate, view.lineage)

    def _crashpacks(self) -> Iterator[Command]:
        app = self._assay
        for decision in reversed(app.standing.snapshot.journal.decisions):
            if decision.crashpack:
                told = "The evidence that a decision left behind: files, verdicts, replay."
                yield (
                    f"Crashpack {visible(decision.crashpack.name)}",
                    told,
                    partial(app.open_crashpack, decision.crashpack.name),
                )

    def _themes(self) -> Iterator[Command]:
        own = [theme.name for theme in THEMES]
        for name in (*own, *sorted(set(self.app.available_themes).difference(own))):
            yield f"Theme {name}", "Choose how Assay looks; remembered.", partial(self._assay.choose_theme, name)


def highlighted(text: str, matcher: Matcher) -> Content:
    """Text with the matching letters marked; never read as markup, unlike Textual's own highlighting."""
    content = Content(text)
    for offset in matcher.fuzzy_search.match(matcher.query, text)[1]:
        content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


async def _each(commands: Iterator[Command]) -> AsyncIterator[Command]:
    for command in commands:
        yield command
