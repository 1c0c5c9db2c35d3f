"""The frame that every screen has: header, banners, and the keys that work here."""

from __future__ import annotations

from typing import Any

from textual.app import ComposeResult
from textual.binding import ActiveBinding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Static
from textual.widgets._footer import FooterKey, FooterLabel

from tui.shell import shell
from tui.standing import Standing
from tui.text import plain, stacked
from tui.views.header import alarms, header
from tui.views.notices import notices

Looks = tuple[str, str, bool]
"""A key of the footer: its name, its word, and whether it works now."""
_SIGNS = {"fault": Content.styled("✗ ", "bold"), "notice": Content.styled("! ", "bold")}
SHOWN_BANNERS = 3
"""Notices that are shown at once; a last line says how many more there are."""


class Header(Vertical):
    """Header and banners; the app calls `show` whenever something changed."""

    def __init__(self) -> None:
        super().__init__()
        self._said = Content()

    def compose(self) -> ComposeResult:
        """The header's text and the banners."""
        yield Static(id="header-text", markup=False)
        yield Vertical(id="banners")

    def on_mount(self) -> None:
        """Show how things stand when the screen opens."""
        self.show(shell(self).standing)

    def on_resize(self) -> None:
        """Lay out anew."""
        self.show(shell(self).standing)

    def show(self, standing: Standing) -> None:
        """Show how things stand now."""
        # While a screen is being composed its header is there before its parts are.
        if not self.query("#header-text") or not (width := self.app.size.width - 2):
            return
        text, said = self.query_one("#header-text", Static), header(standing, width)
        if not said.is_same(self._said):
            # A new layout draws the whole screen anew, which only another number of lines is worth.
            text.update(said, layout=said.plain.count("\n") != self._said.plain.count("\n"))
            self._said = said
        text.tooltip = _places(standing)
        told = alarms(standing)
        kept = told if len(told) <= SHOWN_BANNERS else told[: SHOWN_BANNERS - 1]
        if len(kept) < len(told):
            kept = [*kept, ("notice", Content(f"… and {len(told) - len(kept)} more notices; `assay list` prints all."))]
        self._banners(kept)

    def _banners(self, told: list[tuple[str, Content]]) -> None:
        box = self.query_one("#banners", Vertical)
        banners = list(box.query(Static))
        while len(banners) < len(told):
            banners.append(Static(markup=False, classes="banner"))
            box.mount(banners[-1])
        room = max(self.app.size.height // 3 - self._said.plain.count("\n") - 1, len(told))
        made = notices([(_SIGNS[kind], said) for kind, said in told], self.app.size.width - 2, room)
        for banner, (kind, _), lines in zip(banners, told, made, strict=False):
            content = stacked(lines)
            if banner.content != content:
                banner.update(content)
            banner.set_class(kind == "fault", "fault")
        for banner in banners[len(told) :]:
            banner.remove()


def _places(standing: Standing) -> Content:
    return stacked(
        [plain(f"traces: {standing.traces}"), plain(f"workspace: {standing.workspace}"), plain(standing.reviewer)]
    )


class Keys(Footer):
    """The keys that work here: as many as fit, and always the one that shows all."""

    ALWAYS = ("help", "app.help")
    MORE = "…"
    _drawn: tuple[Looks, ...] = ()

    def bindings_changed(self, screen: Screen[Any]) -> None:
        """Draw other keys only when there are others: the cursor moves far more often than they change.

        Whoever looks at another window has no focus here, and fewer keys: these are not drawn, but what became dim is.
        """
        shown = self._looks() if self.is_attached and screen is self.screen else ()
        if self._bindings_ready and shown == self._drawn:
            return
        away, alike = not screen.app.app_focus, [key[:2] for key in shown] == [key[:2] for key in self._drawn]
        if away and self._bindings_ready and not alike:
            return
        self._drawn = shown
        super().bindings_changed(screen)
        if away and shown:
            self.call_after_refresh(self.recompose)

    def _looks(self) -> tuple[Looks, ...]:
        return tuple((item.binding.key, item.binding.description, item.enabled) for item in self._shown())

    def compose(self) -> ComposeResult:
        """One clickable key for each action; `…` says that some are left out."""
        if not self._bindings_ready:
            return
        # What is drawn while a dialog is open lacks the keys that do not work there; it is drawn again behind it.
        self._drawn = self._looks()
        shown = self._shown()
        last = [item for item in shown if item.binding.action in self.ALWAYS]
        others = [item for item in shown if item not in last]
        room = self.size.width - sum(map(self._width, last))
        fitting = _leading([self._width(item) for item in others], room, len(self.MORE) + 2)
        for item in others[:fitting]:
            yield self._key(item)
        if fitting < len(others):
            yield FooterLabel(self.MORE)
        for item in last:
            yield self._key(item)

    def on_resize(self) -> None:
        """Choose anew what fits."""
        self.call_after_refresh(self.recompose)

    def _shown(self) -> list[ActiveBinding]:
        """The bindings to show, one for each action."""
        found: dict[str, ActiveBinding] = {}
        for item in self.screen.active_bindings.values():
            if item.binding.show:
                found.setdefault(item.binding.action, item)
        return list(found.values())

    def _width(self, item: ActiveBinding) -> int:
        return Content(self.app.get_key_display(item.binding) + item.binding.description).cell_length + 3

    def _key(self, item: ActiveBinding) -> FooterKey:
        binding = item.binding
        key = FooterKey(
            binding.key,
            self.app.get_key_display(binding),
            binding.description,
            binding.action,
            disabled=not item.enabled,
            tooltip=item.tooltip,
        )
        # Set without its watcher, which would match all styles once more for every key.
        key.set_reactive(FooterKey.compact, False)
        return key


def _leading(widths: list[int], room: int, more: int) -> int:
    """How many of the first parts fit, when `more` cells are needed for the mark that some are left out."""
    if sum(widths) <= room:
        return len(widths)
    used = 0
    for number, width in enumerate(widths):
        used += width
        if used > room - more:
            return number
    return len(widths)
