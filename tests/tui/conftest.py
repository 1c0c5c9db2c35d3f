from __future__ import annotations

import pytest

from tests.tui.fakes import NOW, FakeReviewing
from tui.app import AssayApp


class Clock:
    """Stands still until told otherwise."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def settings_folder(tmp_path, monkeypatch):
    """No test reads or writes the settings of whoever runs it, and none depends on their terminal."""
    folder = tmp_path / "settings"
    monkeypatch.setenv("ASSAY_CONFIG_DIR", str(folder))
    for name in ("NO_COLOR", "DISPLAY", "WAYLAND_DISPLAY", "WSL_DISTRO_NAME", "VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture(autouse=True)
def lasting_notices(monkeypatch):
    """Notices stay until they are looked at, however slow the machine is just now."""
    monkeypatch.setattr(AssayApp, "NOTIFICATION_TIMEOUT", 3600.0)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def reviewing():
    return FakeReviewing()


@pytest.fixture
def app(reviewing, clock):
    return AssayApp(reviewing, clock=clock)
