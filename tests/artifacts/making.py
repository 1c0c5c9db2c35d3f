"""Reports, their runs and hostile names for tests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from hypothesis import strategies as st

from core.artifacts.bundle import Copy, safe_bundle, source_traces
from core.artifacts.redact import PLAIN
from core.crystallize import crystallize
from core.model.options import Options
from core.model.report import Report
from core.model.trace import Trace
from core.traces.normalise import normalise
from tests.shadow.making import RUN_ID, action, replay, run

NOW = "2026-01-02T03:04:05Z"

# Put together here, so that scanners of this repository do not take it for a real one.
GITHUB = "ghp_" + "aB3dE5fG7hJ9kL1mN3pQ5rS7tU9vW1xY3zA5"

_MARKS = ("*/", "/*", "//", "\n", "\r\n", '"', "\\", "'''", '"""', "](", ") {", "#", "a", "é", "=", "${x}")
_INVISIBLE = ("\x00", "\x1b[2J", "\u2028", "\u202e", "\x7f", "\x85", "\ud800")
HOSTILE = st.text(max_size=12) | st.lists(st.sampled_from(_MARKS + _INVISIBLE), max_size=6).map("".join)
"""Names that try to get out of a comment, a string or a line."""


def bump(trace_id: str, version: str = "1.0", **fields: object) -> Trace:
    """A run that checks out, changes a file and notes it."""
    return normalise(
        run(
            trace_id,
            action(
                "git.checkout", parameters={"branch": f"v{version}"}, capabilities=["git.write"], deterministic=True
            ),
            action("bump", output={"ok": True}, side_effects=[{"kind": "file_write", "target": "a.toml"}]),
            source=f"in/{trace_id}.json",
            replay_run=replay(f"run-{trace_id}", {"wrote": "a.toml"}),
            replay_allowlist=(RUN_ID,),
        ).replace(**fields)
    )


def leaky(trace_id: str) -> Trace:
    """A run with a secret wherever one can stand."""
    made = bump(trace_id, metadata={"goal": f"use {GITHUB}"}, source=f"in/{GITHUB}.json")
    last = made.actions[1].replace(
        name=f"bump {GITHUB}", required_secrets=("ghp_raw", GITHUB), output={"token": "hunter2", "n": 1}
    )
    return made.replace(actions=(made.actions[0].replace(parameters={"db_password": "hunter2"}), last))


RUNS = (bump("t1", "1"), bump("t2", "2"), bump("t3", "3"))


def report(*runs: Trace, options: Options | None = None, shadow: tuple[Trace, ...] = ()) -> Report:
    return crystallize(runs or RUNS, options or Options(), shadow, now=NOW)


def safe_bundle_files(
    made: Report, traces: Sequence[Trace], *more: Any, fixtures: Collection[str] | None = None, **others: Any
) -> dict[str, bytes]:
    """The files of a bundle with everything redacted, and the copies of all its runs or of some."""
    runs = source_traces(made.selected, traces)
    redactor = others.get("redactor", PLAIN)
    along = {run.id: Copy.of(redactor.everything(run)) for run in runs if fixtures is None or run.id in fixtures}
    return safe_bundle(made, runs, along, *more, **others)


def rejected() -> Report:
    """A report that selects nothing: the side effects differ."""
    odd = bump("t9")
    effect = odd.actions[1].side_effects[0].replace(target="b.toml")
    other = odd.replace(actions=(odd.actions[0], odd.actions[1].replace(side_effects=(effect,))))
    return report(RUNS[0], other)
