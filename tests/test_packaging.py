"""What is packed is what was written: everything that an installation needs, and nothing of the tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MADE = shutil.ignore_patterns("__pycache__", "*.c", "*.so", "*.pyd")
"""What a checkout holds besides its sources."""
BUILD = "from setuptools import build_meta; build_meta.build_sdist('dist')"


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in the source distribution."""
    checkout = tmp_path_factory.mktemp("checkout")
    for name in ("core", "tui", "docs"):
        shutil.copytree(ROOT / name, checkout / name, ignore=MADE)
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE", "tests/test_readme.py"):
        (checkout / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    subprocess.run([sys.executable, "-c", BUILD], cwd=checkout, check=True, capture_output=True)
    (archive,) = (checkout / "dist").iterdir()
    with tarfile.open(archive) as opened:
        return {name.partition("/")[2] for name in opened.getnames()}


def test_all_sources_are_packed(packed: set[str]) -> None:
    below = [file for folder in ("core", "tui", "docs") for file in (ROOT / folder).rglob("*") if file.is_file()]
    ours = {str(file.relative_to(ROOT)) for file in below if not MADE(str(file.parent), [*file.parts[-2:]])}
    assert len(ours) > 600
    assert ours <= packed
    assert {"LICENSE", "README.md", "pyproject.toml", "setup.py"} <= packed


def test_no_tests_are_packed(packed: set[str]) -> None:
    assert not [name for name in packed if name.startswith("tests")]
