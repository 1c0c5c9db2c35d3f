"""The command line that says what a decision says: the same from a dialog and from the command that was typed."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path

from core.live.snapshot import CandidateView
from core.model.decision import DecisionKind
from core.model.text import visible

BOUND: tuple[DecisionKind, ...] = ("approve", "reject", "needs_work")
"""Decisions that count for the behaviour that was read and no other."""

_DETAILS = ("pointer", "step", "scope", "rule")


def command_line(
    kind: DecisionKind,
    traces: Path,
    view: CandidateView,
    detail: Mapping[str, object],
    *,
    actor: str,
    reason: str,
    workspace: Path | None,
    digest: str = "",
) -> tuple[str, ...]:
    """`assay` and what it has to be given. The digest is the one that is seen, the workspace the one beside the runs,
    unless they are named.
    """
    operands = [str(traces), view.lineage, *([str(detail["name"])] if "name" in detail else [])]
    options: list[str] = []
    for key in _DETAILS:
        options += [f"--{key}", str(detail[key])] if detail.get(key) is not None else []
    options += ["--expect", digest or view.behaviour_digest] if kind in BOUND else []
    options += ["--as", actor]
    options += ["--reason", reason] if reason else []
    options += ["--workspace", str(workspace)] if workspace is not None else []
    start = ("assay", kind.replace("_", "-"))
    # What begins with - would be taken for an option.
    is_odd = any(operand.startswith("-") for operand in operands)
    return (*start, *options, "--", *operands) if is_odd else (*start, *operands, *options)


def in_shell(path: str | os.PathLike[str]) -> str:
    """A path as it has to be written in a command that is told, to be pasted into a shell."""
    name = visible(os.fspath(path))
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
