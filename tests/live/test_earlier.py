"""What an earlier session mined of the same runs is shown again, and nothing but that."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from core.live import earlier, keeping, mining, proposing
from core.live.engine import Change, State, step
from core.live.feed import read_all
from core.live.snapshot import CandidateView, Snapshot
from core.model.jsontext import canonical
from core.session import Session
from tests.importers.test_stated import STATED
from tests.live.feeding import wait_until
from tests.live.test_apart import MAX, runs, write
from tests.review.test_decide import request

Mined = Callable[[], list[str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cohorts, one candidate each."""
    made = tmp_path / "runs"
    made.mkdir()
    write(made, *runs(1, 12), *runs(2, 12, "b"))
    monkeypatch.setattr(mining, "_WORTH_KEEPING", 0)
    monkeypatch.setattr(keeping, "program", lambda: b"this one")
    return made


@pytest.fixture
def mined(monkeypatch: pytest.MonkeyPatch) -> Mined:
    """The cohorts that were mined since the last call."""
    seen: list[str] = []
    real = proposing.proposals

    def counting(ground: proposing.Ground, *more: object) -> proposing.Proposed:
        seen.append(ground.cohort or "")
        return real(ground, *more)  # type: ignore[arg-type]

    def taken() -> list[str]:
        told = sorted(seen)
        seen.clear()
        return told

    monkeypatch.setattr(proposing, "proposals", counting)
    return taken


def opened(folder: Path) -> Session:
    return Session.open(folder, mode="generalised", cohort="workflow_id", actor="ann@example.com", clock=lambda: "now")


def shown(folder: Path) -> Snapshot:
    with opened(folder) as session:
        return session.refresh()


def told(views: tuple[CandidateView, ...]) -> list[object]:
    """Everything of some views."""
    return [(view, canonical(view.candidate), str(view.evidence)) for view in views]


def row(folder: Path) -> tuple[sqlite3.Connection, list[tuple[str, bytes, bytes]]]:
    file = sqlite3.connect(folder.with_name("runs.assay") / ".cache.sqlite", isolation_level=None)
    return file, list(file.execute("select cohort, about, data from mined order by cohort"))


def test_the_same_is_shown_without_mining(folder: Path, mined: Mined) -> None:
    first = shown(folder)
    assert mined() == ["a", "b"]
    again = shown(folder)
    assert mined() == []
    assert again == first
    assert told(again.candidates) == told(first.candidates)
    assert len(again.candidates) == 2


def test_what_is_read_back_is_what_mining_finds_now(folder: Path, mined: Mined) -> None:
    shown(folder)
    policy = shown(folder).policy
    state = step(State(created_at="now"), Change(files=read_all(folder, MAX), policy=policy))
    plain = {view.lineage: canonical(view.candidate) for view in state.snapshot.candidates}
    assert {view.lineage: canonical(view.candidate) for view in shown(folder).candidates} == plain


def test_where_a_run_changed_its_cohort_is_mined_anew(folder: Path, mined: Mined) -> None:
    shown(folder)
    mined()
    write(folder, *runs(3, 1, "b"))
    assert {view.cohort: view.cohort_runs for view in shown(folder).candidates} == {"a": 12, "b": 13}
    assert mined() == ["b"]
    (folder / "a1 closing 3.json").rename(folder / "z.json")
    shown(folder)
    assert mined() == ["a"], "the order is another one"
    for gone in folder.glob("b*.json"):
        gone.unlink()
    shown(folder)
    write(folder, *runs(4, 1))
    shown(folder)
    assert mined() == ["a"]
    file, rows = row(folder)
    file.close()
    assert [cohort for cohort, _, _ in rows] == ['"a"'], "of a cohort that is gone nothing is kept"


def test_what_else_candidates_are_made_from_counts(folder: Path, mined: Mined, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(folder)
    mined()
    policy = folder.with_name("runs.assay") / "assay.toml"
    policy.write_text(policy.read_text().replace("min_examples = 2", "min_examples = 3"))
    shown(folder)
    assert mined() == ["a", "b"]
    monkeypatch.setattr(keeping, "program", lambda: b"a later one")
    shown(folder)
    assert mined() == ["a", "b"]
    (policy.parent / "effects.toml").write_text(STATED)
    shown(folder)
    assert mined() == ["a", "b"]
    shown(folder)
    assert mined() == []


def test_names_and_decisions_count_as_they_do_while_a_session_goes_on(folder: Path, mined: Mined) -> None:
    with opened(folder) as session:
        view = session.refresh().candidates[0]
        session.decide(request(view, "needs_work", reason="not yet"))
    mined()
    assert [one.status for one in shown(folder).candidates if one.lineage == view.lineage] == ["needs_work"]
    assert mined() == [], "it is proposed anyway"
    with opened(folder) as session:
        session.refresh()
        session.decide(request(view, "rename", reason="", detail={"name": "put_away"}))
    assert {"put_away"} < {one.candidate.name for one in shown(folder).candidates}
    assert {"put_away"} < {one.candidate.name for one in shown(folder).candidates}
    assert mined() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-5],
        lambda data: bytes([*data[:50], data[50] ^ 1, *data[51:]]),
        lambda data: zlib.compress(b"[]"),
        lambda data: zlib.compress(b'{"decided":[],"found":[["x",0,0,[]]],"records":{}}'),
        lambda data: zlib.compress(zlib.decompress(data).replace(b'"ids":["', b'"ids":5,"":["')),
        lambda data: zlib.compress(zlib.decompress(data).replace(b'"found":[[', b'"found":[[1],[')),
        lambda data: "text",
        lambda data: 5,
    ],
)
def test_what_is_damaged_is_mined_anew(folder: Path, mined: Mined, damage: Callable[[bytes], object]) -> None:
    first = shown(folder)
    mined()
    file, (one, _) = row(folder)
    file.execute("update mined set data = ? where cohort = ?", (damage(one[2]), one[0]))
    file.close()
    assert shown(folder) == first
    assert mined() == ["a"]


def test_who_watches_has_it_written_down_when_nothing_is_mined_for_a_moment(
    folder: Path, mined: Mined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "QUIET", 0.0)
    with opened(folder) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: len(session.snapshot.candidates) == 2)
        mined_by = session._supply._mining
        assert mined_by is not None
        kept = mined_by._earlier
        wait_until(lambda: kept._saving is not None)
    mined()
    with opened(folder) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: len(session.snapshot.candidates) == 2)
        assert mined() == []
        write(folder, *runs(3, 1))
        wait_until(lambda: session.snapshot.loaded == 25)
        assert mined() == ["a"]


def test_it_can_be_closed_just_as_it_begins_to_be_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    kept, start = earlier.Earlier(None), threading.Thread.start
    monkeypatch.setattr(keeping, "QUIET", 0.0)
    monkeypatch.setattr(kept, "_news", lambda _: True)

    def closing(thread: threading.Thread) -> None:
        kept.close()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", closing)
    kept.rest({})
    assert kept._saving is not None
    kept.close()


def test_the_program_is_told_from_others_by_its_modules() -> None:
    assert keeping.program() == keeping.program()
    assert len(keeping.program()) == 32


def test_little_is_mined_as_quickly_as_it_is_kept(folder: Path, mined: Mined, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mining, "_WORTH_KEEPING", 2_000_000)
    shown(folder)
    shown(folder)
    assert mined() == ["a", "a", "b", "b"]
