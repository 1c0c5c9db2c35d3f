"""What `assay verify` says of decisions that do not count, or count less than they claim."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.review.verify_journal import verify_journal
from core.store.journal_file import append, head_path
from core.store.policy import Policy
from core.store.workspace import Workspace
from tests.signing.making import ANN, BOB
from tests.store.samples import draft

TRUSTING = Policy(trusted_keys={"ann": (ANN.key.text,)})


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "runs").mkdir()
    return Workspace.open(tmp_path / "runs")


def test_a_signature_that_the_policy_does_not_trust_is_told_with_its_key(workspace: Workspace) -> None:
    for actor, signer in (("ann", ANN), ("ann", BOB), ("ann", None)):
        append(workspace.journal_file, draft(actor, crashpack=None), signer=signer)
    foreign = f"decision 2 (approve by ann) is signed with key {BOB.key.keyid[:16]}, which the policy does not trust as"
    told = verify_journal(workspace, TRUSTING)
    assert told.signatures == {"trusted": 1, "signed": 1, "unsigned": 1, "bad": 0}
    assert (told.problems, told.notes) == ((), (f"{foreign} ann's",))
    unsigned = "decision 3 (approve by ann) does not count: it is unsigned and the policy wants a trusted key"
    assert verify_journal(workspace, TRUSTING.replace(keys_required=True)).notes == (
        f"{foreign} ann's",
        f"{unsigned} (keys_required)",
    )
    assert verify_journal(workspace, Policy()).notes == ()


def test_what_takes_back_more_than_the_policy_allows_is_a_fault_only_where_it_did_then(workspace: Workspace) -> None:
    policy = Policy()
    for seq, digest in ((1, policy.digest), (3, "sha256:" + "d" * 64)):
        append(workspace.journal_file, draft("ann", kind="reject", crashpack=None))
        revoke = draft("bob", kind="revoke", crashpack=None, policy_digest=digest, detail={"revokes": [seq]})
        append(workspace.journal_file, revoke)
    kept = "does not take back decision {} by ann, as the policy does not allow it (revoke_others)"
    told = verify_journal(workspace, policy)
    assert told.problems == (f"decision 2 (revoke by bob) {kept.format(1)}; this program did not write it",)
    assert told.notes == (f"decision 4 (revoke by bob) {kept.format(3)}",)
    assert verify_journal(workspace, Policy(revoke_others=True)).problems == ()


def test_a_note_of_the_head_that_is_gone_is_told_from_the_second_decision_on(workspace: Workspace) -> None:
    for number in (1, 2):
        append(workspace.journal_file, draft(crashpack=None))
        head_path(workspace.journal_file).unlink()
        assert len(verify_journal(workspace, Policy()).problems) == number - 1


@pytest.mark.parametrize("state", [b"[]", b"5", b"null", b"{}", b"x", b""])
def test_a_state_that_names_no_head_ends_nothing(workspace: Workspace, state: bytes) -> None:
    pack = workspace.crashpacks / "c-001"
    pack.mkdir(parents=True)
    (pack / "state.json").write_bytes(state)
    assert verify_journal(workspace, Policy()).problems == ()
