from __future__ import annotations

import os
from pathlib import Path

import pytest

from core.model.errors import InputError
from core.traces.errors import TraceError
from core.traces.load import load_folder, load_json, load_trace, trace_files

RUN = b'{"id":"t","actions":[]}'


def put(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(RUN)


def names(folder: Path) -> list[str]:
    return [os.path.relpath(path, folder) for path in trace_files(str(folder))]


def test_files_sort_by_path_component(tmp_path: Path) -> None:
    put(tmp_path, "a.json", "a/b.json", "a/b/c.json", "a-b.json", "B.json", "é.json", "z.json")
    assert names(tmp_path) == ["B.json", "a/b/c.json", "a/b.json", "a-b.json", "a.json", "z.json", "é.json"]


def test_only_the_extension_json_counts(tmp_path: Path) -> None:
    put(tmp_path, "a.json", "b.JSON", "c.jsonl", ".json", "json", "d.json.bak", "e.x.json")
    assert names(tmp_path) == ["a.json", "e.x.json"]


def test_a_folder_named_like_a_file_is_entered(tmp_path: Path) -> None:
    put(tmp_path, "x.json/inner.json")
    assert names(tmp_path) == ["x.json/inner.json"]


def test_paths_begin_as_they_were_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path, "in/a.json")
    monkeypatch.chdir(tmp_path)
    assert trace_files("./in/") == ("./in/a.json",)
    assert trace_files("in/../in//") == ("in/../in//a.json",)
    assert load_folder("./in/")[0].source == "./in/a.json"


def test_a_loop_of_links_is_entered_once(tmp_path: Path) -> None:
    put(tmp_path, "in/a.json")
    (tmp_path / "in" / "again").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    assert [Path(path).name for path in trace_files(str(tmp_path / "in"))] == ["a.json"]


def test_no_files_is_an_error_that_names_the_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"^no .json trace files found under {tmp_path}$"):
        load_folder(str(tmp_path))


@pytest.mark.parametrize("kind", ["missing", "file"])
def test_what_is_no_folder_cannot_be_read(tmp_path: Path, kind: str) -> None:
    place = tmp_path / "in"
    if kind == "file":
        place.write_bytes(RUN)
    with pytest.raises(InputError, match=f"^failed to read crystallization trace dir {place}: "):
        load_folder(str(place))


def test_a_missing_file_is_a_read_error() -> None:
    with pytest.raises(TraceError) as caught:
        load_trace("nope.json")
    assert str(caught.value) == "failed to read crystallization trace nope.json: no such file or directory"
    assert (caught.value.label, caught.value.stage) == ("nope.json", "read")


def test_a_link_to_nothing_is_a_read_error(tmp_path: Path) -> None:
    (tmp_path / "a.json").symlink_to("gone")
    with pytest.raises(TraceError, match="failed to read"):
        load_folder(str(tmp_path))


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.json")
    with pytest.raises(TraceError, match="not a regular file"):
        load_folder(str(tmp_path))


def test_the_first_bad_file_ends_loading(tmp_path: Path) -> None:
    put(tmp_path, "a.json", "c.json")
    (tmp_path / "b.json").write_bytes(b"{")
    with pytest.raises(TraceError) as caught:
        load_folder(str(tmp_path))
    assert caught.value.label == str(tmp_path / "b.json")


def test_other_json_files_are_named_as_what_they_are(tmp_path: Path) -> None:
    path = tmp_path / "seg.json"
    path.write_bytes(b"[")
    with pytest.raises(TraceError, match=f"^failed to parse segment summary {path}: "):
        load_json(str(path), what="segment summary {}")
