"""What there is to tell of a run without its payloads, whoever tells it (core.model.trace, core.traces.outline)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from core.model.text import is_blank


class Approves(Protocol):
    """An approval point."""

    @property
    def required(self) -> bool:
        """Whether a human has to be asked."""

    @property
    def approver(self) -> str | None:
        """Who was asked."""


class Acts(Protocol):
    """An action, as far as an outline tells of it."""

    @property
    def id(self) -> str:
        """Its id in the run."""

    @property
    def kind(self) -> str:
        """What sort of action it is."""

    @property
    def name(self) -> str:
        """What was done."""

    @property
    def timestamp(self) -> str | None:
        """When, as the run claims it."""

    @property
    def approval(self) -> Approves | None:
        """The point at which a human was asked."""


class Outlined(Protocol):
    """A run, as far as an outline tells of it; a whole one (core.model.trace.Trace) tells the same."""

    @property
    def id(self) -> str:
        """The run's id."""

    @property
    def source(self) -> str | None:
        """Where it comes from."""

    @property
    def source_hash(self) -> str | None:
        """What it says that its bytes are, else their sha256."""

    @property
    def receipt(self) -> str | None:
        """The id of the receipt of its source."""

    @property
    def actions(self) -> Sequence[Acts]:
        """What was done, in order."""


def is_unresolved(approval: Approves | None) -> bool:
    """Whether a human had to be asked and none approved."""
    return approval is not None and approval.required and is_blank(approval.approver or "")
