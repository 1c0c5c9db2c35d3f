"""What a reviewer decided, and the standing that follows from it (spec/review.md, Words and Status)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.model.record import U64, JsonMap, Record, Text

DecisionKind = Literal["approve", "reject", "needs_work", "revoke", "rename", "allow", "withdraw"]
Signed = Literal["unsigned", "signed", "trusted", "bad"]
"""What a decision's signature is worth: none, one that holds, one of a key that the policy trusts, a false one."""
Status = Literal["blocked", "needs_approval", "ready", "rejected", "needs_work", "stale", "drifted"]


class CrashpackRef(Record):
    """A crashpack that a decision names: its folder's name and the sha256 of its `files.sha256`."""

    name: Text = ""
    digest: Text = ""


class Decision(Record):
    """One entry of the journal, as read from a verified line.

    `time` is RFC 3339 in UTC and only a claim; `seq` (from 1) gives the order. `detail` depends on the kind: what an
    approval acknowledged, the seqs that a revocation takes back (`revokes`), a new name (`name`), a rule.
    """

    seq: U64 = 0
    time: Text = ""
    actor: Text = ""
    kind: DecisionKind = "approve"
    reason: Text | None = None
    lineage: Text = ""
    candidate_id: Text = ""
    behaviour_digest: Text = ""
    evidence_digest: Text = ""
    crashpack: CrashpackRef | None = None
    policy_digest: Text = ""
    host: Text = ""
    program: Text = ""
    prev: Text = ""
    detail: JsonMap = Field(default_factory=dict)
    signed: Signed = "unsigned"
    """Found when the line is read, never written into it."""
    keyid: Text = ""
    """The key that signed it, 64 hex digits of the sha256 of the public key."""
