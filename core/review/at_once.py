"""What a transaction looks at again and again, made once: a decision may be about ten thousand runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from core.live.snapshot import CandidateView
from core.model.late import Late


@contextmanager
def holding() -> Iterator[Callable[[CandidateView], None]]:
    """Keep the examples and results of the views that are given in, until the end, instead of making them anew."""
    held: list[Late[Any]] = []

    def hold(view: CandidateView) -> None:
        for items in (view.candidate.examples, view.candidate.shadow.traces):
            if isinstance(items, Late):
                held.append(items)
                items.hold()

    try:
        yield hold
    finally:
        for items in held:
            items.let_go()
