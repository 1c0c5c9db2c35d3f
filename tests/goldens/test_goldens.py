"""Every golden case, in process, by the rules of tests/data/goldens/compare.py."""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tui.cli.main import run

GOLDENS = Path(__file__).parent.parent / "data" / "goldens"
CASES = sorted(path.parent for path in GOLDENS.glob("*/*/case.json"))
AREAS = {"bundle", "crashpack", "crystallize", "minimize", "oracle", "synthesize", "trajectory"}


def _load_rules() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_rules", GOLDENS / "compare.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


RULES = _load_rules()


def test_all_areas_are_here() -> None:
    assert {case.parent.name for case in CASES} == AREAS
    assert len(CASES) > 130


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_golden(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: Any) -> None:
    told = json.loads((case / "case.json").read_text())
    folder = tmp_path / "case"
    shutil.copytree(case, folder, ignore=shutil.ignore_patterns("expected", "case.json"))
    monkeypatch.chdir(folder)
    for step in told["steps"]:
        if "edit" in step:
            RULES.edit(folder, step["edit"])
        else:
            _run(step, monkeypatch, capfdbinary)
    differing = {name: RULES.compare_file(folder / name, case / "expected" / name) for name in told["files"]}
    assert {name: found for name, found in differing.items() if found} == {}


def _run(step: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capture: Any) -> None:
    monkeypatch.setattr("sys.argv", ["assay", *step["run"]])
    with pytest.raises(SystemExit) as ended:
        run()
    said, errors = (part.decode() for part in capture.readouterr())
    allowed = (1, 3) if step["exit"] == 1 else (step["exit"],)
    assert (ended.value.code or 0) in allowed, errors
    assert step.get("stderr_has", "") in errors
    if "stdout_is" in step:
        assert RULES.same(json.loads(said), step["stdout_is"]) is None
    elif "stdout_has" in step:
        value = json.loads(said)
        assert RULES.same({key: value.get(key) for key in step["stdout_has"]}, step["stdout_has"]) is None
        assert value.get("problems") or not step.get("problems")


def test_the_rules_are_strict() -> None:
    assert RULES.same({"a": 1}, {"a": 1.0}) is not None
    assert RULES.same([True], [1]) is not None
    assert RULES.same({"a": None}, {}) is not None
    assert RULES.same({"generated_at": "x"}, {"generated_at": "y"}) is None
