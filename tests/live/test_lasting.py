"""Watching goes on whatever happens in between, and who reviews is told."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import session as module
from core.live import feed, intake, pool, remembered
from core.live.reviewing import Refused
from core.model.errors import WorkspaceError
from core.review.looking import stamp_of
from core.review.stated import Stated
from core.session import Session
from core.store.recovery import leftovers
from tests.importers.test_stated import STATED
from tests.live.feeding import wait_until
from tests.live.test_apart import runs, write
from tests.review.making import opened, releases
from tests.review.test_upkeep import approve, policy

TOLD = "the system says of /some/where: permission denied; it is tried again every second"


def test_a_fault_of_the_program_is_told_for_good_and_watching_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 3))
    with Session.open(folder, mode="exact") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 3)
        look = Session._look

        def fail(self: Session, **_: Any) -> bool:
            monkeypatch.setattr(Session, "_look", look)
            raise KeyError("a value that stands in a run")

        monkeypatch.setattr(Session, "_look", fail)
        wait_until(lambda: "a fault of the program itself (KeyError)" in session.activity.trouble)
        assert "a value" not in session.activity.trouble
        write(folder, *runs(3, 1))
        wait_until(lambda: session.snapshot.loaded == 4)
        assert session.activity.trouble, "what was going on then may not have been taken in"


def test_a_folder_of_which_nobody_can_tell_whether_it_is_there_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 3))

    def stale(_: Path) -> bool:
        raise OSError(116, "Stale file handle")

    with Session.open(folder, mode="exact") as session:
        session.refresh()
        monkeypatch.setattr(Path, "is_dir", stale)
        session._keep_up(wait=True)


@pytest.fixture
def watching(tmp_path: Path) -> Iterator[Session]:
    folder = tmp_path / "runs"
    folder.mkdir()
    write(folder, *runs(1, 3))
    with Session.open(folder, mode="exact") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: session.snapshot.loaded == 3)
        yield session


def refusing(error: Exception, allowed: threading.Event, real: Callable[..., Any]) -> Callable[..., Any]:
    """What fails until it is allowed."""

    def call(*told: Any, **more: Any) -> Any:
        if not allowed.is_set():
            raise error
        return real(*told, **more)

    return call


def test_what_the_system_refuses_is_told_as_that_and_what_was_polled_is_taken_in_later(
    watching: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = threading.Event()
    error = PermissionError(errno.EACCES, "Permission denied", "/some/where")
    monkeypatch.setattr(module, "taken", refusing(error, allowed, module.taken))
    write(watching.traces, *runs(3, 1))
    wait_until(lambda: watching.activity.trouble == TOLD)
    assert watching.snapshot.loaded == 3
    allowed.set()
    wait_until(lambda: watching.snapshot.loaded == 4 and not watching.activity.trouble)


def test_a_poll_that_fails_loses_nothing(watching: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    allowed = threading.Event()
    error = BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
    monkeypatch.setattr(feed, "scan", refusing(error, allowed, feed.scan))
    write(watching.traces, *runs(3, 1))
    wait_until(lambda: "the system says: resource temporarily unavailable" in watching.activity.trouble)
    allowed.set()
    wait_until(lambda: watching.snapshot.loaded == 4 and not watching.activity.trouble)


def test_what_a_turn_came_to_is_shown_even_when_its_end_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, shown = tmp_path / "runs", list[int]()
    folder.mkdir()
    write(folder, *runs(1, 3))
    with Session.open(folder, mode="exact") as session:
        monkeypatch.setattr(session, "_look", refusing(WorkspaceError("no journal"), threading.Event(), session._look))
        session.start(lambda snapshot: shown.append(snapshot.loaded), lambda _: None)
        wait_until(lambda: 3 in shown and session.activity.trouble == "no journal")


def test_files_that_no_process_can_be_started_for_are_read_here(
    watching: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def started(*_: Any, **__: Any) -> None:
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(pool, "started", started)
    monkeypatch.setattr(intake, "MANY", 3)
    monkeypatch.setattr(remembered, "WORTH_IT", 3)
    write(watching.traces, *runs(3, 9))
    wait_until(lambda: watching.snapshot.loaded == 12)
    assert not watching.activity.trouble


USES: dict[str, Callable[[Session], object]] = {
    "format.json": lambda session: session.store.exists,
    "assay.toml": lambda session: session.store.load_policy(),
    "redaction.key": lambda session: session.store.locked().__enter__(),
    "journal.jsonl": lambda session: session.adopt(),
    "journal.head": lambda session: session.adopt(),
    "crashpacks": lambda session: session.adopt(),
    "tmp": lambda session: leftovers(session.store),
}


@pytest.mark.parametrize("name", USES)
def test_what_cannot_be_looked_at_is_not_taken_for_missing(tmp_path: Path, name: str) -> None:
    with opened(releases(tmp_path / "runs")) as session:
        approve(session)
        decisions = session.snapshot.journal.decisions
        place = session.workspace / name
        if place.exists():
            place.rename(tmp_path / "kept")
        place.symlink_to(place)  # what the system does not follow, whoever asks
        with pytest.raises(WorkspaceError, match=f"{name}: a symbolic link on the way leads back to itself"):
            USES[name](session)
        assert place.is_symlink()
        assert session.snapshot.journal.decisions == decisions


def test_effects_that_nobody_can_look_at_count_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "effects.toml"
    path.write_text(STATED)
    stated = Stated(path)
    stated.look()
    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", hidden(path))
        assert not stated.look()
    assert (stated.text, "permission denied" in stated.trouble) == (STATED, True)
    assert not stated.look()
    assert not stated.trouble


def test_nothing_is_decided_until_every_run_is_read_with_the_text_that_counts(tmp_path: Path) -> None:
    path, view = tmp_path / "effects.toml", opened(releases(tmp_path / "traces")).snapshot.candidates[0]
    stated = Stated(path)
    assert not stated.look()
    assert stated.current() == ""
    stated.check(view)
    path.write_text(STATED)
    assert (stated.look(), stated.look()) == (True, False)
    assert stated.told == ("effects.toml was changed; the runs of other tools are being read again with it",)
    for _ in range(2):
        with pytest.raises(Refused, match="still being read again") as caught:
            stated.check(view)
        assert caught.value.stale
        assert not stated.caught_up(behind=True)
    assert stated.caught_up(behind=False)
    assert stated.told == ("effects.toml was changed; the runs of other tools were read again with it",)
    assert not stated.caught_up(behind=False), "it is said once"
    stated.check(view)
    path.write_text("tool = 1\n")
    assert (stated.look(), stated.text) == (False, STATED)
    with pytest.raises(WorkspaceError, match="until then what it stated before counts, and nothing can be decided"):
        stated.check(view)
    path.unlink()
    assert (stated.look(), stated.text, stated.trouble) == (True, "", "")


def hidden(place: Path) -> Callable[..., os.stat_result]:
    """A system that does not let anybody look at a place."""
    real = Path.stat

    def stat(path: Path, **more: Any) -> os.stat_result:
        if path == place:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, **more)

    return stat


def test_a_refusal_to_write_statuses_is_told_until_it_is_over(tmp_path: Path) -> None:
    with opened(releases(tmp_path / "runs")) as session:
        place = session.workspace / "format.json"
        place.rename(tmp_path / "kept")
        place.symlink_to(place)
        session._keep_up(wait=True)
        assert any("format.json" in told for told in session.snapshot.notices)
        (tmp_path / "kept").replace(place)
        session._keep_up(wait=True)
        assert not session.snapshot.notices


def test_a_policy_that_changed_while_the_journal_could_not_be_read_is_taken_in_later(watching: Session) -> None:
    journal = watching.workspace / "journal.jsonl"
    journal.symlink_to(journal)
    policy(watching, min_examples=3)
    wait_until(lambda: "cannot read" in watching.activity.trouble)
    write(watching.traces, *runs(3, 1))
    wait_until(lambda: watching.snapshot.loaded == 4)
    assert watching.snapshot.policy.min_examples == 2
    journal.unlink()
    wait_until(lambda: watching.snapshot.policy.min_examples == 3 and not watching.activity.trouble)


def test_a_file_that_can_be_read_again_looks_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(b"")
    before = stamp_of(path)

    def changed() -> bool:  # within a tick of the file system's clock it looks the same
        path.chmod(0)
        path.chmod(0o600)
        return stamp_of(path) != before

    wait_until(changed)
