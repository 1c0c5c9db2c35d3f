"""A run that grew keeps its file or takes its place; another run with its id is told and not written."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from core.importers import origins
from core.importers.origins import grew_from
from core.importers.writing import Folder
from core.model.jsontext import compact, parse
from tests.importers.importing import chat, lines
from tests.importers.test_import_command import run, state, told


def own(name: str) -> dict[str, Any]:
    return {"version": 1, "id": "job-1", "source": "prod", "actions": [{"id": "1", "kind": "tool_call", "name": name}]}


def turn(iteration: int, session: str = "S", **more: Any) -> dict[str, Any]:
    call = {"tool_call_id": f"c{iteration}", "tool_name": "look", "status": "completed", "raw_input": {"q": iteration}}
    return {"iteration": iteration, "session_id": session, "success": True, "tool_calls": [call], **more}


def trajectory(*steps: str, goal: str = "mend it") -> dict[str, Any]:
    return {
        "environment": "swe",
        "trajectory": [{"action": step, "observation": f"did {step}", "thought": "", "state": "{}"} for step in steps],
        "history": [{"role": "user", "content": goal}],
        "info": {"exit_status": len(steps)},
    }


@pytest.mark.parametrize("record", [lambda text: chat(text, id="job-1"), own])
def test_another_run_with_an_id_from_a_file_of_the_same_name_is_told(tmp_path: Path, record: Any) -> None:
    to = tmp_path / "to"
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "runs.jsonl").write_bytes(lines(record(name)))
    assert run(tmp_path / "A", "--to", to).exit_code == 0
    before = state(to)
    later = run(tmp_path / "B", "--to", to)
    assert "its id job-1 is that of a run from another file named " in later.stderr
    assert later.exit_code != 0
    assert state(to) == before
    (tmp_path / "B" / "runs.jsonl").write_bytes(lines(record("A")))
    assert told(tmp_path / "B", "--to", to)["sources"][0]["unchanged"] == 1


def test_the_same_file_by_another_name_is_the_same_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (logs := tmp_path / "logs").mkdir()
    (logs / "A").mkdir()
    (logs / "link").symlink_to("A")
    source, to = logs / "A" / "runs.jsonl", tmp_path / "to"
    source.write_bytes(lines(chat("a", id="x")))
    run(logs, "--to", to)
    source.write_bytes(lines(chat("b", id="x")))
    monkeypatch.chdir(logs)
    assert told("link", "--to", to)["sources"][0]["updated"] == 1
    assert str(tmp_path) not in (to / origins.FILE).read_text()


def test_runs_that_an_earlier_version_wrote_are_judged_by_what_they_name(tmp_path: Path) -> None:
    source, to = tmp_path / "a.jsonl", tmp_path / "to"
    source.write_bytes(lines(chat("a", id="x")))
    run(source, "--to", to)
    (to / origins.FILE).unlink()
    source.write_bytes(lines(chat("b", id="x")))
    assert told(source, "--to", to)["sources"][0]["updated"] == 1


def test_half_a_line_costs_only_itself(tmp_path: Path) -> None:
    source, to = tmp_path / "a.jsonl", tmp_path / "to"
    source.write_bytes(lines(chat("a", id="x")))
    run(source, "--to", to)
    with (to / origins.FILE).open("ab") as file:
        file.write(b'\n["cut')
    source.write_bytes(lines(chat("a", id="x"), chat("b", id="y")))
    run(source, "--to", to)
    for name in ("x", "y"):
        (tmp_path / "B").mkdir(exist_ok=True)
        (tmp_path / "B" / "a.jsonl").write_bytes(lines(chat("other", id=name)))
        assert "is that of a run from another file" in run(tmp_path / "B", "--to", to).stderr


def test_a_stretch_of_turns_that_grew_takes_the_place_of_the_shorter_one(tmp_path: Path) -> None:
    source, to = tmp_path / "turns.jsonl", tmp_path / "to"
    grown = [turn(number) for number in range(1, 6)]
    source.write_bytes(lines(*grown[:3], turn(1, "T"), turn(2, "T")))
    assert told(source, "--to", to)["sources"][0]["new"] == 2
    source.write_bytes(lines(*grown, turn(1, "T"), turn(2, "T")))
    found = told(source, "--to", to)["sources"][0]
    assert (found["new"], found["updated"], found["unchanged"]) == (0, 1, 1)
    assert ids(to) == ["S_trajectory_1_5", "T_trajectory_1_2"]
    before = state(to)
    assert told(source, "--to", to)["sources"][0]["unchanged"] == 2
    assert state(to) == before


def test_stretches_that_both_stand_in_the_file_both_stay(tmp_path: Path) -> None:
    source, to = tmp_path / "turns.jsonl", tmp_path / "to"
    again = [turn(1), turn(2), turn(9, success=False), turn(1), turn(2), turn(3)]
    source.write_bytes(lines(*again[:2]))
    run(source, "--to", to)
    source.write_bytes(lines(*again))
    run(source, "--to", to)
    assert ids(to) == ["S_trajectory_1_2", "S_trajectory_1_3"]


def test_a_trajectory_that_grew_takes_the_place_of_the_shorter_one_and_another_attempt_does_not(tmp_path: Path) -> None:
    source, to = tmp_path / "a.traj", tmp_path / "to"
    unanswered = trajectory("ls", "cat a")
    unanswered["trajectory"][-1]["observation"] = None
    for record in (trajectory("ls"), unanswered, trajectory("ls", "cat a", "submit")):
        source.write_bytes(compact(record))
        run(source, "--to", to)
    (only,) = to.glob("*.json")
    assert [made["inputs"]["action"] for made in parse(only.read_bytes())["actions"]] == ["ls", "cat a", "submit"]
    source.write_bytes(compact(trajectory("pwd", "ls", "cat a", "submit")))
    run(source, "--to", to)
    assert len(state(to)) == 2
    (tmp_path / "b.traj").write_bytes(compact(trajectory("ls", "cat a", "submit", "exit")))
    run(tmp_path / "b.traj", "--to", to)
    assert len(state(to)) == 3


def test_a_kill_between_two_steps_of_growing_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.replace
    for step in range(2):
        source, to = tmp_path / f"{step}.jsonl", tmp_path / f"to{step}"
        source.write_bytes(lines(turn(1), turn(2)))
        run(source, "--to", to)
        source.write_bytes(lines(turn(1), turn(2), turn(3)))
        left = [step]

        def killed(one: Path, other: Path, left: list[int] = left) -> Path:
            left[0] -= 1
            if left[0] < 0:
                raise KeyboardInterrupt
            real(one, other)
            return other

        monkeypatch.setattr(Path, "replace", killed)
        run(source, "--to", to)
        monkeypatch.undo()
        assert len(state(to)) == 1
        run(source, "--to", to)
        assert ids(to) == ["S_trajectory_1_3"]


def test_a_link_in_the_place_of_the_origins_is_not_followed(tmp_path: Path) -> None:
    source, to, victim = tmp_path / "a.jsonl", tmp_path / "to", tmp_path / "victim"
    source.write_bytes(lines(chat("a", id="x")))
    to.mkdir()
    victim.write_text("keep")
    (to / origins.FILE).symlink_to(victim)
    assert run(source, "--to", to).exit_code != 0
    assert victim.read_text() == "keep"


def test_what_is_no_run_is_not_what_a_run_grew_from() -> None:
    now = {"actions": [{"name": "a", "inputs": None, "observed_output": None}]}
    assert not any(grew_from(data, now) for data in (b"", b"{}", b"[]", b'{"actions":[]}', b'{"actions":[{}]}'))
    assert grew_from(compact(now), now)


def ids(folder: Path) -> list[str]:
    with Folder(folder).held():
        return sorted(parse(path.read_bytes())["id"] for path in folder.glob("*.json"))
