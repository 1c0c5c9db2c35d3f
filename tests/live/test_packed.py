"""Packed candidates say what they said before, in memory, from one process to another and on disk."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.packed import PackedExamples, PackedResults, packed, read_back, written
from core.model.candidate import Candidate, Example, Promotion, ShadowReport, TraceResult
from core.model.jsontext import canonical, compact, parse
from core.model.late import Late
from core.model.record import DecodeError
from core.promotion.promote import of_all_runs
from core.shadow.results import count_allowed, count_failing, count_standings, failing_results

names = st.sampled_from(["a", "b", "é", ""])
hashes = st.sampled_from(["sha256:1", "sha256:2", ""])
steps = st.sampled_from([None, ((0,), (1, 2)), ((1,),), ()])
examples = st.builds(
    Example,
    trace_id=names,
    source_hash=hashes,
    start_index=st.integers(0, 2),
    action_ids=st.sampled_from([(), ("x",), ("x", "y")]),
    steps=steps,
)
results = st.builds(
    TraceResult.decode,
    st.fixed_dictionaries(
        {
            "trace_id": names,
            "source_hash": hashes,
            "pass": st.booleans(),
            "details": st.sampled_from([[], ["step 1 output differs"]]),
            "standing": st.sampled_from([None, "holds", "differs"]),
            "held_out": st.sampled_from([None, True]),
            "allowed": st.sampled_from([None, ["rule 1"]]),
        }
    ),
)
candidates = st.lists(
    st.builds(
        lambda found, told: Candidate(
            id="c", name="n", examples=tuple(found), shadow=ShadowReport(traces=tuple(told), compared_traces=len(told))
        ),
        st.lists(examples, max_size=5),
        st.lists(results, max_size=5),
    ),
    max_size=3,
)


def promoted(candidate: Candidate) -> Candidate:
    """With what its promotion record says of all runs."""
    return candidate.replace(promotion=candidate.promotion.replace(**of_all_runs(candidate)))


def is_the_same(made: Candidate, plain: Candidate) -> bool:
    counts = (count_failing(made.shadow.traces), count_allowed(made.shadow.traces))
    standings = [Counter(count_standings(one.shadow.traces)) for one in (made, plain)]
    return (
        standings[0] == standings[1]
        and canonical(made) == canonical(plain)
        and made == plain
        and tuple(made.examples) == plain.examples == made.examples[:]
        and [made.shadow.traces[index] for index in range(len(plain.shadow.traces))] == list(plain.shadow.traces)
        and counts == (count_failing(plain.shadow.traces), count_allowed(plain.shadow.traces))
        and failing_results(made.shadow.traces) == failing_results(plain.shadow.traces)
    )


@given(candidates)
def test_they_say_the_same(given: list[Candidate]) -> None:
    plain = [*map(promoted, given)]
    once = packed(plain)
    assert all(isinstance(one.examples, PackedExamples) for one in once)
    assert all(isinstance(one.shadow.traces, PackedResults) for one in once)
    for made in (once, packed(once), pickle.loads(pickle.dumps(once))):  # noqa: S301
        assert len(made) == len(plain)
        assert all(map(is_the_same, made, plain))


@given(candidates)
def test_what_is_written_is_read_back(given: list[Candidate]) -> None:
    plain = [*map(promoted, given)]
    for some in (plain, packed(plain)):
        told = read_back(parse(compact(written(some))))
        assert len(told) == len(plain)
        assert all(map(is_the_same, told, plain))


def test_little_is_kept_of_each_run() -> None:
    found = tuple(Example(trace_id=f"r{n}", source_hash="sha256:0", steps=((0,), (1,))) for n in range(1000))
    one = Candidate(id="c", name="n", examples=found, shadow=ShadowReport())
    (made,) = packed([one])
    assert isinstance(made.examples, Late)
    assert len(pickle.dumps(made.examples)) < 25 * len(found)  # its name and its hash besides two numbers


def _kept(**more: Any) -> dict[str, Any]:
    one = Candidate(id="c", name="n", examples=(Example(trace_id="r"),), promotion=Promotion())
    told: dict[str, Any] = parse(compact(written([one])))
    return told | more


@pytest.mark.parametrize(
    "told",
    [
        _kept(ids=[]),
        _kept(hashes=[]),
        _kept(candidates=[[{"id": "c"}, [[0], [0], []], [[], [], []]]]),
        _kept(candidates=[[{"id": "c"}, [[0], [], [{}]], [[], [], []]]]),
        _kept(candidates=[[{"id": "c"}, [[-1], [0], [{}]], [[], [], []]]]),
        _kept(candidates=[[{"id": "c"}, [["0"], [0], [{}]], [[], [], []]]]),
        _kept(candidates=[[{"id": 1}, [[], [], []], [[], [], []]]]),
        _kept(candidates=[[{"id": "c"}, [[], [], []]]]),
        _kept(candidates=5),
        {},
        [],
    ],
)
def test_what_makes_no_sense_is_refused(told: Any) -> None:
    read: Callable[[], object] = lambda: read_back(told)  # noqa: E731
    with pytest.raises((DecodeError, ValueError, LookupError, TypeError, OverflowError)):
        read()
