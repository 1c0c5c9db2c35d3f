"""Runs that go into columns straight from the bytes of their files are the same there as by way of their facts."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns.encode import Encoder
from core.columns.of_bytes import FastFacts, Splitter, Unusual
from tests.bench.runs import run_bytes
from tests.columns.making import run_fields

STAMP = (1, 2, 3, 4)
WAYS = [False, *([True] if Splitter else [])]


def by_facts(files, way):
    """The segment of some files' runs by way of their facts, without those that only the slow way can tell."""
    encoder = Encoder()
    for number, data in enumerate(files):
        digest = sha256(data).hexdigest()
        try:
            facts = way.of(data, digest)
        except Unusual:
            continue
        encoder.add(f"{number}.json", STAMP, digest, len(data), facts, sure=number % 2 == 0)
    return encoder.finish().data


def at_once(files, way):
    """The same without facts."""
    encoder = Encoder()
    for number, data in enumerate(files):
        before = encoder.size
        told = way.add(encoder, f"{number}.json", STAMP, data, sha256(data).hexdigest(), sure=number % 2 == 0)
        assert encoder.size == before + told
    return encoder.finish().data


@pytest.mark.parametrize("compiled", WAYS)
def test_realistic_runs(compiled):
    files = [run_bytes(number, 12) for number in range(40)]
    odd = [b"{", b'{"actions":[]}', b'{"actions":[{"id":"a"},{"id":7}]}', files[0][:-1]]
    mixed = [*files[:20], *odd, *files[20:]]
    assert at_once(mixed, FastFacts(compiled=compiled)) == by_facts(mixed, FastFacts(compiled=compiled))


@pytest.mark.parametrize("compiled", WAYS)
@settings(deadline=None)
@given(runs=st.lists(run_fields, max_size=4))
def test_any_runs(compiled, runs):
    files = [json.dumps(run).encode() for run in runs]
    assert at_once(files, FastFacts(compiled=compiled)) == by_facts(files, FastFacts(compiled=compiled))


@pytest.mark.skipif(Splitter is None, reason="nothing is compiled here")
def test_what_did_not_stay_is_not_taken():
    splitter, encoder = FastFacts(compiled=True)._splitter, Encoder()
    data = run_bytes(1, 3)
    splitter.split(data)
    with pytest.raises(ValueError, match="did not stay"):
        encoder._actions.take(splitter)
    splitter.split(data, True)
    encoder._actions.take(splitter)
    with pytest.raises(ValueError, match="did not stay"):
        encoder._actions.take(splitter)
    splitter.split(data, True)
    with pytest.raises(Unusual):
        splitter.split(b'{"actions":[{"id":"x"},{"id":"a","id":"b"}]}', True)
    with pytest.raises(ValueError, match="did not stay"):
        encoder._actions.take(splitter)
    assert len(encoder._actions.form) == 3
