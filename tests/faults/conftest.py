"""Faults are simulated, so nothing here has to outlive a real power loss: flushes take no time."""

from __future__ import annotations

import pytest

from core.store.disk import Disk


@pytest.fixture(autouse=True)
def _no_real_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "flush_file", lambda *_: None)
    monkeypatch.setattr(Disk, "flush_folder", lambda *_: None)
    monkeypatch.setattr(Disk, "flush_together", lambda *_: None)
