from __future__ import annotations

import hashlib
import json
import os
import socket
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live.changes import BrokenFile, LoadedFile, SameFile
from core.live.read import looks_cut, read_file
from core.live.scan import scan, stamp_of
from core.model.jsontext import JsonError, parse
from tests.live.feeding import DEADLINE, MAX, run_text, write

VALUES = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def broken(folder: Path, unit: str, max_size: int = MAX) -> BrokenFile:
    reading = read_file(folder, unit, max_size)
    assert isinstance(reading, BrokenFile), reading
    assert reading.unit == unit
    return reading


class TestGood:
    def test_run(self, tmp_path: Path) -> None:
        path = write(tmp_path / "d" / "e" / "a.json", '{"actions": [{"name": "n"}]}')
        reading = read_file(tmp_path, "d/e/a.json", MAX)
        assert isinstance(reading, LoadedFile)
        assert reading.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
        assert reading.size == path.stat().st_size
        assert reading.stamp == stamp_of(path.stat())
        assert reading.trace.actions[0].name == "n"
        assert reading.trace.source == "d/e/a.json"

    def test_source_is_the_path_below_the_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "in" / "a.json")
        monkeypatch.chdir(tmp_path)
        for folder in (Path("in"), tmp_path / "in"):
            reading = read_file(folder, "a.json", MAX)
            assert isinstance(reading, LoadedFile)
            assert reading.trace.source == "a.json"

    def test_known_bytes_are_not_decoded_again(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "a.json")
        first = read_file(tmp_path, "a.json", MAX)
        assert isinstance(first, LoadedFile)
        monkeypatch.setattr("core.live.read.decode_trace", None)
        again = read_file(tmp_path, "a.json", MAX, first.sha256)
        assert again == SameFile("a.json", first.stamp, first.sha256, first.size)

    def test_every_file_that_a_scan_finds_can_be_opened_by_its_unit(self, tmp_path: Path) -> None:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.json")).write_text(run_text())
        write(tmp_path / "line\nfeed\x1b[31m.json")
        write(tmp_path / "a\\xff.json")
        units = list(scan(tmp_path).files)
        assert len(units) == 3
        for unit in units:
            assert isinstance(read_file(tmp_path, unit, MAX), LoadedFile)


class TestUnfinished:
    @pytest.mark.parametrize("data", [b"", b"  \n", run_text().encode()[:-1], b'{"actions": [', b'{"actions": "\xc3'])
    def test_looks_unfinished(self, tmp_path: Path, data: bytes) -> None:
        write(tmp_path / "a.json", data)
        reading = broken(tmp_path, "a.json")
        assert reading.unfinished
        assert reading.rule == ("unfinished JSON" if data.strip() else "empty file")
        assert reading.size == len(data)

    def test_place_of_the_end(self, tmp_path: Path) -> None:
        write(tmp_path / "a.json", '{\n"actions": [')
        assert broken(tmp_path, "a.json").place == "line 2 column 13"

    @given(VALUES, st.data())
    def test_every_beginning_of_json_looks_cut_and_no_whole_one_does(self, value: object, data: st.DataObject) -> None:
        text = json.dumps([value], ensure_ascii=False).encode()
        assert not looks_cut(text)
        cut = data.draw(st.integers(1, len(text) - 1))
        assert looks_cut(text[:cut])

    @given(st.binary(max_size=20))
    def test_what_parses_never_looks_cut(self, data: bytes) -> None:
        try:
            parse(data)
        except JsonError:
            return
        assert not looks_cut(data)


