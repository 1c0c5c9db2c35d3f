"""Who has no home folder, as in a container that runs as any user, can do everything but keep a key there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest

from core.store.config import VARIABLE
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import releases
from tests.workspaces import exact
from tui import settings


def _refusing(*_: object, **__: object) -> str:
    raise RuntimeError("could not determine the home directory")


def _unresolved(*_: object, **__: object) -> str:
    return "~/.config/assay"


@pytest.fixture(params=[_refusing, _unresolved])
def homeless(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    asked: Callable[..., str] = request.param
    monkeypatch.delenv(VARIABLE)
    monkeypatch.setattr(platformdirs, "user_config_dir", asked)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_decisions_are_recorded_and_keys_are_refused(homeless: Path) -> None:
    traces = exact(releases(homeless / "traces"))
    (candidate,) = told("list", traces)["candidates"]
    assert assay("reject", traces, candidate["lineage"], "--as", "ann", "--reason", "x").exit_code == 0
    assert told("keys", "list", traces) == {"keys": []}
    refused = assay("keys", "init")
    assert refused.exit_code == 3
    assert f"set HOME or {VARIABLE}" in str(refused.exception)
    assert sorted(path.name for path in homeless.iterdir()) == ["traces", "traces.assay"]


def test_choices_are_the_usual_ones(homeless: Path) -> None:
    assert settings.load() == settings.Settings()
    assert settings.folder().is_absolute()
