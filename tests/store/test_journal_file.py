"""Appending is the commit point: what was acknowledged stays, what was not is complete or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from core.model.errors import InputError, WorkspaceError
from core.store.disk import Disk
from core.store.journal import Head, read_journal
from core.store.journal_file import Unsettled, append, head_path, load_journal, set_aside_torn_tail
from tests.store.disks import CountingDisk, Crash, FailingDisk, PowerLoss, failures, names, put
from tests.store.samples import draft, lines

LINES = lines(3)
BEFORE = b"".join(LINES)
TORN = BEFORE + LINES[0][:50]
BEGINNINGS = {"none": {}, "three": {"journal.jsonl": BEFORE}, "torn": {"journal.jsonl": TORN}}


def recorded(data: bytes) -> list[int]:
    """The decisions that stand, when nothing is wrong."""
    journal = read_journal(data)
    assert journal.faults == ()
    return [d.seq for d in journal.trusted]


def test_append_gives_each_decision_its_place(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    first = append(path, draft("ana", seq=99, prev="nonsense"))
    second = append(path, draft("bob", detail={"b": (1, 2), "a": None}))
    journal = load_journal(path)
    assert journal.faults == ()
    assert journal.decisions == (first.decision, second.decision)
    assert [d.seq for d in journal.decisions] == [1, 2]
    assert second.decision.detail == {"a": None, "b": [1, 2]}
    assert second.head == journal.head
    assert head_path(path).read_text() == f"{journal.head}\n"
    assert names(tmp_path) == ["journal.head", "journal.jsonl"]


def test_a_missing_journal_is_an_empty_one(tmp_path: Path) -> None:
    assert load_journal(tmp_path / "journal.jsonl") == read_journal(b"")


def test_a_torn_tail_is_set_aside_first(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(TORN)
    (tmp_path / "journal.torn-1").write_bytes(b"an earlier one")
    append(path, draft())
    assert (tmp_path / "journal.torn-2").read_bytes() == LINES[0][:50]
    assert recorded(path.read_bytes()) == [1, 2, 3, 4]


@pytest.mark.parametrize("refuses", [False, True])
def test_a_line_that_lost_its_newline_is_ended_before_another_is_added(tmp_path: Path, *, refuses: bool) -> None:
    class Full(Disk):
        def append(self, path: Path, data: bytes) -> None:
            if refuses and data != b"\n":
                raise OSError(errno.ENOSPC, "full")
            super().append(path, data)

    path = tmp_path / "journal.jsonl"
    append(path, draft("ana"))
    append(path, draft("bob"))
    before = path.read_bytes()
    path.write_bytes(before[:-1])
    assert (load_journal(path).faults, load_journal(path).torn_tail) == ((), b"")
    assert load_journal(path).sound is None, "nothing is remembered of bytes that will be other ones"
    if refuses:
        with pytest.raises(WorkspaceError, match="nothing was recorded"):
            append(path, draft("cy"), disk=Full())
        assert path.read_bytes() == before
    else:
        append(path, draft("cy"))
        assert recorded(path.read_bytes()) == [1, 2, 3]
    path.write_bytes(before[:-2])
    assert load_journal(path).torn_tail


def test_a_tail_that_was_copied_but_not_cut_is_not_copied_again(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(TORN)
    (tmp_path / "journal.torn-1").write_bytes(LINES[0][:50])
    assert set_aside_torn_tail(path, load_journal(path)) == tmp_path / "journal.torn-1"
    assert names(tmp_path) == ["journal.jsonl", "journal.torn-1"]
    assert path.read_bytes() == BEFORE
    assert set_aside_torn_tail(path, load_journal(path)) is None


def test_nothing_is_added_to_a_broken_chain_unless_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    broken = LINES[0] + LINES[2]
    path.write_bytes(broken)
    with pytest.raises(WorkspaceError, match=r"is damaged .line 2 holds decision 3.*put back an undamaged copy"):
        append(path, draft())
    assert path.read_bytes() == broken
    assert append(path, draft(), despite_faults=True).decision.seq == 4
    assert load_journal(path).faults == ("line 2 holds decision 3: decision 2 should stand before it",)


def test_lost_last_lines_are_noticed_by_the_note_beside_the_journal(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    for _ in range(3):
        append(path, draft())
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\n") + 1])
    told = "the journal ends at line 1: decisions 2 to 3 are missing"
    assert load_journal(path).faults == (told,)
    append(path, draft(), despite_faults=True)
    assert load_journal(path).faults, "a note that proves a fault is not overwritten"
    path.write_bytes(whole)
    assert load_journal(path).faults == ()


def test_a_changed_note_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    append(path, draft())
    head_path(path).write_bytes(b"\xff")
    assert load_journal(path).faults == ("journal.head was changed: it holds no journal head",)


def test_a_head_from_outside_is_checked_too(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    append(path, draft())
    assert load_journal(path, known=[Head(2, "0" * 64)]).faults == (
        "the journal ends at line 1: decision 2 is missing",
    )


def test_a_note_that_cannot_be_written_takes_nothing_back(tmp_path: Path) -> None:
    class NoNotes(Disk):
        def write(self, path: Path, data: bytes, mode: int = 0o644, exact: bool = False) -> None:
            raise OSError(errno.ENOSPC, "full")

    path = tmp_path / "journal.jsonl"
    append(path, draft(), disk=NoNotes())
    assert not head_path(path).exists()
    append(path, draft())
    assert load_journal(path).faults == ()
    assert head_path(path).read_text().startswith("2:")


def test_what_cannot_be_written_leaves_the_journal_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_bytes(TORN)
    with pytest.raises(InputError):
        append(path, draft(reason="\udfff"))
    assert path.read_bytes() == TORN


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_every_failure_leaves_the_decision_complete_or_absent(beginning: str, tmp_path: Path) -> None:
    counting = CountingDisk()
    put(tmp_path / "count", BEGINNINGS[beginning])
    (tmp_path / "count").mkdir(exist_ok=True)
    append(tmp_path / "count/journal.jsonl", draft(), disk=counting)
    before = recorded(BEGINNINGS[beginning].get("journal.jsonl", b""))
    after = [*before, len(before) + 1]
    acknowledged = 0
    for number, disk in enumerate(failures(len(counting.effects))):
        root = tmp_path / str(number)
        root.mkdir()
        put(root, BEGINNINGS[beginning])
        path = root / "journal.jsonl"
        try:
            append(path, draft(), disk=disk)
        except Crash:
            allowed: tuple[list[int], ...] = (before, after)
        except Unsettled:
            pytest.fail("one failure can always be settled")
        except WorkspaceError:
            allowed = (before,)
        else:
            allowed, acknowledged = (after,), acknowledged + 1
        data = path.read_bytes() if path.exists() else b""
        assert recorded(data) in allowed
        # Whatever happened, the next decision finds its place.
        assert append(path, draft()).decision.seq == len(recorded(data)) + 1
        assert load_journal(path).faults == ()
    assert acknowledged, "a note that fails leaves the decision acknowledged"


def test_a_disk_that_fails_twice_says_that_it_does_not_know(tmp_path: Path) -> None:
    class Broken(Disk):
        def flush_file(self, path: Path) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def truncate(self, path: Path, size: int) -> None:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    with pytest.raises(Unsettled, match=r"the device reports an error.*whether the decision was recorded shows when"):
        append(tmp_path / "journal.jsonl", draft(), disk=Broken())


def test_a_decision_that_was_taken_back_does_not_return_with_the_power(tmp_path: Path) -> None:
    flush = 1
    disk = FailingDisk(flush, error=errno.EIO)
    with pytest.raises(WorkspaceError, match=r"the device reports an error.*nothing was recorded"):
        append(tmp_path / "journal.jsonl", draft(), disk=disk)
    assert disk.effects[flush][0] == "flush_file"
    for count, state in PowerLoss(tmp_path).states(disk.effects):
        assert count < len(disk.effects) or recorded(state.get("journal.jsonl", b"")) == []


@pytest.mark.parametrize("beginning", BEGINNINGS)
def test_every_power_loss_keeps_what_was_acknowledged(beginning: str, tmp_path: Path) -> None:
    initial = BEGINNINGS[beginning]
    put(tmp_path, initial)
    disk = CountingDisk()
    append(tmp_path / "journal.jsonl", draft(), disk=disk)
    before = recorded(initial.get("journal.jsonl", b""))
    after = [*before, len(before) + 1]
    flushed = _commit_point(disk)
    for count, state in PowerLoss(tmp_path, initial).states(disk.effects):
        found = recorded(state.get("journal.jsonl", b""))
        assert found == after if count > flushed else found in (before, after)
        noted = state.get("journal.head")
        assert noted is None or count > flushed, "the note never runs ahead"
        if beginning == "torn":
            assert state.get("journal.torn-1") == TORN[len(BEFORE) :] or state["journal.jsonl"].startswith(TORN)


@pytest.mark.parametrize("left_out", ["flush_file", "flush_folder"])
def test_the_simulated_power_loss_finds_a_missing_flush(left_out: str, tmp_path: Path) -> None:
    disk = CountingDisk()
    append(tmp_path / "journal.jsonl", draft(), disk=disk)
    flushed = _commit_point(disk)
    effects = [e for e in disk.effects[: flushed + 1] if e[0] != left_out]
    lost = [
        state
        for count, state in PowerLoss(tmp_path).states(effects)
        if count == len(effects) and recorded(state.get("journal.jsonl", b"")) != [1]
    ]
    assert lost


def _commit_point(disk: CountingDisk) -> int:
    """The number of the last effect before the decision is acknowledged: the flushes after the append."""
    start = next(number for number, (effect, _) in enumerate(disk.effects) if effect == "append")
    return next(n for n in range(start, len(disk.effects)) if disk.effects[n + 1][0] == "write")
