"""What is read stays as it is: no command writes into it, by whatever way it is named."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import Result

from core.store.files import read_folder
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import releases
from tests.workspaces import exact


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    (tmp_path / "link").symlink_to("traces")
    return exact(releases(tmp_path / "traces"))


def refused(result: Result) -> None:
    assert result.exit_code == 3
    assert "which is never written to" in str(result.exception)


@pytest.mark.parametrize(
    "output",
    [
        ("--out-dir", "traces/o"),
        ("--out-dir", "traces"),
        ("--out-dir", "o/../link/o"),
        ("--report", "traces/run-0.json"),
        ("--report", "to-run.json"),
        ("--out", "link/w.harn"),
        ("--eval-pack", "traces/e.toml"),
        ("--bundle", "traces/b"),
    ],
)
def test_a_batch_command_writes_nothing_into_its_source(
    traces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: tuple[str, str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "to-run.json").symlink_to("traces/run-0.json")
    before = read_folder(traces)
    refused(assay("crystallize", "--from", "traces", *output))
    refused(assay("crystallize", "--from", "link", *output))
    refused(assay("crystallize", "--from", releases(tmp_path / "mined"), "--shadow-from", "traces", *output))
    assert read_folder(traces) == before


def test_a_batch_command_does_not_replace_the_file_that_it_reads(traces: Path, tmp_path: Path) -> None:
    before, one = read_folder(traces), traces / "run-0.json"
    refused(assay("synthesize", "--trace", one, "--report", tmp_path / "link" / "run-0.json"))
    refused(assay("trajectory", "--session", "s", "--turns", one, "--out", one))
    assert read_folder(traces) == before
    turns = tmp_path / "out" / "traces.json"
    turns.parent.mkdir()
    turns.write_text("[]")
    refused(assay("trajectory", "--session", "s", "--turns", turns, "--out-dir", turns.parent))
    assert turns.read_text() == "[]"


def test_beside_its_source_it_may_write(traces: Path, tmp_path: Path) -> None:
    assert assay("crystallize", "--from", traces, "--out-dir", tmp_path / "traces2").exit_code in (0, 1)
    assert (tmp_path / "traces2" / "report.json").exists()


def test_an_export_is_not_written_into_the_traces_folder(traces: Path, tmp_path: Path) -> None:
    (candidate,) = told("list", traces)["candidates"]
    before = read_folder(traces)
    refused(assay("export", traces, candidate["lineage"], "--out", traces / "e.zip"))
    refused(assay("export", tmp_path / "link", candidate["lineage"], "--skill", "--out", traces / "skill"))
    refused(assay("effects", "suggest", traces, "--to", tmp_path / "link" / "effects.toml"))
    refused(assay("shot", traces, "--out", traces / "p.svg"))
    assert read_folder(traces) == before


def test_runs_are_not_imported_among_those_that_are_read(traces: Path, tmp_path: Path) -> None:
    before = read_folder(traces)
    refused(assay("import", tmp_path / "link", "--to", traces))
    refused(assay("import", traces, "--to", tmp_path / "link" / "imported"))
    assert read_folder(traces) == before
    assert not (traces / "imported").exists()
    assert assay("import", traces / "run-0.json", "--to", tmp_path / "beside").exit_code == 0
