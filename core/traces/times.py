"""Times as runs claim them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import pairwise
from math import isfinite
from operator import le

from core.model.outlined import Outlined

EPOCH = "1970-01-01T00:00:00Z"
"""The time that is written when no other is given, RFC 3339."""


def moment(text: str | None) -> float | None:
    """Unix seconds of an RFC 3339 text or a number of seconds, None for anything else.

    A time without a zone counts as UTC, on whatever machine. Digits alone are a number: 20260102 is no day.
    """
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        return _of_date(text)
    return seconds if isfinite(seconds) else None


def _of_date(text: str) -> float | None:
    try:
        found = datetime.fromisoformat(text)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def latest(texts: Iterable[str]) -> str | None:
    """The text of the last moment among some; None where none is one."""
    known = [(time, text) for text in texts if (time := moment(text)) is not None]
    return max(known)[1] if known else None


def runs_backwards(run: Outlined) -> bool:
    """Whether the times of a run's actions go back; texts that are no times are passed over."""
    return _go_back(tuple(action.timestamp for action in run.actions))


@lru_cache(maxsize=16384)
def _go_back(texts: tuple[str | None, ...]) -> bool:
    """The same of its times; a run is an example of several workflows, and is asked about for each."""
    if _ascend_as_texts(texts):
        return False
    times = [time for text in texts if (time := moment(text)) is not None]
    return any(later < earlier for earlier, later in pairwise(times))


_DIGITS = str.maketrans("123456789", "0" * 9)
_FORMS = frozenset(f"0000-00-00T00:00:00{part}Z" for part in ("", ".000", ".000000"))
"""Forms in which a later time is a greater text."""


def _ascend_as_texts(texts: tuple[str | None, ...]) -> bool:
    """Whether times are all written in one such form, as most are, and never go back."""
    given = [text for text in texts if text]
    if not given or (form := given[0].translate(_DIGITS)) not in _FORMS or set(map(len, given)) != {len(form)}:
        return False
    return "".join(given).translate(_DIGITS) == form * len(given) and all(map(le, given, given[1:]))
