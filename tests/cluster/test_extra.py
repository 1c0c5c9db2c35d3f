"""The packages of the extra are never loaded otherwise, and missed with a sentence that says what to type."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import core
import tui
from core.cluster.extra import PACKAGES

MODULES = [
    found.name
    for package, prefix in ((core, "core."), (tui, "tui."))
    for found in pkgutil.walk_packages(package.__path__, prefix)
    if not found.name.startswith("core.cluster") and not found.name.endswith("__main__")
]

WITHOUT = f"""
import sys
from importlib.machinery import PathFinder

class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] in {PACKAGES!r} else PathFinder.find_spec(name, path, target)

sys.meta_path[:] = [Without if finder is PathFinder else finder for finder in sys.meta_path]
from tui.cli.main import run
sys.argv = ["assay", *sys.argv[1:]]
run()
"""


def fresh(code: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)


def test_nothing_else_loads_the_extra() -> None:
    assert len(MODULES) > 250
    code = "import importlib, sys\n" + "".join(f"importlib.import_module({name!r})\n" for name in MODULES)
    names = ("dask", "distributed", "fsspec", "pyarrow")
    done = fresh(code + f"print(*[name for name in {names!r} if name in sys.modules])")
    assert (done.stdout, done.stderr) == ("\n", "")


@pytest.mark.parametrize("words", [("ingest", "runs", "--to", "set"), ("mine", "set"), ("review", "--from", "result")])
def test_a_missing_extra_is_told(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "assay-result.json").write_text("{}")
    given = [str(tmp_path) if word == "result" else word for word in words]
    done = fresh(WITHOUT, *given, *(("--plain",) if words[0] == "review" else ()))
    names = ", ".join(PACKAGES)
    told = f"assay: this needs {names}; install them with: pip install 'assay[cluster]'"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", told + "\n")
