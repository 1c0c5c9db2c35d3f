"""What a transaction looks at again and again, made and read once: a decision may be about ten thousand runs."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core.live.snapshot import CandidateView
from core.model.trace import Trace


@contextmanager
def uncollected() -> Iterator[None]:
    """Let no collection run: each would walk over all runs in memory, a quarter of the time that a decision takes."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


class Made:
    """Views whose examples and results are made instead of being made at each look; what two views share only once."""

    def __init__(self) -> None:
        self._tuples: dict[int, tuple[Sequence[Any], tuple[Any, ...]]] = {}

    def __call__(self, view: CandidateView) -> CandidateView:
        """The same view with tuples."""
        candidate = view.candidate
        shadow = candidate.shadow.replace(traces=self._tuple(candidate.shadow.traces))
        return replace(view, candidate=candidate.replace(examples=self._tuple(candidate.examples), shadow=shadow))

    def _tuple(self, items: Sequence[Any]) -> tuple[Any, ...]:
        if isinstance(items, tuple):
            return items
        # What is made from stays referred to, so that no other gets its identity.
        if id(items) not in self._tuples:
            self._tuples[id(items)] = (items, tuple(items))
        return self._tuples[id(items)][1]


class ReadOnce(Mapping[str, Trace]):
    """Runs by trace id, each read from disk at the first look and kept while the transaction lasts."""

    def __init__(self, traces: Mapping[str, Trace]) -> None:
        self._traces = traces
        self._read: dict[str, Trace] = {}

    def __len__(self) -> int:
        return len(self._traces)

    def __iter__(self) -> Iterator[str]:
        return iter(self._traces)

    def __contains__(self, trace_id: object) -> bool:
        return trace_id in self._read or trace_id in self._traces

    def __getitem__(self, trace_id: str) -> Trace:
        if (trace := self._read.get(trace_id)) is None:
            trace = self._read[trace_id] = self._traces[trace_id]
        return trace
