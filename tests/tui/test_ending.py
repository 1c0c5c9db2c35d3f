"""What arrives while the program ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.fakes import FakeReviewing
from tui.app import AssayApp
from tui.widgets.document import Document


async def test_a_snapshot_that_comes_while_the_screens_are_taken_down_is_let_go(
    app: AssayApp, reviewing: FakeReviewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test() as pilot:
        await pilot.pause()

        def arrive(_: Document) -> None:
            reviewing.push(replace(reviewing.snapshot, candidates=()))

        monkeypatch.setattr(Document, "on_unmount", arrive, raising=False)
