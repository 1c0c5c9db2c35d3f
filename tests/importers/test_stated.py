"""effects.toml in the workspace: what it states of runs that are read directly, and what a change of it does."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from core.cluster import ingest as ingesting
from core.cluster.session import ResultSession
from core.live import keeping, mining, remembered, settle, shelf
from core.live.changes import LoadedFile
from core.live.feed import read_all
from core.live.pool import Pool
from core.live.remembered import Remembered
from core.live.reviewing import Refused
from core.live.rows import RowReader
from core.live.snapshot import CandidateView
from core.model.errors import InputError, WorkspaceError
from core.session import Session
from core.store.policy import Mode, Policy
from core.store.workspace import Workspace
from tests.cluster.local import MAX, on_cluster
from tests.cluster.serial import Serial, silent
from tests.importers.importing import chat, lines
from tests.live.feeding import wait_until
from tests.live.test_cache_property import Here
from tests.review.making import opened
from tests.review.test_decide import request
from tui.cli.exits import Exit
from tui.cli.main import main

STATED = (
    '[[tool]]\nname = "cancel"\ncapabilities = ["db.write"]\neffects = [{kind = "db_write", target = "order:{q}"}]\n'
)
MODES: tuple[Mode, ...] = ("exact", "generalised")


def job(number: int) -> dict[str, Any]:
    """A chat in which an order is looked up and cancelled."""
    made = chat(f"W{number}", id=f"chat-{number}")
    call = {**made["messages"][1]["tool_calls"][0], "id": "c2"}
    call["function"] = {**call["function"], "name": "cancel"}
    more = [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c2", "content": "done"},
    ]
    made["messages"][3:3] = more
    return made


@pytest.fixture
def traces(tmp_path: Path) -> Path:
    folder = tmp_path / "traces"
    folder.mkdir()
    (folder / "many.jsonl").write_bytes(lines(*map(job, range(8))))
    for number in (8, 9):
        (folder / f"one-{number}.json").write_bytes(lines(job(number)))
    return folder


def state(traces: Path, text: str = STATED) -> None:
    """State effects in the workspace, which need not be there yet."""
    folder = traces.with_name("traces.assay")
    folder.mkdir(exist_ok=True)
    (folder / "effects.toml").write_text(text)


def cancelling(session: Session) -> CandidateView:
    return next(v for v in session.snapshot.candidates if any(s.name == "cancel" for s in v.candidate.steps))


def effects_of(session: Session) -> tuple[str, ...]:
    """The targets of the step that cancels, and its capabilities."""
    step = next(s for s in cancelling(session).candidate.steps if s.name == "cancel")
    return (*(effect.kind for effect in step.side_effects), *step.capabilities)


@pytest.mark.parametrize("mode", MODES)
def test_it_counts_for_runs_that_are_read_directly(traces: Path, mode: Mode) -> None:
    state(traces)
    with opened(traces, mode=mode, cohort="none") as session:
        assert effects_of(session) == ("db_write", "db.write")
        made = [session.trace(trace_id).actions[1] for trace_id in session.snapshot.runs]
        assert sorted(effect.target for one in made for effect in one.side_effects) == [
            f"order:W{n}" for n in range(10)
        ]


@pytest.mark.parametrize("mode", MODES)
def test_without_it_runs_state_nothing_and_nothing_in_the_traces_folder_counts(traces: Path, mode: Mode) -> None:
    (traces / "effects.toml").write_text(STATED)
    with opened(traces, mode=mode, cohort="none") as session:
        assert effects_of(session) == ()


def test_an_approval_goes_stale_by_a_change_of_it_and_is_not_given_before_runs_are_read_again(traces: Path) -> None:
    (traces / "many.jsonl").write_bytes(lines(*map(job, range(30))))
    state(traces)
    with opened(traces, mode="generalised", cohort="none") as session:
        view = cancelling(session)
        session.decide(request(view, acknowledged=view.warnings))
        assert cancelling(session).status == "ready"
        view = cancelling(session)
        state(traces, STATED.replace("db_write", "http_write"))
        with pytest.raises(Refused, match=r"effects\.toml was changed") as refused:
            session.decide(request(view, kind="reject"))
        assert refused.value.stale
        session.refresh()
        assert any("effects.toml was changed" in told for told in session.snapshot.notices)
        assert effects_of(session) == ("http_write", "db.write")
        assert [v.status for v in session.snapshot.candidates if v.lineage == view.lineage] == ["stale"]


@pytest.mark.parametrize("mode", MODES)
def test_a_change_is_taken_in_while_the_folder_is_watched(traces: Path, mode: Mode) -> None:
    with Session.open(traces, mode=mode, cohort="none") as session:
        session.start(lambda _: None, lambda _: None)

        def shows(*wanted: str) -> None:
            def holds() -> bool:
                steps = [s for v in session.snapshot.candidates for s in v.candidate.steps if s.name == "cancel"]
                told = {effect.kind for step in steps for effect in step.side_effects}
                return bool(steps) and told == set(wanted) and session.snapshot.loaded == 10

            wait_until(holds)

        shows()
        state(traces)
        shows("db_write")
        state(traces, "oops")
        wait_until(lambda: any("oops" in told or "is not TOML" in told for told in session.snapshot.notices))
        shows("db_write")
        with pytest.raises(WorkspaceError, match="nothing can be decided"):
            session.decide(request(cancelling(session)))
        (session.workspace / "effects.toml").unlink()
        shows()


def test_what_was_mined_by_another_text_is_not_remembered_for_this_one(
    traces: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mining, "_WORTH_KEEPING", 0)
    monkeypatch.setattr(keeping, "QUIET", 0.0)
    with Session.open(traces, mode="generalised", cohort="none") as session:
        session.start(lambda _: None, lambda _: None)
        wait_until(lambda: len(session.snapshot.candidates) > 0)
        (traces / "half.json").write_text('{"actions": [')  # reading stays behind as long as it may still be written
        state(traces)
        wait_until(lambda: session._stated.is_behind)
        wait_until(lambda: not session._stated.is_behind)
        wait_until(lambda: any(step.side_effects for step in cancelling(session).candidate.steps))


def test_a_wrong_one_is_told_with_its_place_before_anything_is_shown(traces: Path) -> None:
    state(traces, STATED + "\n[[tool]]\nnam = 'x'\n")
    with pytest.raises(InputError, match=r'effects\.toml: line 6: tool 2: "nam" is not known; there are'):
        Session.open(traces)
    told = CliRunner().invoke(main, ["list", str(traces)], standalone_mode=False)
    assert isinstance(told.exception, InputError)


def test_a_pipe_in_its_place_is_not_waited_for(traces: Path) -> None:
    traces.with_name("traces.assay").mkdir()
    os.mkfifo(traces.with_name("traces.assay") / "effects.toml")
    with pytest.raises(InputError, match="is no file"):
        Session.open(traces)


def test_processes_that_read_are_handed_it(traces: Path) -> None:
    pool = Pool(1)
    pool.effects = STATED
    try:
        made = pool.read(traces, ["one-8.json", "one-9.json"], MAX, lambda: False, lambda _: None)
    finally:
        pool.close()
    here = RowReader(STATED)(traces, "one-8.json", MAX)
    assert isinstance(here, LoadedFile)
    row = made["one-8.json"].row  # type: ignore[union-attr]
    assert row is not None
    assert "db.write" in str(row.segment.header["forms"])
    assert here.facts is not None
    assert "db.write" in str(here.facts.actions)


def test_the_cache_holds_for_one_text_only(traces: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, owner in (("WORTH_IT", remembered), ("SMALL", remembered), ("SMALL", shelf)):
        monkeypatch.setattr(owner, name, 1)
    (traces / "many.jsonl").unlink()
    state(traces, "")
    workspace, read = traces.with_name("traces.assay"), []

    def look(*texts: str) -> None:
        many = None
        for text in texts:
            pool = Here()
            if many is None:
                many = Remembered(workspace, pool, text)
            else:
                many._pool = pool
                many.use(text)
            found = read_all(traces, MAX, read=RowReader(text), many=many)
            many.rest()
            many.save(shelf.put(shelf.Shelf(), frozenset(), found.loaded)[0])
            if many._saving is not None:
                many._saving.join()
            told = any("db.write" in str(one.row.segment.header["forms"]) for one in found.loaded.values() if one.row)
            assert told == bool(text)
            read.append(pool.read_files)
        assert many is not None
        many.close()

    look("")
    look("")
    look(STATED)
    look(STATED)
    look("", STATED)
    look(STATED)
    assert read == [2, 0, 2, 0, 2, 2, 0]


def test_a_dataset_keeps_the_one_that_it_was_read_with(
    traces: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle, "SETTLED", -1.0)
    for file in traces.iterdir():
        os.utime(file, (1_600_000_000, 1_600_000_000))

    def again(effects: str | None = None) -> int:
        return ingesting.ingest(str(traces), str(tmp_path / "dataset"), MAX, Serial, silent, None, effects).read

    assert [again(), again(), again(STATED), again(STATED), again()] == [3, 0, 3, 0, 0]
    on_cluster(traces, Policy(mode="generalised", cohort="none"), tmp_path)
    with ResultSession.open(tmp_path / "result") as session:
        session.refresh()
        assert effects_of(session) == ("db_write", "db.write")
        run = next(iter(session.snapshot.runs))
        assert session.trace(run).actions[1].side_effects
        (session.workspace / "effects.toml").write_text("")
        session.refresh()
        assert any("does not count for a result" in told for told in session.snapshot.notices)
    assert again("") == 3


def test_evaluate_reads_as_the_review_does(traces: Path) -> None:
    (traces / "many.jsonl").write_bytes(lines(*map(job, range(30))))
    given = ["evaluate", str(traces), "--seeds", "1", "--json"]
    assert '"effects_covered": null' not in CliRunner().invoke(main, given).stdout
    plain = CliRunner().invoke(main, given)
    state(traces)
    stated = CliRunner().invoke(main, given)
    assert (plain.exit_code, stated.exit_code) == (Exit.DONE, Exit.DONE)
    assert plain.stdout != stated.stdout


def test_a_folder_with_nothing_but_it_can_become_a_workspace(traces: Path) -> None:
    state(traces)
    assert Workspace.open(traces).exists
