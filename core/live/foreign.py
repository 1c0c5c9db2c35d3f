"""Files of other tools in the traces folder: each run is a unit of its own, `PATH#N` (spec/review.md, Words)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from core.live.changes import BrokenFile, LoadedFile, ManyRuns, Stamp
from core.live.names import file_of, path_of
from core.model.trace import Trace
from core.traces.decode import decode_trace
from core.traces.errors import TraceError

if TYPE_CHECKING:  # readers of other tools' formats, which nobody has to wait for who has none of their files
    from core.importers.direct import Direct
    from core.importers.values import Left

NOT_MAPPED = "record not mapped"
"""The rule of a record of another tool's file that is no run."""

OWN = "trace"
"""The format of our own traces, several in a file."""

_MOMENT = 1.0
"""Seconds; less than what the last look at a file that settles comes after."""

_ADVICE = "Correct the record, or import the file with `assay import`, which tells of every record."
_SINGLY = 50
"""Records of a file that are told of one by one; the others together."""


def is_foreign_name(path: str) -> bool:
    """Whether a file's name says that another tool wrote it; a `.json` file tells only by what it holds."""
    if path.endswith(".json"):
        return False
    from core.importers.direct import EXTENSIONS

    return path.endswith(EXTENSIONS)


def foreign(data: bytes, unit: str, stamp: Stamp, sha256: str, effects: str = "") -> LoadedFile | ManyRuns | None:
    """What a file of another tool holds, by the unit of the file; None when its format is not known.

    `effects` is the text of an effects.toml that was checked.
    """
    found = _found(data, path_of(unit), effects)
    return None if found is None else _units(found, unit, stamp, sha256, len(data))


def one_after_the_other(
    data: bytes, unit: str, stamp: Stamp, sha256: str, effects: str = ""
) -> LoadedFile | ManyRuns | None:
    """The same of a file that is not one JSON text; None for what is rather a broken file.

    That is a run of our own with something wrong behind it, and what was changed a moment ago and may be in the middle
    of being written: who watches looks at it again.
    """
    found = _found(data, path_of(unit), effects)
    if found is None:
        return None
    age = time.time() - stamp.mtime_ns / 1e9
    if any(one.fault for one in found.left) and (found.format == OWN or 0 <= age < _MOMENT):
        return None
    return _units(found, unit, stamp, sha256, len(data))


def _units(found: Direct, unit: str, stamp: Stamp, sha256: str, size: int) -> LoadedFile | ManyRuns:
    files = tuple(LoadedFile(unit + suffix, stamp, sha256, size, trace) for suffix, trace in found.runs)
    problems = _problems(found, unit, stamp, size)
    if len(files) == 1 and not problems and files[0].unit == unit:
        return files[0]
    return ManyRuns(unit, stamp, sha256, size, files, problems)


def not_known(data: bytes, path: str) -> TraceError:
    """Why a file of another tool is of no format that is known."""
    from core.importers.convert import why_unknown
    from core.importers.texts import source_of_bytes

    found = why_unknown(source_of_bytes(data, path))
    return TraceError(path, "recognise", found.reason, found.place)


def run_of(data: bytes, unit: str, label: str, effects: str = "") -> Trace:
    """The run of a unit in the bytes of its file, normalised; `label` is the file's path. Raises TraceError.

    `effects` is the text of an effects.toml that was checked.
    """
    source, own = path_of(unit), None
    if not is_foreign_name(source):
        try:
            return decode_trace(data, label, source)
        except TraceError as error:
            if error.stage not in ("recognise", "parse"):
                raise
            own = error.with_traceback(None)
    found = _found(data, source, effects)
    suffix = unit.removeprefix(file_of(unit))
    for here, trace in found.runs if found else ():
        if here == suffix:
            return trace
    if own is not None and own.stage == "parse":
        raise own
    reason = f"holds no run {suffix or 'of a known format'}" if found else "is of no format that is known"
    raise TraceError(label, "recognise", reason)


def _found(data: bytes, path: str, effects: str) -> Direct | None:
    from core.importers.direct import runs_of
    from core.importers.effects_file import stated
    from core.importers.values import USUAL, Options

    return runs_of(data, path, Options(stated(effects)) if effects else USUAL)


def _problems(found: Direct, unit: str, stamp: Stamp, size: int) -> tuple[BrokenFile, ...]:
    """What could not be mapped: records that would be runs one by one, up to some; the rest together."""
    faults = [one for one in found.left if one.fault]
    single = [one for one in faults if one.number][:_SINGLY]
    several = bool(found.runs and found.runs[0][0]) or len(single) > 1
    told = {one.number: _broken(one, f"{unit}#{one.number}", stamp, size) for one in single} if several else {}
    rest = [one for one in faults if one.number not in told or not one.number]
    return (*told.values(), *_together(rest, unit, stamp, size))


def _together(rest: Sequence[Left], unit: str, stamp: Stamp, size: int) -> tuple[BrokenFile, ...]:
    if not rest:
        return ()
    first = _broken(rest[0], unit, stamp, size)
    count = sum(one.times for one in rest)
    return (
        first if count == 1 else replace(first, reason=f"{count} records are not mapped; the first: {first.reason}"),
    )


def _broken(left: Left, unit: str, stamp: Stamp, size: int) -> BrokenFile:
    return BrokenFile(unit, stamp, NOT_MAPPED, left.reason, left.place, _ADVICE, size)
