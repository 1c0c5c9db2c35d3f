"""What many windows of runs have in common, step by step: found volume by volume, then put together.

What is found in a volume has the segment's numbers of forms, notes and runs, so that it holds in every library; what is
put together has those of the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

import msgspec
import numpy as np

from core.columns.library import Indexes, Volume
from core.columns.segment import NONE, Array
from core.model.candidate import Savings
from core.model.sums import total, usd

SHOWN = 5
"""Value texts that are kept of each place, the least ones."""

_AT_ONCE = 1_000_000
"""Values that are looked at together."""

_SUMS = ("calls", "read", "written")


class Kept(NamedTuple):
    """A text as a volume keeps it, and an action that shows it."""

    text: bytes
    row: int
    """Of the run in the segment."""
    action: int
    """Its index in the run."""


class Least(NamedTuple):
    """The least distinct texts of a volume at one place, ascending."""

    texts: list[Kept]
    base: int = 0
    """What the library adds to the rows."""


class Slot(msgspec.Struct, array_like=True, gc=False):
    """The values at one place of a step."""

    present: int = 0
    """In how many windows there is one."""
    least: list[Least] = []
    """Of each volume."""
    several: bool = False
    """Whether there are two different ones or more."""


class StepSummary(msgspec.Struct, array_like=True, gc=False):
    """One step in all windows."""

    forms: dict[int, int] = {}
    """In how many windows each form stands."""
    effects: set[bytes] = set()
    """At most two different ones of a volume."""
    outputs: set[bytes] = set()
    """At most two different ones of a volume."""
    slots: dict[str, Slot] = {}


class Summary(msgspec.Struct, array_like=True, gc=False):
    """Some windows of one length."""

    windows: int = 0
    steps: list[StepSummary] = []
    avoided: list[int] = []
    """Calls, tokens in and out, and milliseconds of the actions that need no model."""
    dollars: dict[float, int] = {}
    """What those cost in USD, and how often."""
    remaining: int = 0
    """Calls of those that need one."""
    backwards: int = 0
    """Windows of runs whose times go back."""
    criteria: set[int] = set()
    """The numbers of the texts."""
    allowed: list[tuple[bytes, int]] = []
    """Of each volume the least receipts once what may differ is out, with a run that has them."""


class Seen(NamedTuple):
    """What was found in a volume."""

    volume: Volume
    base: int
    """The library's number of its first run."""
    summary: Summary


def summary(volume: Volume, rows: Indexes, starts: Indexes, length: int) -> Summary:
    """What the windows of some runs of a volume have in common."""
    segment = volume.segment
    made = Summary(len(rows))
    at = (volume.begin[rows] + starts)[:, None] + np.arange(length)
    forms = segment.act_form[at]
    made.steps = _steps(volume, at, forms, rows, starts)
    left = volume.left[forms]
    avoided = at[~left]
    made.avoided = [_sum(getattr(segment, f"act_{name}")[avoided]) for name in _SUMS]
    made.avoided.append(_sum(segment.act_wall[avoided]) + _sum(segment.act_duration[avoided]))
    counts = np.bincount(segment.act_usd[avoided], minlength=0)
    used = np.flatnonzero(counts)
    made.dollars = dict(zip(segment.usd[used].tolist(), counts[used].tolist(), strict=True))
    made.remaining = _sum(np.maximum(segment.act_calls[at[left]], 1))
    made.backwards = int(np.count_nonzero(segment.run_backwards[rows]))
    made.criteria = set(np.unique(segment.run_success_criteria[rows]).tolist()) - {NONE}
    if len(told := np.flatnonzero(segment.run_receipts[rows])):
        one = told[np.argmin(segment.run_allowed[rows[told]])]
        made.allowed = [(segment.words[int(segment.run_allowed[rows[one]])], int(rows[one]))]
    return made


class _Cell(NamedTuple):
    """A step, and the shape of its values in all windows that are looked at."""

    step: int
    kind: int


def _steps(volume: Volume, at: Array, forms: Array, rows: Indexes, starts: Indexes) -> list[StepSummary]:
    """Each step in some windows; `at` are their actions, a row for each window."""
    segment = volume.segment
    made = [StepSummary(counts) for counts in _counted(forms)]
    for name, numbers in (("effects", segment.act_effects[at]), ("outputs", segment.act_output[at])):
        for one, low, high in zip(made, numbers.min(axis=0).tolist(), numbers.max(axis=0).tolist(), strict=True):
            setattr(one, name, {segment.digests[number].tobytes() for number in {low, high}})
    shapes = segment.act_shape[at]
    lows, highs = shapes.min(axis=0).tolist(), shapes.max(axis=0).tolist()
    alike = [_Cell(step, low) for step, (low, high) in enumerate(zip(lows, highs, strict=True)) if low == high]
    for cells in _batches(volume, alike, len(at)):
        _fill(made, volume, cells, at, rows, starts)
    for step, (low, high) in enumerate(zip(lows, highs, strict=True)):
        for kind in np.unique(shapes[:, step]).tolist() if low != high else ():
            chosen = np.flatnonzero(shapes[:, step] == kind)
            _fill(made, volume, [_Cell(step, kind)], at[chosen], rows[chosen], starts[chosen])
    return made


