"""Small traces folders whose candidates are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.live.reviewing import Request
from core.model.jsontext import canonical, parse, pretty
from core.session import Session
from core.store.files import read_folder

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


def approve(session: Session) -> str:
    (view,) = session.snapshot.candidates
    request = Request("approve", view.lineage, view.behaviour_digest, "ann@example.com", "read it", seen=view)
    return session.decide(request).view.lineage


def said(session: Session, lineage: str) -> set[tuple[str, bytes]]:
    """What all promotion files say, status and reasons."""
    files = read_folder(session.workspace / "candidates" / lineage)
    report = parse(files["report.json"])
    found = [c["promotion"]["criteria"] for c in (*report["candidates"], *report["rejected_candidates"])]
    found.append(parse(files["candidate.json"])["promotion"]["criteria"])
    return {(made["status"], canonical(made["reasons"])) for made in found}


def failing(traces: Path, name: str = "shadow/bad") -> Path:
    bad = run(Path(name).name, "9.9")
    bad["actions"][1]["observed_output"] = {"failed": 3}
    return drop(traces, name, bad)


def policy(session: Session, **values: Any) -> None:
    path = session.workspace / "assay.toml"
    lines = [line for line in path.read_text().splitlines() if line.partition(" =")[0] not in values]
    text = "".join(f"{key} = {canonical(value).decode()}\n" for key, value in values.items())
    path.write_text(text + "\n".join(lines) + "\n")
