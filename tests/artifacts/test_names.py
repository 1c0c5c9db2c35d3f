from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.names import external_key, fixture_names, inside
from tests.artifacts.making import HOSTILE


@pytest.mark.parametrize(
    ("name", "key"),
    [("Version_Bump", "version-bump"), ("--Über_Flow  2__", "ber-flow-2"), ("é", "crystallized-workflow")],
)
def test_external_key(name: str, key: str):
    assert external_key(name) == key


def test_plain_fixture_names():
    assert fixture_names(["t-1_A", "_a b/ü_", "..."]) == ("t-1_A.json", "a_b.json", "trace.json")


def test_colliding_names_are_told_apart_ignoring_case_and_order():
    forth, back = fixture_names(["a b", "A_B", "c"]), fixture_names(["c", "A_B", "a b"])
    assert forth == tuple(reversed(back))
    assert re.fullmatch(r"a_b-[0-9a-f]{8}\.json", forth[0])
    assert re.fullmatch(r"A_B-[0-9a-f]{8}\.json", forth[1])
    assert forth[2] == "c.json"


def test_long_names_are_cut():
    (name,) = fixture_names(["x" * 121])
    assert re.fullmatch(r"x+-[0-9a-f]{8}\.json", name)
    assert len(name) == 120 + len(".json")
    assert fixture_names(["x" * 120]) == ("x" * 120 + ".json",)


def test_an_id_that_is_called_like_a_told_apart_name():
    taken = fixture_names(["a b", "a_b"])[0].removesuffix(".json")
    names = fixture_names(["a b", "a_b", taken])
    assert len({name.lower() for name in names}) == 3


@given(st.lists(HOSTILE | st.text("aA _", max_size=3), max_size=8))
def test_fixture_names_are_safe_and_distinct(trace_ids: list[str]):
    names = fixture_names(trace_ids)
    assert len({name.lower() for name in names}) == len(trace_ids)
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{1,130}\.json", name) for name in names)
    assert all(inside(f"fixtures/{name}") == f"fixtures/{name}" for name in names)


@pytest.mark.parametrize("path", ["", ".", "/etc/passwd", "../x", "a/../../x", "a\\..\\x", "C:x", "c:/x", "a\0b"])
def test_paths_that_could_leave(path: str):
    assert inside(path) is None


@pytest.mark.parametrize(("path", "plain"), [("a/b", "a/b"), ("./a//b/.", "a/b"), ("..a", "..a")])
def test_paths_that_stay(path: str, plain: str):
    assert inside(path) == plain
