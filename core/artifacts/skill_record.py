"""The records of a skill and of its gate's receipt (spec/artifacts.md, Skill)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from core.model.record import U32, Flag, Record, Text

SCHEMA = "harn.crystallization.skill_candidate"
"""The schema of a skill candidate."""

GATE_TYPE = "harn.skill_induction.replay_gate.v1"
"""The type of a gate's receipt."""

SCHEMA_VERSION = 1
"""The version of both."""

SKILL_FILE, GATE_FILE = "skill/SKILL.md", "skill/gate.json"
"""Where both stand in a bundle."""


class ReplayGate(Record):
    """The receipt of what the gate saw and decided; `failures` is empty exactly when it was accepted."""

    type_name: Text = Field(GATE_TYPE, alias="_type")
    schema_version: U32 = SCHEMA_VERSION
    skill_candidate_id: Text = ""
    workflow_candidate_id: Text = ""
    accepted: Flag = False
    decision: Literal["accepted", "rejected"] = "rejected"
    original_trace_count: U32 = 0
    heldout_trace_count: U32 = 0
    compared_trace_count: U32 = 0
    failures: tuple[Text, ...] = ()
    replay_trace_ids: tuple[Text, ...] = ()
    """Every compared run, in the order of the comparison."""
    heldout_trace_ids: tuple[Text, ...] = ()


class EvidenceRef(Record):
    """A run that speaks for the skill, and its actions that stand for the steps where they are known."""

    trace_id: Text = ""
    source_hash: Text = ""
    source_url: Text | None = None
    action_ids: tuple[Text, ...] = ()
    role: Literal["source", "held_out"] = "source"


class Skill(Record):
    """A candidate as a skill, with everything that says whether it may be used."""

    # `schema` itself is a name that pydantic keeps.
    schema_name: Text = Field(SCHEMA, alias="schema")
    schema_version: U32 = SCHEMA_VERSION
    id: Text = ""
    workflow_candidate_id: Text = ""
    name: Text = ""
    short: Text = ""
    description: Text = ""
    when_to_use: Text = ""
    allowed_tools: tuple[Text, ...] = ()
    paths: tuple[Text, ...] = ()
    """Files that the steps change."""
    source_trace_hashes: tuple[Text, ...] = ()
    evidence_refs: tuple[EvidenceRef, ...] = ()
    replay_gate: ReplayGate = ReplayGate()
    skill_markdown: Text = ""
    warnings: tuple[Text, ...] = ()
    rejection_reasons: tuple[Text, ...] = ()
