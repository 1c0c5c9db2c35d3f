from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from core.crashpack.pack import MODES, NAMES
from core.model.jsontext import parse, plain, pretty
from core.store.files import write_folder
from tests.crashpack.makers import BAD, CLEAN, decision_pack, message, plain_pack
from tui.cli.main import run

Assay = Callable[..., tuple[int, str, str]]
SPEC = {"oracle_name": "o_x", "state": plain(CLEAN), "seeds": {"lab": 1}, "metadata": {"k": "v"}}


@pytest.fixture
def assay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Assay:
    """Run the program in a folder of its own; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["assay", *map(str, arguments)])
        try:
            run()
            code = 0
        except SystemExit as end:
            code = int(end.code or 0)
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return code, out, err

    return call


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    write_folder(tmp_path / "pack", decision_pack(), modes=MODES)
    return tmp_path / "pack"


def written(path: Path, value: Any) -> Path:
    path.write_bytes(value if isinstance(value, bytes) else pretty(value))
    return path


def test_help_of_every_command(assay: Assay) -> None:
    code, out, _ = assay("atp", "--help")
    assert code == 0
    for name in ("emit", "validate", "replay", "minimize", "proof"):
        assert name in out
        code, told, _ = assay("atp", name, "--help")
        assert code == 0
        assert "--json" in told


def test_emit_validate_replay(assay: Assay, tmp_path: Path) -> None:
    written(tmp_path / "spec.json", SPEC)
    code, out, _ = assay("atp", "emit", "--spec", "spec.json", "--out-dir", "out", "--json")
    assert code == 0
    assert parse(out.encode()) == {"out_dir": "out", "files": sorted(NAMES), "violations": 0}
    assert sorted(file.name for file in (tmp_path / "out").iterdir()) == sorted(NAMES)
    assert (tmp_path / "out/replay_command.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out/manifest").stat().st_mode & 0o777 == 0o644
    code, out, _ = assay("atp", "validate", "out", "--json")
    assert code == 0
    assert list(parse(out.encode())) == [
        *("trace_events", "ledger_entries", "violation_entries", "artifact_paths", "journal_digest", "replay_ready")
    ]
    code, out, _ = assay("atp", "validate", "out")
    assert (code, "out is valid: 0 events" in out) == (0, True)
    code, out, _ = assay("atp", "replay", "out")
    assert code == 0
    assert "note  the crashpack does not record what its oracles saw" in out


def test_emit_takes_one_oracle_several_and_results(assay: Assay, tmp_path: Path) -> None:
    one = {"oracle_name": "a", "state": plain(CLEAN)}
    result = {
        "oracle_name": "c",
        "violations": [],
        "stats": {"entities_tracked": 0, "events_recorded": 5},
        "passed": True,
    }
    spec = {**one, "oracles": [{**one, "oracle_name": "b", "checks": {"paths": False}}], "oracle_results": [result]}
    written(tmp_path / "spec.json", spec)
    assert assay("atp", "emit", "--spec", "spec.json", "--out-dir", "out")[0] == 0
    journal = (tmp_path / "out/journal").read_text().split("\n")
    assert [line for line in journal if line.startswith("oracle")] == ["oracle: a", "oracle: b", "oracle: c"]
    assert journal[6] == "  events_recorded: 4"


def test_emit_never_mixes_with_what_is_there(assay: Assay, tmp_path: Path) -> None:
    written(tmp_path / "spec.json", SPEC)
    (tmp_path / "out").mkdir()
    assert assay("atp", "emit", "--spec", "spec.json", "--out-dir", "out")[0] == 0
    code, _, err = assay("atp", "emit", "--spec", "spec.json", "--out-dir", "out")
    assert (code, err) == (3, "assay: out exists already; name a folder that is new or empty\n")


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (b"{", "spec.json: "),
        (b"[]", "spec.json: expected an object"),
        ({"state": {"journal_gaps": -1}}, "spec.json: state.journal_gaps"),
        ({"seeds": {"a": -1}}, "spec.json: seeds.a"),
        ({"metadata": {"a": 1}}, "spec.json: metadata.a: expected a string"),
        ({"trace_events": [{"kind": "nope"}]}, "spec.json: trace_events[0].seq"),
        ({"trace_events": {}}, "spec.json: trace_events"),
    ],
)
def test_a_spec_that_cannot_be_used(assay: Assay, tmp_path: Path, spec: object, expected: str) -> None:
    written(tmp_path / "spec.json", spec)
    code, _, err = assay("atp", "emit", "--spec", "spec.json", "--out-dir", "out")
    assert code == 3
    assert expected in err
    assert not (tmp_path / "out").exists()


def test_files_that_are_not_there(assay: Assay) -> None:
    for arguments in (
        ("emit", "--spec", "no\x1b.json", "--out-dir", "out"),
        ("minimize", "--events", "no.json"),
        ("validate", "no"),
        ("replay", "no"),
        ("replay", "--trace-file", "no/transfer.atp-trace"),
        ("proof", "--spec", "no.json", "--out-dir", "out"),
    ):
        code, out, err = assay("atp", *arguments)
        assert (code, out) == (3, ""), arguments
        assert err.startswith("assay: ")
        assert "no" in err
        assert "\x1b" not in err


def test_a_folder_that_is_no_crashpack(assay: Assay, tmp_path: Path) -> None:
    written(tmp_path / "notes.txt", b"hello")
    code, _, err = assay("atp", "replay")
    assert code == 3
    assert ". is not a crashpack: it has none of its files" in err


def test_every_problem_is_told(assay: Assay, pack: Path) -> None:
    (pack / "pathlog").write_bytes(b"")
    (pack / "more").write_bytes(b"")
    code, out, _ = assay("atp", "validate", pack)
    assert code == 1
    assert "pathlog: files.sha256 records sha256" in out
    assert "more: is not listed in files.sha256" in out
    code, out, _ = assay("atp", "validate", pack, "--json")
    told = parse(out.encode())
    assert (code, told["replay_ready"]) == (1, False)
    assert len(told["problems"]) == 3


def test_replay_as_json(assay: Assay, pack: Path) -> None:
    code, out, _ = assay("atp", "replay", pack, "--json")
    told = parse(out.encode())
    assert code == 0
    assert (told["passed"], told["first_difference"]) == (True, None)
    assert told["report"]["replay_ready"] is True
    assert "minimization" not in told
    (pack / "quiclog").unlink()
    code, out, _ = assay("atp", "replay", pack, "--json")
    told = parse(out.encode())
    assert (code, told["passed"]) == (1, False)
    assert told["first_difference"] == "crashpack: quiclog: is missing"


def test_replay_says_what_would_be_left_of_the_trace(assay: Assay, pack: Path) -> None:
    code, out, _ = assay("atp", "replay", pack, "--reduction-target", "1")
    assert code == 0
    assert out.endswith("events (27.3% reduction) in 3 attempts\n")
    _, out, _ = assay("atp", "replay", pack, "--max-attempts", "1", "--json")
    assert parse(out.encode())["minimization"]["stats"]["attempts_made"] == 1
    _, out, _ = assay("atp", "replay", pack, "--disabled")
    assert "(0.0% reduction) in 0 attempts" in out


def test_replay_without_a_folder_uses_the_current_one_or_that_of_the_trace(
    assay: Assay, pack: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert assay("atp", "replay", "--trace-file", "pack/transfer.atp-trace")[0] == 0
    monkeypatch.chdir(pack)
    assert assay("atp", "replay")[0] == 0
    assert assay("atp", "replay", "--manifest", "manifest", "--oracle", "promotion", "--validate-oracles")[0] == 0


def test_replay_reads_a_named_file_instead(assay: Assay, pack: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other", b"forged")
    for folder, name in ((pack, other), (pack, "../other")):
        code, out, _ = assay("atp", "replay", folder, "--pathlog", name)
        assert code == 1
        assert "pathlog" in out
    code, _, err = assay("atp", "replay", pack, "--pathlog", "none")
    assert (code, "cannot read" in err) == (3, True)


def test_replay_of_one_oracle_and_of_none(assay: Assay, pack: Path) -> None:
    code, out, _ = assay("atp", "replay", pack, "--oracle", "-x")
    assert code == 1
    assert "First difference: oracle -x: is not recorded" in out
    code, out, _ = assay("atp", "replay", pack, "--no-validate-oracles")
    assert code == 0
    assert "note  the oracles were not run again, as asked" in out


def test_minimize(assay: Assay, tmp_path: Path) -> None:
    events = [message("a failure\x1b"), *(message("fine", seq) for seq in range(1, 11))]
    written(tmp_path / "events.json", plain(events))
    code, out, _ = assay("atp", "minimize", "--events", "events.json", "--reduction-target", "1")
    assert code == 0
    assert out.split("\n") == [
        '[000000] 0ns user_trace "a failure\\e"',
        "Minimization: 11 → 1 events (90.9% reduction) in 10 attempts",
        "",
    ]
    _, out, _ = assay("atp", "minimize", "--events", "events.json", "--no-preserve-oracle-events", "--json")
    assert parse(out.encode())["stats"]["attempts_made"] == 4
    _, out, _ = assay("atp", "minimize", "--events", "events.json", "--preserve-timing", "--json")
    assert parse(out.encode())["stats"]["minimized_length"] == 11


@pytest.mark.parametrize(
    "arguments",
    [*(("--reduction-target", given) for given in ("nan", "inf", "-0.1", "-1e308")), ("--max-attempts", "-1")],
)
def test_options_out_of_range_are_wrong_usage(assay: Assay, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    written(tmp_path / "events.json", [])
    assert assay("atp", "minimize", "--events", "events.json", *arguments)[0] == 2


def test_proof(assay: Assay, tmp_path: Path) -> None:
    command = {"command": ["echo", "hi there"], "exit_status": 0, "output": "token=abc"}
    written(
        tmp_path / "spec.json", {"objective": "o", "agent_id": "a", "commands": [command], "touched_paths": ["a", "a"]}
    )
    code, out, _ = assay("atp", "proof", "--spec", "spec.json", "--out-dir", "out")
    assert (code, out) == (0, "Wrote 5 files into out.\n")
    assert (tmp_path / "out/replay.sh").stat().st_mode & 0o777 == 0o755
    told = parse((tmp_path / "out/agent_proof_bundle.json").read_bytes())
    assert told["touched_paths"] == ["a"]
    assert told["commands"][0]["output"] == '[redacted: holds "token="]'
    assert told["replay"]["approval_required"] == [["echo", "hi there"]]
    written(tmp_path / "spec.json", {"objective": "o", "replay": {"safety_level": "Safe"}})
    code, out, _ = assay("atp", "proof", "--spec", "spec.json", "--out-dir", "out2", "--json")
    assert code == 1
    assert parse(out.encode()) == {"out_dir": "out2", "files": [], "problems": ["Missing required field: agent_id"]}
    assert not (tmp_path / "out2").exists()


def test_the_collector_is_on_again_afterwards(assay: Assay, tmp_path: Path) -> None:
    assert gc.isenabled()
    write_folder(tmp_path / "p", plain_pack(BAD), modes=MODES)
    assert assay("atp", "validate", "p")[0] == 0
    assert gc.isenabled()
