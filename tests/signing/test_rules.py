"""Whose decisions count, by the policy (spec/review.md, Policy)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.model.decision import Decision, DecisionKind
from core.promotion.standing import Rules, heard, standing, verdicts
from core.store.policy import ApproversPolicy, Policy

NOW = "sha256:now"
KEYED = Rules(keys_required=True)


def said(seq: int, actor: str, kind: DecisionKind = "approve", key: str = "", **detail: Any) -> Decision:
    """A decision, trusted when a key is given."""
    worth = "trusted" if key else "unsigned"
    return Decision(
        seq=seq, actor=actor, kind=kind, behaviour_digest=NOW, reason="why", detail=detail, keyid=key, signed=worth
    )


def status(*decisions: Decision, rules: Rules = KEYED) -> str:
    return standing(decisions, NOW, (), rules).status


def test_only_a_trusted_signature_counts_where_keys_are_required() -> None:
    assert status(said(1, "ann", key="a")) == "ready"
    assert status(said(1, "ann")) == "needs_approval"
    assert status(said(1, "ann", key="a").replace(signed="signed")) == "needs_approval"
    assert status(said(1, "ann"), rules=Rules()) == "ready"


def test_an_unsigned_approval_never_takes_the_place_of_a_rejection() -> None:
    rejected = said(1, "ann", "reject", "a")
    assert status(rejected, said(2, "bob", key="b"), said(3, "ann")) == "rejected"
    assert status(rejected, said(2, "bob", key="b"), said(3, "ann", "revoke", revokes=[1])) == "rejected"
    assert status(rejected, said(2, "bob", key="b"), said(3, "ann", key="a")) == "ready"


def test_an_unsigned_objection_takes_the_place_of_nothing_that_is_signed() -> None:
    rejected, approved, then = said(1, "ann", "reject", "a"), said(3, "bob", key="b"), "sha256:then"
    for kind in ("reject", "needs_work"):
        unsigned = said(2, "ann", kind).replace(behaviour_digest=then)  # type: ignore[arg-type]
        assert status(rejected, unsigned, approved) == "rejected"
        assert status(rejected.replace(keyid="", signed="unsigned"), unsigned, approved) == "rejected"
        assert standing([rejected, unsigned, approved], then, (), KEYED).status != "ready"
    assert status(rejected, unsigned, approved, said(4, "ann", key="a")) == "ready"
    assert status(rejected, unsigned, approved, said(4, "ann", "revoke", "a", revokes=[1, 2])) == "ready"
    assert status(said(1, "ann", "reject"), said(2, "ann", "needs_work")) == "needs_work"


def test_the_latest_approval_is_relied_on_and_the_latest_verdict_stands_last_whoever_said_what_again() -> None:
    again = said(1, "ann", key="a"), said(2, "bob", key="b"), said(3, "ann b", key="a")
    found = standing(again, NOW, (), replace(KEYED, approvals_required=2))
    assert (found.status, [d.seq for d in found.approvals]) == ("ready", [2, 3])
    assert found.relied_on == again[-1]
    unsigned = said(1, "ann", "reject"), said(2, "bob", "reject"), said(3, "ann", "reject")
    assert [d.seq for d in verdicts(unsigned, KEYED)] == [2, 3]


def test_anybody_can_object_without_a_key() -> None:
    assert status(said(1, "ann", key="a"), said(2, "bob", "reject")) == "rejected"
    assert status(said(1, "ann", key="a"), said(2, "bob", "needs_work")) == "needs_work"
    assert [d.kind for d in heard([said(1, "x", "withdraw"), said(2, "x", "allow"), said(3, "x", "rename")], True)] == [
        "withdraw"
    ]


def test_people_are_told_apart_by_key_where_keys_are_required() -> None:
    two = replace(KEYED, approvals_required=2)
    assert status(said(1, "ann", key="a"), said(2, "bob", key="a"), rules=two) == "needs_approval"
    assert status(said(1, "ann", key="a"), said(2, "ann", key="b"), rules=two) == "needs_approval"
    assert status(said(1, "ann", key="a"), said(2, "bob", key="b"), rules=two) == "ready"
    assert status(said(1, "ann", key="a"), said(2, "bob", key="a"), rules=Rules(approvals_required=2)) == "ready"


def test_why_an_approval_does_not_count_is_told() -> None:
    rules = Rules(approvals_required=2, author="ann", approvers=frozenset({"ann", "bob"}))
    found = standing([said(1, "ann"), said(2, "bob"), said(3, "eve")], NOW, (), rules)
    assert found.status == "needs_approval"
    assert found.reasons == (
        "1 of 2 approvals recorded",
        "the approval by ann does not count: ann is the author and may not approve (allow_self_approval in the policy)",
        (
            "the approval by eve does not count: "
            "eve is not among those who may approve this risk (approvers in the policy)"
        ),
    )
    assert [d.actor for d in found.approvals] == ["bob"]


def test_the_policy_names_approvers_by_risk() -> None:
    policy = Policy(approvers=ApproversPolicy(high=("ann",), low=()), keys_required=True, author="eve")
    assert policy.rules("high").approvers == {"ann"}
    assert policy.rules("low").approvers == frozenset()
    assert policy.rules("medium").approvers is None
    assert policy.rules("medium") == Rules(author="eve", keys_required=True)


DECISIONS = st.lists(
    st.builds(
        said,
        st.just(0),
        st.sampled_from(["ann", "bob", "eve"]),
        st.sampled_from(["approve", "reject", "needs_work", "revoke"]),
        st.sampled_from(["", "a", "b"]),
        revokes=st.lists(st.integers(1, 6), max_size=2),
    ),
    max_size=6,
).map(lambda made: [d.replace(seq=seq) for seq, d in enumerate(made, 1)])


@given(DECISIONS, st.integers(1, 3))
def test_what_is_unsigned_never_makes_anything_ready(decisions: list[Decision], required: int) -> None:
    rules = replace(KEYED, approvals_required=required)
    signed_only = [d for d in decisions if d.signed == "trusted"]
    if standing(decisions, NOW, (), rules).status == "ready":
        assert standing(signed_only, NOW, (), rules).status == "ready"


@given(DECISIONS, st.integers(1, 3), st.booleans())
def test_ready_takes_as_many_different_people_as_the_policy_wants(
    decisions: list[Decision], required: int, keyed: bool
) -> None:
    found = standing(decisions, NOW, (), Rules(approvals_required=required, keys_required=keyed))
    if found.status == "ready":
        assert len({d.actor for d in found.approvals}) >= required
        assert not keyed or len({d.keyid for d in found.approvals}) >= required
