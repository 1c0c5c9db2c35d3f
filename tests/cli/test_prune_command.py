"""`assay prune`: old crashpacks go when somebody asks, and never one that a live decision names."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.model.jsontext import parse, pretty
from core.store.workspace import Workspace
from tests.cli.test_workspace_commands import assay, told
from tests.review.making import releases
from tests.workspaces import exact
from tui.cli.exits import Exit


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    return exact(releases(tmp_path / "traces"))


def decide(traces: Path, command: str, actor: str = "ann") -> None:
    (candidate,) = told("list", traces)["candidates"]
    assert assay(command, traces, candidate["lineage"], "--as", actor, "--reason", "x").exit_code == 0


def packs(traces: Path) -> list[str]:
    return sorted(path.name[-3:] for path in Workspace.open(traces).crashpacks.iterdir())


@pytest.fixture
def decided(traces: Path) -> Path:
    """Four crashpacks: two that later ones of the same people replaced, a live rejection, a live approval."""
    for command, actor in (("reject", "ann"), ("approve", "bob"), ("reject", "ann"), ("approve", "bob")):
        decide(traces, command, actor)
    return traces


def test_what_no_live_decision_names_goes_and_verification_notes_it(decided: Path) -> None:
    assert packs(decided) == ["001", "002", "003", "004"]
    would = told("prune", decided, "--keep", "1", "--dry-run")
    assert (would["dry_run"], [name[-3:] for name in would["removed"]]) == (True, ["001", "002"])
    assert packs(decided) == ["001", "002", "003", "004"]

    found = told("prune", decided, "--keep", "1")

    assert [name[-3:] for name in found["removed"]] == ["001", "002"]
    assert ([name[-3:] for name in found["in_use"]], [name[-3:] for name in found["newest"]]) == (["003"], ["004"])
    assert packs(decided) == ["003", "004"]
    checked = told("verify", decided)
    assert checked["problems"] == []
    assert [note[:9] for note in checked["notes"]] == ["crashpack", "crashpack"]
    assert all(note.endswith("which no longer counts, was pruned") for note in checked["notes"])
    assert assay("prune", decided, "--keep", "1").output == "0 crashpacks removed, 2 stay\n"
    decide(decided, "reject")
    assert packs(decided) == ["003", "004", "005"], "a number is never used again"


def test_the_newest_stay(decided: Path) -> None:
    assert assay("prune", decided, "--keep", "3").output.splitlines()[-1] == "1 crashpack removed, 3 stay"
    assert packs(decided) == ["002", "003", "004"]
    assert assay("prune", decided, "--keep", "0").exit_code == Exit.USAGE


def test_the_list_excuses_nothing_that_counts(decided: Path) -> None:
    told("prune", decided, "--keep", "1")
    store = Workspace.open(decided)
    (live,) = (decision for decision in store.load_journal().decisions if decision.seq == 3)
    assert live.crashpack is not None
    path = store.folder / "pruned.json"
    listed = parse(path.read_bytes())
    listed["crashpacks"][live.crashpack.name] = live.crashpack.digest
    path.write_bytes(pretty(listed))
    store.crashpack(live.crashpack.name).rename(decided.parent / "away")
    (problem,) = told("verify", decided)["problems"]
    assert problem == f"crashpack {live.crashpack.name} was pruned, but decision 3 counts; put back a copy of it"
    path.write_text("[]")
    assert any("pruned.json is damaged" in problem for problem in told("verify", decided)["problems"])
    assert assay("prune", decided, "--keep", "1").exit_code == Exit.DONE, "there is nothing to be written down"


def test_a_lineage_keeps_what_it_is_compared_with_and_damage_is_left_to_be_seen(traces: Path) -> None:
    for command in ("reject", "approve", "revoke", "reject", "revoke", "reject", "revoke"):
        decide(traces, command)
    store = Workspace.open(traces)
    (first,) = store.crashpacks.glob("*-001")
    (first / "files.sha256").write_bytes(b"")
    found = told("prune", traces, "--keep", "1")
    assert [name[-3:] for name in found["removed"]] == ["003"]
    assert [name[-3:] for name in found["in_use"]] == ["002"], "its latest approval, though it was taken back"
    assert [name[-3:] for name in found["damaged"]] == ["001"]


@pytest.mark.parametrize("name", ["journal.jsonl", "assay.toml"])
def test_nothing_is_removed_when_nobody_can_tell_what_counts(decided: Path, name: str) -> None:
    path = Workspace.open(decided).folder / name
    path.write_text("x = \n" + path.read_text())
    assert assay("prune", decided, "--keep", "1").exit_code == Exit.WORKSPACE
    assert packs(decided) == ["001", "002", "003", "004"]
