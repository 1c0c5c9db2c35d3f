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
    """The crashpacks that decisions name, by name, each read when somebody asks for what it keeps.

    `known` saves reading crashpacks again; one that is missing or damaged is looked for anew, and `verify` names it.
    """
    made = {}
    for pack in (decision.crashpack for decision in decisions):
        if pack is not None:
            cached = (known or {}).get(pack.name)
            is_known = cached is not None and not cached.is_lost
            made[pack.name] = cached if cached and is_known else Archived(partial(load_kept, workspace, pack))
    return made


def load_kept(workspace: Workspace, pack: CrashpackRef) -> Kept | None:
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
