"""What many windows of runs have in common, step by step: found volume by volume, then put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from core.columns.library import Indexes, Volume
from core.columns.segment import Array
from core.model.candidate import Savings
from core.model.sums import total, usd

SHOWN = 5
"""Value texts that are kept of each place, the least ones."""

_SUMS = ("calls", "read", "written")


class Kept(NamedTuple):
    """A text as a volume keeps it, and an action that shows it."""

    text: bytes
    run: int
    """The library's number."""
    action: int
    """Its index in the run."""


@dataclass(slots=True)
class Slot:
    """The values at one place of a step."""

    present: int = 0
    """In how many windows there is one."""
    least: list[list[Kept]] = field(default_factory=list)
    """Of each volume the least distinct texts, ascending."""
    several: bool = False
    """Whether there are two different ones or more."""


@dataclass(slots=True)
class StepSummary:
    """One step in all windows."""

    forms: dict[int, int] = field(default_factory=dict)
    """In how many windows each form stands."""
    effects: set[bytes] = field(default_factory=set)
    """At most two different ones."""
    outputs: set[bytes] = field(default_factory=set)
    """At most two different ones."""
    slots: dict[str, Slot] = field(default_factory=dict)


@dataclass(slots=True)
class Summary:
    """Some windows of one length."""

    windows: int = 0
    steps: list[StepSummary] = field(default_factory=list)
    avoided: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    """Calls, tokens in and out, and milliseconds of the actions that need no model."""
    dollars: dict[float, int] = field(default_factory=dict)
    """What those cost in USD, and how often."""
    remaining: int = 0
    """Calls of those that need one."""
    backwards: int = 0
    """Windows of runs whose times go back."""
    criteria: set[int] = field(default_factory=set)
    allowed: list[tuple[bytes, int]] = field(default_factory=list)
    """Of each volume the least receipts once what may differ is out, with a run that has them."""


def summary(volume: Volume, rows: Indexes, starts: Indexes, length: int, base: int) -> Summary:
    """What the windows of some runs of a volume have in common; `base` is the library's number of its first run."""
    segment = volume.segment
    made = Summary(len(rows))
    at = (volume.begin[rows] + starts)[:, None] + np.arange(length)
    forms = segment.act_form[at]
    for step in range(length):
        made.steps.append(_step(volume, at[:, step], forms[:, step], rows + base, starts + step))
    left = volume.left[forms]
    avoided = at[~left]
    made.avoided = [_sum(getattr(segment, f"act_{name}")[avoided]) for name in _SUMS]
    made.avoided.append(_sum(segment.act_wall[avoided]) + _sum(segment.act_duration[avoided]))
    counts = np.bincount(segment.act_usd[avoided], minlength=0)
    used = np.flatnonzero(counts)
    made.dollars = dict(zip(segment.usd[used].tolist(), counts[used].tolist(), strict=True))
    made.remaining = _sum(np.maximum(segment.act_calls[at[left]], 1))
    made.backwards = int(np.count_nonzero(segment.run_backwards[rows]))
    made.criteria = set(np.unique(volume.criteria[rows]).tolist()) - {-1}
    if len(told := np.flatnonzero(segment.run_receipts[rows])):
        one = told[np.argmin(segment.run_allowed[rows[told]])]
        made.allowed = [(segment.words[int(segment.run_allowed[rows[one]])], int(rows[one]) + base)]
    return made


def _step(volume: Volume, at: Array, forms: Array, runs: Indexes, indexes: Indexes) -> StepSummary:
    segment = volume.segment
    counts = np.bincount(forms)
    used = np.flatnonzero(counts).tolist()
    made = StepSummary({volume.forms[form]: int(counts[form]) for form in used})
    made.effects = {segment.digests[number].tobytes() for number in _two(segment.act_effects[at])}
    made.outputs = {segment.digests[number].tobytes() for number in _two(segment.act_output[at])}
    shapes = segment.act_shape[at]
    kinds = _distinct(shapes)
    for kind in kinds:
        chosen = slice(None) if len(kinds) == 1 else np.flatnonzero(shapes == kind)
        paths = volume.paths[kind]
        places = segment.act_values[at[chosen]].astype(np.int64)
        values = segment.values[places[:, None] + np.arange(len(paths))]
        _slots(made, volume, paths, values, runs[chosen], indexes[chosen])
    return made


