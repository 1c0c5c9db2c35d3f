"""A traces folder whose runs say something hostile wherever a run says anything, reviewed and decided on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.live.reviewing import Outcome, Request
from core.live.snapshot import CandidateView
from core.model.jsontext import pretty
from core.session import Session
from tests.review.making import opened


@dataclass(frozen=True)
class World:
    """A folder, its session, and what deciding on its candidate left."""

    traces: Path
    session: Session
    view: CandidateView
    approved: Outcome


def hostile_run(number: int, texts: list[str]) -> dict[str, Any]:
    """A run with one action for each text, which stands in every field that may hold any text."""
    return {
        "version": 1,
        "id": f"{texts[number % len(texts)]}{number}",
        "source": f"{texts[0]}{number}",
        "workflow_id": texts[-1] or "w",
        "metadata": {"goal": texts[0], "source_receipt_id": texts[0], **{text: text for text in texts}},
        "actions": [action(index, number, text) for index, text in enumerate(texts)],
        "replay_run": {"run_id": texts[0], "effect_receipts": [{text: text for text in texts}]},
        "replay_allowlist": [{"path": "/run_id", "reason": texts[0]}],
    }


def action(index: int, number: int, text: str) -> dict[str, Any]:
    """One action about one text."""
    return {
        "id": f"{text}{index}",
        "kind": "tool_call" if index % 2 else text,
        "name": text,
        "deterministic": True,
        "timestamp": f"2026-10-01T10:00:00.{index:03}Z",
        "inputs": {text: text},
        "observed_output": {text: [text]},
        "parameters": {f"p{text}": f"{text}{number}"},
        "side_effects": [{"kind": f"file {text}", "target": text, "capability": text, "metadata": {text: text}}],
        "capabilities": [text],
        "required_secrets": [text],
        "approval": {"prompt": text, "approver": text, "required": True, "boundary": text},
        "metadata": {text: text},
    }


def world(folder: Path, texts: list[str]) -> World:
    """Three such runs in which one candidate is found, which is approved with a hostile reason."""
    for number in range(3):
        (folder / "traces").mkdir(parents=True, exist_ok=True)
        (folder / f"traces/{number}.json").write_bytes(pretty(hostile_run(number, texts)))
    (folder / "traces/[@click=app.quit]\x1b[2J.json").write_bytes(b"{")
    session = opened(folder / "traces", mode="exact")
    view = max(session.snapshot.candidates, key=lambda view: len(view.candidate.steps))
    outcome = session.decide(
        Request(
            "approve",
            view.lineage,
            view.behaviour_digest,
            "ann@example.com",
            " ".join(texts)[:500],
            view,
            acknowledged=view.warnings,
        )
    )
    return World(folder / "traces", session, view, outcome)
