"""Ctrl+C while the program is still starting."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder

import pytest

from tui import start
from tui.cli.ending import INTERRUPTED


class Interrupting(MetaPathFinder):
    """Ctrl+C when something is imported."""

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: object = None) -> None:
        raise KeyboardInterrupt


def test_ctrl_c_while_it_starts_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, "tui.cli.main", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Interrupting()])
    with pytest.raises(SystemExit) as ended:
        start.run()
    assert (ended.value.code, capsys.readouterr().err) == (INTERRUPTED, "assay: interrupted\n")
