"""These tests are about what lasts, so here files are really flushed; elsewhere that only takes time."""

from __future__ import annotations

import os

import pytest

from tests import quick


@pytest.fixture(autouse=True)
def _real_flush(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", quick.fsync)
