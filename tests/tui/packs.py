"""A crashpack on disk, made by a real decision."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.crashpack.integrity import NAME, files_sha256
from core.live.reviewing import Request
from core.model.decision import Decision, DecisionKind
from core.store.files import read_folder
from tests.review.making import opened, releases
from tests.tui.reviewed import Folder, Held, settled, words
from tui.screens.crashpack import CrashpackScreen
from tui.widgets.document import Document


@dataclass(frozen=True)
class Made:
    """A crashpack, the decision that left it, and a live workspace that knows both."""

    folder: Path
    decision: Decision
    reviewing: Folder

    def change(self, name: str, old: bytes, new: bytes) -> None:
        """Change bytes of one of its files."""
        data = (self.folder / name).read_bytes()
        assert old in data
        (self.folder / name).write_bytes(data.replace(old, new, 1))

    def vouch_again(self) -> None:
        """Write `files.sha256` anew, as somebody would who changed a file and hides it."""
        (self.folder / NAME).write_bytes(files_sha256(read_folder(self.folder)))


def made_pack(tmp: Path, kind: DecisionKind = "approve", *, broken: int = 0) -> Made:
    """The crashpack of the first decision on three agreeing steps; `broken` files that do not load lie beside them."""
    traces = releases(tmp / "traces")
    for number in range(broken):
        (traces / f"broken-{number}.json").write_bytes(b"{")
    with opened(traces) as session:
        (view,) = session.snapshot.candidates
        outcome = session.decide(
            Request(kind, view.lineage, view.behaviour_digest, "ann@example.com", "read it all", view)
        )
        assert outcome.crashpack is not None
        reviewing = Folder(session.snapshot, {})
        reviewing.traces, reviewing.workspace = traces, session.workspace
    return Made(outcome.crashpack, outcome.decision, reviewing)


def held(made: Made) -> Held:
    """The app with the crashpack open."""
    return Held(made.reviewing, CrashpackScreen(made.reviewing, made.folder))


def screen(app: Held) -> CrashpackScreen:
    """The crashpack screen, which has to be in front."""
    assert isinstance(app.screen, CrashpackScreen)
    return app.screen


async def read_file(app: Held, pilot: Any, name: str) -> str:
    """Select a file, and what it says."""
    assert screen(app).files.select(name if name.startswith("@") else f"f:{name}"), name
    await settled(pilot)
    front = screen(app).pane.front
    return front.text if isinstance(front, Document) else words(app)


def rows(app: Held) -> dict[str, str]:
    """The lines of the list as they are drawn, by key."""
    files = screen(app).files
    return {key: files._paint(key, 60).plain for key in files.keys}
