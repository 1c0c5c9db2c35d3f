"""What a volume found out is the same when it was found out before, elsewhere, and is only used where it is true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import faults, shadow
from core.columns.again import Reader
from core.columns.answers import encoded, recall, segment_sum, to_bytes
from core.columns.candidate import Built, Windows, build, look_ahead
from core.columns.library import Indexes, Library
from core.columns.names import Names
from core.columns.segment import DamagedError
from core.columns.segment import to_bytes as segment_bytes
from core.columns.witness import witness
from core.mining.lines import mine
from core.model.candidate import ShadowReport
from core.model.jsontext import canonical
from core.model.options import Options
from core.model.trace import Trace
from tests.columns.making import library_of, made, run_fields

RUNS = st.lists(run_fields, min_size=2, max_size=7)
OPTIONS = Options(author="me")
SAME = [{"workflow_id": "w", "actions": [{"name": name, "parameters": {"p": str(n)}} for name in "ab"]} for n in (1, 2)]


def again(library: Library) -> Library:
    """The same segments in a library that knows nothing yet, with other numbers: behind those of other runs."""
    names = Names()
    other = library_of([made({"actions": [{"name": "zz"}], "workflow_id": "other"}, 99)])[0]
    return Library(names).adding(other.volumes[0].segment, *(volume.segment for volume in library.volumes))


def recalled(library: Library) -> Library:
    """The same, but for what is known."""
    new = again(library)
    for volume, before in zip(new.volumes[1:], library.volumes, strict=True):
        recall(volume, to_bytes(before))
    return new


def candidates(
    library: Library, order: Indexes, count: int, units: dict[str, Trace]
) -> Iterator[tuple[Built, ShadowReport, object]]:
    """Everything that columns say about some runs, of which so many are mined."""
    mined, line = order[:count], shadow.Line(library, order)

    def read(unit: str, _: str) -> Trace:
        return units[unit]

    reader = Reader(read)
    for places in mine(*library.actions_of(mined), library.names.signatures, 2, 20):
        windows = Windows(library, places.codes, mined[places.runs], places.starts)
        look_ahead([windows])
        built = build(windows, OPTIONS, count, reader)
        report = shadow.compare(built.candidate, windows, *shadow.places(windows, line), (), reader)
        yield built, report, witness(built, reader)


def told(found: Iterator[tuple[Built, ShadowReport, object]]) -> list[object]:
    return [(canonical(built.candidate.replace(shadow=report)), seen) for built, report, seen in found]


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Counts how often columns are looked at."""
    calls: Counter[str] = Counter()

    def counting(name: str, work: Any) -> Any:
        def run(*given: Any) -> Any:
            calls[name] += 1
            return work(*given)

        return run

    with (
        patch("core.columns.candidate.summary", counting("summary", build.__globals__["summary"])),
        patch("core.columns.faults.faults_in", counting("faults", faults.faults_in)),
    ):
        yield calls


@settings(max_examples=80, deadline=None)
@given(RUNS, st.integers(0, 3), st.integers(1, 4), st.randoms(use_true_random=False))
def test_what_is_recalled_says_the_same(fields: Sequence[Any], compared: int, cuts: int, chance: Any) -> None:
    traces = [made(one, number) for number, one in enumerate(fields)]
    library, units = library_of(traces, cuts)
    units |= {f"{number:04d}.json": trace for number, trace in enumerate(traces)}
    order, count = np.arange(len(traces)), max(2, len(traces) - compared)
    before = told(candidates(library, order, count, units))
    for same in (recalled(library), again(library)):
        assert told(candidates(same, order + 1, count, units)) == before
    # Other runs, in another order: what was found out of the same windows is used, and nothing else.
    others = order[chance.sample(range(len(order)), len(order))]
    fresh = told(candidates(again(library), others + 1, count, units))
    assert told(candidates(recalled(library), others + 1, count, units)) == fresh


def test_what_is_recalled_is_not_looked_for() -> None:
    library, units = library_of([made(one, number) for number, one in enumerate(SAME * 2)], cuts=2)
    with counted() as calls:
        list(candidates(library, np.arange(4), 4, units))
    assert calls == {"summary": 2, "faults": 2}
    with counted() as calls:
        list(candidates(recalled(library), np.arange(4) + 1, 4, units))
    assert not calls
    with counted() as calls:
        list(candidates(recalled(library), np.arange(3) + 1, 3, units))
    assert calls == {"summary": 1, "faults": 1}, "of the volume of which other runs are asked"


def test_what_is_found_out_of_others_starts_is_not_taken() -> None:
    fields = [{"actions": [{"name": name, "observed_output": name} for name in names]} for names in ("ab", "ab")]
    moved = [{"actions": [{"name": name, "observed_output": name} for name in "xab"]} for _ in range(2)]
    traces = [made(one, number) for number, one in enumerate([*fields, *moved])]
    library, units = library_of(traces)
    list(candidates(library, np.arange(2), 2, units))
    with counted() as calls:
        (one,) = candidates(recalled(library), np.arange(4)[2:] + 1, 2, units)
    assert calls == {"summary": 1, "faults": 1}
    assert one[1].passed


def test_sums_that_are_too_big_to_keep_are_found_out_again() -> None:
    big = {"name": "a", "cost": {"model_calls": 2**62}, "deterministic": True}
    library, units = library_of([made({"actions": [big, big]}, number) for number in range(2)])
    before = told(candidates(library, np.arange(2), 2, units))
    assert told(candidates(recalled(library), np.arange(2) + 1, 2, units)) == before


def knowing() -> tuple[Library, bytes]:
    library, units = library_of([made(one, number) for number, one in enumerate(SAME)])
    list(candidates(library, np.arange(2), 2, units))
    return library, to_bytes(library.volumes[0])


@pytest.mark.parametrize("damage", [lambda d: d[:-1], lambda d: d[:20], lambda d: b"", lambda d: d[:-1] + b"?"])
def test_damage_is_refused(damage: Any) -> None:
    library, data = knowing()
    (volume,) = again(library).volumes[1:]
    with pytest.raises(DamagedError, match="no whole answers"):
        recall(volume, damage(data))
    assert not volume.known


def test_answers_of_another_version_are_refused() -> None:
    library, data = knowing()
    with pytest.raises(DamagedError, match="of this version"):
        recall(library.volumes[0], data.replace(b"answers-2", b"answers-0", 1))


def test_answers_about_another_segment_are_refused() -> None:
    _, data = knowing()
    other, _ = library_of([made(one, number + 7) for number, one in enumerate(SAME)])
    with pytest.raises(DamagedError, match="about another segment"):
        recall(other.volumes[0], data)
    assert not other.volumes[0].known


def test_a_segment_is_told_by_its_first_bytes() -> None:
    library, data = knowing()
    volume, segment = library.volumes[0], library.volumes[0].segment
    assert segment_bytes(segment.header, segment.arrays) == segment.data
    assert encoded(volume.known, segment_sum(segment.data)) == data
    bare = Library(Names()).adding(type(segment)(segment.header, segment.arrays, b"")).volumes[0]
    recall(bare, data)
    assert bare.known.keys() == volume.known.keys()
    assert to_bytes(bare) == data


def test_a_sequence_of_two_cohorts_is_known_of_both() -> None:
    library, units = library_of([made(one, number) for number, one in enumerate(SAME * 2)])
    cohorts = np.arange(2), np.arange(2) + 2
    for runs in cohorts:
        list(candidates(library, runs, 2, units))
    with counted() as calls:
        new = recalled(library)
        for runs in cohorts:
            list(candidates(new, runs + 1, 2, units))
    assert not calls
