"""Workspaces of tests that are about the exact rule; new ones are generalised unless told otherwise."""

from __future__ import annotations

from pathlib import Path

from core.store.workspace import Workspace


def exact(traces: Path) -> Path:
    """The traces folder, which has a workspace in exact mode now."""
    Workspace.open(traces, mode="exact")
    return traces
