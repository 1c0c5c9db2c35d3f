"""Single values of other tools' records: text, whole numbers, money, moments, as a trace may hold them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from core.model.jsontext import Json

_MOST = 2**63 - 1
_LAST_NS = 253_402_300_799 * 10**9
_UNITS = {10: 1_000_000_000, 13: 1_000_000, 16: 1_000, 19: 1}
"""Nanoseconds of what is counted, by the digits of a moment from 2001 to 2286: seconds, milli-, micro-, nanoseconds."""
_DATE = len("20260101")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def text(value: Json) -> str | None:
    """Non-empty text, else None."""
    return value if isinstance(value, str) and value else None


def fields(value: Json) -> dict[str, Any]:
    """An object's members; of anything else none."""
    return value if isinstance(value, dict) else {}


def items(value: Json) -> list[Any]:
    """A list's items; of anything else none."""
    return value if isinstance(value, list) else []


def whole(value: Json) -> int | None:
    """A whole number from 0 up to what 63 bits hold, also written as text or `3.0`; else None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST:
        return value
    return None


def count(*values: Json) -> int:
    """The first of some values that is a whole number; 0 when none is."""
    for value in values:
        if type(value) is int and 0 <= value <= _MOST:
            return value
        if value is not None and (found := whole(value)) is not None:
            return found
    return 0


def money(value: Json) -> float | None:
    """An amount of USD, also written as text; None when it is none, negative or not finite."""
    if type(value) is float and 0.0 <= value < 1e15:
        return value
    if isinstance(value, str):
        try:
            value = float(value) if len(value) < 40 else None
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    amount = float(value) if abs(value) < 1e15 else math.inf
    return amount if math.isfinite(amount) and amount >= 0 else None


def sum_of(*values: Json) -> float:
    """The sum of those values that are amounts; 0.0 when none is."""
    total = 0.0
    for value in values:
        if value is not None and (found := money(value)) is not None:
            total += found
    return total


def nanoseconds(value: Json) -> int | None:
    """A moment in nanoseconds since 1970: from such a number, also as text, or from ISO 8601 (UTC where no zone is
    stated); None when it is none, or beyond the year 9999.
    """
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit()):
            return _from_iso(value)
        number = int(value) if len(value) < 20 else None
    else:
        number = whole(value)
    return number if number is not None and number <= _LAST_NS else None


def counted(value: Json) -> int | None:
    """The same where seconds, milli- or microseconds may stand in place of nanoseconds: the digits tell, if any do."""
    if isinstance(value, str):
        return (when(value) if value.isascii() and value.isdigit() else None) or nanoseconds(value)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value < 1e19:
        return None
    return nanoseconds(int(value * _UNITS.get(len(str(int(value))), 1)))


def when(value: Json) -> int | None:
    """A moment in nanoseconds since 1970, from text: ISO 8601, or digits of which the count tells the unit.

    None for other numbers: nothing says whether they are seconds, and of what.
    """
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()):
        return _from_iso(value) if isinstance(value, str) else None
    if len(value) == _DATE:
        return _from_iso(value)
    unit = None if value[0] == "0" else _UNITS.get(len(value))
    return nanoseconds(int(value) * unit) if unit else None


def moment(nanos: int | None) -> str | None:
    """A moment as ISO 8601 in UTC with microseconds, so that moments sort as text."""
    if nanos is None:
        return None
    seconds, micros = divmod((nanos + 500) // 1000, 1_000_000)
    return f"{_second(seconds)}.{micros:06d}Z"


@lru_cache(maxsize=1024)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def milliseconds(start: int | None, end: int | None) -> int | None:
    """Whole milliseconds from one moment to another, both in nanoseconds; None when unknown or backwards."""
    return (end - start) // 1_000_000 if start is not None and end is not None and start <= end else None


def _from_iso(value: str) -> int | None:
    try:
        when = datetime.fromisoformat(value[:40])
        since = (when if when.tzinfo else when.replace(tzinfo=UTC)) - _EPOCH
    except (ValueError, OverflowError):
        return None
    nanos = ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000
    return nanos if 0 <= nanos <= _LAST_NS else None