def _counted(forms: Array) -> Iterator[dict[int, int]]:
    """In how many windows each form stands, step by step."""
    lows, highs = forms.min(axis=0).tolist(), forms.max(axis=0).tolist()
    for step, (low, high) in enumerate(zip(lows, highs, strict=True)):
        if low == high:
            yield {low: len(forms)}
            continue
        counts = np.bincount(forms[:, step])
        yield {form: int(counts[form]) for form in np.flatnonzero(counts).tolist()}


def _batches(volume: Volume, cells: Sequence[_Cell], windows: int) -> Iterator[list[_Cell]]:
    """Steps that are looked at together, so that no more than some values are in memory at once."""
    batch: list[_Cell] = []
    values = 0
    for cell in cells:
        more = windows * len(volume.paths[cell.kind])
        if batch and values + more > _AT_ONCE:
            yield batch
            batch, values = [], 0
        batch.append(cell)
        values += more
    if batch:
        yield batch


def _fill(
    made: Sequence[StepSummary], volume: Volume, cells: Sequence[_Cell], at: Array, rows: Indexes, starts: Indexes
) -> None:
    """Put the values of some steps into their summaries."""
    slots = [(cell.step, path) for cell in cells for path in volume.paths[cell.kind]]
    if not slots:
        return
    widths = [len(volume.paths[cell.kind]) for cell in cells]
    places = volume.segment.act_values[at[:, [cell.step for cell in cells]]].astype(np.int64)
    columns = np.concatenate([np.arange(width) for width in widths])
    # A row for each place: what is looked for along a row stands together in memory.
    values = volume.segment.values[np.ascontiguousarray((np.repeat(places, widths, axis=1) + columns).T)]
    varied = np.flatnonzero(values.min(axis=1) != values.max(axis=1))
    least = dict(zip(varied.tolist(), _least(values[varied]), strict=True))
    words = volume.segment.words
    for row, (step, path) in enumerate(slots):
        slot = made[step].slots.setdefault(path, Slot())
        slot.present += len(at)
        slot.several = slot.several or row in least
        found = least.get(row) or [(int(values[row, 0]), 0)]
        texts = [Kept(words[number], int(rows[one]), int(starts[one]) + step) for number, one in found]
        slot.least.append(Least(texts))


def _least(rows: Array) -> list[list[tuple[int, int]]]:
    """Of each row the least different numbers, ascending, each with the index at which it stands first."""
    most = np.iinfo(np.int64).max
    rest = rows.astype(np.int64)  # which has room for a number that none of them is
    found: list[list[tuple[int, int]]] = [[] for _ in range(len(rows))]
    for _ in range(SHOWN if len(rows) else 0):
        places = rest.argmin(axis=1)
        numbers = np.take_along_axis(rest, places[:, None], axis=1)
        for listed, number, place in zip(found, numbers[:, 0].tolist(), places.tolist(), strict=True):
            if number != most:
                listed.append((number, place))
        np.putmask(rest, rest == numbers, most)
    return found


def _sum(numbers: Array) -> int:
    """An exact sum: 64 bits may not do for what runs claim."""
    if numbers.dtype == np.int64 and numbers.size:
        most = max(abs(int(numbers.min())), abs(int(numbers.max())))
        if most * numbers.size >= 2**63:
            return sum(numbers.ravel().tolist())
    return int(numbers.sum(dtype=np.int64))


def together(parts: Sequence[Seen], length: int) -> Summary:
    """Windows of several volumes together."""
    made = Summary(steps=[StepSummary() for _ in range(length)], avoided=[0, 0, 0, 0])
    for volume, base, part in parts:
        made.windows += part.windows
        for mine, theirs in zip(made.steps, part.steps, strict=True):
            _add(mine, theirs, volume, base)
        made.avoided = [a + b for a, b in zip(made.avoided, part.avoided, strict=True)]
        made.remaining += part.remaining
        made.backwards += part.backwards
        made.criteria |= {volume.criterion[number] for number in part.criteria}
        made.allowed += [(text, row + base) for text, row in part.allowed]
        for amount, count in part.dollars.items():
            made.dollars[amount] = made.dollars.get(amount, 0) + count
    return made


def _add(mine: StepSummary, theirs: StepSummary, volume: Volume, base: int) -> None:
    for number, count in theirs.forms.items():
        form = volume.forms[number]
        mine.forms[form] = mine.forms.get(form, 0) + count
    mine.effects |= theirs.effects
    mine.outputs |= theirs.outputs
    for path, slot in theirs.slots.items():
        known = mine.slots.setdefault(path, Slot())
        known.present += slot.present
        known.least += [Least(one.texts, base) for one in slot.least]
        first = known.least[0].texts[0].text
        known.several = known.several or slot.several or any(one.texts[0].text != first for one in slot.least)


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
        return usd([amount for amount, count in amounts.items() for _ in range(count)])
