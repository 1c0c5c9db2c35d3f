"""No test sees the settings or the signing key of whoever runs it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests import quick

# Speed lives in benchmarks: how long an example takes says only how busy the machine is. Each run tries other examples.
settings.register_profile("anywhere", deadline=None, max_examples=50)
# A check is the same each time; other examples are looked for wherever else the tests run.
settings.register_profile("same", settings.get_profile("anywhere"), derandomize=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "anywhere"))


quick.begin()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors: now and then every test waits for a timer, a process or the disk."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_finish() -> None:
    quick.collected()


def pytest_runtest_setup() -> None:
    quick.test_begins()


@pytest.fixture(autouse=True)
def _nobodys_config(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    folder: Path = tmp_path_factory.getbasetemp() / "nobodys-config"
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(folder))


@pytest.fixture(autouse=True)
def _failures_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure in a screen fails the test, instead of closing the screen only."""
    monkeypatch.setattr("tui.faults.FaultBarrier.GOES_ON", False)
