"""A pruning that is ended at any point leaves whole crashpacks only, and the next start removes the rest."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from core.review.prune import prune
from core.review.verify import verify
from core.store.disk import Disk
from core.store.recovery import recover
from core.store.workspace import Workspace
from tests.faults.worlds import decide, effects_of, kills, session
from tests.review.making import releases
from tests.store.disks import Crash


def test_a_pruning_that_is_killed_leaves_no_halves(tmp_path: Path) -> None:
    traces, base, place = releases(tmp_path / "traces"), tmp_path / "base", tmp_path / "place"
    made = session(traces, base)
    for _ in range(2):
        decide(made, "reject")

    def pruned(disk: Disk) -> tuple[str, ...]:
        """What a start says after a pruning on that disk."""
        shutil.copytree(base, place)
        store = Workspace.open(traces, place)
        with suppress(Crash):
            prune(replace(store, disk=disk), 1)
        told = recover(store)
        assert not verify(store).problems
        assert not any(store.tmp.iterdir())
        shutil.rmtree(place)
        return told

    told = {*map(pruned, [*kills(effects_of(pruned))][::4])}
    assert any(sentences[0].startswith("A crash interrupted a pruning; what was") for sentences in told if sentences)
