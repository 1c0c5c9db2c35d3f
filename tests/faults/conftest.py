"""Faults are simulated, so nothing here has to outlive a power loss: flushes take no time, files stay in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from core.store.disk import Disk
from tests.faults.worlds import MEMORY


@pytest.fixture(autouse=True)
def _no_real_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Disk, "flush_file", lambda *_: None)
    monkeypatch.setattr(Disk, "flush_folder", lambda *_: None)
    monkeypatch.setattr(Disk, "flush_together", lambda *_: None)


@pytest.fixture
def tmp_path(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is such a place: these tests copy and remove thousands of small trees."""
    if MEMORY is None:
        yield tmp_path
        return
    with TemporaryDirectory(prefix="assay-faults-", dir=MEMORY, ignore_cleanup_errors=True) as name:
        yield Path(name)
