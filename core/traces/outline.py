"""What is told of a run whose payloads do not go along: where it comes from, and when its actions happened.

Of bytes that were read before, and so are known to be a run, this is told about twenty times as fast as by way of the
records (core.traces.decode). Whatever is not plainly a trace is left to these.
"""

from __future__ import annotations

from typing import Any

import msgspec

from core.model.text import as_utf8, is_blank
from core.model.trace import Action, Trace
from core.traces.normalise import short_hash


class _Approval(msgspec.Struct, gc=False):
    required: bool = False
    approver: str | None = None


class _Action(msgspec.Struct, gc=False):
    kind: str = ""
    id: str = ""
    name: str = ""
    timestamp: str | None = None
    approval: _Approval | None = None


class _Metadata(msgspec.Struct, gc=False):
    source_receipt_id: Any = None


class Outline(msgspec.Struct, gc=False):
    """The outline of a normalised run."""

    actions: list[_Action]
    id: str = ""
    source: str | None = None
    source_hash: str | None = None
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)

    @property
    def receipt(self) -> str | None:
        """The id of the receipt of its source."""
        receipt = self.metadata.source_receipt_id
        return receipt if isinstance(receipt, str) else None


_DECODER = msgspec.json.Decoder(Outline)


def outline_of(data: bytes, source: str, sha256: str) -> Outline | None:
    """The outline of a trace file by its bytes and their sha256 (hex), normalised; None for what is no trace.

    A run that names no source gets `source`, as core.traces.decode does it.
    """
    try:
        run = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if run.source is None:
        run.source = as_utf8(source)
    if run.source_hash is None:
        run.source_hash = f"sha256:{sha256}"
    if is_blank(run.id):
        run.id = f"trace_{short_hash(run.source_hash)}"
    for number, action in enumerate(run.actions, 1):
        if is_blank(action.id):
            action.id = f"action_{number}"
        if is_blank(action.name):
            action.name = "action" if is_blank(action.kind) else action.kind
    return run


def outlined(run: Trace) -> Outline:
    """The outline of a whole run."""
    return Outline(
        actions=[_acted(action) for action in run.actions],
        id=run.id,
        source=run.source,
        source_hash=run.source_hash,
        metadata=_Metadata(run.receipt),
    )


def _acted(action: Action) -> _Action:
    point = action.approval
    approval = None if point is None else _Approval(point.required, point.approver)
    return _Action(action.kind, action.id, action.name, action.timestamp, approval)
