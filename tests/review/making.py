"""Small traces folders whose candidates are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.model.jsontext import pretty
from core.session import Session

CLOCK = "2026-11-01T09:00:00.000Z"


def action(number: int, name: str, **more: Any) -> dict[str, Any]:
    """One deterministic tool call."""
    made = {"id": f"a{number}", "kind": "tool_call", "name": name, "deterministic": True, "inputs": {}}
    return {**made, "timestamp": f"2026-10-01T10:00:0{number}Z", **more}


def run(name: str, version: str = "1.0", *, workflow: str = "release", **more: Any) -> dict[str, Any]:
    """A run of three steps: build, test, publish."""
    target = {"kind": "package_publish", "target": "registry", "capability": "publish"}
    return {
        "version": 1,
        "id": name,
        "workflow_id": workflow,
        "started_at": "2026-10-01T10:00:00Z",
        "actions": [
            action(1, "build", parameters={"version": version}, observed_output={"ok": True}, duration_ms=1000),
            action(2, "test", observed_output={"failed": 0}, duration_ms=500),
            action(3, "publish", parameters={"version": version}, side_effects=[target], capabilities=["publish"]),
        ],
        **more,
    }


def drop(folder: Path, name: str, trace: dict[str, Any]) -> Path:
    """Write a run into the folder."""
    path = folder / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pretty(trace))
    return path


def releases(folder: Path, count: int = 4) -> Path:
    """A folder with some agreeing runs."""
    for number in range(count):
        drop(folder, f"run-{number}", run(f"run-{number}", f"1.{number}"))
    return folder


def opened(folder: Path, actor: str = "ann@example.com", **more: Any) -> Session:
    """A session that has read the folder once."""
    session = Session.open(folder, actor=actor, clock=lambda: CLOCK, **{"mode": "exact", **more})
    session.refresh()
    return session
