"""Changes are told while a look at everything is under way, and what it saw late takes nothing back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from core.live import looking, walk
from core.live.feed import Feed
from core.live.looking import Looking
from core.live.scan import Scan
from tests.live.feeding import MAX, run_text, wait_until, write


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three files are many."""
    monkeypatch.setattr(looking, "MANY", 3)


SLOW = """
import io, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[0].rsplit("/", 1)[0])
from real_walk import Walk, write
found = Walk(sys.argv[1])
found.descend("")
Path(sys.argv[1] + ".walked").touch()
while not Path(sys.argv[1] + ".go").exists():
    time.sleep(0.01)
write(found, sys.stdout.buffer)
"""
"""Tells late what it saw early."""


@pytest.fixture
def plain(tmp_path: Path) -> Path:
    """A folder with three runs."""
    made = tmp_path / "plain"
    for name in ("gone", "kept", "silent"):
        write(made / f"{name}.json", run_text(name), age=60)
    return made


@pytest.fixture
def slowly(plain: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """The files by which the slow process says that it looked, and is told to go on."""
    (tmp_path / "real_walk.py").write_text(Path(walk.__file__).read_text())
    (tmp_path / "slow_walk.py").write_text(SLOW)
    monkeypatch.setattr(walk, "__file__", str(tmp_path / "slow_walk.py"))
    return lambda what: Path(f"{plain}.{what}")


def looking_slowly(plain: Path, walked: Path) -> Feed:
    """A feed that knows the folder, with a look at everything under way."""
    feed = Feed(plain, MAX, look=Looking(plain))
    found = feed.poll()
    assert found is not None
    assert len(found.loaded) == 3
    feed._scanned_at = -1e9  # it is time to look again
    assert feed.poll() is None
    wait_until(walked.exists)
    assert not feed._everything.is_done
    return feed


def test_changes_are_told_while_a_look_at_everything_is_under_way(plain: Path, slowly: Callable[[str], Path]) -> None:
    feed = looking_slowly(plain, slowly("walked"))
    write(plain / "came.json", run_text("came"), age=60)
    (plain / "gone.json").unlink()
    (plain / "silent.json").unlink()
    feed.hint("came.json", "gone.json")
    found = feed.poll()
    assert found is not None
    assert (sorted(found.loaded), found.gone) == (["came.json"], {"gone.json"})
    slowly("go").touch()
    wait_until(lambda: feed._everything.is_done)
    assert feed.poll() is None, "what was told already is not told again, nor taken back"
    assert feed._since is None
    assert sorted(feed._scan.entries) == ["came.json", "kept.json", "silent.json"]
    feed.hint()
    found = feed.poll()
    assert found is not None
    assert found.gone == {"silent.json"}
    feed.close()


def test_a_look_that_is_under_way_is_dropped_for_a_newer_one(
    plain: Path, slowly: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = looking_slowly(plain, slowly("walked"))
    slow = feed._everything._process
    write(plain / "two.json", run_text("two"), age=60)
    monkeypatch.setattr(walk, "__file__", walk.__spec__.origin)
    feed.hint()
    found = feed.poll()
    assert found is not None
    assert sorted(found.loaded) == ["two.json"]
    assert slow is not None
    assert slow.returncode is not None
    assert (feed._everything.is_done, feed._since) == (True, None)
    feed.close()


def test_a_folder_that_is_away_as_a_look_ends_keeps_its_runs(
    plain: Path, slowly: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = looking_slowly(plain, slowly("walked"))
    write(plain / "came.json", run_text("came"), age=60)
    feed.hint("came.json")
    assert feed.poll() is not None
    slowly("go").touch()
    wait_until(lambda: feed._everything.is_done)
    with monkeypatch.context() as away:
        away.setattr(Looking, "__call__", lambda _: Scan(plain, "missing", "the folder is away"))
        assert feed.poll() is None
    assert feed.trouble == "the folder is away"
    assert len(feed._scan.entries) == 4
    assert feed.poll() is None
    assert feed.trouble == ""
    feed.close()


def test_closing_ends_a_look_that_nobody_waits_for(plain: Path, slowly: Callable[[str], Path]) -> None:
    looks = Looking(plain, expected=3)
    looks.begin()
    process = looks._process
    assert process is not None
    wait_until(slowly("walked").exists)
    looks.close()
    wait_until(lambda: looks.is_done)
    assert process.returncode is not None
    looks.begin()
    assert looks() is None
