"""Only differences are told: each once, and what is over is taken back."""

from __future__ import annotations

from core.live.changes import BrokenFile, ChangeSet, LoadedFile, ManyRuns, Stamp
from core.live.told import Told

STAMP = Stamp(1, 1, 1, 1)


def good(unit: str, sha256: str = "a") -> LoadedFile:
    return LoadedFile(unit, STAMP, sha256, 1)


def bad(unit: str, reason: str = "cut short") -> BrokenFile:
    return BrokenFile(unit, STAMP, "invalid JSON", reason)


def many(unit: str, *runs: str, sha256: str = "a", problems: tuple[BrokenFile, ...] = ()) -> ManyRuns:
    return ManyRuns(unit, STAMP, sha256, 1, tuple(good(run, sha256) for run in runs), problems)


def said(changes: ChangeSet) -> tuple[set[str], dict[str, str], frozenset[str]]:
    """Units that are in use, units in trouble with their states, units that are gone."""
    return set(changes.loaded), {unit: one.state for unit, one in changes.problems.items()}, changes.gone


NOTHING: tuple[set[str], dict[str, str], frozenset[str]] = (set(), {}, frozenset())


def test_a_settling_file_is_told_once_however_it_changes() -> None:
    told = Told()
    told.trouble(bad("a"), "settling", 1.0)
    assert said(told.take()) == (set(), {"a": "settling"}, frozenset())
    told.trouble(bad("a", "cut shorter"), "settling", 2.0)
    assert said(told.take()) == NOTHING
    told.trouble(bad("a", "cut shorter"), "quarantined", 3.0)
    assert said(told.take()) == (set(), {"a": "quarantined"}, frozenset())
    assert told.problems["a"].first_seen == 1.0
    told.trouble(bad("a", "cut shorter"), "quarantined", 4.0)
    assert said(told.take()) == NOTHING
    told.trouble(bad("a", "cut off"), "quarantined", 5.0)
    assert said(told.take()) == (set(), {"a": "quarantined"}, frozenset())
    told.trouble(bad("a"), "settling", 6.0)
    assert said(told.take()) == (set(), {"a": "settling"}, frozenset())


def test_what_was_in_trouble_is_decoded_again_so_that_this_is_taken_back() -> None:
    told = Told()
    told.load(good("a"))
    assert told.known("a") == "a"
    told.trouble(bad("a"), "settling", 1.0)
    assert told.known("a") == ""
    told.load(good("a"))
    assert said(told.take()) == ({"a"}, {}, frozenset())
    assert told.problems == {}


def test_what_was_never_told_is_not_told_to_be_gone() -> None:
    told = Told()
    told.load(good("a"))
    told.forget("a")
    assert said(told.take()) == NOTHING


def test_a_file_that_comes_to_hold_several_runs_is_no_run_any_more() -> None:
    told = Told()
    told.load(good("a"))
    told.take()
    told.load_many(many("a", "a#1", "a#2", sha256="b"), 1.0)
    assert said(told.take()) == ({"a#1", "a#2"}, {}, frozenset({"a"}))
    assert told.known("a") == "b"
    told.load_many(many("a", "a#2", sha256="c", problems=(bad("a#1"),)), 2.0)
    assert said(told.take()) == ({"a#2"}, {"a#1": "quarantined"}, frozenset())
    told.load(good("a", "d"))
    assert said(told.take()) == ({"a"}, {}, frozenset({"a#1", "a#2"}))


def test_runs_that_a_file_holds_no_more_are_gone_and_all_of_them_with_it() -> None:
    told = Told()
    told.load_many(many("a", "a#1", "a#2", "a#3"), 1.0)
    told.take()
    told.load_many(many("a", "a#1", "a#3", sha256="b"), 2.0)
    assert said(told.take()) == ({"a#1", "a#3"}, {}, frozenset({"a#2"}))
    told.forget("a")
    assert said(told.take()) == (set(), {}, frozenset({"a#1", "a#3"}))
    assert told.known("a") == ""


def test_what_is_wrong_with_a_whole_file_stands_beside_its_runs() -> None:
    told = Told()
    told.load_many(many("a", "a#1", "a#2", problems=(bad("a"),)), 1.0)
    assert said(told.take()) == ({"a#1", "a#2"}, {"a": "quarantined"}, frozenset())
    told.load_many(many("a", "a#1", sha256="b", problems=(bad("a"),)), 1.5)
    assert said(told.take()) == ({"a#1"}, {}, frozenset({"a#2"}))
    told.trouble(bad("a", "not readable"), "settling", 2.0)
    assert said(told.take()) == (set(), {"a": "settling"}, frozenset())
    told.trouble(bad("a", "not readable"), "quarantined", 3.0)
    assert said(told.take()) == (set(), {"a": "quarantined"}, frozenset({"a#1"}))
    told.forget("a")
    assert said(told.take()) == (set(), {}, frozenset({"a"}))
