"""Where known sequences stand after a change is the same whether all runs are looked at, or only those that came."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns.begun import Begun
from core.columns.shadow import Line
from core.live.found import found_again, found_at, gone_on
from core.live.members import Members
from core.mining.lines import mine, occurring
from tests.columns.making import library_of, made, run_fields

LEAST = 2
PARTS = st.lists(st.sampled_from(["mined", "compared", "away"]), min_size=9, max_size=9)
RUNS = st.lists(run_fields, min_size=9, max_size=9)


def lines(library, parts):
    """The runs of a library that are mined and compared, in the order of their numbers."""
    return tuple(
        Members(library, np.array([n for n in range(int(library.base[-1])) if parts[n] == part], np.int64))
        for part in ("mined", "compared")
    )


def stand(found):
    return found.codes, found.runs.tolist(), found.starts.tolist(), found.examples


def looked_at(line, codes=None):
    members, compared = line
    library = members.library
    actions, names = library.actions_of(members.runs), library.names.signatures
    where = mine(*actions, names, LEAST, 20) if codes is None else occurring(*actions, names, codes, LEAST)
    everything = Line(library, np.concatenate([members.runs, compared.runs]))
    return [found_at(one, members, everything) for one in where]


@settings(max_examples=50, deadline=None)
@given(RUNS, PARTS, PARTS, st.integers(1, 9))
def test_only_what_came_is_looked_at(fields, before, now, first):
    whole, _ = library_of([made(one, number) for number, one in enumerate(fields)], cuts=3)
    small = type(whole)(whole.names, whole.volumes[:-1]) if first > 4 else whole
    old, new = lines(small, before), lines(whole, now)
    known = looked_at(old)
    again = found_again(known, old, new, LEAST)
    everything = looked_at(new, [one.codes for one in known])
    if again is None:
        assert len(everything) < len(known), "only where a sequence is in too few runs is that looked at anew"
        return
    assert [stand(one.found) for one in again] == [stand(one) for one in everything]
    for one, was in zip(again, known, strict=True):
        assert (one.change == b"") == (stand(one.found) == stand(was))


def test_the_same_runs_in_another_volume_are_no_change():
    fields = [{"actions": [{"kind": "tool_call", "name": "a"}, {"kind": "tool_call", "name": "b"}]}] * 4
    traces = [made(one, number) for number, one in enumerate(fields)]
    one, two = library_of(traces, cuts=1)[0], library_of(traces, cuts=1)[0]
    moved = type(one)(one.names, ()).adding(*(volume.segment for volume in two.volumes))
    parts = ["mined"] * 4
    old, new = lines(one, parts), lines(moved, parts)
    known = looked_at(old)
    assert known
    assert [moved.change for moved in found_again(known, old, new, LEAST)] == [b""] * len(known)


def test_of_an_id_only_what_is_over_the_very_same_runs_is_gone_on_with():
    fields = [{"actions": [{"kind": "tool_call", "name": "a"}, {"kind": "tool_call", "name": "b"}]}] * 6
    traces = [made(one, number) for number, one in enumerate(fields)]
    whole, parts = library_of(traces[:4], cuts=2)[0], ["mined"] * 4
    others = library_of([traces[0], traces[1], traces[4], traces[5]], cuts=2)[0]
    moved = type(whole)(whole.names, whole.volumes[:1]).adding(others.volumes[1].segment)
    (known,) = looked_at(lines(whole, parts))
    before = replace(known, begun=Begun([(count, sha256(bytes([count]))) for count in range(1, 5)]))
    for library, same in ((whole, 4), (moved, 2)):
        (found,) = looked_at(lines(library, parts))
        assert gone_on(found, before).begun.taken_up(sha256)[0] == same
    (fewer,) = looked_at(lines(whole, ["mined", "away", "mined", "mined"]))
    assert gone_on(fewer, before).begun.taken_up(sha256)[0] == 1
    assert gone_on(known, None) is known
