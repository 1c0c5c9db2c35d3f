"""Deciding on generalised candidates: bundles and crashpacks that replay from themselves alone."""

from __future__ import annotations

import json
import random
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.artifacts.replay import replay_bundle
from core.crashpack.decision_replay import replay_decision
from core.crashpack.integrity import files_sha256
from core.live import engine
from core.live.changes import ChangeSet
from core.live.engine import Change
from core.live.read import read_file
from core.live.reviewing import Request
from core.model.jsontext import parse, pretty
from core.model.trace import Trace
from core.review.verify import verify
from core.session import Session
from core.store.files import read_folder
from tests.mining_generalised.noise import closing
from tui.cli.main import main

ANN = "ann@example.com"
SECRET = "ghp_" + "Ab1" * 12


def drop(folder: Path, runs: list[Trace]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for run in runs:
        (folder / f"{run.id}.json").write_bytes(pretty(run))


def opened(folder: Path) -> Session:
    session = Session.open(folder, actor=ANN, clock=lambda: "2026-11-01T10:00:00.000Z")
    session.refresh()
    return session


def approve(session: Session) -> Any:
    (view,) = session.snapshot.candidates
    return session.decide(Request("approve", view.lineage, view.behaviour_digest, ANN, "read it", seen=view))


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    drop(tmp_path / "traces", closing(random.Random(1), 12))
    return tmp_path / "traces"


def test_an_approval_between_two_rankings_replays_and_stands(traces: Path) -> None:
    session = opened(traces)
    (before,) = session.snapshot.candidates
    (other,) = closing(random.Random(2), 1)
    drop(traces, [other.replace(id="later")])
    found = {"later.json": read_file(traces, "later.json", 1_000_000)}
    later = replace(session._state, ranks_later=True)
    session._state = engine.step(later, Change(files=ChangeSet(found)))  # type: ignore[arg-type]
    (view,) = session.snapshot.candidates
    assert session.snapshot.unranked == 1
    assert view.candidate.shadow.compared_traces == before.candidate.shadow.compared_traces + 1
    outcome = approve(session)
    assert outcome.view.status == "ready"
    assert session.snapshot.unranked == 1
    assert outcome.crashpack is not None
    assert outcome.bundle is not None
    files = read_folder(outcome.crashpack)
    assert replay_decision(files).passed
    assert replay_bundle(read_folder(outcome.bundle), "bundle").passed
    assert len(parse(files["candidate.json"])["shadow"]["traces"]) == view.candidate.shadow.compared_traces
    assert not verify(session.store).problems
    session.refresh()
    (view,) = session.snapshot.candidates
    assert (view.status, session.snapshot.unranked) == ("ready", 0)


def test_an_approval_leaves_a_bundle_and_a_crashpack_that_replay(traces: Path) -> None:
    outcome = approve(opened(traces))
    assert outcome.view.status == "ready"
    assert outcome.crashpack is not None
    assert outcome.bundle is not None
    result = replay_decision(read_folder(outcome.crashpack))
    assert (result.passed, result.first_difference) == (True, None)
    again = replay_bundle(read_folder(outcome.bundle), "bundle")
    assert (again.passed, again.as_recorded, again.not_compared) == (True, True, ())
    text = (outcome.bundle / "workflow.harn").read_text()
    assert 'let row = choose("row", step_2.output.at("/rows/*/id"))' in text or "let row = step_2.output" in text


def edited(pack: Path, fixture_of: str, step: int, change: dict[str, Any]) -> list[str]:
    """What a replay says once the action of a step was changed in the copy of a run."""
    example = next(
        e for e in json.loads((pack / "candidate.json").read_text())["examples"] if e["trace_id"] == fixture_of
    )
    path = next(p for p in (pack / "fixtures").iterdir() if json.loads(p.read_text())["id"] == fixture_of)
    trace = json.loads(path.read_text())
    trace["actions"][example["steps"][step - 1][0]] |= change
    path.write_bytes(pretty(trace))
    result = CliRunner().invoke(main, ["atp", "replay", str(pack)])
    assert result.exit_code == 1, result.output
    return result.output.splitlines()


def test_an_edited_argument_or_output_is_named_with_step_and_pointer(traces: Path, tmp_path: Path) -> None:
    outcome = approve(opened(traces))
    assert outcome.crashpack is not None
    name = outcome.view.candidate.examples[0].trace_id
    for number, (step, change, said) in enumerate(
        (
            (3, {"parameters": {"row": "other"}, "inputs": {"row": "other"}}, "step 3 argument at /row is not"),
            (2, {"observed_output": {"rows": []}}, "step 3 argument at /row is not"),
            (2, {"parameters": {"customer": "x"}, "inputs": {"customer": "x"}}, "step 2 argument at /customer is not"),
            (3, {"approval": {"required": True}}, "step 3 approval boundary differs"),
        )
    ):
        pack = tmp_path / f"pack{number}"
        shutil.copytree(outcome.crashpack, pack)
        lines = edited(pack, name, step, change)
        assert any(f"run {name} passed when it was recorded and fails now: {said}" in line for line in lines), lines


def test_secrets_that_are_passed_on_are_redacted_and_still_compared(tmp_path: Path) -> None:
    runs = []
    for number, run in enumerate(closing(random.Random(1), 12)):
        text = pretty(run).decode().replace(str(run.actions[-1].parameters["row"]), f"{SECRET}{number:02}")
        runs.append(Trace.decode(parse(text.encode())))
    drop(tmp_path / "traces", runs)
    outcome = approve(opened(tmp_path / "traces"))
    assert outcome.crashpack is not None
    assert outcome.bundle is not None
    for folder in (outcome.crashpack, outcome.bundle):
        files = read_folder(folder)
        assert not any(SECRET.encode() in data for data in files.values())
    result = replay_decision(read_folder(outcome.crashpack))
    assert result.passed
    assert any("step 3 row" in note and "redacted" in note for note in result.notes)


def test_a_constant_that_its_name_makes_a_secret_is_taken_out_wherever_it_is_told(tmp_path: Path) -> None:
    runs = []
    for run in closing(random.Random(1), 12):
        given = {**run.actions[-1].parameters, "api_token": "hunter two"}
        runs.append(run.replace(actions=(*run.actions[:-1], run.actions[-1].replace(parameters=given, inputs=given))))
    drop(tmp_path / "traces", runs)
    outcome = approve(opened(tmp_path / "traces"))
    assert outcome.crashpack is not None
    assert outcome.bundle is not None
    for folder in (outcome.crashpack, outcome.bundle):
        assert not [name for name, data in read_folder(folder).items() if b"hunter two" in data]
    result = replay_decision(read_folder(outcome.crashpack))
    assert result.passed
    assert any("step 3 api_token" in note for note in result.notes)
    recorded = json.loads((outcome.crashpack / "state.json").read_text())["rederived"]["shadow"]
    assert recorded["pass"], "equal secrets still compare equal"


def test_a_rejected_candidate_stays_and_a_revoked_approval_asks_again(traces: Path) -> None:
    session = opened(traces)
    outcome = approve(session)
    again = session.decide(Request("revoke", outcome.view.lineage, "", ANN, "not sure", seen=outcome.view))
    assert again.view.status == "needs_approval"
    refused = session.decide(
        Request("reject", again.view.lineage, again.view.behaviour_digest, ANN, "no", seen=again.view)
    )
    assert refused.view.status == "rejected"


def test_runs_that_go_against_it_make_an_approval_drift_with_the_reason(traces: Path) -> None:
    session = opened(traces)
    outcome = approve(session)
    bad = []
    for run in closing(random.Random(5), 12):
        effect = run.actions[-1].side_effects[0].replace(target="elsewhere")
        last = run.actions[-1].replace(side_effects=(effect,))
        bad.append(run.replace(id=f"bad {run.id}", actions=(*run.actions[:-1], last)))
    drop(traces, bad)
    view = next(v for v in session.refresh().candidates if v.lineage == outcome.view.lineage)
    assert view.status == "drifted"
    assert any("step 3 side effects differ" in reason for reason in view.reasons)


def test_every_command_tells_of_a_generalised_candidate(traces: Path) -> None:
    (view,) = opened(traces).snapshot.candidates
    for command in ("show", "diff", "savings", "explain"):
        for more in ([], ["--json"]):
            result = CliRunner().invoke(main, [command, str(traces), view.lineage, *more])
            assert result.exit_code == 0, result.output
            if more:
                assert json.loads(result.output)
    shown = json.loads(CliRunner().invoke(main, ["show", str(traces), view.lineage, "--json"]).output)
    assert shown["steps"][2]["detail"]["bindings"][0]["kind"] == "output"
    saved = json.loads(CliRunner().invoke(main, ["savings", str(traces), view.lineage, "--json"]).output)
    assert saved["projection"] is None


def test_explanations_name_runs_and_what_was_tried(traces: Path) -> None:
    run = closing(random.Random(9), 1)[0]
    effect = run.actions[-1].side_effects[0].replace(target="elsewhere")
    drop(traces, [run.replace(id="odd", actions=(*run.actions[:-1], run.actions[-1].replace(side_effects=(effect,))))])
    (view,) = opened(traces).snapshot.candidates
    told = CliRunner().invoke(main, ["explain", str(traces), view.lineage]).output
    assert "Speaks for it: 12 runs" in told
    assert "Speaks against it: 1 run\n" in told
    assert "odd (odd.json)" in told
    assert "step 3 side effects differ from row:{row}" in told
    assert "bits" in told


def without_a_step(data: bytes) -> bytes:
    candidate = json.loads(data)
    del candidate["steps"][0]
    return json.dumps(candidate).encode()


def test_a_crashpack_that_was_changed_is_as_good_as_gone(traces: Path) -> None:
    session = opened(traces)
    outcome = approve(session)
    assert outcome.crashpack is not None
    path = outcome.crashpack / "candidate.json"
    path.write_bytes(without_a_step(path.read_bytes()))
    for file in sorted(traces.iterdir())[1:]:
        file.unlink()  # so that what was approved is no longer proposed, and the crashpack is asked
    later = opened(traces)
    (archived,) = later._state.archive.values()
    assert archived.kept is None
    assert any("candidate.json" in problem for problem in verify(later.store).problems)


def test_a_record_that_does_not_fit_together_is_told_when_it_is_replayed(traces: Path) -> None:
    outcome = approve(opened(traces))
    assert outcome.crashpack is not None
    files = read_folder(outcome.crashpack)
    files["candidate.json"] = without_a_step(files["candidate.json"])
    found = replay_decision(files).first_difference
    assert found is not None
    files["files.sha256"] = files_sha256(files)  # whoever changes one can change the other
    found = replay_decision(files).first_difference
    assert found is not None
    assert "as many are expected as the sequence_signature has" in found
