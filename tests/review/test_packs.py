"""Crashpacks of the shipped samples: no byte of one changes unseen, and the same decision gives the same bytes."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.crashpack.decision_replay import replay_decision
from core.crashpack.integrity import NAME, files_sha256
from core.crashpack.pack import MODES
from core.crashpack.validate import validate
from core.live.reviewing import Request
from core.model.jsontext import JsonError, parse, pretty
from core.session import Session
from core.shadow.jsondiff import iter_differences
from core.store.files import read_folder, write_folder
from tests import samples_source
from tests.workspaces import exact

Files = dict[str, bytes]


@cache
def packs() -> tuple[Files, ...]:
    """An approval's and a rejection's pack of the samples, for each cohort that has such candidates."""
    made = []
    with TemporaryDirectory() as home:
        traces = Path(home) / "samples"
        shutil.copytree(samples_source.SAMPLES, traces, ignore=shutil.ignore_patterns("incoming", "otel"))
        with Session.open(exact(traces), actor="rita@example.com", clock=lambda: "2026-11-01T09:00:00.000Z") as session:
            session.refresh()
            for view in session.snapshot.candidates[:6]:
                kind = "reject" if view.approvable else "approve"
                request = Request(kind, view.lineage, view.behaviour_digest, "rita@example.com", "read it", view)  # type: ignore[arg-type]
                outcome = session.decide(request)
                assert outcome.crashpack is not None
                made.append(read_folder(outcome.crashpack))
    assert {parse(files["state.json"])["decision"] for files in made} == {"approve", "reject"}
    return tuple(made)


def test_untouched_packs_of_the_samples_replay() -> None:
    for files in packs():
        result = replay_decision(files)
        assert result.passed, result.first_difference


@st.composite
def damaged(draw: st.DrawFn) -> tuple[set[str], Files]:
    """A pack with one change, and the names of the files that it concerns."""
    files = dict(draw(st.sampled_from(packs())))
    name = draw(st.sampled_from(sorted(name for name in files if files[name])))
    data = files[name]
    at = draw(st.integers(0, len(data) - 1))
    match draw(st.sampled_from(["flip", "delete", "line", "truncate", "swap", "add", "insert"])):
        case "flip":
            files[name] = data[:at] + bytes([data[at] ^ draw(st.integers(1, 255))]) + data[at + 1 :]
        case "delete":
            del files[name]
        case "line":
            lines = data.splitlines(keepends=True)
            line = draw(st.integers(0, len(lines) - 1))
            files[name] = b"".join([*lines[: line + 1], *lines[line:]])
        case "truncate":
            files[name] = data[:at]
        case "insert":
            files[name] = data[:at] + draw(st.binary(min_size=1, max_size=3)) + data[at:]
        case "swap":
            other = draw(st.sampled_from(sorted(key for key, value in files.items() if value != data)))
            files[name], files[other] = files[other], data
            return {name, other}, files
        case "add":
            name = draw(st.sampled_from(["fixtures/extra.json", "notes.txt", "state.json.bak", "fixtures/sub/x.json"]))
            files[name] = draw(st.binary(max_size=9))
    return {name}, files


@given(damaged())
def test_every_change_fails_and_names_its_file(case: tuple[set[str], Files]) -> None:
    names, files = case
    found = validate(files)
    told = [str(problem) for problem in found.problems]
    assert not found.passed
    assert not found.report.replay_ready
    assert all(any(name in text for text in told) for name in names), told
    assert not replay_decision(files).passed


def resummed(files: Mapping[str, bytes], **state: object) -> Files:
    """A pack with other values in state.json, whose list of sums somebody renewed."""
    recorded = parse(files["state.json"])
    for name, value in state.items():
        recorded = {**recorded, name: {**recorded[name], **value} if isinstance(value, dict) else value}
    changed = {**files, "state.json": pretty(recorded) + b"\n"}
    return {**changed, NAME: files_sha256(changed)}


def differs(files: Files) -> list[tuple[str, str]]:
    return [(check.name, check.text) for check in replay_decision(files).checks if not check.passed]


def test_what_was_recorded_is_derived_again_whatever_the_sums_say() -> None:
    for files in packs():
        recorded = parse(files["state.json"])
        derived, told = recorded["rederived"]["behaviour_digest"], f"sha256:{'0' * 64}"
        assert [check.name for check in replay_decision(resummed(files)).checks][-2:] == [
            "shadow comparison",
            "behaviour",
        ]
        assert differs(resummed(files, rederived={"behaviour_digest": told})) == [
            ("behaviour", f"state.json records {told}, derived {derived}")
        ]
        fewer = {**recorded["rederived"]["shadow"], "compared_traces": 99}
        assert differs(resummed(files, rederived={"shadow": fewer}))[0][0] == "shadow comparison"
        assert differs(resummed(files, runs=[]))[0][0] == "shadow comparison"


def test_a_decisions_pack_without_what_it_was_about_does_not_replay() -> None:
    for files in packs():
        left = {name: data for name, data in files.items() if name != "candidate.json"}
        told = "candidate.json is missing, so that what was decided cannot be compared"
        assert differs(resummed(left)) == [("runs", told)]
        first = next(name for name in files if name.startswith("fixtures/"))
        left = {name: data for name, data in files.items() if name != first}
        assert differs(resummed(left)) == [("runs", f"{first} is missing")]


@pytest.mark.parametrize("end", [b"", b"\0", b"\n"])
def test_every_single_file_counts(end: bytes) -> None:
    """Each file in turn, so that none is left out by chance: gone, or with one byte more."""
    for files in packs():
        for name in files:
            changed = {**files, name: files[name] + end} if end else {k: v for k, v in files.items() if k != name}
            assert any(name in str(problem) for problem in validate(changed).problems), name


TIMES = {
    "candidate.json": ("/promotion/created_at",),
    "evidence-ledger.json": ("/entries/0/timestamp", "/metadata/decided_at"),
    "manifest": ("metadata.decided_at: ",),
    "files.sha256": (),
}
"""The fields of a crashpack that record a time, and the sums of the files that hold them; nothing else may differ."""


def decided(home: Path, clock: str, key: str) -> Mapping[str, bytes]:
    """The pack of an approval of the same candidate on the same runs."""
    traces = home / "traces"
    shutil.copytree(samples_source.SAMPLES / "release", traces)
    (home / "traces.assay").mkdir()
    (home / "traces.assay" / "redaction.key").write_text(key)
    with Session.open(exact(traces), actor="rita@example.com", clock=lambda: clock) as session:
        view = session.refresh().candidates[0]
        kind = "reject" if view.approvable else "approve"
        request = Request(kind, view.lineage, view.behaviour_digest, "rita@example.com", "read it", view)  # type: ignore[arg-type]
        outcome = session.decide(request)
    assert outcome.crashpack is not None
    return read_folder(outcome.crashpack)


def test_the_same_decision_gives_the_same_bytes_but_for_the_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    for clock in ("2026-11-01T09:00:00.000Z", "2026-11-01T09:00:00.000Z", "2027-01-02T03:04:05.678Z"):
        monkeypatch.chdir(tmp_path)
        made.append(decided(tmp_path / "home", clock, "0f" * 32))
        shutil.rmtree(tmp_path / "home")
    assert made[0] == made[1]
    first, other = made[0], made[2]
    assert first.keys() == other.keys()
    differing = {name for name in first if first[name] != other[name]}
    assert differing <= set(TIMES)
    assert "manifest" in differing
    for name in differing - {"files.sha256"}:
        assert set(differences(first[name], other[name])) <= set(TIMES[name]), name


def differences(left: bytes, right: bytes) -> list[str]:
    """Pointers, or beginnings of lines, at which two files differ."""
    try:
        return [found.pointer for found in iter_differences(parse(left), parse(right))]
    except JsonError:
        pairs = zip(left.decode().split("\n"), right.decode().split("\n"), strict=True)
        return [ours.partition(": ")[0] + ": " for ours, theirs in pairs if ours != theirs]


class TestElsewhere:
    """A pack of an approval on another machine: only the program is there (issue: env -i with only PATH)."""

    def replayed(self, folder: Path, home: Path) -> subprocess.CompletedProcess[str]:
        binary = home / "bin" / "assay"
        binary.parent.mkdir(parents=True)
        code = f"import sys; sys.path.insert(0, {str(Path(__file__).parents[2])!r}); sys.argv[0] = 'assay'"
        code += "; from tui.cli.main import run; run()"
        binary.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -c {shlex.quote(code)} "$@"\n')
        binary.chmod(0o755)
        environment = {"PATH": f"{binary.parent}:{os.environ['PATH']}"}
        command = [str(folder / "replay_command.sh")]
        return subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, check=False)

    def test_it_replays_and_an_edited_copy_is_named_with_step_and_pointer(self, tmp_path: Path) -> None:
        files = next(files for files in packs() if parse(files["state.json"])["decision"] == "approve")
        write_folder(tmp_path / "good pack", files, modes=MODES)
        done = self.replayed(tmp_path / "good pack", tmp_path / "one")
        assert (done.returncode, done.stderr) == (0, "")
        assert "Replayed: everything is as recorded." in done.stdout

        name, step, action = compared(files)
        copy = parse(files[name])
        field = "observed_output" if copy["actions"][action].get("observed_output") is not None else "output"
        copy["actions"][action][field] = {**copy["actions"][action][field], "edited": True}
        write_folder(tmp_path / "edited pack", {**files, name: pretty(copy)}, modes=MODES)
        done = self.replayed(tmp_path / "edited pack", tmp_path / "two")
        assert done.returncode == 1
        assert f"First difference: crashpack: {name}: files.sha256 records" in done.stdout
        assert f"step {step}" in done.stdout
        assert "/edited" in done.stdout


def compared(files: Files) -> tuple[str, int, int]:
    """The copy of an example, a step whose output is compared with it, and the index of that action in the copy."""
    candidate = parse(files["candidate.json"])
    example = candidate["examples"][0]
    paths = {run["trace_id"]: run["path"] for run in parse(files["state.json"])["runs"]}
    for step in candidate["steps"]:
        if step["segment"] == "deterministic" and isinstance(step["expected_output"], dict):
            return paths[example["trace_id"]], step["index"], example["start_index"] + step["index"] - 1
    raise AssertionError("the samples have no such step")
