"""Shares with bootstrap intervals over groups, and how well stated probabilities fit what happened."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

RESAMPLES = 400
BINS = 10
_SEED = 20240


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its 95 % interval; None where there was nothing to measure."""

    value: float | None
    low: float | None
    high: float | None

    def wire(self) -> dict[str, float | None]:
        """The JSON form."""
        return {"value": _rounded(self.value), "low": _rounded(self.low), "high": _rounded(self.high)}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


@dataclass(slots=True)
class Tally:
    """A ratio as sums by group: what is counted, and out of how much."""

    counted: dict[str, float] = field(default_factory=dict)
    total: dict[str, float] = field(default_factory=dict)

    def add(self, group: str, counted: float, total: float = 1.0) -> None:
        """Count something of a group."""
        self.counted[group] = self.counted.get(group, 0.0) + counted
        self.total[group] = self.total.get(group, 0.0) + total

    def estimate(self) -> Estimate:
        """The ratio over all groups, with the interval of the ratios over groups drawn with replacement."""
        groups = sorted(self.total)
        whole = sum(self.total[g] for g in groups)
        if not whole:
            return Estimate(None, None, None)
        value = sum(self.counted[g] for g in groups) / whole
        pairs = [(self.counted[g], self.total[g]) for g in groups]
        draw = random.Random(_SEED)  # noqa: S311 - reproducible, not secret
        ratios = []
        for _ in range(RESAMPLES):
            drawn = draw.choices(pairs, k=len(pairs))
            total = sum(t for _, t in drawn)
            if total:
                ratios.append(sum(c for c, _ in drawn) / total)
        return Estimate(value, *interval(ratios))


def interval(values: Sequence[float]) -> tuple[float | None, float | None]:
    """The middle 95 % of some values."""
    if not values:
        return None, None
    ordered = sorted(values)
    return ordered[int(0.025 * (len(ordered) - 1))], ordered[-1 - int(0.025 * (len(ordered) - 1))]


@dataclass(frozen=True, slots=True)
class Judged:
    """One stated probability and whether it happened, in a group."""

    group: str
    stated: float
    happened: bool


def calibration_error(judged: Sequence[Judged]) -> float | None:
    """The mean distance between stated and observed rates over ten bins of stated probability, by their sizes."""
    if not judged:
        return None
    stated: dict[int, list[float]] = {}
    for one in judged:
        sums = stated.setdefault(min(int(one.stated * BINS), BINS - 1), [0.0, 0.0])
        sums[0] += one.stated
        sums[1] += one.happened
    return sum(abs(said - seen) for said, seen in stated.values()) / len(judged)


def calibration(judged: Sequence[Judged]) -> Estimate:
    """The calibration error with its interval over groups drawn with replacement."""
    by_group: dict[str, list[Judged]] = {}
    for one in judged:
        by_group.setdefault(one.group, []).append(one)
    draw = random.Random(_SEED)  # noqa: S311 - reproducible, not secret
    groups = [by_group[name] for name in sorted(by_group)]
    errors = []
    for _ in range(RESAMPLES // 4 if groups else 0):
        error = calibration_error([one for group in draw.choices(groups, k=len(groups)) for one in group])
        if error is not None:
            errors.append(error)
    return Estimate(calibration_error(judged), *interval(errors))


def noise_floor(judged: Sequence[Judged]) -> float | None:
    """The calibration error that 95 % of perfectly calibrated predictions of this number would stay below."""
    if not judged:
        return None
    draw = random.Random(_SEED)  # noqa: S311 - reproducible, not secret
    errors = sorted(
        calibration_error([Judged("", one.stated, draw.random() < one.stated) for one in judged]) or 0.0
        for _ in range(RESAMPLES // 2)
    )
    return errors[int(0.95 * (len(errors) - 1))]


def brier(judged: Sequence[Judged]) -> Mapping[str, float | None]:
    """The Brier score of the stated probabilities, and that of always stating the overall rate."""
    if not judged:
        return {"value": None, "constant_rate": None}
    rate = sum(one.happened for one in judged) / len(judged)
    score = sum((one.stated - one.happened) ** 2 for one in judged) / len(judged)
    return {"value": _rounded(score), "constant_rate": _rounded(rate * (1 - rate))}
