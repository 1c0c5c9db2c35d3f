"""Crystallization traces themselves, several in a file: in a list, or one a line. Nothing in them is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.importers.scalars import fields
from core.importers.values import Format, Left, Mapped, Options, Part
from core.model.jsontext import Json, plain
from core.model.record import DecodeError
from core.model.trace import Trace


def _sees(record: Json) -> bool:
    return "actions" in fields(record)


def _part(record: Json) -> Part | Left:
    if not _sees(record):
        return Left("", "it is no trace: it has no actions")
    try:
        return Part("", "", Trace.decode(record))
    except DecodeError as error:
        return Left("", f"it does not decode as a trace: {error}")


def _runs(parts: Sequence[Any], _options: Options) -> Mapped:
    for made in parts:
        yield plain(made)


FORMAT = Format("trace", "crystallization traces, several in a file", _sees, _part, _runs)
"""Our own traces."""
