"""Files of other tools in a traces folder: units, problems, and what changes when such a file changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.direct import runs_of
from core.live.changes import ChangeSet, LoadedFile
from core.live.feed import Feed, read_all
from core.live.foreign import run_of
from core.live.names import file_of, order_of, path_of, unit_of
from core.live.read import read_file
from core.live.reread import reread
from core.session import Session
from core.traces.errors import TraceError
from tests.importers.importing import DATA, chat, lines, tool_span
from tests.live.feeding import FakeClock

MOST = 1 << 26


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "traces"
    made.mkdir()
    return made


def units(changes: ChangeSet) -> list[str]:
    return list(changes.loaded)


def test_units_of_files_with_one_run_and_with_several(folder: Path) -> None:
    (folder / "one.jsonl").write_bytes(lines(chat("a")))
    (folder / "many.json").write_bytes(b"[" + b",".join(lines(chat(str(n))).strip() for n in range(11)) + b"]")
    (folder / "run.traj").write_bytes(next((DATA / "swe_agent").iterdir()).read_bytes())
    found = read_all(folder, MOST)
    assert units(found) == [f"many.json#{n}" for n in range(1, 12)] + ["one.jsonl", "run.traj"]
    assert not found.problems
    for unit, file in found.loaded.items():
        assert file.trace is not None
        assert file.trace.source == path_of(unit)


def test_a_bad_record_is_a_problem_of_its_own(folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(lines(chat("a")) + b"{oops}\n" + lines(chat("c")))
    found = read_all(folder, MOST)
    assert units(found) == ["a.jsonl#1", "a.jsonl#3"]
    ((unit, problem),) = found.problems.items()
    assert (unit, problem.rule, problem.place, problem.state) == (
        "a.jsonl#2", "record not mapped", "line 2", "quarantined",
    )  # fmt: skip


def test_a_bad_record_of_a_format_that_gathers_is_a_problem_of_the_file(folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(lines(tool_span("ab" * 16, 1), tool_span("cd" * 16, 1)) + b"{oops}\n{oops}\n")
    found = read_all(folder, MOST)
    assert units(found) == ["a.jsonl#1", "a.jsonl#2"]
    assert list(found.problems) == ["a.jsonl"]
    assert found.problems["a.jsonl"].reason.startswith("2 records are not mapped; the first: invalid JSON")


def test_a_bad_record_costs_the_only_run_of_a_file_nothing(folder: Path) -> None:
    (folder / "a.jsonl").write_bytes(lines(tool_span("ab" * 16, 1)) + b"{oops}\n")
    found = read_all(folder, MOST)
    assert units(found) == ["a.jsonl#1"]
    assert {unit: problem.place for unit, problem in found.problems.items()} == {"a.jsonl": "line 2"}


def test_own_files_stay_as_they_are(folder: Path) -> None:
    data = (DATA / "expected" / "AGNO__172e8774.json").read_bytes()
    (folder / "own.json").write_bytes(data)
    (folder / "strange.json").write_text('{"hello": 1}')
    (folder / "strange.jsonl").write_text('{"hello": 1}\n')
    (folder / "empty.jsonl").write_text("")
    found = read_all(folder, MOST)
    assert units(found) == ["own.json"]
    assert {unit: problem.rule for unit, problem in found.problems.items()} == {
        "empty.jsonl": "empty file",
        "strange.json": "not a run",
        "strange.jsonl": "not a run",
    }


def test_a_file_of_no_format_is_told_with_what_is_wrong(folder: Path) -> None:
    (folder / "a.jsonl").write_text("{oops}\n{oops}\n")
    (problem,) = read_all(folder, MOST).problems.values()
    assert (problem.place, problem.reason[:12]) == ("line 1", "invalid JSON")


def test_a_file_that_changes_adds_and_takes_away_runs(folder: Path) -> None:
    path, clock = folder / "a.jsonl", FakeClock()
    path.write_bytes(lines(chat("a")))
    feed = Feed(folder, MOST, clock=clock, polling=True)

    def after(data: bytes | None) -> ChangeSet:
        if data is None:
            path.unlink()
        else:
            path.write_bytes(data)
        clock.forward(60)
        feed.hint()
        made = feed.poll()
        assert made is not None
        return made

    assert units(after(lines(chat("a")))) == ["a.jsonl"]
    grown = after(lines(chat("a"), chat("b")))
    assert (units(grown), grown.gone) == (["a.jsonl#1", "a.jsonl#2"], {"a.jsonl"})
    broken = after(lines(chat("a")) + b"{oops}\n" + lines(chat("b")))
    assert (units(broken), list(broken.problems)) == (["a.jsonl#1", "a.jsonl#3"], ["a.jsonl#2"])
    shrunk = after(lines(chat("b")))
    assert (units(shrunk), shrunk.gone) == (["a.jsonl"], {"a.jsonl#1", "a.jsonl#2", "a.jsonl#3"})
    after(lines(chat("a"), chat("b")))
    gone = after(None)
    assert gone.gone == {"a.jsonl#1", "a.jsonl#2"}
    feed.close()


def test_one_run_of_a_file_is_read_again(folder: Path) -> None:
    path = folder / "a.jsonl"
    path.write_bytes(lines(chat("a"), chat("b")))
    known = dict(read_all(folder, MOST).loaded)
    assert not reread(folder, known, known, MOST)
    path.write_bytes(lines(chat("a"), chat("c")))
    changed = reread(folder, known, known, MOST)
    assert units(changed) == ["a.jsonl#1", "a.jsonl#2"]
    path.write_bytes(lines(chat("a")))
    assert list(reread(folder, ["a.jsonl#2"], known, MOST).problems) == ["a.jsonl#2"]
    path.unlink()
    assert reread(folder, known, known, MOST).gone == set(known)


def test_the_run_of_a_unit_in_bytes() -> None:
    data = lines(chat("a"), chat("b"))
    assert run_of(data, "a.jsonl#2", "x").metadata["first_user_message"] == "b"
    with pytest.raises(TraceError, match="holds no run #3"):
        run_of(data, "a.jsonl#3", "x")
    with pytest.raises(TraceError):
        run_of(b"{}", "a.json", "x")


def test_a_session_shows_runs_of_other_tools(folder: Path) -> None:
    (folder / "retail.json").write_bytes((DATA / "openai_chat" / "tau_retail_20_runs.json").read_bytes())
    with Session.open(folder) as session:
        snapshot = session.refresh()
        assert snapshot.loaded == 20
        run = next(run for run in snapshot.runs.values() if run.unit == "retail.json#7")
        assert session.trace(run.trace_id).id == run.trace_id


def test_runs_of_a_file_are_in_the_order_of_their_numbers() -> None:
    made = ["a.jsonl#10", "a.jsonl#2", "a.jsonl", "a.jsonl#1", "b/a.json", "a.json"]
    assert sorted(made, key=order_of) == ["a.json", "a.jsonl", "a.jsonl#1", "a.jsonl#2", "a.jsonl#10", "b/a.json"]


@given(st.text(st.sampled_from("a.#19\\x2/j\udcff"), max_size=8), st.sampled_from(["", ".json", ".jsonl#3", ".traj#1"]))
def test_a_path_and_its_unit_name_each_other(path: str, end: str) -> None:
    unit = unit_of(path + end)
    assert path_of(unit) == path + end
    assert file_of(unit) == unit


def test_a_file_whose_name_reads_like_a_run_is_no_run(folder: Path) -> None:
    (folder / "a.jsonl#1").write_bytes(lines(chat("no")))
    (folder / "a.jsonl").write_bytes(lines(chat("a"), chat("b")))
    found = read_file(folder, "a.jsonl#1", MOST)
    assert isinstance(found, LoadedFile)
    assert found.trace is not None
    assert found.trace.metadata["first_user_message"] == "a"
    assert len(read_all(folder, MOST).loaded) == 2


def test_nothing_in_a_file_raises() -> None:
    for data in (b"", b"\xff", b"[", b"[" * 100_000, b"null", b"[[[]]]", b'{"messages": [1]}', b'{"spans": [{}]}'):
        runs_of(data, "a.json")
