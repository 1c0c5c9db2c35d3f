"""What the batch commands tell people, and where they write."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.model.jsontext import compact
from tests.traces.building import action, run
from tui.cli.main import run as program


@pytest.fixture
def assay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Any:
    """Run the program in an empty folder: exit code, stdout, stderr."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["assay", *arguments])
        with pytest.raises(SystemExit) as ended:
            program()
        code = ended.value.code
        assert code is None or isinstance(code, int)
        return int(code or 0), *capfd.readouterr()

    return call


def put(path: str, *names: Any, **fields: Any) -> None:
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(compact(run(file.stem, *names).replace(**fields)))


def put_two() -> None:
    put("in/1.json", "a", "b")
    put("in/2.json", "a", "b")


def test_what_was_selected_and_where_it_is(assay: Any) -> None:
    put_two()
    code, said, errors = assay("crystallize", "--from", "in", "--workflow-name", "x\x1b[31my", "--out-dir", "out")
    assert (code, errors) == (0, "")
    assert "selected x\\e[31my (candidate_" in said
    assert "2 of 2 runs" in said
    assert "human approval has not been recorded" in said
    wrote = [line.removeprefix("wrote ") for line in said.splitlines() if line.startswith("wrote ")]
    assert sorted(wrote) == ["out/bundle", "out/harn.eval.toml", "out/report.json", "out/workflow.harn"]
    assert all(Path(path).exists() for path in wrote)
    assert json.loads(Path("out/report.json").read_bytes())["generated_at"].endswith("Z")


def test_other_places_may_be_named(assay: Any) -> None:
    put_two()
    assert assay("crystallize", "--from", "in", "--out", "w/x.harn", "--report", "r.json")[0] == 0
    assert not Path("out").exists()
    report = json.loads(Path("r.json").read_bytes())
    assert (report["harn_code_path"], report["eval_pack_path"]) == ("w/x.harn", None)
    assert assay("crystallize", "--from", "in", "--out-dir", "out", "--eval-pack", "e.toml")[0] == 0
    assert Path("e.toml").exists()
    assert not Path("out/harn.eval.toml").exists()


def test_nowhere_to_write_is_wrong_usage(assay: Any) -> None:
    put_two()
    code, _, errors = assay("crystallize", "--from", "in")
    assert code == 2
    assert "--out-dir" in errors


def test_nothing_selected_is_written_and_ends_with_1(assay: Any) -> None:
    put("in/1.json", "a", "b")
    put("in/2.json", "c", "d")
    code, said, errors = assay("crystallize", "--from", "in", "--out-dir", "out")
    assert code == 1
    assert errors == "assay: no safe crystallization candidate was proposed\n"
    assert "no sequence of actions repeats in enough of the 2 runs" in said
    assert Path("out/bundle/candidate.json").exists()


def test_rejections_are_told(assay: Any) -> None:
    put_two()
    for number in range(12):
        put(f"shadow/s{number}.json", "a", action("b", approval={"required": True}))
    code, said, _ = assay("crystallize", "--from", "in", "--shadow-from", "shadow", "--out-dir", "out")
    assert code == 1
    assert "rejected crystallized_workflow" in said
    assert "trace s0 failed shadow comparison" in said
    assert "and 2 more reasons for the rejection" in said


def test_a_shadow_folder_that_is_mined_is_mentioned(assay: Any) -> None:
    put_two()
    put("in/shadow/3.json", "a", "b")
    _, said, errors = assay("crystallize", "--from", "in", "--out-dir", "out")
    assert "3 of 3 runs" in said
    assert "in/shadow" in errors
    assert "--shadow-from" in errors
    put("held/4.json", "a", "b")
    assert assay("crystallize", "--from", "in", "--shadow-from", "held", "--out-dir", "out")[2] == ""


def test_what_is_set_aside_is_told(assay: Any) -> None:
    put_two()
    for number in range(12):
        put(f"in/x{number:02}.json", "a", metadata={"policy_violation": True})
    _, said, _ = assay("crystallize", "--from", "in", "--out-dir", "out")
    assert 'set aside x00: the run has an unresolved policy violation: metadata "policy_violation" is true' in said
    assert "set aside 2 more" in said


