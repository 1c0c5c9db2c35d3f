"""Globs of the policy."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.live.globs import beginning, matches

PARTS = st.sampled_from(["a", "shadow", "*", "**", "?", "a*", "b?", ""])
PATHS = st.lists(st.sampled_from(["a", "b", "ab", "ba", "shadow", "c.json"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(PARTS, max_size=4).map("/".join), PATHS)
def test_what_a_glob_fits_begins_as_it_says(glob, path):
    assert path.startswith(beginning(glob)) or not matches(path, [glob])


def test_what_globs_begin_with():
    assert [beginning(glob) for glob in ("shadow/**", "a/b*/c", "**/x", "a/b.json", "x?")] == [
        "shadow/",
        "a/",
        "",
        "a/b.json",
        "",
    ]
