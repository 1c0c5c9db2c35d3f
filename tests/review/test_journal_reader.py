"""A session reads its journal again and again, and judges it by the policy of the moment."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.review import journal_reader
from core.review.journal_reader import JournalReader
from core.store import journal
from core.store.policy import Policy
from core.store.workspace import Workspace
from tests.signing.making import ANN
from tests.store.samples import draft

TRUSTING = Policy(trusted_keys={"ann@example.org": (ANN.key.text,)})


@pytest.fixture
def store(tmp_path: Path) -> Workspace:
    (tmp_path / "traces").mkdir()
    return Workspace.open(tmp_path / "traces")


def add(store: Workspace) -> None:
    with store.locked():
        store.append(draft("ann@example.org"), ANN)


def test_what_is_there_already_is_not_verified_twice(store: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[bytes] = []
    plain = journal.unseal
    monkeypatch.setattr(journal, "unseal", lambda line: seen.append(line) or plain(line))
    reader = JournalReader(store)
    for count in range(1, 4):
        add(store)
        seen.clear()
        found = reader.read(Policy())
        assert (len(seen), found.recalled, len(found.trusted)) == (1, count - 1, count)
    assert tuple(found.decisions) == tuple(store.load_journal(complete=True).decisions)


def test_trust_that_changes_is_seen_at_once_and_both_ways(store: Workspace) -> None:
    reader = JournalReader(store)
    add(store)
    for policy, signed in ((Policy(), "signed"), (TRUSTING, "trusted"), (TRUSTING, "trusted"), (Policy(), "signed")):
        assert [d.signed for d in reader.read(policy).decisions] == [signed]
    add(store)
    assert [d.signed for d in reader.read(TRUSTING).decisions] == ["trusted", "trusted"]


def test_a_journal_that_is_changed_behind_the_back_is_noticed(store: Workspace) -> None:
    reader = JournalReader(store)
    add(store)
    add(store)
    assert reader.read(Policy()).faults == ()
    data = store.journal_file.read_bytes()
    store.journal_file.write_bytes(data[:100] + bytes([data[100] ^ 1]) + data[101:])
    assert "line 1 is signed falsely" in reader.read(Policy()).faults[0]
    store.journal_file.write_bytes(data)
    assert reader.read(Policy()).faults == ()
    assert journal_reader.Checker.of(TRUSTING.trusted_keys).trusted == {("ann@example.org", ANN.key.keyid)}
