"""Faults are simulated, so nothing here has to outlive a real power loss: flushes take no time."""

from __future__ import annotations

import pytest
from hypothesis import settings

from core.store.disk import Disk

settings.register_profile("faults", deadline=None)
settings.load_profile("faults")


@pytest.fixture(autouse=True)
def _no_real_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "flush_file", lambda *_: None)
    monkeypatch.setattr(Disk, "flush_folder", lambda *_: None)
    monkeypatch.setattr(Disk, "flush_together", lambda *_: None)
