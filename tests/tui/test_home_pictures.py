"""Pictures of the home screens; after a wanted change run this file with `pytest --snapshot-update`."""

from __future__ import annotations

import pytest

from core.live.snapshot import Activity, JournalView, Snapshot
from tests.tui.fakes import NOW, FakeReviewing, snapshot
from tui.app import AssayApp


def pictured(shown=None, activity=None, theme="assay-dark"):
    app = AssayApp(FakeReviewing(shown, activity), clock=lambda: NOW)
    app.animation_level = "none"
    app.theme = theme
    return app


@pytest.mark.parametrize(
    ("size", "theme"),
    [((160, 50), "assay-dark"), ((80, 24), "assay-dark"), ((120, 30), "assay-light"), ((120, 30), "assay-monochrome")],
    ids=["wide", "narrow", "light", "monochrome"],
)
def test_home(snap_compare, size, theme):
    assert snap_compare(pictured(theme=theme), terminal_size=size)


def test_empty(snap_compare):
    app = pictured(Snapshot(), Activity(phase="watching", watching="events"))
    assert snap_compare(app, terminal_size=(80, 24))


def test_alarms_and_pause(snap_compare):
    shown = snapshot(journal=JournalView(faults=("line 3 was changed",)), notices=("the workspace is read-only",))
    activity = Activity(phase="watching", watching="polling", trouble="no events here: the folder is polled")
    assert snap_compare(pictured(shown, activity), press=["space"], terminal_size=(100, 30))


def test_problems(snap_compare):
    assert snap_compare(pictured(), press=["p"], terminal_size=(100, 30))


def test_help(snap_compare):
    assert snap_compare(pictured(), press=["question_mark"], terminal_size=(100, 40))
