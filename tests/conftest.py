"""No test sees the settings or the signing key of whoever runs it."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _nobodys_config(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.getbasetemp() / "nobodys-config"
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(folder))


@pytest.fixture(autouse=True)
def _failures_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in a screen fails the test, instead of closing the screen only."""
    monkeypatch.setattr("tui.faults.FaultBarrier.GOES_ON", False)
