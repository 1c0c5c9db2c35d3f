"""Folders and files whose names are no text: nothing that can be done with others fails with them."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from core.model.jsontext import parse, pretty
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import releases
from tests.workspaces import exact

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes")

ODD = os.fsdecode(b"odd\xff")
SPEC = {"oracles": [], "events": []}
PROOF = {"objective": "o", "agent_id": "a"}


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return exact(releases(tmp_path / ODD))


def decided(traces: Path, command: str = "approve") -> Path:
    """The crashpack of a decision, and that it holds together."""
    (candidate,) = told("list", traces)["candidates"]
    expect = ("--expect", candidate["behaviour_digest"])
    made = assay(command, traces, candidate["lineage"], *expect, "--as", "ann@example.com", "--reason", "read")
    assert made.exit_code == 0
    (pack,) = (traces.parent / f"{ODD}.assay" / "crashpacks").iterdir()
    return pack


@pytest.mark.parametrize("command", ["approve", "reject"])
def test_a_candidate_can_be_decided_on(traces: Path, command: str) -> None:
    pack = decided(traces, command)
    (step,) = parse((pack / "agent_proof_bundle.json").read_bytes())["replay"]["commands"]
    assert step[2].endswith("odd\ufffd")
    for check in ("validate", "replay"):
        assert assay("atp", check, pack).exit_code == 0
    assert assay("verify", traces).exit_code == 0


@pytest.mark.parametrize("option", ["--as", "--reason"])
def test_what_a_decision_records_has_to_be_text(traces: Path, option: str) -> None:
    (candidate,) = told("list", traces)["candidates"]
    result = assay("reject", traces, candidate["lineage"], "--as", "a@b", "--reason", "r", option, ODD)
    assert result.exit_code == 2
    assert "not UTF-8 text" in result.stderr


@pytest.mark.parametrize("option", ["--keep-value", "--redact", "--reason", "--as"])
def test_what_the_policy_records_has_to_be_text(traces: Path, tmp_path: Path, option: str) -> None:
    given = ("--out", tmp_path / "a.zip", "--reason", "r", "--keep-key", "k", option, f"x={ODD}")
    result = assay("export", traces, "any", *given)
    assert result.exit_code == 2
    assert "not UTF-8 text" in result.stderr


def test_json_is_printed(traces: Path, tmp_path: Path) -> None:
    pack, out = decided(traces), tmp_path / f"{ODD}.zip"
    assert told("export", pack, "--out", out)["out"].endswith("odd\ufffd.zip")
    shutil.copytree(next((tmp_path / f"{ODD}.assay" / "candidates").iterdir()), tmp_path / f"b{ODD}")
    assert told("validate", tmp_path / f"b{ODD}")["bundle_dir"].endswith("bodd\ufffd")
    assert told("import", traces, "--to", tmp_path / f"to{ODD}")["to"].endswith("toodd\ufffd")


@pytest.mark.parametrize(("command", "given"), [("emit", SPEC), ("proof", PROOF)])
def test_json_tells_what_was_written(tmp_path: Path, command: str, given: dict[str, object]) -> None:
    (tmp_path / "spec.json").write_bytes(pretty(given))
    made = told("atp", command, "--spec", tmp_path / "spec.json", "--out-dir", tmp_path / ODD)
    assert made["out_dir"].endswith("odd\ufffd")
    assert made["files"]


@pytest.mark.parametrize("command", [["ingest", ODD, "--to", "d"], ["ingest", "s", "--to", ODD], ["mine", ODD]])
def test_the_names_that_a_dataset_records_have_to_be_text(command: list[str]) -> None:
    result = assay(*command)
    assert result.exit_code == 2
    assert "not UTF-8 text" in result.stderr
