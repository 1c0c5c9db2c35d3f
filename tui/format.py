"""Numbers, durations and moments as people read them; every function is pure and never raises for finite input."""

from __future__ import annotations

from datetime import UTC, datetime

from core.traces.times import moment

NOTHING = "—"
"""What stands where there is no value."""

_LETTERS = ((1e3, "k"), (1e6, "M"), (1e9, "G"))
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def count(number: int) -> str:
    """An exact whole number with separators: `1,204`."""
    return f"{number:,}"


def short(number: float, digits: int = 1) -> str:
    """A number in at most four digits: `980`, `12.4 k`, `3.1 M`, `2 G`; so many `digits` behind the point, 0 or 1."""
    size = abs(number)
    if size < 1_000:
        return f"{number:.0f}"
    # 999,950 would round to `1000 k`, so it already counts as the next letter.
    scale, letter = next(((s, x) for s, x in _LETTERS if size < s * 999.95), _LETTERS[-1])
    scaled = number / scale
    told = f"{scaled:.{digits}f}" if abs(scaled) < 99.95 else f"{scaled:.0f}"
    return f"{told.removesuffix('.0')} {letter}"


def usd(amount: float) -> str:
    """US dollars: `$3.20`, `$1,204.00`, `$0.0042` for small amounts, `-$3.20`."""
    size = abs(amount)
    sign = "-" if amount < 0 else ""
    if size == 0 or size >= 0.01:
        return f"{sign}${size:,.2f}"
    if size < 0.0001:
        return f"{sign}<$0.0001"
    return f"{sign}${size:.4f}".rstrip("0")


def duration(milliseconds: float) -> str:
    """A length of time in its two largest units: `850 ms`, `12 s`, `4 min 12 s`, `2 h 5 min`, `3 d 4 h`."""
    sign, size = ("-", -milliseconds) if milliseconds < 0 else ("", milliseconds)
    if round(size) < 1_000:
        return f"{sign}{round(size)} ms" if round(size) else f"{sign}<1 ms" if size else "0 s"
    seconds = size / 1_000
    if seconds < 9.95:
        return f"{sign}{seconds:.1f}".removesuffix(".0") + " s"
    left = round(seconds)
    if left >= 3_600:
        step = 3_600 if left >= 86_400 else 60
        left = (left + step // 2) // step * step
    parts = []
    for unit, name in _UNITS:
        if amount := left // unit:
            parts.append(f"{amount:,} {name}")
            left -= amount * unit
        elif parts:
            break
    return sign + " ".join(parts[:2])


def age(seconds: float) -> str:
    """How long ago something was, in one unit: `now`, `12 s`, `4 min`, `3 h`, `2 d`."""
    for unit, name in _UNITS:
        if seconds >= unit:
            return f"{int(seconds // unit):,} {name}"
    return "now"


def ago(seconds: float) -> str:
    """How long ago something was, as it stands in a sentence: `just now`, `4 min ago`."""
    return "just now" if (said := age(seconds)) == "now" else f"{said} ago"


def size(number: int) -> str:
    """Bytes: `812 B`, `12.4 kB`, `3.1 MB`."""
    if number < 1_000:
        return f"{number} B"
    digits, letter = short(number).split(" ")
    return f"{digits} {letter}B"


def bar(share: float, width: int) -> str:
    """A share of 1 as a bar of `width` cells; full only at 1."""
    filled = int(min(max(share, 0.0), 1.0) * width)
    return "▮" * filled + "▯" * (width - filled)


def instant(text: str) -> str:
    """A moment in UTC to the second, `2026-09-01 08:00:00Z`; the text itself where it is none."""
    if (then := moment(text)) is None:
        return text
    try:
        return datetime.fromtimestamp(then, UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    except (OverflowError, ValueError, OSError):  # beyond what a calendar holds
        return text


def since(text: str, now: float) -> str:
    """How long before `now` (Unix seconds) an RFC 3339 time was; the time itself when it lies ahead or is none."""
    then = moment(text)
    return text if then is None or then > now + 1 else ago(now - then)
