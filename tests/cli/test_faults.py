"""What a person sees when the program itself fails: words and a report, no traceback and nothing from the runs."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pytest

from tui.cli import main as entry

SECRET = "-".join(["out", "of", "a", "run"])


@click.command()
def failing() -> None:
    raise KeyError(SECRET)


def test_a_fault_is_told_in_words_with_a_report(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(tmp_path))
    monkeypatch.setitem(entry.COMMANDS, "list", f"{__name__}:failing")
    monkeypatch.setattr(sys, "argv", ["assay", "list"])

    with pytest.raises(SystemExit) as ended:
        entry.run()

    told = capsys.readouterr().err
    assert ended.value.code == entry.SOFTWARE_FAULT
    assert "a fault of the program itself (KeyError)" in told
    assert "Traceback" not in told
    assert SECRET not in told
    (report,) = tmp_path.glob("crash-*.txt")
    assert "in failing" in report.read_text()
    assert SECRET not in report.read_text()
