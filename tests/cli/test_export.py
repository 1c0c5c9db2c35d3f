"""`assay export`, and the commands that read what it makes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from core.model.jsontext import sha256_hex
from core.store.archive import KINDS, pack, read_files
from core.store.files import read_folder
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import drop, releases, run
from tests.workspaces import exact


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return exact(releases(tmp_path / "traces"))


def lineage_of(traces: Path) -> str:
    (candidate,) = told("list", traces)["candidates"]
    return str(candidate["lineage"])


def approved(traces: Path) -> Path:
    """The crashpack of an approval."""
    made = told("approve", traces, lineage_of(traces), "--as", "ann@example.com", "--reason", "read")
    return Path(made["crashpack"])


@pytest.mark.parametrize("kind", KINDS)
class TestArchives:
    def test_a_crashpack_by_its_folder_or_its_name(self, kind: str, traces: Path, tmp_path: Path) -> None:
        folder = approved(traces)
        by_folder, by_name = tmp_path / f"a{kind}", tmp_path / f"b{kind}"
        found = told("export", folder, "--out", by_folder)
        assert told("export", traces, folder.name, "--out", by_name)["sha256"] == found["sha256"]
        assert by_folder.read_bytes() == by_name.read_bytes()
        assert sha256_hex(by_folder.read_bytes()) == found["sha256"]
        assert (found["kind"], found["files"], found["problems"]) == ("crashpack", len(read_folder(folder)), [])
        assert read_files(by_folder) == read_folder(folder)
        for command in ("validate", "replay"):
            assert told("atp", command, by_folder) == told("atp", command, folder)
            assert assay("atp", command, by_folder).exit_code == 0

    def test_a_candidate_nobody_decided_on_as_it_is_now(self, kind: str, traces: Path, tmp_path: Path) -> None:
        out, again = tmp_path / f"a{kind}", tmp_path / f"b{kind}"
        assert assay("export", traces, lineage_of(traces), "--out", out).exit_code == 0
        assert assay("export", traces, lineage_of(traces), "--out", again).exit_code == 0
        assert out.read_bytes() == again.read_bytes()
        assert assay("validate", out).exit_code == 0
        assert assay("shadow", out).exit_code == 0

    def test_a_decided_candidate_as_it_was_decided(self, kind: str, traces: Path, tmp_path: Path) -> None:
        approved(traces)
        drop(traces, "more", run("more", "9.9"))
        out, lineage = tmp_path / f"a{kind}", lineage_of(traces)
        assert assay("export", traces, lineage, "--out", out).exit_code == 0
        assert read_files(out) == read_folder(tmp_path / "traces.assay" / "candidates" / lineage)

    def test_a_changed_file_is_found_in_an_archive(self, kind: str, traces: Path, tmp_path: Path) -> None:
        files = read_folder(approved(traces))
        (tmp_path / f"x{kind}").write_bytes(pack({**files, "pathlog": b"x"}, kind, "r"))  # type: ignore[arg-type]
        result = assay("atp", "validate", tmp_path / f"x{kind}")
        assert result.exit_code == 1
        assert "pathlog: files.sha256 records" in result.stdout
        (tmp_path / f"x{kind}").write_bytes(pack({**files, ".DS_Store": b"x"}, kind, "r"))  # type: ignore[arg-type]
        assert assay("atp", "validate", tmp_path / f"x{kind}").stdout.endswith("is not valid: 1 problem\n")

    def test_a_damaged_pack_is_written_as_it_is_and_said_to_be(self, kind: str, traces: Path, tmp_path: Path) -> None:
        folder = approved(traces)
        (folder / "manifest").write_text("changed")
        result = assay("export", folder, "--out", tmp_path / f"x{kind}")
        assert result.exit_code == 1
        assert "damaged: manifest: files.sha256 records" in result.stderr
        assert read_files(tmp_path / f"x{kind}") == read_folder(folder)

    def test_a_bundle_that_is_not_as_decided_is_said_to_be(self, kind: str, traces: Path, tmp_path: Path) -> None:
        approved(traces)
        lineage = lineage_of(traces)
        bundle = tmp_path / "traces.assay" / "candidates" / lineage
        with (bundle / "workflow.harn").open("a") as file:
            file.write("// one line more")
        result = assay("export", traces, lineage, "--out", tmp_path / f"x{kind}")
        assert result.exit_code == 1
        assert "workflow.harn was changed" in " ".join(result.stderr.split())
        assert read_files(tmp_path / f"x{kind}") == read_folder(bundle)

    def test_a_pack_that_no_decision_left_is_said_to_be(self, kind: str, traces: Path, tmp_path: Path) -> None:
        folder = approved(traces)
        shutil.copytree(folder, folder.with_name("candidate_copy-001"))
        result = assay("export", traces, "candidate_copy-001", "--out", tmp_path / f"x{kind}")
        assert result.exit_code == 1
        assert "damaged: no decision of the journal names it" in result.stderr

    def test_an_archive_is_not_replaced_unless_told_to(self, kind: str, traces: Path, tmp_path: Path) -> None:
        folder, out = approved(traces), tmp_path / f"x{kind}"
        out.write_text("mine")
        result = assay("export", folder, "--out", out)
        assert (result.exit_code, out.read_text()) == (3, "mine")
        assert "exists already" in str(result.exception)
        assert assay("export", folder, "--out", out, "--force").exit_code == 0
        assert read_files(out) == read_folder(folder)


def test_what_cannot_be_exported_is_told(traces: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.zip"
    result = assay("export", traces, "--out", out)
    assert result.exit_code == 3
    assert "is neither a crashpack nor a bundle; of a traces folder, name the candidate" in str(result.exception)
    assert assay("export", traces, "nobody", "--out", out).exit_code == 3
    assert assay("export", tmp_path / "none", "--out", out).exit_code == 3
    result = assay("export", traces, lineage_of(traces), "--out", tmp_path / "x.rar")
    assert result.exit_code == 2
    assert "must end with .tar.zst or .zip" in result.stderr
    assert not out.exists()


@pytest.mark.parametrize("name", ["..", "../traces.assay", "/etc"])
def test_a_name_leads_nowhere_else(name: str, traces: Path, tmp_path: Path) -> None:
    approved(traces)
    assert assay("export", traces, name, "--out", tmp_path / "x.zip").exit_code == 3


def test_a_file_that_is_no_archive_is_told(traces: Path, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("no")
    for command in (("atp", "validate"), ("atp", "replay"), ("validate",), ("shadow",)):
        result = assay(*command, tmp_path / "x.zip")
        assert result.exit_code == 3
        assert "is neither a folder nor an archive" in str(result.exception)


def test_a_disk_that_is_read_only_is_told(traces: Path, tmp_path: Path) -> None:
    folder = approved(traces)
    shutil.copytree(folder, tmp_path / "pack")
    result = assay("export", tmp_path / "pack", "--out", "/proc/x.zip")
    assert result.exit_code == 5
    assert "cannot write" in str(result.exception)
