"""The workspace's policy (`assay.toml`): what may be approved, by whom, and what is read (spec/review.md)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from core.model.jsontext import digest
from core.model.record import Flag, Record, Text
from core.promotion.standing import Rules

Mode = Literal["exact", "generalised"]
CohortKey = Literal["workflow_id", "goal", "none"]
ReasonFor = Literal["approve", "reject", "needs_work", "revoke", "rename", "allow", "withdraw", "approve_high_risk"]
Check = Literal["manifest", "journal", "quiescence", "obligations", "paths"]


class RedactionPolicy(Record):
    """What a workspace takes out of crashpacks and bundles besides what every one does, and what it leaves in."""

    model_config = ConfigDict(extra="forbid")

    extras: dict[Text, Text] = {}
    """More rules: an id and a regular expression (RE2) each; the group named secret, or all that matches, is taken
    out."""
    keep_keys: tuple[Text, ...] = ()
    """Keys that make nothing secret, in any case, such as token_count."""
    keep_pointers: tuple[Text, ...] = ()
    """JSON pointers into inputs, outputs, parameters and metadata below which all stays; * is any one part."""
    keep_values: tuple[Text, ...] = ()
    """Texts that are no secret although they look like one."""


class ApproversPolicy(Record):
    """Who may approve what, by its risk; where nobody is named, everybody may."""

    model_config = ConfigDict(extra="forbid")

    low: tuple[Text, ...] | None = None
    """The only people who may approve workflows of low risk."""
    medium: tuple[Text, ...] | None = None
    """The only people who may approve workflows of medium risk."""
    high: tuple[Text, ...] | None = None
    """The only people who may approve workflows of high risk."""


class Policy(Record):
    """The rules of one workspace; the defaults are those that a new workspace is written with."""

    model_config = ConfigDict(extra="forbid")

    mode: Mode = "exact"
    """How candidates are mined; generalised takes glue, loops and changing values for what they are, exact counts
    equal sequences. It is written when the workspace is made; changing it gives every candidate another lineage."""
    cohort: CohortKey = "workflow_id"
    """Which runs are mined together."""
    shadow_paths: tuple[Text, ...] = ("shadow/**",)
    """Globs, relative to the traces folder, of runs that are compared and never mined."""
    min_examples: Annotated[int, Field(strict=True, ge=2, le=1_000_000)] = 2
    """Runs in which a sequence must occur to become a candidate."""
    min_confidence: Annotated[float, Field(strict=True, gt=0, le=1)] = 0.80
    """Confidence (0 to 1) below which a candidate is blocked."""
    max_candidates: Annotated[int, Field(strict=True, ge=1, le=1000)] = 20
    """Candidates mined per cohort at the most."""
    approvals_required: Annotated[int, Field(strict=True, ge=1, le=100)] = 1
    """Distinct people who have to approve."""
    allow_self_approval: Flag = False
    """Whether the author may approve the own workflow."""
    revoke_others: Flag = False
    """Whether a reviewer may take back somebody else's decision."""
    author: Text | None = None
    """Who made the workflows, where one person did."""
    keys_required: Flag = False
    """Whether only decisions signed with a trusted key count; rejections always do."""
    trusted_keys: dict[Text, tuple[Text, ...]] = {}
    """The public keys of each person, as lines of .pub files; `assay keys trust` adds one."""
    approvers: ApproversPolicy = ApproversPolicy()
    """Who may approve what."""
    reason_required: tuple[ReasonFor, ...] = ("reject", "needs_work", "revoke", "allow", "approve_high_risk")
    """Decisions that need a reason."""
    block_on: tuple[Check, ...] = ("manifest", "journal", "paths")
    """Violated transfer oracles that forbid an approval; the others only warn."""
    max_file_size: Annotated[int, Field(strict=True, ge=1, le=2**40)] = 64 * 1024 * 1024
    """Bytes above which a trace file is not read."""
    max_fixtures: Annotated[int, Field(strict=True, ge=1, le=100_000)] = 200
    """Runs whose copies go into one crashpack."""
    notify: tuple[Text, ...] = ()
    """A program and its arguments, run without a shell when something approved drifts; it is given JSON on its
    standard input and 10 seconds."""
    redaction: RedactionPolicy = RedactionPolicy()
    """What is taken out of crashpacks and bundles."""

    def rules(self, risk: str) -> Rules:
        """Whose approval of a workflow of this risk counts."""
        named: tuple[str, ...] | None = getattr(self.approvers, risk)
        return Rules(
            approvals_required=self.approvals_required,
            author=self.author,
            allow_self_approval=self.allow_self_approval,
            keys_required=self.keys_required,
            revoke_others=self.revoke_others,
            approvers=None if named is None else frozenset(named),
        )

    @property
    def digest(self) -> str:
        """`sha256:…` of the policy's canonical JSON."""
        return digest(self)


NEW_POLICY = Policy(mode="generalised")
"""What a new workspace is written with. A policy that says no mode means exact, as it did before there were two."""
