"""The line in which a filter of candidates is written: completed as you type, faults told, applied at every key."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.message import Message

from core.live.snapshot import CandidateView
from tui.filter import Filter, FilterError, completions, parse, settled
from tui.widgets.search_bar import SearchBar

Candidates = Callable[[], Iterable[CandidateView]]


class FilterBar(SearchBar):
    """A search bar that knows the language of filters; while the text is faulty the former filter holds."""

    class Narrowed(Message):
        """Another filter holds."""

        def __init__(self, chosen: Filter) -> None:
            super().__init__()
            self.filter = chosen

    def __init__(self, candidates: Candidates) -> None:
        hint = "words, or status:needs risk:high cap:git.write shadow:fail saves>1.00 changed<1h"
        super().__init__(hint, lambda text: completions(text, candidates()))

    def _take(self, text: str, *, final: bool = True) -> None:
        try:
            chosen = parse(text if final else settled(text))
        except FilterError as fault:
            self._fault = str(fault)
            return
        self._fault, self._text = "", chosen.text
        self.post_message(self.Narrowed(chosen))
