"""Ctrl+C while the program is still starting."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder

import pytest

from tui import start
from tui.cli import main
from tui.start import INTERRUPTED


@pytest.fixture(autouse=True)
def _usual() -> Iterator[None]:
    """Ctrl+C does what it does when the program starts, and afterwards what it did."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Raising(MetaPathFinder):
    """Something goes wrong when anything is imported."""

    def __init__(self, wrong: Callable[[], None]) -> None:
        self.wrong = wrong

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> None:
        self.wrong()


def interrupted() -> None:
    """Ctrl+C."""
    raise KeyboardInterrupt


def disguised() -> None:
    """Ctrl+C while a class is made, of which Python 3.11 makes an error of its own."""
    try:
        interrupted()
    except KeyboardInterrupt as error:
        raise RuntimeError("Error calling __set_name__") from error


def pressed() -> None:
    """Ctrl+C, as the system tells it."""
    os.kill(os.getpid(), signal.SIGINT)


class Ended(BaseException):
    """The process would have ended."""


def broken() -> None:
    """What has nothing to do with Ctrl+C."""
    raise RuntimeError("no such thing")


@pytest.mark.parametrize("wrong", [interrupted, disguised])
def test_ctrl_c_while_it_starts_is_no_traceback(
    wrong: Callable[[], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "tui.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Raising(wrong)])
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert (ended.value.code, capsys.readouterr().err) == (INTERRUPTED, "assay: interrupted\n")


def test_ctrl_c_while_it_starts_ends_it_without_an_exception(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    codes: list[int] = []

    def end(code: int) -> None:
        codes.append(code)
        raise Ended

    monkeypatch.setattr(os, "_exit", end)
    monkeypatch.delitem(sys.modules, "tui.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Raising(pressed)])
    with pytest.raises(Ended):
        start.run()
    start.started()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert (codes, capfd.readouterr().err) == ([INTERRUPTED], "assay: interrupted\n")


def test_another_fault_while_it_starts_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tui.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Raising(broken)])
    with pytest.raises(RuntimeError, match="no such thing"):
        start.run()


def test_ctrl_c_that_something_else_was_made_of_is_no_fault_of_the_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(main, "main", lambda **_: disguised())
    with pytest.raises(SystemExit) as ended:
        main.run()
    assert (ended.value.code, capsys.readouterr().err) == (INTERRUPTED, "assay: interrupted\n")
