"""The policy's `notify` command, told of drift (spec/review.md, Policy)."""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from core.live.engine import State
from core.live.snapshot import CandidateView
from core.model.jsontext import Json, pretty
from core.model.text import quoted, visible
from core.store.trouble import why
from core.store.workspace import Workspace

PATIENCE = 10.0
"""Seconds after which the command is ended."""


def drift_event(store: Workspace, state: State, drifted: Sequence[CandidateView]) -> Json:
    """What the command is given on its standard input, as JSON without secrets."""
    told = [
        {
            "lineage": view.lineage,
            "label": view.label,
            "cohort": view.cohort,
            "candidate_id": view.candidate.id,
            "risk": view.risk,
            "status": view.status,
            "reasons": list(view.reasons),
            "changes": [change.text for change in view.changes],
        }
        for view in drifted
    ]
    event = {"event": "drifted", "traces": str(store.traces), "workspace": str(store.folder), "candidates": told}
    return state.redactor.json(event)


def notify(command: Sequence[str], event: Json, *, timeout: float = PATIENCE) -> str:
    """Run a command, without a shell, with an event on its standard input; what went wrong, empty when nothing did.

    It and what it started are ended after `timeout` seconds.
    """
    name = f"the notify command {quoted(command[0])}"
    with _errors() as errors:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True
            )
        except (OSError, ValueError) as error:
            told = why(error) if isinstance(error, OSError) else str(error)
            return f"{name} cannot be run: {told}"
        with process:
            try:
                process.communicate(pretty(event) + b"\n", timeout=timeout)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                return f"{name} took longer than {timeout:g} seconds and was ended"
        if process.returncode == 0:
            return ""
        errors.seek(0)
        first = visible(errors.read(2000).decode(errors="replace").strip().partition("\n")[0])
        return f"{name} ended with {process.returncode}" + (f": {first}" if first else "")


def _errors() -> IO[bytes]:
    """A place for what a command says of its errors, however much; where files have none it is not kept."""
    try:
        return tempfile.TemporaryFile()
    except OSError:
        return Path(os.devnull).open("w+b")
