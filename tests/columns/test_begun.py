"""The digest over hashes of runs is the same from wherever it is gone on with."""

from __future__ import annotations

from hashlib import sha256
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns import rows
from core.columns.begun import Begun
from tests.columns.making import library_of, made

CLAIMED = {"source_hash": "mine"}


def library(count, cuts, claims):
    runs = [made({"actions": [{"kind": "k"}], **(CLAIMED if n in claims else {})}, n) for n in range(count)]
    return library_of(runs, cuts)[0]


@pytest.mark.parametrize("stretches", [0, 1_000])
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_hashes_of_some_runs_from_any_of_them_on(stretches, data):
    count = data.draw(st.integers(1, 8))
    found = library(count, data.draw(st.integers(1, 3)), data.draw(st.sets(st.integers(0, 7), max_size=1)))
    order = data.draw(st.permutations(range(count)))
    runs = np.array(order[: data.draw(st.integers(0, count))], np.int64)
    begin = data.draw(st.integers(0, len(runs)))
    with patch.object(rows, "_AT_ONCE", 2), patch.object(rows, "_MOST_STRETCHES", stretches):
        told = [(size, bytes(some)) for size, some in rows.hashed(found, runs, found.split(runs), begin)]
    assert b"".join(some for _, some in told) == b"".join(
        text.encode() + b"\0" for text in rows.source_hashes(found, runs)[begin:]
    )
    assert sum(size for size, _ in told) == len(runs) - begin


def test_a_digest_is_taken_up_where_what_came_first_is_the_same():
    with patch("core.columns.begun.EVERY", 2):
        begun, digest = Begun(), sha256(b"x")
        for count in range(1, 8):
            digest.update(bytes([count]))
            begun.reached(count, digest)
        for same, taken in ((9, 6), (6, 6), (5, 4), (2, 2), (1, 0), (0, 0)):
            count, again = begun.until(same).taken_up(lambda: sha256(b"x"))
            assert (count, again.hexdigest()) == (taken, sha256(b"x" + bytes(range(1, taken + 1))).hexdigest())
