"""What forbids an approval is told wherever a candidate's standing is, before somebody reads it all in vain."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.review.making import opened
from tests.review.test_decide import only
from tests.review.test_transfer import JOURNAL, backwards
from tests.tui import fakes
from tui.cli.main import main
from tui.views.preview import preview_lines
from tui.views.promotion import promotion_lines

TOLD = f"it cannot be approved now: {JOURNAL}"


def test_a_journal_that_blocks_a_candidate_that_meets_all_criteria_is_told(tmp_path: Path) -> None:
    traces = backwards(tmp_path / "traces")
    view, policy = only(opened(traces)), fakes.snapshot().policy
    assert view.status == "needs_approval"
    for lines in (preview_lines(view, policy, 0.0, 400), promotion_lines(view, policy, tmp_path, 400)):
        assert sum(TOLD in line.content.plain for line in lines) == 1
    shown = CliRunner().invoke(main, ["show", str(traces), view.lineage]).stdout
    assert TOLD in " ".join(shown.split())


@pytest.mark.parametrize("status", ["blocked", "ready", "needs_approval"])
def test_what_is_a_reason_for_the_status_is_told_once(status: str) -> None:
    view = fakes.view("version_bump", status)  # type: ignore[arg-type]
    for lines in (
        preview_lines(view, fakes.snapshot().policy, 0.0, 400),
        promotion_lines(view, fakes.snapshot().policy, Path("w"), 400),
    ):
        assert not any("cannot be approved now" in line.content.plain for line in lines)
