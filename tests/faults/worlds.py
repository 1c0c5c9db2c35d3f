"""Workspaces that are decided in while the disk fails, and what must hold of them afterwards."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from core.live.reviewing import Request
from core.model.decision import DecisionKind
from core.review.standings import present
from core.review.verify import verify
from core.session import Session
from core.store.disk import DISK, Disk
from core.store.recovery import recover
from core.store.workspace import Workspace
from tests.review.making import CLOCK, drop, releases, run
from tests.store.disks import Crash, FailingDisk

ANN = "ann@example.com"
ENOUGH = 32_000_000
"""Bytes that no test here comes near to."""


def _memory() -> Path | None:
    """Where files are kept in memory on Linux; None where there is no such place, or little of it."""
    place = Path("/dev/shm")
    if not place.is_dir() or not os.access(place, os.W_OK) or shutil.disk_usage(place).free < ENOUGH:
        return None
    return place


MEMORY = _memory()


class Dying(FailingDisk):
    """The process dies at one effect, with half of it done where that can be."""

    def __init__(self, at: int, *, half: bool = False) -> None:
        super().__init__(at, half=half)


class Full(FailingDisk):
    """From one effect on the disk takes nothing new; what is there can be renamed, cut off and removed."""

    takes = ("truncate", "rename", "remove", "remove_folder", "flush_file", "flush_folder")

    def before(self, effect: str, args: tuple[object, ...]) -> None:
        self.effects.append((effect, args))
        if len(self.effects) > self.at and effect not in self.takes:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


class ReadOnly(FailingDisk):
    """From one effect on the file system is read-only, as after an error of the device."""

    def before(self, effect: str, args: tuple[object, ...]) -> None:
        self.effects.append((effect, args))
        if len(self.effects) > self.at:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))


def session(traces: Path, workspace: Path, disk: Disk = DISK) -> Session:
    """A session that has read everything, on a disk of ours."""
    made = Session(Workspace.open(traces, workspace, disk=disk, mode="exact"), traces, ANN, clock=lambda: CLOCK)
    made._look()
    made.refresh()
    return made


def decide(made: Session, kind: DecisionKind, reason: str = "because", actor: str = ANN) -> int:
    """Decide on the first candidate; the decision's number."""
    view = made.snapshot.candidates[0]
    request = Request(kind, view.lineage, view.behaviour_digest, actor, reason, seen=view)
    return made.decide(request).decision.seq


@dataclass(frozen=True)
class Case:
    """A decision in a workspace that may have been decided in before."""

    name: str
    kind: DecisionKind
    before: tuple[DecisionKind, ...] = ()
    anew: bool = False
    """Whether other runs have taken the place of those that were decided on, so that files of the bundle go away."""

    def prepare(self, root: Path) -> tuple[Path, Path]:
        """A traces folder and a workspace in which the decision is still to be made; nothing is to be tidied there."""
        traces, workspace = root / "traces", root / "base"
        releases(traces, 2)
        made = session(traces, workspace)
        for kind in self.before:
            decide(made, kind)
        if self.anew:
            for path in traces.glob("*.json"):
                path.unlink()
            for number in range(2):
                drop(traces, f"other-{number}", run(f"other-{number}", f"2.{number}"))
            session(traces, workspace)
        return traces, workspace

    def effects(self, traces: Path, base: Path) -> list[str]:
        """The effects of the decision."""
        with copy(base) as place:
            return effects_of(lambda disk: decide(session(traces, place, disk), self.kind))


CASES = (
    Case("approve", "approve"),
    Case("approve again", "approve", ("approve", "revoke"), anew=True),
    Case("reject", "reject", ("approve",)),
    Case("revoke", "revoke", ("approve",)),
)


@contextmanager
def copy(base: Path) -> Iterator[Path]:
    """A copy of a workspace, beside it, for as long as it takes."""
    with TemporaryDirectory(dir=base.parent) as place:
        yield Path(shutil.copytree(base, Path(place) / base.name))


def effects_of(action: Callable[[Disk], object]) -> list[str]:
    """The effects that something has, found by doing it on a disk that never fails."""
    disk = Dying(10**9)
    action(disk)
    return [effect for effect, _ in disk.effects]


def kills(effects: Sequence[str]) -> Iterator[Dying]:
    """A kill before every effect and half-way through those that have a half.

    A flush changes nothing that outlives a process, so a kill between two of them is one.
    """
    for at, effect in enumerate(effects):
        if not (at and effect.startswith("flush") and effects[at - 1].startswith("flush")):
            yield Dying(at)
        if effect in ("write", "append"):
            yield Dying(at, half=True)


def killed(traces: Path, workspace: Path, kind: DecisionKind, disk: FailingDisk) -> bool:
    """Decide on a disk that fails; whether the decision was acknowledged."""
    try:
        made = session(traces, workspace, disk)
        assert not disk.effects, "nothing is written before the decision"
        decide(made, kind)
    except Crash:
        return False
    return True


def check(traces: Path, workspace: Path, before: int, *, acknowledged: bool) -> int:
    """How many decisions there are after the next start; everything else has to fit to them."""
    made = Session.open(traces, workspace=workspace, actor=ANN, mode="exact", clock=lambda: CLOCK)
    made.refresh()
    store = made.store
    journal = store.load_journal()
    assert journal.faults == ()
    assert journal.torn_tail == b""
    count = len(journal.decisions)
    assert count in ((before + 1,) if acknowledged else (before, before + 1))
    now = present(made.snapshot.candidates, store.redactor(made.snapshot.policy))
    assert verify(store, now).problems == ()
    assert not store.tmp.exists() or not list(store.tmp.iterdir())
    assert not list(store.folder.rglob("*.tmp"))
    assert recover(store) == (), "a second start has nothing to do"
    return count
