"""What columns make of runs is exactly what the plain way makes of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import shadow
from core.columns.again import Reader
from core.columns.candidate import Windows, build
from core.columns.of_trace import facts_of
from core.mining.candidate import build_candidate
from core.mining.exact import mine_all
from core.mining.lines import mine
from core.model.jsontext import canonical
from core.model.options import Options
from core.model.signature import signatures
from core.promotion.promote import promote
from core.shadow.compare import shadow_compare
from core.shadow.waivers import Waiver
from tests.columns.making import library_of, made, run_fields

RUNS = st.lists(run_fields, min_size=2, max_size=7)
WAIVERS = st.lists(
    st.sampled_from(
        [
            Waiver(seq=1, step=1, pointer="/", reason="r"),
            Waiver(seq=2, step=2, pointer="/a", reason="r"),
            Waiver(seq=3, pointer="/effect_receipts/*/at", reason="r"),
        ]
    ),
    max_size=2,
)
OPTIONS = Options(author="me")


def by_columns(traces, count, cuts, waivers):
    library, units = library_of(traces, cuts)
    order = np.arange(len(traces))
    mined = order[:count]
    codes, ends = library.actions_of(mined)
    line = shadow.Line(library, order)

    def read(unit, sha256):
        return units[unit]

    def facts(unit, sha256):
        return facts_of(units[unit])

    reader = Reader(read, facts)
    for places in mine(codes, ends, library.names.signatures, 2, 20):
        windows = Windows(library, places.codes, mined[places.runs], places.starts)
        built = build(windows, OPTIONS, count, reader)
        runs, starts = shadow.places(windows, line)
        report = shadow.compare(built.candidate, windows, runs, starts, waivers, reader)
        for made_late in (built.candidate.examples, report.traces):
            assert made_late.all() == tuple(made_late), "all at once, and one by one"
        yield promoted(built.candidate.replace(shadow=report))


def by_runs(traces, count, waivers):
    mined = traces[:count]
    for found in mine_all([signatures(trace) for trace in mined], 2, 20):
        candidate = build_candidate(found, mined, OPTIONS, count)
        yield promoted(candidate.replace(shadow=shadow_compare(candidate, traces, waivers)))


def promoted(candidate):
    return promote(candidate, OPTIONS, created_at="t", package_name="p")


@settings(max_examples=100, deadline=None)
@given(RUNS, st.integers(0, 3), st.integers(1, 4), WAIVERS)
def test_candidates_are_the_same(fields, compared, cuts, waivers):
    traces = [made(one, number) for number, one in enumerate(fields)]
    count = max(2, len(traces) - compared)
    fast, plain = list(by_columns(traces, count, cuts, waivers)), list(by_runs(traces, count, waivers))
    assert [canonical(candidate) for candidate in fast] == [canonical(candidate) for candidate in plain]
    assert fast == plain
