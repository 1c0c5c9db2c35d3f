"""What all examples of a candidate say about its behaviour and its transfer, without the examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from core.columns.candidate import Built, trace_at
from core.columns.library import Reader
from core.columns.texts import is_cut
from core.model.jsontext import Json, canonical, parse
from core.model.text import is_blank
from core.model.trace import Action
from core.promotion.behaviour import allowed_receipts


@dataclass(frozen=True, slots=True)
class Witness:
    """What core.promotion.behaviour and core.live.transfer ask the examples for."""

    columns: tuple[Sequence[Action], ...]
    """For each step the different actions that stand for it, without payloads."""
    receipts: Json
    """The least of what the runs' receipts are once what may differ is taken out."""
    backwards: int
    """Examples whose times go back."""
    unresolved: int
    """Required approval points that no approver resolved."""


def witness(built: Built, read: Reader) -> Witness:
    """What the examples of a candidate say. Raises VanishedError."""
    actions = built.windows.library.names.actions
    columns = tuple([actions[form] for form in step.forms] for step in built.summary.steps)
    unresolved = sum(
        count for step in built.summary.steps for form, count in step.forms.items() if _unresolved(actions[form])
    )
    return Witness(columns, _receipts(built, read), built.summary.backwards, unresolved)


def _unresolved(action: Action) -> bool:
    approval = action.approval
    return approval is not None and approval.required and is_blank(approval.approver or "")


def _receipts(built: Built, read: Reader) -> Json:
    whole = built.windows.library.names.whole
    forms = [
        whole(text, partial(trace_allowed, built, run, read)) if is_cut(text) else text.decode()
        for text, run in built.summary.allowed
    ]
    return parse(min(forms).encode()) if forms else []


def trace_allowed(built: Built, run: int, read: Reader) -> str:
    """The receipts of a run once what may differ is taken out, as canonical JSON."""
    return canonical(allowed_receipts(trace_at(built.windows.library, run, read))).decode()
