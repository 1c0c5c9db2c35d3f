"""The commands on a traces folder: output, exit codes, and that errors are one clear line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import tui
from core.review.command import in_shell
from tests.review.making import drop, opened, releases, run
from tests.workspaces import exact
from tui.cli.exits import exit_code
from tui.cli.main import main
from tui.views.deciding import Case, command


def assay(*arguments: object) -> Result:
    """The program's result; errors end as they do in `run`."""
    from core.model.errors import AssayError

    result = CliRunner().invoke(main, [str(argument) for argument in arguments], catch_exceptions=True)
    if isinstance(result.exception, AssayError):
        result.exit_code = exit_code(result.exception)
    elif result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def told(*arguments: object) -> Any:
    return json.loads(assay(*arguments, "--json").stdout)


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return exact(releases(tmp_path / "traces"))


def test_list_json_has_what_scripts_rely_on(traces: Path) -> None:
    (traces / "bad.json").write_text('{"actions": [')
    found = told("list", traces)
    assert found["traces"] == {"loaded": 4, "excluded": 0, "quarantined": 1}
    (candidate,) = found["candidates"]
    wanted = "lineage candidate_id cohort name status reasons steps examples confidence sequence_signature"
    wanted += " behaviour_digest evidence_digest savings shadow"
    assert set(wanted.split()) <= candidate.keys()
    assert candidate["status"] == "needs_approval"
    (problem,) = found["problems"]
    assert (problem["unit"], problem["state"]) == ("bad.json", "quarantined")
    assert problem["place"]


def test_show_names_a_candidate_by_lineage_id_or_prefix(traces: Path) -> None:
    (candidate,) = told("list", traces)["candidates"]
    for name in (
        candidate["lineage"],
        candidate["candidate_id"],
        candidate["lineage"][:12],
        candidate["candidate_id"][:14],
    ):
        shown = told("show", traces, name)
        assert shown["lineage"] == candidate["lineage"]
        assert shown["id"] == candidate["candidate_id"]
        assert [step["name"] for step in shown["steps"]] == ["build", "test", "publish"]
    assert assay("show", traces, "nothing").exit_code == 3


def test_what_is_empty_names_no_candidate_and_no_digest(traces: Path) -> None:
    (candidate,) = told("list", traces)["candidates"]
    nobody = assay("approve", traces, "", "--as", "ann", "--reason", "x")
    assert nobody.exit_code == 3
    assert "no candidate is named ''" in str(nobody.exception)
    unbound = assay("approve", traces, candidate["lineage"], "--expect", "", "--as", "ann", "--reason", "x")
    assert unbound.exit_code == 2
    assert "'--expect': it is empty" in unbound.stderr
    assert told("list", traces)["journal"]["decisions"] == 0


def test_an_ambiguous_prefix_is_refused(traces: Path) -> None:
    for number in range(2):
        drop(traces, f"o{number}", run(f"o{number}", workflow="other"))
    result = assay("show", traces, "lineage_")
    assert result.exit_code == 3
    assert "stands for 2 candidates" in str(result.exception)


