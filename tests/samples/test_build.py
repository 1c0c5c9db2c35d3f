"""What people run from a checkout: make's targets, the checks' script, the command, and what is in the wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from importlib.machinery import EXTENSION_SUFFIXES
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.samples_source import SAMPLES
from tui.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[2]
TARGETS = ("help", "demo", "setup", "test", "bench", "fuzz", "lint", "format", "samples", "screenshots", "clean")


def make(*arguments: str) -> str:
    """What make prints."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    done = subprocess.run(["make", *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


def test_help_lists_every_target_with_a_sentence() -> None:
    lines = dict(re.findall(r"^  make (\S+) +(\S.*)$", make("--no-print-directory", "help"), re.MULTILINE))
    assert tuple(lines) == TARGETS


def test_every_target_is_phony_and_help_is_the_default() -> None:
    text = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert tuple(phony.split()) == TARGETS
    assert make("--no-print-directory") == make("--no-print-directory", "help")


@pytest.mark.parametrize(
    ("target", "commands"),
    [
        ("demo", ["assay demo"]),
        ("test", ["-m pytest -n auto"]),
        ("lint", ["ruff format --check .", "ruff check .", "bin/mypy", "lint-imports"]),
        ("samples", ["-m tests.samples_source"]),
        ("screenshots", ["-m tests.make_screenshots"]),
    ],
)
def test_targets_run_what_they_say(target: str, commands: list[str]) -> None:
    told = make("--dry-run", "--always-make", target)
    assert "-m venv .venv" in told
    positions = [told.rindex(command) for command in commands]
    assert positions == sorted(positions)


def test_the_checks_do_everything_and_end_with_pytest() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text("utf-8")
    orders = re.findall(r"make --no-print-directory (\w+)", text)
    assert orders == ["setup", "lint", "fuzz", "test"]
    assert ".ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")


def test_checks_report_a_failing_suite_last_and_by_their_exit_code(tmp_path: Path) -> None:
    fake = tmp_path / "make"
    fake.write_text(
        "#!/bin/sh\n"
        '[ "$2" = test ] || exit 0\n'
        'echo "=== 1 failed in 0.01s ==="\n'
        'echo "make: *** [test] Error 1"\n'
        "exit 2\n"
    )
    fake.chmod(0o755)
    environment = os.environ | {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run([ROOT / ".ci" / "run"], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "=== 1 failed in 0.01s ==="


def test_version_and_help() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert CliRunner().invoke(main, ["--version"]).output == f"assay {version}\n"
    told = CliRunner().invoke(main, ["--help"])
    assert told.exit_code == 0
    assert [name for name in COMMANDS if f"\n  {name} " not in told.output] == []


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completion_scripts(shell: str) -> None:
    told = CliRunner().invoke(main, ["completion", shell])
    assert told.exit_code == 0
    assert "_ASSAY_COMPLETE" in told.output


def test_completion_for_bash_is_bash_and_completes() -> None:
    told = CliRunner().invoke(main, ["completion", "bash"])
    assert told.exit_code == 0
    check = subprocess.run(["bash", "-n"], input=told.stdout, text=True, check=False)
    assert check.returncode == 0
    asked = {"_ASSAY_COMPLETE": "bash_complete", "COMP_WORDS": "assay compl", "COMP_CWORD": "1"}
    answer = CliRunner().invoke(main, [], env=asked, prog_name="assay")
    assert answer.output == "plain,completion\n"


def test_completion_of_an_unknown_shell_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["completion", "tcsh"]).exit_code == 2


def test_the_built_wheel_holds_samples_styles_and_what_is_compiled(tmp_path: Path) -> None:
    if find_spec("setuptools") is None or find_spec("Cython") is None:
        pytest.skip("what builds is not installed, so no wheel can be built without the network")
    sources = tmp_path / "sources"
    for folder in ("core", "tui"):
        shutil.copytree(ROOT / folder, sources / folder, ignore=shutil.ignore_patterns("*.so", "*.c", "__pycache__"))
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, sources)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", tmp_path]
    hurried = os.environ | {"CFLAGS": "-O0 -g0"}
    subprocess.run([*command, "--disable-pip-version-check", sources], env=hurried, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("assay-*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert data_files() <= names
    assert not any(name.startswith("tests/") or name.endswith((".pyc", ".pyx", ".pxi", ".c")) for name in names)
    compiled = [name for name in names if name.endswith(EXTENSION_SUFFIXES[0])]
    assert len(compiled) == (shutil.which("cc") is not None)


def test_what_is_compiled_is_there_wherever_there_is_a_compiler() -> None:
    assert (find_spec("core.columns.compiled") is not None) == (shutil.which("cc") is not None)


def test_git_ignores_no_data() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    ignored = subprocess.run(
        ["git", "check-ignore", "--no-index", "--stdin"],
        cwd=ROOT,
        input="\n".join(sorted(data_files())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ignored.stdout == ""


def data_files() -> set[str]:
    """Everything below core and tui that is no program: samples, licences, styles."""
    found = {
        path.relative_to(ROOT).as_posix()
        for folder in ("core", "tui")
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and path.suffix not in {".py", ".pyc", ".pyx", ".pxi", ".c", ".so"}
    }
    assert (SAMPLES / "otel" / "LICENSE").relative_to(ROOT).as_posix() in found
    return found
