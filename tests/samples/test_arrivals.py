"""The demo's arrivals: what each step lets the review see, and that nothing piles up. No time passes here."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.live.snapshot import CandidateView, Snapshot
from core.model.errors import InputError
from core.model.jsontext import parse
from core.session import Session
from tui.demo import DROPS, KEPT_CYCLES, MARK, Dropper, arriving, fill_in, lay_out


class Demo:
    """A demo that is stepped by hand, and the review that looks at it."""

    def __init__(self, folder: Path) -> None:
        self.traces = lay_out(folder)
        self.dropper = Dropper(self.traces, folder / "arriving")
        self.session = Session.open(self.traces, actor="tester@example.com", mode="exact")

    def until(self, told: str) -> Snapshot:
        """Let runs arrive up to the drop that is told so."""
        while self.dropper.step() != told:
            pass
        return self.session.refresh()

    def files(self) -> set[str]:
        """What lies in the traces folder."""
        return {path.relative_to(self.traces).as_posix() for path in self.traces.rglob("*") if path.is_file()}


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    made = Demo(tmp_path / "demo")
    with made.session:
        yield made


def of(snapshot: Snapshot, cohort: str) -> list[CandidateView]:
    return [view for view in snapshot.candidates if view.cohort == cohort]


def test_the_copy_is_whole_without_the_templates(demo: Demo) -> None:
    files = demo.files()
    assert "otel/LICENSE" in files
    assert "release/11-18-v2.8.1.json" in files
    assert not any(path.startswith("incoming") for path in files)


def test_one_more_complaint_lifts_a_candidate_over_the_line(demo: Demo) -> None:
    assert [view.status for view in of(demo.session.refresh(), "support-refund")] == ["blocked"]
    (view,) = of(demo.until("one more answered complaint"), "support-refund")
    assert (view.status, view.candidate.confidence >= 0.8) == ("needs_approval", True)


def test_a_new_workflow_becomes_a_candidate_with_its_second_run(demo: Demo) -> None:
    assert of(demo.until("a workflow that was never seen before"), "retire-flag") == []
    (view,) = of(demo.until("a second run of it: a candidate"), "retire-flag")
    assert (view.status, len(view.candidate.steps)) == ("needs_approval", 4)


def test_a_broken_file_is_quarantined_until_it_is_whole(demo: Demo) -> None:
    unit = "release-clean/live-v1.12.1.json"
    broken = demo.until("a file that breaks off in the middle")
    assert (unit, "quarantined") in {(problem.unit, problem.state) for problem in broken.problems}
    whole = demo.until("the same file, whole")
    assert unit not in {problem.unit for problem in whole.problems}
    assert "release-cli-1.12.1" in whole.runs


def test_a_folder_is_moved_in_at_once(demo: Demo) -> None:
    snapshot = demo.until("a folder of handovers, moved in at once")
    assert {run.unit for run in snapshot.runs.values() if run.unit.startswith("handover-1/")} == {
        "handover-1/early.json",
        "handover-1/late.json",
        "handover-1/night.json",
    }
    assert len(of(snapshot, "oncall-handover")) == 1
    assert list((demo.traces.parent / "arriving").iterdir()) == []


def test_from_the_second_cycle_on_a_rehearsal_disagrees_for_a_moment(demo: Demo) -> None:
    snapshot = demo.until("a rehearsal that disagrees")
    assert demo.dropper.cycle == 2
    (view,) = of(snapshot, "release-cli")
    assert (view.status, view.failed) == ("blocked", 1)
    (view,) = of(demo.until("the rehearsal, repaired"), "release-cli")
    assert (view.status, view.failed) == ("needs_approval", 0)


def test_the_first_cycle_leaves_what_can_be_approved_alone(demo: Demo) -> None:
    told = []
    while demo.dropper.cycle == 1:
        told.append(demo.dropper.step())
        (view,) = of(demo.session.refresh(), "release-cli")
        assert view.approvable == ()
    assert "a rehearsal that disagrees" not in told


def test_cycles_go_on_with_fresh_ids_and_a_bounded_number_of_files(demo: Demo) -> None:
    start, most, seen = len(demo.files()), 0, set()
    per_cycle = len({path for drop in DROPS for _, path in drop.paths})
    while demo.dropper.cycle < 8:
        demo.dropper.step()
        most = max(most, len(demo.files()))
        seen |= {path.stem for path in (demo.traces / "support").glob("live-*.json")}
    assert most <= start + KEPT_CYCLES * per_cycle
    assert len(seen) == 8
    assert not list(demo.traces.glob("handover-1"))
    snapshot = demo.session.refresh()
    assert [problem.unit for problem in snapshot.problems] == ["release/11-06-v2.7.3.json", "release/11-18-v2.8.1.json"]


def test_filling_in_replaces_the_mark_everywhere_and_moves_times() -> None:
    template = {"id": f"run-{MARK}", "started_at": "2026-11-18T23:00:00.000Z", "list": [f"{MARK}", 7, None, True]}
    assert fill_in(template, 2) == {
        "id": "run-2",
        "started_at": "2026-11-19T02:14:00.000Z",
        "list": ["2", 7, None, True],
    }
    assert template["id"] == f"run-{MARK}"


def test_no_mark_is_left_in_what_arrives(demo: Demo) -> None:
    before = demo.files()
    while demo.dropper.cycle < 3:
        demo.dropper.step()
    arrived = demo.files() - before
    assert arrived
    for path in arrived:
        data = (demo.traces / path).read_bytes()
        assert MARK.encode() not in data, path
        assert parse(data)["version"] == 1, path


def test_an_earlier_demo_goes_on_and_a_strange_folder_is_refused(tmp_path: Path) -> None:
    traces = lay_out(tmp_path / "demo")
    (traces / "mine.json").write_text("{}")
    assert lay_out(tmp_path / "demo") == traces
    assert (traces / "mine.json").exists()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear …")
    with pytest.raises(InputError, match="is not empty and holds no earlier demo"):
        lay_out(tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be copied"):
        lay_out(tmp_path / "file" / "below")


def test_arrivals_go_on_after_a_failing_one_and_end_with_the_context() -> None:
    calls: list[str] = []
    third = threading.Event()

    def step() -> None:
        calls.append(threading.current_thread().name)
        if len(calls) == 3:
            third.set()
        raise FileNotFoundError("the folder was removed")

    with arriving(step, 0.001):
        assert third.wait(timeout=30)
    assert set(calls) == {"demo-arrivals"}
    assert "demo-arrivals" not in {thread.name for thread in threading.enumerate()}
