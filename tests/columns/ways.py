"""The ways from the bytes of a file to the facts of its run, and what it means that they say the same."""

from __future__ import annotations

from array import array
from hashlib import sha256
from itertools import chain, islice

import orjson

from core.columns.of_bytes import FastFacts, Splitter, Unusual
from core.columns.of_trace import facts_of
from core.traces.decode import decode_trace

WAYS = [FastFacts(compiled=False), *([FastFacts(compiled=True)] if Splitter else [])]


def slowly(data):
    """By way of the records. Raises TraceError."""
    return facts_of(decode_trace(data, "x.json"))


def quickly(way, data):
    """One of the fast ways; None for what it leaves to the slow one."""
    try:
        return way.of(data, sha256(data).hexdigest())
    except Unusual:
        return None


def alike(facts):
    """Facts with the values of each action in the order of their places."""
    actions = facts.actions
    values, ordered = map(actions.value, range(len(actions.ends))), []
    for shape, count in zip(actions.shapes, actions.column("count"), strict=True):
        names, paths = orjson.loads(shape)
        places = ((0, n) for n in names), ((1, p) for p in paths)
        ordered.append(sorted(zip(chain(*places), islice(values, count), strict=True)))
    assert next(values, None) is None
    assert len(actions.values) == (actions.ends[-1] if actions.ends else 0)
    return facts._replace(actions=actions._replace(shapes=[], values=b"", ends=array("q"))), ordered


def check(data):
    """Whatever a fast way answers, the slow way does as well; the fast ways may pass. Whether none of them did."""
    answers = [answer for way in WAYS if (answer := quickly(way, data)) is not None]
    for answer in answers:
        assert alike(answer) == alike(slowly(data))
    return len(answers) == len(WAYS)


def are_all_left(data):
    """Whether all fast ways leave some bytes to the slow one."""
    return all(quickly(way, data) is None for way in WAYS)
