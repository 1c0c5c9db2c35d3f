"""What a worker makes of a part once sequences are found: the runs that show one, and what is told of these.

First it finds out what the windows of each sequence have in common; when all parts did, it is known what each candidate
expects, and a part is compared with that. Both are answers about the segment that travels (core.columns.answers):
whoever opens it takes them over instead of looking at its columns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import zstandard

from core.cluster.counting import Numbers
from core.cluster.dataset import runs_of
from core.cluster.draft import packed
from core.cluster.parts import ACTIONS, Cohort, Members
from core.cluster.place import Place
from core.cluster.select import select
from core.columns import candidate
from core.columns.answers import encoded, segment_sum
from core.columns.facts import NONE_DIGEST
from core.columns.faults import Expected, asked_of, faults_in
from core.columns.library import Indexes, Library, Volume, about, key_of
from core.columns.names import Names
from core.columns.segment import to_bytes
from core.columns.shadow import Line
from core.columns.windows import Summary, summary
from core.live.found import found_at
from core.live.members import Members as Mined
from core.live.names import order_of
from core.mining.lines import Places, occurring
from core.mining.steps import is_fuzzy
from core.model.signature import Signature
from core.model.trace import Action

Sequences = Mapping[Cohort, Sequence[tuple[Signature, ...]]]
"""What was found in each cohort, best first."""
Key = tuple[Cohort, int]
"""A sequence by its cohort and its place among those of the cohort."""
Steps = tuple[Expected, ...]
"""What the steps of a candidate expect."""

_COMPARED = (*ACTIONS, "act_effects", "act_output", "digests")
_NOBODY: Numbers = np.zeros(0, np.int64)


class Shown(NamedTuple):
    """What the examples of a sequence in a part say about what its steps expect."""

    unit: str
    """Of the first one by path."""
    first: Steps
    """What that one did."""
    outputs: tuple[frozenset[bytes], ...]
    """Of each step at most two different ones."""
    fuzzy: tuple[bool, ...]


class Sifted(NamedTuple):
    """What is left of a part."""

    runs: bytes
    """The segment of its runs, as it travels."""
    sum: bytes
    """What tells the segment from others."""
    answers: bytes
    """What was found out about it, as it travels."""
    shown: Mapping[Key, Shown]
    """Of every sequence of which it has examples."""


class _Stand(NamedTuple):
    """Where a sequence stands in a part."""

    sequence: tuple[Signature, ...]
    rows: Indexes
    """Its examples in the order of their paths, then every other run that it is compared with."""
    starts: Indexes
    examples: int


def sifted(place: Place, name: str, known: Members, found: Sequences) -> Sifted | None:
    """The runs of a part that show one of the sequences found in their cohort, and what these say.

    Besides, those that are left out, so that they are told of. None when there is none of all these.
    """
    library = Library(Names()).adding(runs_of(place, name))
    stands = dict(_stands(library, known, found))
    kept = _kept(known, stands)
    if not len(kept):
        return None
    segment = select(library.volumes[0].segment, kept)
    data = to_bytes(segment.header, segment.arrays)
    volume, actions = Volume(segment, library.names), library.names.actions
    del library
    answers: dict[bytes, tuple[bytes, object]] = {}
    shown: dict[Key, Shown] = {}
    for key, (sequence, rows, starts, examples) in stands.items():
        if examples:
            here, begin = np.searchsorted(kept, rows[:examples]), starts[:examples]
            where = about(here, begin)
            common = summary(volume, here, begin, len(sequence))
            answers[key_of(candidate.asked_of(sequence), where)] = (where, common)
            shown[key] = _shown(volume, actions, int(here[0]), int(begin[0]), common)
    return Sifted(packed(data), segment_sum(data), _travelling(answers, segment_sum(data)), shown)


def compared(
    place: Place, name: str, known: Members, found: Sequences, wanted: Mapping[Key, Steps], segment: bytes
) -> bytes:
    """How a part compares with what candidates expect; `segment` is the sum of what `sifted` left of it."""
    library = Library(Names()).adding(runs_of(place, name, _COMPARED))
    stands = dict(_stands(library, known, found))
    kept = _kept(known, stands)
    answers: dict[bytes, tuple[bytes, object]] = {}
    for key, (sequence, rows, starts, _) in stands.items():
        where = about(np.searchsorted(kept, rows), starts)
        asked = key_of(asked_of(sequence, wanted[key]), where)
        answers[asked] = (where, faults_in(library.volumes[0], rows, starts, wanted[key]))
    return _travelling(answers, segment)


def expected(shown: Sequence[Shown]) -> Steps:
    """What the candidate expects whose examples are those of some parts."""
    first = min(shown, key=lambda one: order_of(one.unit)).first
    made = []
    for index, step in enumerate(first):
        outputs = frozenset[bytes]().union(*(one.outputs[index] for one in shown))
        certain = len(outputs) == 1 and not any(one.fuzzy[index] for one in shown)
        made.append(step if certain and step.output != NONE_DIGEST else step._replace(output=None))
    return tuple(made)


def _stands(library: Library, known: Members, found: Sequences) -> Iterator[tuple[Key, _Stand]]:
    """Where sequences stand in a part, as a review finds them among all runs."""
    order = known.order
    only_compared = order[np.isin(order, known.shadow)]
    for cohort, sequences in found.items():
        index = known.cohorts.index(cohort) if cohort in known.cohorts else -2
        mined = Mined(library, order[known.cohort_of[order] == index])
        line = Line(library, np.concatenate([mined.runs, only_compared]))
        numbered = [(library.names.known(sequence), key) for key, sequence in enumerate(sequences)]
        codes = {codes: key for codes, key in numbered if codes is not None}
        actions = library.actions_of(mined.runs)
        places = {one.codes: one for one in occurring(*actions, library.names.signatures, codes, 1)}
        for one, number in codes.items():
            at = found_at(places.get(one) or Places(one, _NOBODY, _NOBODY), mined, line)
            if len(at.runs):
                yield (cohort, number), _Stand(sequences[number], at.runs, at.starts, at.examples)


def _kept(known: Members, stands: Mapping[Key, _Stand]) -> Numbers:
    """The rows of a part that a review needs, ascending."""
    return np.unique(np.concatenate([known.left_out, *(one.rows for one in stands.values())]))


def _shown(volume: Volume, actions: Sequence[Action], row: int, start: int, common: Summary) -> Shown:
    segment, first = volume.segment, int(volume.begin[row]) + start
    steps = []
    for at in range(first, first + len(common.steps)):
        effects, output = (
            segment.digests[numbers[at]].tobytes() for numbers in (segment.act_effects, segment.act_output)
        )
        steps.append(Expected(effects, int(volume.approvals[segment.act_form[at]]), output))
    return Shown(
        segment.note("run_unit", row) or "",
        tuple(steps),
        tuple(frozenset(step.outputs) for step in common.steps),
        tuple(is_fuzzy([actions[volume.forms[form]] for form in step.forms]) for step in common.steps),
    )


def _travelling(answers: Mapping[bytes, tuple[bytes, object]], segment: bytes) -> bytes:
    return zstandard.compress(encoded(answers, segment), 3)
