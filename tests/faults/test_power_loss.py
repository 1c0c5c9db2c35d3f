"""The power fails after any number of a decision's file operations: only what was flushed is sure to be there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from core.store.files import read_folder
from core.store.recovery import recover
from core.store.workspace import Workspace
from tests.faults.worlds import CASES, Case, check, copy, decide, session
from tests.store.disks import CountingDisk, PowerLoss, put

NAMES = [case.name for case in CASES]
Effect = tuple[str, tuple[Any, ...]]


def recorded(case: Case, root: Path) -> tuple[Path, Path, list[Effect]]:
    """The traces, the workspace before the decision, and the decision's operations (on a copy named as the base)."""
    traces, base = case.prepare(root)
    with copy(base) as place:
        disk = CountingDisk()
        decide(session(traces, place, disk), case.kind)
        found = [(effect, tuple(_moved(arg, place, base) for arg in args)) for effect, args in disk.effects]
    return traces, base, found


def _moved(arg: object, place: Path, base: Path) -> object:
    return base / arg.relative_to(place) if isinstance(arg, Path) else arg


def losses(base: Path) -> PowerLoss:
    folders = (path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_dir())
    return PowerLoss(base, read_folder(base), tuple(folders))


def states(base: Path, effects: list[Effect]) -> Iterator[tuple[bool, dict[str, bytes]]]:
    """Every different state that the power loss can leave, latest first, and whether the decision was acknowledged."""
    seen = set()
    for count, state in reversed(list(losses(base).states(effects))):
        key = (count == len(effects), frozenset(state.items()))
        if key not in seen:
            seen.add(key)
            yield key[0], state


def survives(case: Case, root: Path, traces: Path, base: Path, effects: list[Effect]) -> set[int]:
    """Check every state; how many decisions there were."""
    found = set()
    for acknowledged, state in states(base, effects):
        with TemporaryDirectory(dir=root) as place:
            workspace = Path(place) / base.name
            put(workspace, state)
            found.add(check(traces, workspace, len(case.before), acknowledged=acknowledged))
    return found


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_power_loss_leaves_the_decision_complete_or_absent(case: Case, tmp_path: Path) -> None:
    traces, base, effects = recorded(case, tmp_path)
    assert survives(case, tmp_path, traces, base, effects) == {len(case.before), len(case.before) + 1}


def test_a_power_loss_during_recovery_does_no_harm(tmp_path: Path) -> None:
    case = CASES[1]
    traces, base, effects = recorded(case, tmp_path)
    commit = next(number for number, (effect, _) in enumerate(effects) if effect == "append")
    killed = list(losses(base).states(effects[: commit + 8]))[-1][1]
    with TemporaryDirectory(dir=tmp_path) as place:
        workspace = Path(place) / base.name
        put(workspace, killed)
        before, disk = losses(workspace), CountingDisk()
        recover(Workspace.open(traces, workspace, disk=disk))
        again = [(effect, tuple(_moved(arg, workspace, base) for arg in args)) for effect, args in disk.effects]
    assert again
    found = set()
    for _, state in PowerLoss(base, before.initial, before.folders).states(again):
        with TemporaryDirectory(dir=tmp_path) as place:
            put(Path(place) / base.name, state)
            found.add(check(traces, Path(place) / base.name, len(case.before), acknowledged=False))
    assert found == {len(case.before) + 1}


def _of_journal(effect: str, path: Path) -> bool:
    return effect == "flush_file" and path.name == "journal.jsonl"


def _of_built(effect: str, path: Path) -> bool:
    return effect == "flush_file" and "tmp" in path.parts


def _of_built_names(effect: str, path: Path) -> bool:
    return effect == "flush_folder" and "tmp" in path.parts


def _of_crashpacks(effect: str, path: Path) -> bool:
    return effect == "flush_folder" and path.name == "crashpacks"


def _of_bundle(effect: str, path: Path) -> bool:
    return effect == "flush_folder" and "candidates" in path.parts


@pytest.mark.parametrize("left_out", [_of_journal, _of_built, _of_built_names, _of_crashpacks, _of_bundle])
def test_without_any_one_kind_of_flush_something_would_be_lost(
    left_out: Callable[[str, Path], bool], tmp_path: Path
) -> None:
    """Guard: the test above fails when a flush is taken out."""
    case = CASES[1]
    traces, base, effects = recorded(case, tmp_path)
    fewer = [(effect, args) for effect, args in effects if not left_out(effect, args[0].relative_to(tmp_path))]
    assert len(fewer) < len(effects)
    with pytest.raises(AssertionError):
        survives(case, tmp_path, traces, base, fewer)