def test_approve_reject_revoke_verify(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    digest = told("show", traces, lineage)["behaviour_digest"]
    assert assay("approve", traces, lineage, "--expect", "sha256:" + "0" * 64, "--as", "ann").exit_code == 4
    assert not (traces.parent / "traces.assay" / "journal.jsonl").exists()
    done = told("approve", traces, lineage, "--expect", digest, "--as", "ann", "--reason", "fine")
    assert done["candidate"]["status"] == "ready"
    assert Path(done["crashpack"]).is_dir()
    assert assay("validate", done["bundle"]).exit_code == 0
    assert assay("atp", "replay", done["crashpack"]).exit_code == 0
    assert assay("reject", traces, lineage, "--as", "bob").exit_code == 4
    assert told("reject", traces, lineage, "--as", "bob", "--reason", "no")["candidate"]["status"] == "rejected"
    assert assay("revoke", traces, lineage, "--as", "eve", "--reason", "x").exit_code == 4
    assert told("revoke", traces, lineage, "--as", "bob", "--reason", "erred")["candidate"]["status"] == "ready"
    checked = told("verify", traces)
    assert (checked["ok"], checked["decisions"], checked["crashpacks"]) == (True, 3, 2)
    assert checked["head"].startswith("3:")


def test_a_refusal_with_json_says_why(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    refused = told("approve", traces, lineage, "--expect", "sha256:0")
    assert refused["stale"] is True
    assert refused["candidate"]["lineage"] == lineage


@pytest.mark.parametrize("victim", ["crashpacks/*/journal", "candidates/*/report.json", "journal.jsonl"])
def test_verify_names_what_was_changed(traces: Path, victim: str) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    assert assay("approve", traces, lineage, "--as", "ann").exit_code == 0
    (path,) = (traces.parent / "traces.assay").glob(victim)
    data = path.read_bytes()
    path.write_bytes(data[:50] + bytes([data[50] ^ 1]) + data[51:])
    result = assay("verify", traces)
    assert result.exit_code == 1
    assert path.parent.name in result.stdout or path.name.partition(".")[0] in result.stdout


def test_diff_ends_with_one_when_a_run_differs(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    assert assay("diff", traces, lineage).exit_code == 0
    bad = run("bad", "7")
    bad["actions"][1]["observed_output"] = {"failed": 2}
    drop(traces, "shadow/bad", bad)
    result = assay("diff", traces, lineage, "--json")
    assert result.exit_code == 1
    (differing,) = json.loads(result.stdout)["runs"]
    assert differing["unit"] == "shadow/bad.json"
    (difference,) = differing["differences"]
    assert (difference["step"], difference["pointer"]) == (2, "/failed")
    assert (difference["expected"], difference["observed"]) == (0, 2)
    assert "step 2 output differs at /failed" in assay("diff", traces, lineage).stdout


def test_savings_of_runs_of_which_some_are_gone_or_shorter_now(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    assert assay("approve", traces, lineage, "--as", "ann", "--reason", "checked").exit_code == 0
    (traces / "run-1.json").unlink()
    for number, left in ((0, 2), (2, 1), (3, 1)):
        whole = run(f"run-{number}", f"1.{number}")
        drop(traces, f"run-{number}", {**whole, "actions": whole["actions"][:left]})
    assert told("show", traces, lineage)["status"] == "drifted"
    found = told("savings", traces, lineage)
    assert [part["trace_id"] for part in found["by_run"]] == ["run-0", "run-2", "run-3"]
    assert found["missing"] == [{"trace_id": "run-1", "reason": "run run-1 is no longer among the loaded runs"}]
    assert (found["runs"], found["total"]["wall_ms_avoided"]) == (4, 6000)
    assert [part["savings"]["wall_ms_avoided"] for part in found["by_step"]] == [3000, 500]
    said = assay("savings", traces, lineage).stdout
    assert "4 runs together would have saved" in said
    assert "1 of 4 runs cannot be read" in said
    for path in traces.glob("run-*.json"):
        path.unlink()
    drop(traces, "else", run("else", workflow="other"))
    assert "4 of 4 runs cannot be read" in assay("savings", traces, lineage).stdout
    assert told("savings", traces, lineage)["by_step"] == []


def test_savings_per_run_step_and_in_total(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    found = told("savings", traces, lineage)
    assert found["total"]["wall_ms_avoided"] == 6000
    assert [part["savings"]["wall_ms_avoided"] for part in found["by_step"]] == [4000, 2000, 0]
    assert [part["savings"]["wall_ms_avoided"] for part in found["by_run"]] == [1500] * 4
    assert "would have saved" in assay("savings", traces, lineage).stdout


def test_savings_that_no_run_records_are_unknown_in_every_part(tmp_path: Path) -> None:
    traces = tmp_path / "runs"
    shutil.copytree(Path(tui.__file__).parent / "samples" / "release-clean", traces)
    (listed, *_) = told("list", traces)["candidates"]
    lineage = listed["lineage"]
    found = told("savings", traces, lineage)
    assert listed["savings"] == told("show", traces, lineage)["savings"] == found["total"]
    parts = [found["total"], *(part["savings"] for key in ("by_run", "by_step") for part in found[key])]
    assert len(parts) > 2
    assert {part["estimated_cost_usd_avoided"] for part in parts} == {None}
    assert {part["unrecorded"] for part in parts} == {True}
    said = assay("savings", traces, lineage).stdout
    assert "unknown" in said
    assert "$0.0000" not in said


def test_a_result_is_nothing_to_evaluate(tmp_path: Path) -> None:
    (tmp_path / "assay-result.json").write_text("{}")
    result = assay("evaluate", tmp_path)
    assert result.exit_code == 3
    assert "is a result of `assay mine`; name the folder that its runs are in" in str(result.exception)


def test_bad_folders_are_told_in_a_line(tmp_path: Path, traces: Path) -> None:
    missing = assay("list", tmp_path / "nowhere")
    assert (missing.exit_code, "does not exist" in str(missing.exception)) == (3, True)
    file = assay("list", traces / "run-0.json")
    assert (file.exit_code, "is a file" in str(file.exception)) == (3, True)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "No candidates" in assay("list", empty).stdout
    assert assay("list", traces, "--workspace", traces / "inside").exit_code == 5
    assert assay("list").exit_code == 2
    assert assay("list", traces, "--mode", "wild").exit_code == 2


HOSTILE = "\x1b[31mred\x1b]52;c;aGk=\x07\u202e[red]x[/red]\r\x9b2J"


def test_no_escape_of_a_trace_reaches_the_terminal(tmp_path: Path) -> None:
    traces = tmp_path / "traces"
    for number in range(3):
        trace = run(f"run-{number}{HOSTILE}", HOSTILE, workflow=HOSTILE)
        for made in trace["actions"]:
            made["name"] += HOSTILE
            made["observed_output"] = {HOSTILE: HOSTILE}
        trace["actions"][2]["side_effects"][0]["target"] = HOSTILE
        drop(traces, f"run-{number}", trace)
    drop(traces, "twin", run(f"run-0{HOSTILE}", workflow=HOSTILE))
    bad = run(f"bad{HOSTILE}", HOSTILE, workflow=HOSTILE)
    drop(traces, "shadow/bad", {**bad, "actions": [{**a, "name": a["name"] + HOSTILE} for a in bad["actions"]]})
    lineage = told("list", exact(traces))["candidates"][0]["lineage"]
    outputs = [assay(*c) for c in (("list", traces), ("show", traces, lineage), ("diff", traces, lineage))]
    outputs += [assay("savings", traces, lineage), assay("reject", traces, lineage, "--reason", HOSTILE, "--as", "a")]
    outputs += [assay("verify", traces), assay("show", traces, lineage)]
    for output in outputs:
        for text in (output.stdout, output.stderr):
            assert not set(text) & {"\x1b", "\x07", "\u202e", "\r", "\x9b"}


def test_approving_what_another_person_rejected_says_that_it_stays_so(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    assert assay("reject", traces, lineage, "--as", "bob", "--reason", "no tests").exit_code == 0
    said = " ".join(assay("approve", traces, lineage, "--as", "ann").stdout.split())
    assert "Promote" not in said
    assert "as ann; stays rejected until bob takes that back: recorded as decision 2." in said
    assert "status rejected - rejected by bob: no tests" in said


def test_runs_that_agree_only_by_rule_are_told_apart(traces: Path) -> None:
    lineage = told("list", traces)["candidates"][0]["lineage"]
    bad = run("bad", "7")
    bad["actions"][1]["observed_output"] = {"failed": 2}
    drop(traces, "shadow/bad", bad)
    allowed = ("--step", 2, "--pointer", "/failed", "--reason", "flaky", "--as", "ann")
    assert assay("allow", traces, lineage, *allowed).exit_code == 0
    for asked in (("list", traces), ("show", traces, lineage)):
        said = " ".join(assay(*asked).stdout.split())
        assert "pass (1 only thanks to allow rules), 0 fail" in said, asked
    assert "warning: 1 run passes only thanks to allow rules" in assay("show", traces, lineage).stdout
    assert "agrees only thanks to allow rules" in assay("explain", traces, lineage).stdout


def test_rename_takes_the_name_last_as_the_dialog_writes_it(traces: Path) -> None:
    with opened(traces) as session:
        (view,) = session.snapshot.candidates
        case = Case(view, "rename", "ann", session.snapshot.policy)
        given = command(case, session, "", {"name": "Ship it"})
    assert given[:2] == ("assay", "rename")
    done = told(*given[1:])
    assert (done["decision"]["actor"], done["candidate"]["label"]) == ("ann", "Ship it")
    said = " ".join(assay("rename", traces, view.lineage, "Ship that", "--as", "bob").stdout.split())
    assert said.startswith("Rename Ship it (3 steps, risk medium), decided by bob: recorded as decision 2.")


def test_the_command_that_evidence_names_does_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    exact(releases(tmp_path / "-odd"))
    (candidate,) = told("list", "./-odd")["candidates"]
    given = ("--workspace", "kept", "--mode", "exact", "--as", "ann", "--reason", "x")
    assert assay("reject", *given, "--", "-odd", candidate["lineage"]).exit_code == 0
    (pack,) = (tmp_path / "kept" / "crashpacks").iterdir()
    proof = json.loads((pack / "agent_proof_bundle.json").read_bytes())
    (command,) = [one["command"] for one in proof["commands"]]
    assert command[-3:] == ["--", "-odd", candidate["lineage"]]
    assert "recorded as decision 2" in assay(*command[1:]).stdout
    assert assay("rename", *command[4:], "-x").exit_code == 0
    assert told("list", "./-odd", "--workspace", "kept")["candidates"][0]["label"] == "-x"


def test_a_path_is_told_as_a_shell_takes_it() -> None:
    told = {"runs": "runs", "my runs": "'my runs'", "-odd": "./-odd", "a\nb": "'a\\nb'"}
    assert {path: in_shell(path) for path in told} == told


def test_a_folder_whose_name_begins_with_a_dash_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    releases(tmp_path / "-odd")
    monkeypatch.chdir(tmp_path)
    result = assay("--", "-odd")
    assert result.exit_code == 2
    assert "the review needs a terminal; use `assay list ./-odd`" in result.stderr
