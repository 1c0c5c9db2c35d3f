"""A checkpoint saves work and never hides anything: whatever is wrong with it, everything is verified."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.model.errors import WorkspaceError
from core.model.jsontext import parse, pretty, sha256_hex
from core.store import checkpoint, journal, workspace
from core.store.checkpoint import private_key, read_checkpoint, write_checkpoint
from core.store.journal import Head, Sound, read_journal
from core.store.signing.checking import Checker
from core.store.workspace import Workspace
from tests.signing.making import ANN
from tests.signing.test_signed_journal import journal_of
from tests.store.samples import draft, lines

LINES = lines(6)
WHOLE = b"".join(LINES)
KEY = b"k" * 64


def sound_of(count: int) -> Sound:
    """What was verified when there were so many lines."""
    found = read_journal(b"".join(LINES[:count])).sound
    assert found is not None
    return Sound(found.size, found.sha256, found.head)


@given(st.integers(1, 6), st.integers(0, 6))
def test_reading_from_a_checkpoint_gives_the_same_journal(before: int, now: int) -> None:
    data = b"".join(LINES[:now]) + LINES[0][:9]
    full, quick = read_journal(data), read_journal(data, sound=sound_of(before))
    assert quick.recalled == (before if before <= now else 0)
    assert tuple(quick.decisions) == tuple(full.decisions)
    for name in ("trusted", "faults", "torn_tail", "head", "size", "sha256"):
        assert getattr(quick, name) == getattr(full, name), name


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255), st.integers(1, 6))
def test_a_changed_byte_is_noticed_as_without_a_checkpoint(place: int, flip: int, before: int) -> None:
    changed = WHOLE[:place] + bytes([WHOLE[place] ^ flip]) + WHOLE[place + 1 :]
    known = [read_journal(WHOLE).head]
    full, quick = read_journal(changed, known=known), read_journal(changed, known=known, sound=sound_of(before))
    assert (quick.faults, quick.trusted) == (full.faults, full.trusted)
    assert quick.faults


def test_what_stands_before_a_torn_line_is_sound() -> None:
    sound = read_journal(b"".join(LINES[:3]) + LINES[3][:9]).sound
    assert sound is not None
    assert read_journal(WHOLE, sound=sound).recalled == 3


def test_a_fault_after_the_checkpoint_is_named_with_its_line() -> None:
    found = read_journal(b"".join([*LINES[:3], LINES[4]]), sound=sound_of(3))
    assert found.recalled == 3
    assert found.faults == ("line 4 holds decision 5: decision 4 should stand before it",)
    assert len(found.trusted) == 3


def test_known_heads_are_compared_before_the_checkpoint_too() -> None:
    assert read_journal(WHOLE, known=[Head(2, sha256_hex(LINES[1][:-1]))], sound=sound_of(5)).faults == ()
    assert "line 2 was changed" in read_journal(WHOLE, known=[Head(2, "0" * 64)], sound=sound_of(5)).faults[0]


def test_only_what_is_new_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    plain, sound = journal.unseal, sound_of(4)
    monkeypatch.setattr(journal, "unseal", lambda line: seen.append(line) or plain(line))
    read_journal(WHOLE, sound=sound)
    assert seen == [line[:-1] for line in LINES[4:]]


def test_signatures_before_the_checkpoint_are_judged_by_the_trust_of_today() -> None:
    data = journal_of(("ann@example.org", ANN), ("bob@example.org", ANN))
    found = read_journal(data).sound
    assert found is not None
    quick = read_journal(
        data, sound=Sound(found.size, found.sha256, found.head), check=Checker.of({"ann@example.org": [ANN.key.text]})
    )
    assert [d.signed for d in quick.decisions] == ["trusted", "signed"]


# ---- the file


def test_it_reads_back_with_the_key_and_with_no_other(tmp_path: Path) -> None:
    path = tmp_path / "c"
    write_checkpoint(path, KEY, read_journal(WHOLE))
    assert read_checkpoint(path, KEY) == sound_of(6)
    assert read_checkpoint(path, b"x" * 64) is None
    assert read_checkpoint(path, None) is None
    assert read_checkpoint(tmp_path / "missing", KEY) is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_a_changed_checkpoint_is_not_believed(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "c"
    write_checkpoint(path, KEY, read_journal(WHOLE))
    value = parse(path.read_bytes())
    key = data.draw(st.sampled_from(sorted(value)))
    value[key] = data.draw(st.sampled_from([0, value["count"] - 1, "", "0" * 64, None, True]))
    path.write_bytes(pretty(value))
    assert read_checkpoint(path, KEY) is None


@given(text=st.binary(max_size=60))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_nonsense_is_no_checkpoint(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "c").write_bytes(text)
    assert read_checkpoint(tmp_path / "c", KEY) is None


def test_nothing_is_noted_of_a_journal_with_faults(tmp_path: Path) -> None:
    write_checkpoint(tmp_path / "c", KEY, read_journal(WHOLE[:-5] + b"\n"))
    write_checkpoint(tmp_path / "c", None, read_journal(WHOLE))
    assert not (tmp_path / "c").exists()


def test_a_key_that_others_can_read_or_own_makes_no_checkpoints(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "key"
    path.write_text("a" * 64)
    path.chmod(0o600)
    assert private_key(path) == b"a" * 64
    path.chmod(0o640)
    assert private_key(path) is None
    path.chmod(0o600)
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)
    assert private_key(path) is None
    assert private_key(tmp_path / "missing") is None


# ---- the workspace


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(workspace, "EVERY", 3)
    (tmp_path / "traces").mkdir()
    opened = Workspace.open(tmp_path / "traces")
    with opened.locked():
        for number in range(5):
            opened.append(draft(reason=f"reason {number}"))
    return opened


def test_a_workspace_notes_how_far_it_verified(store: Workspace) -> None:
    assert not store.checkpoint_file.exists()
    assert store.load_journal().recalled == 0
    assert store.checkpoint_file.stat().st_mode & 0o777 == 0o600
    with store.locked():
        store.append(draft(reason="one more"))
    found = store.load_journal()
    assert (found.recalled, len(found.decisions), found.faults) == (5, 6, ())
    assert store.load_journal(complete=True).recalled == 0


def test_a_journal_and_a_checkpoint_that_were_changed_together_are_noticed(store: Workspace) -> None:
    store.load_journal()
    data = store.journal_file.read_bytes()
    changed = data[:200] + bytes([data[200] ^ 1]) + data[201:]
    store.journal_file.write_bytes(changed)
    value = parse(store.checkpoint_file.read_bytes())
    store.checkpoint_file.write_bytes(pretty({**value, "sha256": sha256_hex(changed)}))
    assert "line 1 was changed" in store.load_journal().faults[0]
    with store.locked(), pytest.raises(WorkspaceError, match="nothing was recorded"):
        store.append(draft())


def test_an_older_journal_with_its_own_checkpoint_is_noticed_by_the_head(store: Workspace) -> None:
    store.load_journal()
    data = store.journal_file.read_bytes()
    with store.locked():
        store.append(draft(reason="one more"))
    store.journal_file.write_bytes(data)
    assert store.load_journal().recalled == 5
    assert "decision 6 is missing" in store.load_journal().faults[0]


def test_losing_the_checkpoint_loses_nothing(store: Workspace) -> None:
    before = store.load_journal()
    store.checkpoint_file.unlink()
    assert tuple(store.load_journal().decisions) == tuple(before.decisions)
    assert checkpoint.EVERY > 3
