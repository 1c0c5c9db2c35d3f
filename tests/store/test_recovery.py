"""After a crash, what was decided is completed, what was not is cleared away, and the user is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.crashpack.integrity import files_sha256
from core.model.decision import CrashpackRef, Decision
from core.model.errors import WorkspaceError
from core.model.jsontext import sha256_hex
from core.store.files import read_folder, write_folder
from core.store.journal_file import append
from core.store.recovery import BUNDLE_DIGEST, PRUNED, recover
from core.store.staging import SUMS, publish_folder
from core.store.workspace import Workspace
from tests.store.disks import CountingDisk, Crash, PowerLoss, failures, names, put
from tests.store.samples import build_folder_aside, draft

PACK = {"manifest": b"what was decided", SUMS: b"sums of the manifest"}
BUNDLE = {"candidate.json": b"{}", "fixtures/one.json": b"{}"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "runs").mkdir()
    return Workspace.open(tmp_path / "runs")


def decision() -> Decision:
    return draft(crashpack=CrashpackRef(name="c-001", digest="sha256:" + sha256_hex(PACK[SUMS])))


def transaction(workspace: Workspace) -> None:
    """The steps of spec/review.md, What approving does, but for the comparison."""
    final, disk = workspace.crashpack("c-001"), workspace.disk
    with workspace.locked("ana"):
        aside = build_folder_aside(final, PACK, within=workspace.tmp, disk=disk)
        append(workspace.journal_file, decision(), disk=disk)
        publish_folder(aside, final, disk=disk)
        write_folder(workspace.bundle("lineage_1"), BUNDLE, last="candidate.json", disk=disk)


def check(workspace: Workspace) -> int:
    """How many decisions there are after a start; everything else has to fit to them."""
    recover(workspace)
    journal = workspace.load_journal()
    assert journal.faults == ()
    assert journal.torn_tail == b""
    packs = read_folder(workspace.crashpacks) if workspace.crashpacks.is_dir() else {}
    decided = bool(journal.decisions)
    assert packs == ({f"c-001/{name}": data for name, data in PACK.items()} if decided else {})
    assert not workspace.tmp.exists() or names(workspace.tmp) == []
    assert not list(workspace.folder.rglob("*.tmp"))
    assert recover(workspace) == (), "a second start has nothing to do"
    return len(journal.decisions)


def test_nothing_to_do_is_nothing_to_tell(workspace: Workspace) -> None:
    assert recover(workspace) == ()
    transaction(workspace)
    assert recover(workspace) == ()
    assert check(workspace) == 1


def test_a_decided_crashpack_is_put_in_place(workspace: Workspace) -> None:
    with workspace.locked():
        build_folder_aside(workspace.crashpack("c-001"), PACK, within=workspace.tmp)
        append(workspace.journal_file, decision())
    assert recover(workspace) == ("A crash interrupted decision 1; its crashpack c-001 was put in place.",)
    assert read_folder(workspace.crashpack("c-001")) == PACK


def test_an_undecided_crashpack_is_removed(workspace: Workspace) -> None:
    aside = build_folder_aside(workspace.crashpack("c-001"), PACK, within=workspace.tmp)
    told = f"{aside.name} was left half done; it was never recorded, so it has been removed."
    assert recover(workspace) == (told,)
    assert names(workspace.tmp) == []


def test_another_crashpack_of_that_name_is_not_taken_for_it(workspace: Workspace) -> None:
    with workspace.locked():
        append(workspace.journal_file, decision())
    build_folder_aside(workspace.crashpack("c-001"), {**PACK, SUMS: b"others"}, within=workspace.tmp)
    build_folder_aside(workspace.crashpack("c-001"), {"manifest": b""}, within=workspace.tmp)
    assert all("has been removed" in told for told in recover(workspace))
    assert not workspace.crashpack("c-001").exists()


def promotion(sums: bytes) -> Decision:
    """A decision whose promotion files have this list of sums."""
    return draft(lineage="lineage_1", crashpack=None, detail={BUNDLE_DIGEST: "sha256:" + sha256_hex(sums)})


def test_promotion_files_of_the_last_decision_are_put_in_place(workspace: Workspace) -> None:
    bundle = workspace.bundle("lineage_1")
    with workspace.locked():
        build_folder_aside(bundle, {**BUNDLE, SUMS: (sums := files_sha256(BUNDLE))}, within=workspace.tmp)
        append(workspace.journal_file, promotion(sums))
    assert recover(workspace) == ("A crash interrupted decision 1; its promotion files of lineage_1 are complete.",)
    assert read_folder(bundle) == BUNDLE
    assert recover(workspace) == ()


@pytest.mark.parametrize(
    ("recorded", "why"),
    [((b"mine", b"later"), "a later decision replaced it"), ((b"later",), "it was never recorded")],
)
def test_promotion_files_of_no_present_decision_are_removed(
    workspace: Workspace, recorded: tuple[bytes, ...], why: str
) -> None:
    with workspace.locked():
        aside = build_folder_aside(workspace.bundle("lineage_1"), {**BUNDLE, SUMS: b"mine"}, within=workspace.tmp)
        for sums in recorded:
            append(workspace.journal_file, promotion(sums))
    assert recover(workspace) == (f"{aside.name} was left half done; {why}, so it has been removed.",)
    assert not workspace.bundle("lineage_1").exists()


def test_what_a_pruning_left_is_removed_whatever_it_holds(workspace: Workspace) -> None:
    with workspace.locked():
        append(workspace.journal_file, decision())
        build_folder_aside(workspace.crashpack("c-001"), PACK, within=workspace.tmp).rename(
            workspace.tmp / f"c-001{PRUNED}"
        )
    assert recover(workspace) == ("A crash interrupted a pruning; what was left of crashpack c-001 has been removed.",)
    assert not workspace.crashpack("c-001").exists()
    assert recover(workspace) == ()


def test_nothing_is_removed_while_the_journal_is_damaged(workspace: Workspace) -> None:
    aside = build_folder_aside(workspace.crashpack("c-001"), PACK, within=workspace.tmp)
    workspace.journal_file.write_bytes(b"damaged\n")
    assert recover(workspace) == (f"{aside} was left by a crash; it stays until the journal is in order.",)
    assert read_folder(aside) == PACK


def test_a_torn_tail_is_set_aside_and_told(workspace: Workspace) -> None:
    transaction(workspace)
    before = workspace.journal_file.read_bytes()
    workspace.journal_file.write_bytes(before + before[:99])
    (told,) = recover(workspace)
    assert told.startswith("A crash cut short the journal's last line")
    assert "it was set aside as journal.torn-1" in told
    assert workspace.journal_file.read_bytes() == before
    assert (workspace.folder / "journal.torn-1").read_bytes() == before[:99]


def test_an_acknowledged_line_that_lost_its_newline_stands_and_is_told(workspace: Workspace) -> None:
    transaction(workspace)
    before = workspace.journal_file.read_bytes()
    workspace.journal_file.write_bytes(before[:-1])
    assert [d.seq for d in workspace.load_journal().trusted] == [1]
    (told,) = recover(workspace)
    assert "decision 1 was acknowledged and stands" in told
    assert workspace.journal_file.read_bytes() == before
    assert not list(workspace.folder.glob("journal.torn-*"))
    assert recover(workspace) == ()


def test_half_written_files_are_removed(workspace: Workspace) -> None:
    put(workspace.folder, {".assay-0123.tmp": b"", "candidates/l/fixtures/.assay-4567.tmp": b"", "candidates/l/x": b""})
    assert recover(workspace) == ("A crash left 2 half-written files; the old contents stay in force.",)
    assert read_folder(workspace.candidates) == {"l/x": b""}


def test_the_work_of_others_is_left_alone(workspace: Workspace) -> None:
    aside = build_folder_aside(workspace.crashpack("c-001"), PACK, within=workspace.tmp)
    with workspace.locked("ana"):
        assert recover(workspace) == ()
    assert read_folder(aside) == PACK


def test_nothing_is_touched_where_nothing_can_be_written(workspace: Workspace) -> None:
    aside = build_folder_aside(workspace.crashpack("c-001"), PACK, within=workspace.tmp)
    seen = Workspace(workspace.traces, workspace.folder, "read-only")
    assert recover(seen) == ()
    assert aside.exists()


def test_every_failure_leaves_a_decision_complete_or_absent(tmp_path: Path) -> None:
    counting = CountingDisk()
    (tmp_path / "count/runs").mkdir(parents=True)
    transaction(Workspace.open(tmp_path / "count/runs", disk=counting))
    outcomes = set()
    for number, disk in enumerate(failures(len(counting.effects))):
        traces = tmp_path / str(number) / "runs"
        traces.mkdir(parents=True)
        try:
            transaction(Workspace.open(traces, disk=disk))
        except (Crash, WorkspaceError):
            acknowledged = False
        else:
            acknowledged = True
        found = check(Workspace.open(traces))
        assert found == 1 or not acknowledged
        outcomes.add((acknowledged, found))
    assert {(False, 0), (False, 1)} <= outcomes


def test_every_power_loss_leaves_a_decision_complete_or_absent(tmp_path: Path) -> None:
    disk = CountingDisk()
    (tmp_path / "runs").mkdir()
    workspace = Workspace.open(tmp_path / "runs", disk=disk)
    transaction(workspace)
    outcomes = set()
    seen = set()
    for number, (count, state) in enumerate(PowerLoss(workspace.folder.parent).states(disk.effects)):
        key = (count == len(disk.effects), tuple(sorted(state.items())))
        if key in seen:
            continue
        seen.add(key)
        place = tmp_path / "after" / str(number)
        (place / "runs").mkdir(parents=True)
        put(place, state)
        found = check(Workspace.open(place / "runs"))
        if count == len(disk.effects):
            assert found == 1
        outcomes.add(found)
    assert outcomes == {0, 1}
