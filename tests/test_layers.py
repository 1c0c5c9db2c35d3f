"""The pipeline works without the screens: proved in a fresh process, where nothing else has imported them."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import core

SCREENS = ("textual", "rich", "click", "tui")
OPTIONAL = ("core.cluster",)
"""What needs packages of an extra, which load click for commands of their own."""


def in_a_fresh_process(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_module_of_the_pipeline_loads_a_screen() -> None:
    modules = [found.name for found in pkgutil.walk_packages(core.__path__, "core.")]
    assert len(modules) > 80
    assert not loaded([name for name in modules if not name.startswith(OPTIONAL)])
    assert loaded(modules) <= {"click"}


def loaded(modules: list[str]) -> set[str]:
    code = "import importlib, sys\n" + "".join(f"importlib.import_module({name!r})\n" for name in modules)
    return set(in_a_fresh_process(code + f"print(*[name for name in {SCREENS!r} if name in sys.modules])").split())


def test_the_pipeline_is_a_library_without_files_or_clock() -> None:
    code = """
import sys
from core.crystallize import crystallize
from core.model.trace import Action, Trace
action = Action(id="a", kind="tool_call", name="build", deterministic=True)
runs = [Trace(id=f"run-{n}", actions=(action, action.replace(id="b", name="test"))) for n in range(3)]
report, again = crystallize(runs), crystallize(runs)
assert report == again
print(report.selected.id, report.selected.promotion.criteria.status, "textual" in sys.modules)
"""
    told = in_a_fresh_process(code).split()
    assert told[0].startswith("candidate_")
    assert told[1:] == ["needs_approval", "False"]


def test_help_and_version_do_not_wait_for_the_screens() -> None:
    code = """
import sys
from click.testing import CliRunner
from tui.cli.main import main
assert CliRunner().invoke(main, ["--version"]).output.startswith("assay ")
assert CliRunner().invoke(main, ["list", "--help"]).exit_code == 0
print("textual" in sys.modules)
"""
    assert in_a_fresh_process(code).strip() == "False"
