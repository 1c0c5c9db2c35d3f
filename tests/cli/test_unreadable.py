"""What may not be read is bad input, not wrong usage and no fault of the program."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_workspace_commands import assay, told
from tests.review.making import releases
from tests.workspaces import exact

IS_ROOT = os.name == "posix" and os.geteuid() == 0
# Whoever is root may read everything, unless that is taken away first.
POWERLESS = ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all") if IS_ROOT else ()
RUN = (*POWERLESS, sys.executable, "-c", "from tui.cli.main import run; run()")

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or (IS_ROOT and not shutil.which("setpriv")), reason="permissions can be tried"
)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Path]:
    """A folder with runs, and a file and a folder that may not be read."""
    exact(releases(tmp_path / "traces"))
    (tmp_path / "file").write_text("[]")
    (tmp_path / "folder").mkdir()
    (tmp_path / "listed" / "sub").mkdir(parents=True)
    (tmp_path / "listed" / "a.json").write_text("[]")
    (tmp_path / "file").chmod(0)
    (tmp_path / "folder").chmod(0)
    (tmp_path / "listed").chmod(0o400)
    yield tmp_path
    (tmp_path / "listed").chmod(0o700)
    (tmp_path / "folder").chmod(0o700)


@pytest.mark.parametrize(
    "command",
    [
        "crystallize --from folder --out-dir out",
        "synthesize --trace file --out-dir out",
        "list folder",
        "shadow file",
        "validate folder/bundle",
        "oracle file",
        "atp validate folder",
        "atp minimize --events file",
        "import folder --to to",
        "effects suggest file",
        "effects suggest listed",
        "export folder --out e.zip",
    ],
)
def test_it_is_bad_input(here: Path, command: str) -> None:
    done = subprocess.run([*RUN, *command.split()], cwd=here, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (3, "")
    assert "permission denied" in done.stderr.lower()
    assert "Usage" not in done.stderr


@pytest.mark.parametrize(
    "command", ["list {} --workspace ws", "crystallize --from {} --out-dir out", "crystallize --from {} --out out"]
)
def test_a_name_leads_nowhere_from_a_folder_that_was_removed(tmp_path: Path, command: str) -> None:
    traces = exact(releases(tmp_path / "traces"))
    gone = "import os, tempfile; os.chdir(at := tempfile.mkdtemp()); os.rmdir(at); from tui.cli.main import run; run()"
    words = command.format(traces).split()
    program = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", gone, *words], check=False, capture_output=True, text=True, env=program
    )
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "assay: the folder that you are in was removed; change to another one\n"


def test_what_is_listed_and_cannot_be_read_is_not_mapped(here: Path) -> None:
    command = ["import", "listed", "--to", "to"]
    done = subprocess.run([*RUN, *command], cwd=here, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "not mapped: a.json: it cannot be read: permission denied" in done.stderr
    assert "not mapped: sub: the folder cannot be listed: permission denied" in done.stderr
    assert "2 things could not be mapped" in done.stderr


def test_a_workspace_is_unusable(here: Path) -> None:
    command = ["list", "traces", "--workspace", "folder"]
    done = subprocess.run([*RUN, *command], cwd=here, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (5, "")
    assert "permission denied" in done.stderr


@pytest.fixture(scope="module")
def rejected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a traces folder of which one candidate was rejected."""
    here = tmp_path_factory.mktemp("rejected")
    (candidate,) = told("list", exact(releases(here / "traces")))["candidates"]
    assay("reject", here / "traces", candidate["lineage"], "--as", "ann", "--reason", "x")
    return here


@pytest.mark.parametrize(
    ("command", "closed", "mode", "code", "said"),
    [
        ("verify traces", "traces.assay/crashpacks", 0, 5, "traces.assay/crashpacks: permission denied"),
        ("verify traces", "traces.assay/candidates/*", 0o400, 1, "is missing or cannot be read"),
        ("prune traces --keep 1", "traces.assay/crashpacks", 0, 5, "traces.assay/crashpacks: permission denied"),
        ("export traces lineage --out e.zip", "traces.assay/candidates", 0, 5, "candidates: permission denied"),
        ("verify traces", ".", 0, 3, "traces: permission denied"),
        ("verify traces.assay", "traces.assay", 0, 3, "traces.assay: permission denied"),
    ],
)
def test_what_lies_in_a_workspace_and_cannot_be_read(
    rejected: Path, command: str, closed: str, mode: int, code: int, said: str
) -> None:
    (place,) = rejected.glob(closed) if closed != "." else (rejected,)
    given = [str(rejected / word) if word.startswith("traces") else word for word in command.split()]
    before = place.stat().st_mode
    place.chmod(mode)
    try:
        done = subprocess.run([*RUN, *given], cwd="/", check=False, capture_output=True, text=True)
    finally:
        place.chmod(before)
    assert done.returncode == code, done.stderr
    assert said in " ".join((done.stderr + done.stdout).split())
