"""Who mines for a session that watches: a process beside it, or this one, and what is told where there is no room."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.live import apart, mining, process, room
from core.live.engine import Change, State, step
from core.live.feed import read_all
from core.live.generalised import rankings
from core.model.errors import AssayError, ClosedError
from core.model.jsontext import compact
from core.session import Session
from tests.live.feeding import wait_until
from tests.live.test_apart import MAX, Watched, runs, watched, write
from tests.live.test_engine_generalised import decided

__all__ = ["watched"]


@pytest.mark.parametrize("free", [float("inf"), 0.0])
def test_when_it_dies_while_nobody_waits_mining_goes_on_here_if_there_is_room(
    watched: Watched, monkeypatch: pytest.MonkeyPatch, free: float
) -> None:
    monkeypatch.setattr(process, "can_be_copied", lambda: False)
    monkeypatch.setattr(room, "free", lambda: free)
    monkeypatch.setattr(room, "MANY", 10)
    mines = mining.Mining(None, beside=True)
    watched.look()
    before = watched.here
    state = mines.going_on(before, watched.source, quiet=True)
    assert state.ranks_later
    write(watched.folder, *runs(3, 1))
    found = read_all(watched.folder, MAX)
    state = mines.going_on(step(state, Change(files=found)), watched.source, quiet=True)
    made = mines._apart
    assert made is not None
    assert made.is_busy
    running = made._process
    assert isinstance(running, process.New)
    os.kill(running._process.pid, signal.SIGKILL)
    wait_until(lambda: made.is_done)
    if free:
        state = mines.going_on(state, watched.source, quiet=True)
        assert (state.ranks_later, state.snapshot.unranked) == (False, 0)
        assert mines._apart is None
    else:
        with pytest.raises(AssayError, match=r"ended early. These runs can take up to"):
            mines.going_on(state, watched.source, quiet=True)
        state = mines.going_on(state, watched.source, quiet=True)
        assert (state.ranks_later, state.snapshot.unranked) == (True, 1)
        assert [view.cohort_runs for view in state.snapshot.candidates if view.cohort == "a"] == [13]
        assert mines._apart is not made, "where somebody has to wait another one is tried"
    mines.close()
    assert not running.is_alive()


def test_what_was_asked_before_runs_are_read_in_another_way_is_of_no_use(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MANY", 10)
    mines = mining.Mining(None, beside=True)
    watched.look()
    state = mines.going_on(watched.here, watched.source, quiet=True)
    write(watched.folder, *runs(3, 1))
    state = step(state, Change(files=read_all(watched.folder, MAX)))
    state = mines.going_on(state, watched.source, quiet=True)
    made = mines._apart
    assert made is not None
    mines.use(None)
    wait_until(lambda: made.is_done)
    assert mines.going_on(state, watched.source, quiet=False).snapshot.unranked == 1
    state = mines.going_on(state, watched.source, quiet=True)
    wait_until(lambda: made.is_done)
    assert mines.going_on(state, watched.source, quiet=False).snapshot.unranked == 0
    mines.close()


@pytest.fixture
def first_look(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> Iterator[mining.Mining]:
    """Who mines many runs of two cohorts, 12 of one and 15 of the other, one cohort after the other."""
    monkeypatch.setattr(room, "MANY", 10)
    monkeypatch.setattr(mining.os, "cpu_count", lambda: 1)
    write(watched.folder, *runs(3, 3))
    made = mining.Mining(None, beside=True)
    watched.there = replace(watched.there, apart=lambda state, grounds: made.mine(state, grounds, watched.source))
    yield made
    made.close()


def looked(watched: Watched, mines: mining.Mining) -> State:
    """The state when the next part was mined."""
    assert mines._apart is not None
    wait_until(lambda: mines._apart is None or mines._apart.is_done)
    watched.there = mines.going_on(watched.there, watched.source, quiet=False)
    return watched.there


def test_what_is_found_first_is_shown_while_the_rest_of_a_first_look_is_mined(
    watched: Watched, first_look: mining.Mining
) -> None:
    found = Change(files=read_all(watched.folder, MAX))
    watched.here, watched.there = step(watched.here, found), step(watched.there, found)
    assert watched.there.snapshot.candidates == ()
    assert watched.there.snapshot.unranked == 27
    state = looked(watched, first_look)
    assert first_look.unmined(state) == 27
    state = looked(watched, first_look)
    assert {view.cohort for view in state.snapshot.candidates} == {"b"}
    assert first_look.unmined(state) == state.snapshot.unranked == 15
    state = looked(watched, first_look)
    assert first_look.unmined(state) == 0
    assert state.snapshot == watched.here.snapshot
    assert not looked(watched, first_look).snapshot.unranked


def test_runs_that_change_during_a_first_look_are_mined_as_they_are_then(
    watched: Watched, first_look: mining.Mining
) -> None:
    found = Change(files=read_all(watched.folder, MAX))
    watched.here, watched.there = step(watched.here, found), step(watched.there, found)
    looked(watched, first_look)
    (watched.folder / "b2 applying 0.json").write_bytes(compact(runs(4, 1, "b")[0]))
    (watched.folder / "a1 closing 3.json").unlink()
    found = Change(files=replace(read_all(watched.folder, MAX), gone=frozenset({"a1 closing 3.json"})))
    watched.here, watched.there = step(watched.here, found), step(watched.there, found, rank=False)
    wait_until(lambda: first_look.unmined(looked(watched, first_look)) == 0)
    watched.there = first_look.going_on(watched.there, watched.source, quiet=True)
    assert looked(watched, first_look).snapshot == watched.here.snapshot


def test_what_was_decided_on_is_there_from_the_first(watched: Watched, first_look: mining.Mining) -> None:
    found = Change(files=read_all(watched.folder, MAX))
    watched.here = step(watched.here, found)
    (view,) = [view for view in watched.here.snapshot.candidates if view.cohort == "a"]
    journal = Change(journal=decided(view))
    watched.here, watched.there = step(watched.here, journal), step(watched.there, journal)
    watched.there = step(watched.there, found)
    assert {one.cohort for one in watched.there.snapshot.candidates} == {"a"}
    assert watched.there.snapshot.unranked == 12
    looked(watched, first_look)
    assert looked(watched, first_look).snapshot == watched.here.snapshot


def test_when_it_dies_during_a_first_look_all_is_mined_here(watched: Watched, first_look: mining.Mining) -> None:
    found = Change(files=read_all(watched.folder, MAX))
    watched.here, watched.there = step(watched.here, found), step(watched.there, found)
    looked(watched, first_look)
    assert first_look._apart is not None
    assert first_look._apart._process is not None
    first_look._apart._process.end()
    assert looked(watched, first_look).snapshot == watched.here.snapshot


@pytest.mark.parametrize(
    ("sizes", "parts"),
    [
        ((), ""),
        ((5,), "0"),
        ((20, 20, 20, 20, 20), "01"),
        ((1, 2, 3, 50, 940), "0123"),
        ((940, 50, 1), "01"),
        ((1,) * 30, "01234"),
    ],
)
def test_some_cohorts_are_mined_at_a_time_and_many_small_ones_at_once(sizes: tuple[int, ...], parts: str) -> None:
    counts: dict[str | None, int] = {str(number): size for number, size in enumerate(sizes)}
    assert "".join(map(str, mining._part(counts, sum(sizes), 2))) == parts


def test_later_cohorts_are_mined_in_turn(watched: Watched, first_look: mining.Mining) -> None:
    found = Change(files=read_all(watched.folder, MAX))
    watched.there = step(watched.there, found)
    while looked(watched, first_look).snapshot.unranked:
        pass
    turns = []
    for number in range(4):
        write(watched.folder, *runs(5 + number, 1), *runs(15 + number, 1, "b"))
        watched.there = step(watched.there, Change(files=read_all(watched.folder, MAX)), rank=False)
        assert first_look.going_on(watched.there, watched.source, quiet=False) is watched.there
        watched.there = first_look.going_on(watched.there, watched.source, quiet=True)
        turns.append([one.ground.cohort for one in first_look._asked])
        assert first_look.unmined(watched.there) == 0
        looked(watched, first_look)
    assert turns == [["b"], ["a"], ["b"], ["a"]], "the smaller one came first at the first look"


def test_a_cohort_that_is_new_later_makes_no_first_look(watched: Watched, first_look: mining.Mining) -> None:
    watched.there = step(watched.there, Change(files=read_all(watched.folder, MAX)))
    while looked(watched, first_look).snapshot.unranked:
        pass
    write(watched.folder, *(run.replace(workflow_id="c") for run in runs(9, 2)))
    watched.there = step(watched.there, Change(files=read_all(watched.folder, MAX)), rank=False)
    state = looked(watched, first_look)
    assert (first_look.unmined(state), state.snapshot.unranked) == (0, 2)
    assert not first_look._asked, "that waits for a quiet moment"


def test_a_session_that_watches_many_runs_has_them_mined_by_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MANY", 10)
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 320))
    monkeypatch.setattr(mining, "proposals_of", None)  # nothing is mined here
    with Session.open(folder, mode="generalised") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: bool(session.snapshot.candidates))
        assert session.snapshot.loaded == 320
        assert session.activity.trouble == ""
        before = session.snapshot.candidates[0].candidate
        write(folder, *runs(3, 1))
        wait_until(lambda: session.snapshot.candidates[0].cohort_runs == 321)
        wait_until(lambda: not session.snapshot.unranked)
        assert len(session.snapshot.candidates[0].candidate.examples) == len(before.examples) + 1
        mines = session._supply._mining
        assert mines is not None
        made = mines._apart
        assert made is not None
        running = made._process
        assert running is not None
        assert running.is_alive()
        monkeypatch.setattr(apart, "IDLE", 0.0)
        wait_until(lambda: not running.is_alive())
        write(folder, *runs(4, 1))  # nobody mines any more, so a process is begun again
        wait_until(lambda: session.snapshot.loaded == 322 and not session.snapshot.unranked)
        assert len(session.snapshot.candidates[0].candidate.examples) == len(before.examples) + 2
    assert not made.is_begun
    (ranking,) = rankings(session._state, ["a"])
    with pytest.raises(ClosedError):
        session._supply.mine(session._state, [replace(ranking.ground, decided=frozenset({"somebody waits"}))])


def test_many_runs_are_not_held_between_two_minings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MANY", 10)
    monkeypatch.setattr(mining, "_WORTH_HOLDING", 0)
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 40), *runs(2, 30, "b"))
    with Session.open(folder, mode="generalised") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: len({view.cohort for view in session.snapshot.candidates}) == 2)
        mines = session._supply._mining
        assert mines is not None
        made = mines._apart
        assert made is not None
        wait_until(lambda: not made.is_begun)
        write(folder, *runs(3, 1))
        wait_until(lambda: session.snapshot.loaded == 71 and not session.snapshot.unranked)
        wait_until(lambda: not made.is_begun)
        assert {view.cohort: view.cohort_runs for view in session.snapshot.candidates} == {"a": 41, "b": 30}


def test_who_watches_a_first_look_is_told_how_many_runs_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MANY", 10)
    monkeypatch.setattr(mining.os, "cpu_count", lambda: 1)
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 40), *runs(2, 30, "b"))
    told: list[tuple[str, int]] = []
    shown: list[set[str | None]] = []
    with Session.open(folder, mode="generalised") as session:
        session.start(
            lambda snapshot: shown.append({view.cohort for view in snapshot.candidates}),
            lambda activity: told.append((activity.phase, activity.total)),
        )
        wait_until(lambda: bool(told) and told[-1][0] == "watching")
        assert not session.snapshot.unranked
    at = [("mining", 70), ("mining", 40), ("watching", 0)]
    assert list(dict.fromkeys(one for one in told if one[0] in ("mining", "watching"))) == at
    assert next(seen for seen in shown if seen) == {"b"}
    assert shown[-1] == {"a", "b"}
