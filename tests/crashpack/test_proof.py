from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.crashpack.ledger import EvidenceLedger
from core.crashpack.proof import (
    MAX_OUTPUT,
    MAX_PATH,
    AgentProofBundle,
    ProofCommand,
    ReplayInstructions,
    bundle_problems,
    proof_bundle,
    proof_problems,
    redacted,
)
from core.crashpack.proof_files import MODES, command_line, proof_files
from core.model.jsontext import parse, plain, pretty
from core.store.files import write_folder

BASH = shutil.which("bash") or "/bin/bash"


def bundle(**more: object) -> AgentProofBundle:
    return proof_bundle("Promote w", "ops@example.com", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("mark", ["token=", "PassWord=", "secret=", "key=", "AUTH=", "Bearer ", "api_key"])
def test_outputs_that_may_hold_secrets_are_redacted(mark: str) -> None:
    out = redacted(f"line\nx {mark}abc123")
    assert out == f'[redacted: holds "{mark.lower()}"]'
    assert redacted(out) == out
    made = bundle(commands=[ProofCommand(command=("ls",), exit_status=0, output=f"{mark}abc")])
    assert b"abc" not in pretty(made)


def test_long_outputs_are_redacted_by_bytes() -> None:
    assert redacted("é" * (MAX_OUTPUT // 2)) == "é" * (MAX_OUTPUT // 2)
    out = redacted("é" * (MAX_OUTPUT // 2) + "x")
    assert out == f"[redacted: {MAX_OUTPUT + 1} bytes are more than {MAX_OUTPUT}]"
    assert redacted(out) == out


def test_a_text_that_only_looks_redacted_is_redacted() -> None:
    assert redacted('[redacted: holds "token=abc123"]') == '[redacted: holds "token="]'
    assert redacted("plain") == "plain"


def test_paths_stand_once_and_long_ones_are_counted() -> None:
    long = "é" * (MAX_PATH // 2) + "x"
    made = bundle(touched_paths=["b", "a", "b", long], artifact_paths=["x", "x"])
    assert made.touched_paths == ("b", "a")
    assert made.artifact_paths == ("x",)
    assert made.metadata == {"paths_left_out": "1"}
    assert bundle(touched_paths=[long[:-1]]).metadata == {}


def test_every_command_needs_approval_unless_said_otherwise() -> None:
    made = bundle(commands=[ProofCommand(command=("a", "b")), ProofCommand(command=("c",))])
    assert made.replay.safety_level == "ApprovalRequired"
    assert made.replay.commands == made.replay.approval_required == (("a", "b"), ("c",))
    assert list(bundle_problems(made)) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"agent_id": "a"}, "Missing required field: objective"),
        ({"objective": " \u2003", "agent_id": "a"}, "Missing required field: objective"),
        ({"objective": "o"}, "Missing required field: agent_id"),
        ({"commands": [{"command": ["a"], "output": "token=1"}]}, "commands[0].output is not redacted"),
        ({"touched_paths": ["a", "a"]}, "touched_paths holds a path more than once"),
        ({"artifact_paths": ["a", "a"]}, "artifact_paths holds a path more than once"),
        ({"artifact_paths": ["x" * 513]}, "artifact_paths[0] has 513 bytes, at most 512 are kept"),
        ({"replay": {"commands": [[]]}}, "replay.commands[0] cannot be run"),
        ({"replay": {"commands": [["a\0"]]}}, "replay.commands[0] cannot be run"),
        ({"replay": {"approval_required": [["a"]]}}, 'replay.approval_required names "a"'),
        (
            {"replay": {"safety_level": "Safe", "commands": [["a"]], "approval_required": [["a"]]}},
            "replay.safety_level is Safe, yet 1 commands need approval",
        ),
        ({"replay": {"safety_level": "Odd"}}, "replay.safety_level"),
        ({"objective": 3}, "objective: expected a string"),
        ([], "expected an object"),
    ],
)
def test_every_fault_is_named(value: object, expected: str) -> None:
    if isinstance(value, dict) and not value.keys() & {"objective", "agent_id"}:
        value = {"objective": "o", "agent_id": "a", **value}
    assert any(expected in text for text in proof_problems(value)), proof_problems(value)


def test_a_good_bundle_survives_a_round_trip() -> None:
    made = bundle(commits=["c1", "c1"], ledger=EvidenceLedger(), metadata={"b": "1", "a": "2"})
    assert proof_problems(plain(made)) == []
    assert made.commits == ("c1",)
    assert list(made.metadata) == ["a", "b"]
    assert plain(AgentProofBundle.decode(plain(made))) == plain(made)


def test_the_files_of_a_bundle_on_its_own() -> None:
    made = bundle(commands=[ProofCommand(command=("echo", "two words\n"))], blocker="no\x1b access")
    files = proof_files(made)
    assert sorted(files) == [
        "agent_proof_bundle.json",
        "blocker_report.txt",
        "commands.txt",
        "evidence_ledger.json",
        "replay.sh",
    ]
    assert parse(files["agent_proof_bundle.json"]) == plain(made)
    assert files["blocker_report.txt"] == b"no\\e access\n"
    assert files["commands.txt"] == b"echo $'two words\\x0a'\n"
    assert parse(files["evidence_ledger.json"])["entries"] == []
    assert proof_files(bundle())["blocker_report.txt"] == b"No blocker.\n"


WORD = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8) | st.sampled_from(
    ["$(touch x)", "'; touch x; '", "a\nb", "\x1b[2J", "\\", "'", "\u202e", "if", "-n", "FOO=bar", "~", "!!"]
)


@settings(max_examples=40)
@given(st.lists(st.lists(WORD, min_size=1, max_size=3), min_size=1, max_size=4))
def test_every_argument_arrives_as_it_is(commands: list[list[str]]) -> None:
    lines = [command_line(["printf", "%s\\0", *command]) for command in commands]
    done = subprocess.run([BASH, "-c", "\n".join(lines)], capture_output=True, check=True, env={"LC_ALL": "C.UTF-8"})
    assert done.stdout.decode().split("\0")[:-1] == [word for command in commands for word in command]
    replay = ReplayInstructions(commands=tuple(map(tuple, commands)), approval_required=tuple(map(tuple, commands)))
    script = proof_files(bundle(replay=replay))["replay.sh"]
    assert subprocess.run([BASH, "-n"], input=script, capture_output=True, check=False).returncode == 0
    assert b"\x1b" not in script


@pytest.mark.parametrize("word", ["if", "FOO=bar", "time", "a,b", "while"])
def test_a_program_is_never_taken_for_shell_syntax(word: str, tmp_path: Path) -> None:
    file = tmp_path / word
    file.write_text("#!/bin/bash\necho ran\n")
    file.chmod(0o755)
    done = subprocess.run(
        [BASH, "-c", command_line([word])], capture_output=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, check=False
    )
    assert done.stdout == b"ran\n"


@pytest.mark.parametrize(
    ("answers", "code", "ran"),
    [("y\ny\n", 0, "free\nasked\nlast\n"), ("y\n", 1, "free\nasked\n"), ("n\n", 1, "free\n"), ("", 1, "free\n")],
)
def test_the_script_asks_before_what_needs_approval(tmp_path: Path, answers: str, code: int, ran: str) -> None:
    commands = (("echo", "free"), ("echo", "asked"), ("echo", "last"))
    replay = ReplayInstructions(commands=commands, approval_required=commands[1:])
    write_folder(tmp_path / "p", proof_files(bundle(replay=replay)), modes=MODES)
    done = subprocess.run([tmp_path / "p" / "replay.sh"], input=answers, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, ran)
    assert "echo asked" in done.stderr
    assert ("stopped: not approved" in done.stderr) == bool(code)


def test_the_script_stops_when_a_command_fails(tmp_path: Path) -> None:
    replay = ReplayInstructions(safety_level="Safe", commands=(("false",), ("echo", "on")))
    write_folder(tmp_path / "p", proof_files(bundle(replay=replay)), modes=MODES)
    done = subprocess.run([tmp_path / "p" / "replay.sh"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