def _slots(made: StepSummary, volume: Volume, paths: Sequence[str], values: Array, runs: Indexes, at: Indexes) -> None:
    low, high = values.min(axis=0), values.max(axis=0)
    words = volume.segment.words
    for column, path in enumerate(paths):
        slot = made.slots.setdefault(path, Slot())
        slot.present += len(values)
        slot.several = slot.several or bool(low[column] != high[column])
        least = [(int(low[column]), 0)]
        if low[column] != high[column]:
            least = _least(values[:, column])
        slot.least.append([Kept(words[number], int(runs[one]), int(at[one])) for number, one in least])


def _least(numbers: Array) -> list[tuple[int, int]]:
    """The least different numbers, ascending, each with the index at which it stands first."""
    most = np.iinfo(np.int64).max
    rest = numbers.astype(np.int64)  # which has room for a number that none of them is
    found: list[tuple[int, int]] = []
    while len(found) < SHOWN:
        at = int(rest.argmin())
        if (number := int(rest[at])) == most:
            break
        found.append((number, at))
        rest[rest == number] = most
    return found


def _two(numbers: Array) -> Iterable[int]:
    """The least and the greatest number, which are one when all are."""
    return {int(numbers.min()), int(numbers.max())}


def _distinct(numbers: Array) -> list[int]:
    low, high = int(numbers.min()), int(numbers.max())
    return [low] if low == high else np.unique(numbers).tolist()


def _sum(numbers: Array) -> int:
    """An exact sum: 64 bits may not do for what runs claim."""
    if numbers.dtype == np.int64 and numbers.size:
        most = max(abs(int(numbers.min())), abs(int(numbers.max())))
        if most * numbers.size >= 2**63:
            return sum(numbers.ravel().tolist())
    return int(numbers.sum(dtype=np.int64))


def together(parts: Sequence[Summary], length: int) -> Summary:
    """Windows of several volumes together."""
    made = Summary(steps=[StepSummary() for _ in range(length)])
    for part in parts:
        made.windows += part.windows
        for mine, theirs in zip(made.steps, part.steps, strict=True):
            _add(mine, theirs)
        made.avoided = [a + b for a, b in zip(made.avoided, part.avoided, strict=True)]
        made.remaining += part.remaining
        made.backwards += part.backwards
        made.criteria |= part.criteria
        made.allowed += part.allowed
        for amount, count in part.dollars.items():
            made.dollars[amount] = made.dollars.get(amount, 0) + count
    return made


def _add(mine: StepSummary, theirs: StepSummary) -> None:
    for form, count in theirs.forms.items():
        mine.forms[form] = mine.forms.get(form, 0) + count
    mine.effects |= theirs.effects
    mine.outputs |= theirs.outputs
    for path, slot in theirs.slots.items():
        known = mine.slots.setdefault(path, Slot())
        known.present += slot.present
        known.least += slot.least
        known.several = known.several or slot.several or len({texts[0].text for texts in known.least}) > 1


def savings_of(made: Summary) -> Savings:
    """What the windows together would have saved (core.promotion.savings)."""
    calls, read, written, wall = (total([amount]) for amount in made.avoided)
    return Savings(
        model_calls_avoided=calls,
        input_tokens_avoided=read,
        output_tokens_avoided=written,
        estimated_cost_usd_avoided=dollars(made.dollars),
        wall_ms_avoided=wall,
        remaining_model_calls=total([made.remaining]),
    )


def dollars(amounts: Mapping[float, int]) -> float:
    """The exact sum of amounts, each so many times, rounded once."""
    try:
        return float(sum(Fraction(amount) * count for amount, count in amounts.items()))
    except (OverflowError, ValueError):  # infinite, or too much for a float
        return usd(amount for amount, count in amounts.items() for _ in range(count))
