"""What the columns of all examples say about a candidate's behaviour and its transfer."""

from __future__ import annotations

from functools import partial

from core.columns.again import Reader
from core.columns.candidate import Built, trace_at
from core.columns.texts import is_cut
from core.model.jsontext import Json, canonical, parse
from core.model.outlined import is_unresolved
from core.promotion.behaviour import allowed_receipts
from core.promotion.witness import Witness


def witness(built: Built, read: Reader) -> Witness:
    """What the examples of a candidate say. Raises VanishedError."""
    actions = built.windows.library.names.actions
    columns = tuple([actions[form] for form in step.forms] for step in built.summary.steps)
    unresolved = sum(
        count
        for step in built.summary.steps
        for form, count in step.forms.items()
        if is_unresolved(actions[form].approval)
    )
    return Witness(columns, _receipts(built, read), built.summary.backwards, unresolved)


def _receipts(built: Built, read: Reader) -> Json:
    whole = built.windows.library.names.whole
    forms = [
        whole(text, partial(trace_allowed, built, run, read)) if is_cut(text) else text.decode()
        for text, run in built.summary.allowed
    ]
    return parse(min(forms).encode()) if forms else []


def trace_allowed(built: Built, run: int, read: Reader) -> str:
    """The receipts of a run once what may differ is taken out, as canonical JSON."""
    trace = trace_at(built.windows.library, run, read)
    assert trace.replay_run is not None
    return canonical(allowed_receipts(trace.replay_run, trace.replay_allowlist)).decode()