class TestWrong:
    @pytest.mark.parametrize(
        ("data", "rule", "place"),
        [
            (b'{"actions": [}', "invalid JSON", "line 1 column 14"),
            (b'{"actions": []} x', "invalid JSON", "line 1 column 17"),
            (b'\xef\xbb\xbf{"actions": []}', "invalid JSON", "line 1 column 1"),
            (b'{"actions": [NaN]}', "invalid JSON", "line 1 column 14"),
            (b'{"id": "\xff", "actions": []}', "not UTF-8", "byte 8"),
            (b"\x00\x01\x02\x03\xfe\xff\x80", "not UTF-8", "byte 4"),
            (b"\x00" * 64, "invalid JSON", "line 1 column 1"),
            (b'{"actions": [{"duration_ms": 1.0}]}', "wrong form", "actions[0].duration_ms"),
            (b'{"actions": null}', "wrong form", "actions"),
            (b'{"stages": 7}', "wrong form", "stages"),
            (b"[]", "not a run", ""),
            (b'{"foo": 1}', "not a run", ""),
        ],
    )
    def test_content(self, tmp_path: Path, data: bytes, rule: str, place: str) -> None:
        write(tmp_path / "a.json", data)
        reading = broken(tmp_path, "a.json")
        assert (reading.rule, reading.place, reading.unfinished) == (rule, place, False)
        assert reading.reason
        assert reading.advice

    @pytest.mark.parametrize("bomb", [b"[" * 200_000, b'{"a":' * 50_000, b"[" * 500 + b"]" * 500])
    def test_depth_bomb(self, tmp_path: Path, bomb: bytes) -> None:
        write(tmp_path / "a.json", b'{"actions": ' + bomb)
        assert broken(tmp_path, "a.json").rule in ("invalid JSON", "unfinished JSON")

    def test_whatever_decoding_raises_is_a_problem_of_the_file(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def decode_trace(data: bytes, label: str) -> None:
            raise RecursionError

        monkeypatch.setattr("core.live.read.decode_trace", decode_trace)
        write(tmp_path / "a.json")
        assert "RecursionError" in broken(tmp_path, "a.json").reason


class TestSize:
    @pytest.mark.parametrize("count", [50_001, 49_000], ids=["too many", "too small for what they take"])
    def test_more_than_is_read_is_no_fault_of_a_field(self, tmp_path: Path, count: int) -> None:
        write(tmp_path / "a.json", b'{"actions": [' + b"{}," * (count - 1) + b"{}]}")
        assert "each in a file of its own" in broken(tmp_path, "a.json").advice
        write(tmp_path / "a.json", b'{"actions": [7]}')
        assert "each in a file of its own" not in broken(tmp_path, "a.json").advice

    def test_sparse_file_is_refused_before_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        with (tmp_path / "a.json").open("wb") as made:
            made.truncate(200 * 1024 * 1024)
        monkeypatch.setattr(os, "read", None)
        reading = broken(tmp_path, "a.json", 64 * 1024 * 1024)
        assert (reading.rule, reading.size) == ("too large", 200 * 1024 * 1024)
        assert "209,715,200 bytes are more than the 67,108,864" in reading.reason
        assert "max_file_size" in reading.advice

    def test_limit_is_inclusive(self, tmp_path: Path) -> None:
        size = write(tmp_path / "a.json").stat().st_size
        assert isinstance(read_file(tmp_path, "a.json", size), LoadedFile)
        assert broken(tmp_path, "a.json", size - 1).rule == "too large"

    def test_file_that_grows_while_it_is_read(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "a.json", "{}")
        asked: list[int] = []

        def read(file: int, count: int) -> bytes:
            asked.append(count)
            return b" " * count

        monkeypatch.setattr(os, "read", read)
        assert broken(tmp_path, "a.json", 1000).rule == "too large"
        assert sum(asked) <= 1001


class TestHostilePaths:
    def test_fifo_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "a.json")
        assert broken(tmp_path, "a.json").rule == "not a file"

    def test_what_is_no_regular_file_is_never_opened(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        real, opened = os.open, []

        def spy(path: object, flags: int, **more: int) -> int:
            opened.append(str(path))
            return real(path, flags, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(os, "open", spy)
        monkeypatch.chdir(tmp_path)  # a socket's whole name has to be short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("a.json")
            assert "socket" in broken(tmp_path, "a.json").reason
        assert opened == [str(tmp_path)]

    def test_no_link_is_followed(self, tmp_path: Path) -> None:
        write(tmp_path / "outside" / "secret.json")
        folder = tmp_path / "traces"
        folder.mkdir()
        (folder / "a.json").symlink_to("../outside/secret.json")
        (folder / "out").symlink_to("../outside")
        assert broken(folder, "a.json").rule == "not a file"
        assert broken(folder, "out/secret.json").rule == "missing file"

    def test_link_put_in_place_at_the_last_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "secret.txt")
        write(tmp_path / "a.json")
        real = os.stat

        def swap(path: str, **more: object) -> os.stat_result:
            status = real(path, **more)  # type: ignore[arg-type]
            (tmp_path / "a.json").unlink()
            (tmp_path / "a.json").symlink_to("secret.txt")
            return status

        monkeypatch.setattr(os, "stat", swap)
        assert broken(tmp_path, "a.json").rule == "missing file"

    def test_pipe_put_in_place_at_the_last_moment(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "a.json")
        real = os.stat

        def swap(path: str, **more: object) -> os.stat_result:
            status = real(path, **more)  # type: ignore[arg-type]
            (tmp_path / "a.json").unlink()
            os.mkfifo(tmp_path / "a.json")
            return status

        monkeypatch.setattr(os, "stat", swap)
        read: list[BrokenFile] = []
        reader = threading.Thread(target=lambda: read.append(broken(tmp_path, "a.json")), daemon=True)
        reader.start()
        reader.join(DEADLINE)
        assert [reading.rule for reading in read] == ["not a file"]

    @pytest.mark.parametrize("unit", ["none.json", "d/none.json", "a.json/b.json", "nul\0.json"])
    def test_not_there(self, tmp_path: Path, unit: str) -> None:
        write(tmp_path / "a.json")
        assert broken(tmp_path, unit).rule == "missing file"

    def test_unreadable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        write(tmp_path / "a.json")

        def read(file: int, count: int) -> bytes:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(os, "read", read)
        reading = broken(tmp_path, "a.json")
        assert (reading.rule, reading.reason) == ("unreadable file", "it cannot be read: permission denied")

    def test_no_descriptor_is_left_open(self, tmp_path: Path) -> None:
        write(tmp_path / "d" / "a.json")
        os.mkfifo(tmp_path / "d" / "pipe.json")
        before = len(os.listdir("/dev/fd"))  # noqa: PTH208 - a listing, not a path
        for unit in ["d/a.json", "d/none.json", "none/a.json", "d/pipe.json"]:
            read_file(tmp_path, unit, MAX)
        assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


@given(st.binary(max_size=300))
def test_no_content_makes_it_raise(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    folder = tmp_path_factory.getbasetemp()
    (folder / "any.json").write_bytes(data)
    assert read_file(folder, "any.json", MAX).unit == "any.json"
