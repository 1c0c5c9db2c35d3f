"""Decided candidates, as their crashpacks keep them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path

from core.live.decided import Archived, Kept
from core.model.candidate import Candidate
from core.model.decision import CrashpackRef, Decision
from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError, parse
from core.model.record import DecodeError
from core.store.trouble import read_regular
from core.store.workspace import Workspace


def load_archive(
    workspace: Workspace, decisions: Iterable[Decision], known: Mapping[str, Archived] | None = None
) -> dict[str, Archived]:
    """The candidate of each decided lineage: of its latest approval, else of its latest decision with a crashpack.

    `known` saves reading crashpacks again; one that is missing or damaged is looked for anew, and `verify` names it.
    """
    chosen: dict[str, Decision] = {}
    for decision in decisions:
        if decision.crashpack is None:
            continue
        before = chosen.get(decision.lineage)
        if before is None or decision.kind == "approve" or before.kind != "approve":
            chosen[decision.lineage] = decision
    made = {}
    for lineage, decision in chosen.items():
        assert decision.crashpack is not None
        name = decision.crashpack.name
        cached = (known or {}).get(lineage)
        is_known = cached is not None and cached.crashpack == name and not cached.is_lost
        made[lineage] = cached if cached and is_known else Archived(name, partial(_load, workspace, decision.crashpack))
    return made


def _load(workspace: Workspace, pack: CrashpackRef) -> Kept | None:
    """What a crashpack keeps, if that is what the journal vouches for."""
    # Nobody has to wait for what reads crashpacks before something was decided.
    from core.crashpack.integrity import NAME, vouched
    from core.crashpack.pack import STATE
    from core.crashpack.rederive import CANDIDATE, DecisionState

    try:
        folder: Path = workspace.crashpack(pack.name)
        files = {name: read_regular(folder / name) for name in (CANDIDATE, STATE)}
        if not vouched(read_regular(folder / NAME), pack.digest, files):
            return None
        candidate = Candidate.decode(parse(files[CANDIDATE]))
        state = DecisionState.decode(parse(files[STATE]))
    except (OSError, JsonError, DecodeError, WorkspaceError):
        return None
    return Kept(
        candidate=candidate,
        cohort=state.cohort,
        behaviour=state.behaviour,
        key_id=state.redaction.key_id if state.redaction else None,
    )
