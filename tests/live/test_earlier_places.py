"""Where an earlier session found sequences is taken from the cache for the very same runs, and for nothing but them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from core.columns.segment import from_bytes, to_bytes
from core.live import earlier_places, exact, keeping
from core.live.snapshot import Snapshot
from core.session import Session
from tests.importers.test_stated import STATED
from tests.live.feeding import wait_until
from tests.live.test_apart import runs, write
from tests.live.test_earlier import opened as opened_generalised
from tests.live.test_earlier import row
from tests.live.test_ranking import told

Mined = Callable[[], int]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two cohorts, and runs that are only compared."""
    made = tmp_path / "runs"
    (made / "shadow").mkdir(parents=True)
    write(made, *runs(1, 12), *runs(2, 12, "b"))
    write(made / "shadow", *runs(3, 3))
    monkeypatch.setattr(earlier_places, "WORTH_KEEPING", 1)
    return made


@pytest.fixture
def mined(monkeypatch: pytest.MonkeyPatch) -> Mined:
    """How many cohorts were mined since the last call."""
    seen: list[int] = []
    real = exact.mine

    def counting(*told: object) -> object:
        seen.append(1)
        return real(*told)  # type: ignore[arg-type]

    def taken() -> int:
        count = len(seen)
        seen.clear()
        return count

    monkeypatch.setattr(exact, "mine", counting)
    return taken


def opened(folder: Path) -> Session:
    return Session.open(folder, mode="exact", cohort="workflow_id", actor="ann@example.com", clock=lambda: "now")


def shown(folder: Path) -> Snapshot:
    with opened(folder) as session:
        return session.refresh()


def test_the_same_is_shown_without_mining(folder: Path, mined: Mined) -> None:
    first = shown(folder)
    assert mined() == 2
    again = shown(folder)
    assert mined() == 0
    assert told(again) == told(first)
    assert len({view.cohort for view in again.candidates}) == 2
    assert any(not one.passed or one.held_out for view in again.candidates for one in view.candidate.shadow.traces)


@pytest.mark.parametrize(
    ("change", "count"),
    [
        (lambda folder: write(folder, *runs(4, 1, "b")), 1),
        (lambda folder: (folder / "a1 closing 3.json").rename(folder / "z.json"), 1),
        (lambda folder: (folder / "a1 closing 3.json").unlink(), 1),
        (lambda folder: write(folder / "shadow", *runs(4, 1)), 2),
        (lambda folder: next((folder / "shadow").iterdir()).unlink(), 2),
    ],
    ids=["one more", "renamed", "one less", "one more to compare", "one less to compare"],
)
def test_of_other_runs_it_is_mined_anew(
    folder: Path, mined: Mined, change: Callable[[Path], object], count: int
) -> None:
    shown(folder)
    mined()
    change(folder)
    found = shown(folder)
    assert mined() == count
    assert told(shown(folder)) == told(found)
    assert mined() == 0


def test_other_rules_of_mining_and_another_program_mine_anew(
    folder: Path, mined: Mined, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown(folder)
    mined()
    policy = folder.with_name("runs.assay") / "assay.toml"
    text = policy.read_text()
    for told_before, told_now in (
        ("min_examples = 2", "min_examples = 5"),
        ("max_candidates = 20", "max_candidates = 1"),
    ):
        assert told_before in text
        policy.write_text(text.replace(told_before, told_now))
        shown(folder)
        assert mined() == 2
    monkeypatch.setattr(earlier_places, "_program", lambda: b"a later one")
    shown(folder)
    assert mined() == 2
    shown(folder)
    assert mined() == 0


def damaged(data: bytes, **arrays: object) -> bytes:
    """A whole row that says something else."""
    told = from_bytes(data)
    return to_bytes(told.header, {**told.arrays, **arrays})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:-5],
        lambda data: bytes([*data[:200], data[200] ^ 1, *data[201:]]),
        lambda data: damaged(data, places=np.full(len(from_bytes(data).places), 10**6)),
        lambda data: to_bytes({"sequences": [["never", "seen"]]}, from_bytes(data).arrays),
        lambda data: to_bytes({}, {}),
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
    assert told(shown(folder)) == told(first)
    assert mined() == 1


def test_few_runs_are_mined_as_quickly_as_that_is_looked_up(
    folder: Path, mined: Mined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(earlier_places, "WORTH_KEEPING", 13)
    shown(folder)
    shown(folder)
    assert mined() == 4


def test_what_is_there_already_is_not_written_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown(folder)
    monkeypatch.setattr(earlier_places, "_written", lambda *_: pytest.fail("it is written again"))
    shown(folder)


def test_who_watches_has_it_written_down_when_nothing_changes_for_a_moment(
    folder: Path, mined: Mined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "QUIET", 0.0)
    with opened(folder) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 27)
        kept = session._supply._places
        assert kept is not None
        wait_until(lambda: kept._saving is not None)
    assert mined() == 2
    with opened(folder) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 27)
        assert mined() == 0
        write(folder, *runs(4, 1))
        wait_until(lambda: session.snapshot.loaded == 28 and not session.snapshot.unranked)
        assert mined() == 1
        live = session.snapshot
    assert told(shown(folder)) == told(live)


def test_who_leaves_at_once_has_it_written_down_as_well(folder: Path, mined: Mined) -> None:
    with opened(folder) as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 27)
    assert mined() == 2
    shown(folder)
    assert mined() == 0


def test_once_runs_are_read_otherwise_nothing_is_looked_up_or_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are as they were for a while, and their bytes do not tell which."""
    shown(folder)
    monkeypatch.setattr(earlier_places.EarlierPlaces, "of", lambda *_: pytest.fail("it is looked up"))
    monkeypatch.setattr(earlier_places.EarlierPlaces, "save", lambda *_: pytest.fail("it is kept"))
    with opened(folder) as session:
        session._supply._lean()
        session._supply.use(STATED)
        session._supply.use("")
        assert len(session.refresh().candidates) > 1


def test_in_generalised_mode_nothing_of_the_kind_is_kept(folder: Path) -> None:
    with opened_generalised(folder) as session:
        session.refresh()
        assert session._supply._places is None
