"""What an approval will do, told before: whom it waits for, and what others said against it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.decision import Decision
from core.review.consequence import consequence
from core.review.words import sentence
from core.store.policy import Policy
from tests.tui import fakes

VIEW = fakes.view("bump")
TWO = Policy(approvals_required=2)
START = "bump (3 steps, risk medium) as ann"


def said(seq: int, actor: str, kind: str = "approve", **more: object) -> Decision:
    return fakes.decision(VIEW, kind, seq=seq, actor=actor, reason="too wide", **more)  # type: ignore[arg-type]


def told(*decisions: Decision, policy: Policy = TWO, status: str = "needs_approval") -> str:
    view = replace(VIEW, decisions=decisions, status=status)  # type: ignore[arg-type]
    return sentence("approve", view, "ann", policy)


@pytest.mark.parametrize(
    ("decisions", "policy", "expected"),
    [
        ((), Policy(), f"Promote {START}"),
        ((), TWO, f"Approve {START}; counts as 1 of 2 approvals; promoted once another person approves"),
        (
            (),
            Policy(approvals_required=3),
            f"Approve {START}; counts as 1 of 3 approvals; promoted once 2 more people approve",
        ),
        ((said(1, "bob"),), TWO, f"Promote {START}; counts as 2 of 2 approvals"),
        (
            (said(1, "ann"),),
            TWO,
            f"Approve {START}; the approval by ann counts already, and counts once; counts as 1 of 2 approvals",
        ),
        ((said(1, "ann", behaviour_digest="sha256:old"), said(2, "bob")), TWO, f"Promote {START}; counts as 2 of 2"),
        (
            (said(1, "bob", "reject"),),
            Policy(),
            f"Approve {START}; stays rejected until bob takes that back",
        ),
        (
            (said(1, "bob", "reject"), said(2, "eve", "needs_work")),
            Policy(),
            f"Approve {START}; stays rejected until bob and eve take that back",
        ),
        (
            (said(1, "eve", "needs_work"),),
            Policy(revoke_others=True),
            f"Approve {START}; stays sent back until somebody takes that back",
        ),
        ((said(1, "ann", "reject"),), Policy(), f"Promote {START}; no longer rejected by ann: too wide"),
        (
            (said(1, "bob", "reject"), said(2, "bob", "revoke", detail={"revokes": [1]})),
            Policy(),
            f"Promote {START}",
        ),
        ((said(1, "bob", "reject", behaviour_digest="sha256:old"),), Policy(), f"Promote {START}"),
    ],
)
def test_an_approval_says_what_it_will_do(decisions: tuple[Decision, ...], policy: Policy, expected: str) -> None:
    found = told(*decisions, policy=policy)
    assert found.startswith(expected)
    assert "stays" in expected or "stays" not in found


def test_what_is_promoted_already_is_so_once() -> None:
    found = told(said(1, "ann"), policy=Policy(), status="ready")
    assert found == f"Promote {START}; the approval by ann counts already, and counts once; promoted already"


def test_where_keys_are_required_a_person_is_a_key_and_only_what_is_heard_counts() -> None:
    keys = Policy(approvals_required=2, keys_required=True)
    mine, bobs = said(1, "ann", signed="trusted", keyid="a"), said(2, "bob", signed="trusted", keyid="b")
    assert "counts as 1 of 2" in told(mine, policy=keys)
    assert "counts as 2 of 2" in told(bobs, policy=keys)
    assert "counts as 1 of 2" in told(said(1, "bob"), policy=keys)
    unheard = said(2, "bob", "revoke", detail={"revokes": [1]})
    assert "stays rejected until bob takes that back" in told(said(1, "bob", "reject"), unheard, policy=keys)


LOST = "do not count under another name in the program"


@pytest.mark.parametrize(
    ("decisions", "expected"),
    [
        ((), ""),
        ((said(1, "bob", behaviour_digest="sha256:old"),), ""),
        (
            (said(1, "bob"),),
            "the approval by bob does not count under another name in the program, so it has to be approved again",
        ),
        (
            (said(1, "bob", "reject"),),
            "that it was rejected by bob: too wide does not count under another name in the program",
        ),
        (
            (said(1, "ann"), said(2, "bob")),
            f"the approvals by ann and bob {LOST}, so it has to be approved again",
        ),
    ],
)
def test_a_new_name_says_what_does_not_count_under_it(decisions: tuple[Decision, ...], expected: str) -> None:
    view = replace(VIEW, decisions=decisions)
    assert consequence("rename", view, "ann", Policy()) == expected
    more = f"; {expected}" if expected else ""
    assert sentence("rename", view, "ann", Policy()) == f"Rename bump (3 steps, risk medium), decided by ann{more}"


def test_only_what_follows_beyond_the_name_of_the_decision_is_told() -> None:
    assert consequence("approve", VIEW, "ann", Policy()) == ""
    assert consequence("reject", VIEW, "ann", TWO) == ""
