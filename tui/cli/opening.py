"""The options that every command on a traces folder shares, and the opening of its workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from core.live.snapshot import CandidateView, Snapshot
from core.model.errors import InputError
from core.session import Session
from core.store.policy import CohortKey, Mode
from core.store.trouble import explained
from core.store.workspace import Workspace
from tui.cli.ending import Held
from tui.cli.kinds import PLACE

TRACES = click.argument("traces", type=PLACE)
CANDIDATE = click.argument("candidate")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")

RESULT = "assay-result.json"
"""The file that a result of `assay mine` has (core.cluster.result, which needs the extra)."""


_SHARED = (
    click.option(
        "--workspace",
        type=PLACE,
        help="Where decisions are kept; by default a sibling of the traces folder named NAME.assay.",
    ),
    click.option(
        "--mode",
        type=click.Choice(["generalised", "exact"]),
        help="How candidates are mined, for a new workspace (generalised unless given); an existing one says it in "
        "its policy.",
    ),
    click.option(
        "--cohort",
        type=click.Choice(["workflow_id", "goal", "none"]),
        help="Which runs are mined together, for a new workspace; an existing one says it in its policy.",
    ),
)


def workspace_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --workspace, --mode and --cohort."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def _kind(traces: Path) -> type[Session]:
    """The kind of session that a folder needs. Raises InputError when something has to be installed for it."""
    if not is_result(traces):
        return Session
    from core.cluster.extra import check_installed

    check_installed()
    from core.cluster.session import ResultSession

    return ResultSession


def only_looking(traces: Path, store: Workspace) -> Session:
    """A session that has read nothing yet and never writes into its workspace. Raises InputError."""
    return _kind(traces)(replace(store, why_not="this command only looks"), traces, "")


def open_session(
    traces: Path, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, actor: str | None = None
) -> Session:
    """The session of a traces folder, or of a result of `assay mine`. Raises InputError or WorkspaceError."""
    return _kind(traces).open(traces, workspace=workspace, mode=mode, cohort=cohort, actor=actor)


def is_result(folder: Path) -> bool:
    """Whether a folder is a result of `assay mine`. Raises InputError when it cannot be looked at."""
    with explained("read", folder, InputError):
        return (folder / RESULT).is_file()


def opened(
    traces: Path, workspace: Path | None, mode: Mode | None, cohort: CohortKey | None, actor: str | None = None
) -> Session:
    """The session of a traces folder, read once. Raises InputError or WorkspaceError."""
    session = open_session(traces, workspace, mode, cohort, actor)
    session.refresh()
    context = click.get_current_context(silent=True)
    if context is not None and isinstance(held := context.find_root().obj, Held):
        held.append(session)
    return session


def named(snapshot: Snapshot, name: str) -> CandidateView:
    """The candidate that a name or prefix stands for. Raises InputError when it is none or several."""
    found = snapshot.matching(name)
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"no candidate is named {name!r}; `assay list` shows them")
    some = ", ".join(view.lineage for view in found[:5])
    raise InputError(f"{name!r} stands for {len(found)} candidates ({some}); give more of the name")
