"""A `.json` file with several JSON texts is read where it lies; what is being written or broken is told as before."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from core.live.changes import BrokenFile, LoadedFile, ManyRuns
from core.live.feed import read_all
from core.live.foreign import run_of
from core.live.read import read_file
from core.model.jsontext import compact, pretty
from core.session import Session
from core.traces.errors import TraceError
from tests.importers.importing import DATA, chat, lines, split

MOST = 1 << 26
OWN = {"version": 1, "id": "a", "actions": [{"id": "1", "kind": "tool_call", "name": "x"}]}


def written(folder: Path, data: bytes, seconds: float = 60) -> None:
    """A file that was left alone for so long."""
    (folder / "a.json").write_bytes(data)
    then = time.time() - seconds
    os.utime(folder / "a.json", (then, then))


@pytest.mark.parametrize("write", [compact, pretty])
def test_texts_one_after_the_other_are_runs(tmp_path: Path, write: object) -> None:
    assert callable(write)
    written(tmp_path, b"\n".join(write(chat(text)) for text in "abc"))
    with Session.open(tmp_path) as session:
        snapshot = session.refresh()
        assert sorted(run.unit for run in snapshot.runs.values()) == ["a.json#1", "a.json#2", "a.json#3"]
        for trace_id in snapshot.runs:
            assert session.trace(trace_id).id == trace_id
    data = (tmp_path / "a.json").read_bytes()
    assert run_of(data, "a.json#2", "x").metadata["first_user_message"] == "b"


def test_the_console_exporter_s_dump_is_read_where_it_lies(tmp_path: Path) -> None:
    written(tmp_path, (DATA / "otlp" / "console.json").read_bytes(), 0)
    found = read_all(tmp_path, MOST)
    assert (list(found.loaded), found.problems) == (["a.json#1", "a.json#2"], {})


def test_own_traces_one_after_the_other_are_runs(tmp_path: Path) -> None:
    written(tmp_path, lines(OWN, OWN | {"id": "b"}))
    assert isinstance(read_file(tmp_path, "a.json", MOST), ManyRuns)


@pytest.mark.parametrize("rest", [b"\n{oops}\n", b"x", b"\n{", b"\n]\n"])
@pytest.mark.parametrize("write", [compact, pretty])
def test_a_run_of_our_own_with_something_behind_it_is_broken(tmp_path: Path, write: object, rest: bytes) -> None:
    assert callable(write)
    data = write(OWN).rstrip()
    written(tmp_path, data + rest)
    found = read_file(tmp_path, "a.json", MOST)
    assert isinstance(found, BrokenFile)
    line = data.count(b"\n") + 1 + rest[:1].count(b"\n")
    assert (found.rule, found.reason) == ("invalid JSON", "unexpected content after document")
    assert found.place.startswith(f"line {line} column ")
    with pytest.raises(TraceError, match="unexpected content"):
        run_of(data + rest, "a.json", "a.json")


def test_what_is_being_written_settles_first(tmp_path: Path) -> None:
    data = lines(chat("a"), chat("b"))
    written(tmp_path, data[:-20], 0)
    assert isinstance(read_file(tmp_path, "a.json", MOST), BrokenFile)
    for seconds in (60, -60):  # also where clocks differ, it is not waited for without end
        written(tmp_path, data[:-20], seconds)
        found = read_file(tmp_path, "a.json", MOST)
        assert isinstance(found, ManyRuns)
        assert [one.unit for one in found.files] == ["a.json#1"]
        assert [(one.unit, one.place) for one in found.problems] == [("a.json#2", "line 2")]
    written(tmp_path, data, 0)
    assert isinstance(read_file(tmp_path, "a.json", MOST), ManyRuns)
    written(tmp_path, lines(chat("a")), 0)
    assert isinstance(read_file(tmp_path, "a.json", MOST), LoadedFile)


def test_what_is_no_trace_among_own_traces_is_told() -> None:
    runs, left = split(lines({"messages": [{"role": "user", "content": "hi"}]}, OWN, 3))
    assert [run["id"] for run in runs] == ["a"]
    assert [(one.place, one.fault) for one in left] == [("line 1", True), ("line 3", True)]
    assert left[0].reason == "it is no trace: it has no actions"
