"""Which steps of a candidate some actions do not agree with: in side effects, approval or output."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from core.columns.candidate import Windows
from core.columns.facts import digest_of, digest_of_effects
from core.columns.library import Indexes, Volume, question
from core.columns.segment import Array
from core.model.candidate import Candidate, Step
from core.model.jsontext import plain
from core.model.signature import Signature
from core.shadow.compare import approval_detail, effects_detail, expects_output, output_detail, required

_CHECKS = 3
"""Per step: side effects, approval, output."""


def faults_of(candidate: Candidate, windows: Windows) -> Array:
    """For every run a bit per step and check that does not hold."""
    faults = np.zeros(len(windows.starts), np.uint64)
    expected = tuple(map(expected_of, candidate.steps))
    asked = asked_of(candidate.sequence_signature, expected)
    for part in windows.parts:
        volume, chosen, here = part
        answer = partial(faults_in, volume, here, windows.starts[chosen], expected)
        found = volume.remembered(asked, windows.about(part), answer)
        faults[chosen[found.windows]] = found.bits
    return faults


def asked_of(sequence: Sequence[Signature], expected: Sequence[Expected]) -> bytes:
    """The question which windows of a sequence have faults."""
    return question("faults", tuple(sequence), tuple(expected))


class Faults(NamedTuple):
    """What does not hold in some windows of a volume."""

    windows: Indexes
    """The indexes of those that have faults."""
    bits: Array
    """Of each of these a bit per step and check."""


def faults_in(volume: Volume, rows: Indexes, starts: Indexes, expected: Sequence[Expected]) -> Faults:
    """Which windows have faults, and their bits."""
    begin = volume.begin[rows] + starts
    found = np.zeros(len(rows), np.uint64)
    for index, step in enumerate(expected):
        for check, differs in enumerate(_checked(volume, begin + index, step)):
            if differs is not None and differs.any():
                found |= differs.astype(np.uint64) << np.uint64(index * _CHECKS + check)
    some = np.flatnonzero(found)
    return Faults(some, found[some])


class Expected(NamedTuple):
    """What a step expects: digests of its side effects and, if it is expected, its output; and its approval."""

    effects: bytes
    approval: int
    output: bytes | None


def expected_of(step: Step) -> Expected:
    """What a step expects."""
    approval = required(step.approval)
    output = digest_of(plain(step.expected_output)) if expects_output(step) else None
    return Expected(digest_of_effects(step.side_effects), 0 if approval is None else 1 + approval, output)


def _checked(volume: Volume, at: Indexes, step: Expected) -> tuple[Array, Array, Array | None]:
    """Whether actions differ from a step: in side effects, approval and (if it is expected) output."""
    segment = volume.segment
    return (
        segment.act_effects[at] != volume.digest_number(step.effects),
        volume.approvals[segment.act_form[at]] != step.approval,
        None if step.output is None else segment.act_output[at] != volume.digest_number(step.output),
    )


def details_of(faults: int, action_ids: Callable[[], list[str]], start: int) -> Iterator[str]:
    """The details that the bits of a run stand for."""
    index = 0
    while faults:
        if faults & 1:
            yield effects_detail(index + 1, action_ids()[start + index])
        if faults & 2:
            yield approval_detail(index + 1)
        if faults & 4:
            yield output_detail(index + 1)
        faults >>= _CHECKS
        index += 1