def test_runs_that_share_an_id_are_mentioned(assay: Any) -> None:
    for number in range(12):
        put(f"in/a/{number}.json", "a", "b")
        put(f"in/b/{number}.json", "a", "b")
    put("held/1.json", "a", "b")
    _, _, errors = assay("crystallize", "--from", "in", "--shadow-from", "held", "--out-dir", "out")
    assert "note: 3 runs have the id 1; a bundle keeps only the first, in/a/1.json\n" in errors
    assert "note: 2 more ids are those of several runs\n" in errors
    assert Path("out/bundle/fixtures/1.json").exists()


def test_what_an_earlier_run_left_is_mentioned(assay: Any) -> None:
    put_two()
    assay("crystallize", "--from", "in", "--out-dir", "out")
    put("in/2.json", "c", "d")
    code, _, errors = assay("crystallize", "--from", "in", "--out-dir", "out")
    assert code == 1
    assert "out/harn.eval.toml is from an earlier run" in errors
    assert "fixtures/1.json" in errors
    assert Path("out/bundle/fixtures/1.json").exists()


def test_bad_input_ends_with_3_and_names_the_place(assay: Any) -> None:
    put_two()
    Path("in/a\x1b.json").write_bytes(b'{"actions":[\n3]}')
    code, _, errors = assay("crystallize", "--from", "in", "--out-dir", "out")
    assert code == 3
    assert errors == (
        "assay: failed to decode crystallization trace in/a\\e.json: actions[0]: expected an object, got the number 3\n"
    )
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--min-confidence", "nan"),
        ("--min-confidence", "x"),
        ("--min-examples", "-1"),
        ("--min-examples", "2.5"),
        ("--author", "\udcff"),
        ("--out", "\udcff"),
    ],
)
def test_values_that_cannot_be_used_are_wrong_usage(assay: Any, option: str, value: str) -> None:
    put_two()
    code, _, errors = assay("crystallize", "--from", "in", "--out-dir", "out", option, value)
    assert code == 2
    assert option in errors
    assert not Path("out").exists()


def test_a_place_that_cannot_be_written_ends_with_5(assay: Any) -> None:
    put_two()
    Path("out").write_text("a file")
    code, _, errors = assay("crystallize", "--from", "in", "--out-dir", "out")
    assert code == 5
    assert errors.startswith("assay: cannot write out")
    assert Path("out").read_text() == "a file"


@pytest.mark.parametrize(
    ("option", "data", "message"),
    [
        ("--extra-parameters", "{}", "failed to decode extra parameters x.json: expected a list of parameters"),
        ("--extra-parameters", '[{"name":1}]', "failed to decode extra parameters x.json: name: expected a string"),
        ("--segment-summary", "[]", "failed to decode segment summary x.json: expected an object, got a list"),
        ("--recovery-summary", "{", "failed to parse recovery summary x.json: "),
    ],
)
def test_files_that_go_with_a_synthesis_are_checked(assay: Any, option: str, data: str, message: str) -> None:
    put("t.json", "a")
    Path("x.json").write_text(data)
    code, _, errors = assay("synthesize", "--trace", "t.json", "--out-dir", "out", option, "x.json")
    assert code == 3
    assert message in errors


def test_a_session_without_a_segment_writes_nothing(assay: Any) -> None:
    Path("t.json").write_text('[{"success":false}]')
    code, _, errors = assay("trajectory", "--turns", "t.json", "--session", "s", "--out-dir", "out")
    assert code == 1
    assert errors.startswith("assay: nothing to crystallise in t.json: ")
    assert not Path("out").exists()


def test_segments_are_written_only_below_an_out_dir(assay: Any) -> None:
    Path("t.json").write_text('[{"success":true},{"success":true}]')
    assert assay("trajectory", "--turns", "t.json", "--session", "s", "--report", "r.json")[0] == 0
    assert not Path("traces.json").exists()
    assay("trajectory", "--turns", "t.json", "--session", "s", "--out-dir", "out")
    assert [trace["id"] for trace in json.loads(Path("out/traces.json").read_bytes())] == ["s_trajectory_0_0"]


@pytest.mark.parametrize("command", ["crystallize", "synthesize", "trajectory"])
def test_every_option_is_explained(assay: Any, command: str) -> None:
    code, said, _ = assay(command, "--help")
    assert code == 0
    blocks = [block for block in said.partition("Options:")[2].split("\n  -") if block.strip()]
    assert len(blocks) > 14
    assert all(len(" ".join(block.split()).split(" ")) > 3 for block in blocks)
