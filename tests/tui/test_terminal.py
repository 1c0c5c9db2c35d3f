"""The terminal that goes away, and signals that ask the review to end."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread

import pexpect
import pytest

from core.model.jsontext import pretty
from tests.tui.fakes import trace
from tui import terminal
from tui.terminal import Lasting, ending

TOLD = 60.0
"""Seconds to wait for what takes one or two."""
LEADER = 'trap : HUP; "$@"; echo $? > "$ENDED"'
"""A session's leader that is told of a lost terminal, keeps it to itself and waits for the program, as `make` does."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., pexpect.spawn]]:
    """The review in a real terminal, behind what is to come before it."""
    traces = tmp_path / "runs"
    traces.mkdir()
    (traces / "run.json").write_bytes(pretty(trace()))
    settings = {"ASSAY_CONFIG_DIR": str(tmp_path / "settings"), "ENDED": str(tmp_path / "ended")}
    started: list[pexpect.spawn] = []

    def start(*before: str, plain: bool = False) -> pexpect.spawn:
        review = ["-c", "from tui.cli.main import run; run()", "review", str(traces), "--as", "ana"]
        program = [*before, sys.executable, *review, *(["--plain"] if plain else [])]
        env = {**os.environ, "TERM": "xterm-256color", **settings}
        child = pexpect.spawn(
            program[0],
            program[1:],
            env=env,
            dimensions=(24, 80),
            timeout=TOLD,
            encoding="utf-8",
            codec_errors="replace",
        )
        started.append(child)
        child.expect("assay> " if plain else "No run could be used")
        return child

    yield start
    for child in started:
        child.close(force=True)


@pytest.mark.parametrize("plain", [False, True])
def test_it_ends_when_the_terminal_goes_away_and_nobody_tells_it(
    start: Callable[..., pexpect.spawn], tmp_path: Path, *, plain: bool
) -> None:
    leader = start("/bin/sh", "-c", LEADER, "leader", plain=plain)
    leader.ptyproc.fileobj.close()
    waiting = Thread(target=leader.wait, daemon=True)
    waiting.start()
    waiting.join(TOLD)
    assert not waiting.is_alive()
    assert (tmp_path / "ended").read_text().strip() == "129"
    assert not list((tmp_path / "settings").glob("crash*"))


def test_it_ends_when_the_server_that_shows_it_in_a_browser_was_killed(tmp_path: Path) -> None:
    (tmp_path / "runs").mkdir()
    settings = tmp_path / "settings"
    review = subprocess.Popen(
        [sys.executable, "-m", "tui", "review", str(tmp_path / "runs")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "TEXTUAL_DRIVER": terminal.WEB_DRIVER, "ASSAY_CONFIG_DIR": str(settings)},
    )
    with review:
        assert review.stdin
        assert review.stdout
        while not review.stdout.readline().endswith(b"__GANGLION__\n"):
            assert review.poll() is None
        for end in (review.stdin, review.stdout):
            end.close()
        assert review.wait(TOLD) == 129
    assert not list(settings.glob("crash*"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_the_terminal_is_as_before(
    start: Callable[..., pexpect.spawn], number: signal.Signals
) -> None:
    child = start()
    child.kill(number)
    child.expect_exact("\x1b[?1049l")
    child.expect(pexpect.EOF)
    child.wait()
    assert child.exitstatus == 128 + number


class Gone(io.StringIO):
    """A terminal that went away."""

    def write(self, _text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")

    def flush(self) -> None:
        raise OSError(errno.EIO, "Input/output error")


def test_what_is_drawn_after_the_terminal_went_away_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "__stderr__", Gone())
    with ending(lambda _: None):
        assert sys.__stderr__ is not None
        assert sys.__stderr__.write("text") == 4
        sys.__stderr__.flush()
    assert isinstance(sys.__stderr__, Gone)


def test_an_error_of_a_terminal_that_is_there_is_told() -> None:
    class Broken(Gone):
        def isatty(self) -> bool:
            return True

    with pytest.raises(OSError, match="Input"):
        Lasting(Broken()).write("text")


def test_what_is_said_at_the_end_goes_nowhere_instead_of_to_a_terminal_that_is_gone() -> None:
    with tempfile.TemporaryFile() as file:
        terminal.nobody_reads([file.fileno()])
        os.write(file.fileno(), b"text")
        assert os.fstat(file.fileno()).st_rdev == Path(os.devnull).stat().st_rdev


def test_a_signal_that_somebody_ignores_stays_ignored_and_others_are_as_before() -> None:
    told, codes = Event(), list[int]()

    def leave(code: int) -> None:
        codes.append(code)
        told.set()

    hangup = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    before = signal.getsignal(signal.SIGTERM)
    try:
        with ending(leave):
            os.kill(os.getpid(), signal.SIGHUP)
            os.kill(os.getpid(), signal.SIGTERM)
            assert told.wait(TOLD)
        assert signal.getsignal(signal.SIGTERM) is before
    finally:
        signal.signal(signal.SIGHUP, hangup)
    assert codes == [128 + signal.SIGTERM]


@pytest.mark.usefixtures("_lost_start")
def test_an_interrupt_while_it_begins_to_watch_is_nothing_else() -> None:
    with pytest.raises(KeyboardInterrupt), ending(lambda _: None):
        pass


@pytest.fixture
def _lost_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl+C comes when a thread is started, and nobody knows whether it runs."""

    def start(_: Thread) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Thread, "start", start)
