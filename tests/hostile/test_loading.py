"""The loader's rules for hostile files (design: engine, hostile files): nothing crashes, hangs or is guessed."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from core.live.changes import BrokenFile, LoadedFile
from core.live.read import TOO_LARGE, read_file
from core.model.errors import InputError
from core.model.jsontext import compact
from core.store.archive import unpack
from core.store.policy import Policy
from core.traces.decode import decode_trace
from core.traces.load import load_folder, read_trace_file
from tests.hostile.bounded import finishes
from tests.hostile.corpus import ARCHIVES, FILES, FOUND, TEXTS, everything

MAX = Policy().max_file_size
REFUSED = {
    "not UTF-8", "overlong UTF-8", "UTF-8 of half a pair", "UTF-16", "a byte order mark", "half a pair, escaped", "NaN",
    "Infinity", "a leading zero", "a raw control character", "a comment", "two values", "a trailing comma",
    "single quotes", "nested deeper than it may be", "nested very deep", "objects nested very deep", "empty", "blank",
    "cut", "opened and never closed", "a number for a flag", "numbers out of range", "fields of other kinds",
    "an integer beyond 64 bits", "a list", "a string", "null", "binary", "an archive",
}  # fmt: skip


@pytest.mark.parametrize(("name", "data"), everything(), ids=lambda value: value if isinstance(value, str) else "")
def test_every_file_is_a_run_or_a_reason(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(data)
    reading = read_file(tmp_path, "x.json", MAX)
    assert isinstance(reading, LoadedFile | BrokenFile)
    if name in REFUSED:
        assert isinstance(reading, BrokenFile)
    if isinstance(reading, BrokenFile):
        assert reading.reason
        assert "Traceback" not in reading.reason
        # The batch loader says no to the same files, as an error that is told.
        with pytest.raises(InputError):
            decode_trace(data, "x.json")


def test_all_that_must_be_refused_is_in_the_corpus() -> None:
    assert FILES.keys() >= REFUSED
    assert FOUND


def test_one_bad_file_costs_that_file_alone(tmp_path: Path) -> None:
    for number, (_, data) in enumerate(everything()):
        (tmp_path / f"{number}.json").write_bytes(data)
    (tmp_path / "good.json").write_bytes(compact({"id": "good", "actions": [{"name": "a"}]}))
    assert isinstance(read_file(tmp_path, "good.json", MAX), LoadedFile)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_hostile_texts_are_kept_as_they_are(text: str) -> None:
    """Escaping is the border's work: the model must not lose or change what a run says."""
    trace = decode_trace(compact({"id": "r", "actions": [{"name": "n", "inputs": {text: text}}]}), "x.json")
    assert trace.actions[0].inputs == {text: text}


@pytest.mark.parametrize("data", ARCHIVES.values(), ids=ARCHIVES.keys())
def test_archives_that_broke_their_reader_are_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        unpack(data)


class TestKindsOfFiles:
    def test_a_link_is_not_followed(self, tmp_path: Path) -> None:
        (tmp_path / "outside.json").write_bytes(FILES["keys twice"])
        (tmp_path / "in").mkdir()
        (tmp_path / "in/x.json").symlink_to(tmp_path / "outside.json")
        (tmp_path / "in/folder").symlink_to(tmp_path)
        for unit in ("x.json", "folder/outside.json"):
            assert isinstance(read_file(tmp_path / "in", unit, MAX), BrokenFile)

    def test_a_pipe_is_not_waited_for(self, tmp_path: Path) -> None:
        os.mkfifo(tmp_path / "x.json")
        assert isinstance(read_file(tmp_path, "x.json", MAX), BrokenFile)
        with pytest.raises(InputError):
            read_trace_file(str(tmp_path / "x.json"))

    def test_a_socket_and_a_folder_are_no_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind("x.json")
            (tmp_path / "y.json").mkdir()
            for unit in ("x.json", "y.json"):
                assert isinstance(read_file(tmp_path, unit, MAX), BrokenFile)

    def test_more_bytes_than_the_policy_allows_are_not_read(self, tmp_path: Path) -> None:
        with (tmp_path / "x.json").open("wb") as file:
            file.truncate(10 * 2**30)
        reading = read_file(tmp_path, "x.json", MAX)
        assert isinstance(reading, BrokenFile)
        assert reading.rule == TOO_LARGE
        assert "max_file_size" in reading.reason

    def test_links_in_a_circle_end(self, tmp_path: Path) -> None:
        (tmp_path / "a").mkdir()
        (tmp_path / "a/x.json").write_bytes(b'{"id": "r", "actions": []}')
        (tmp_path / "a/again").symlink_to(tmp_path)
        assert len(load_folder(str(tmp_path))) == 1


class TestTime:
    """What took time with the square of its length before; a hang ends the test."""

    @pytest.mark.parametrize("unit", ['\\\\"', "[", '{"a":', "-0,", '"",', "\\\\\\\\"])
    def test_a_repeated_beginning(self, unit: str) -> None:
        finishes(
            f"""
            from core.traces.decode import decode_trace
            from core.model.errors import InputError
            for start in (b"", b'[-0,"', b'{{"actions": [{{"inputs": "', b'{{"actions": [-0, "'):
                try:
                    decode_trace(start + {unit!r}.encode() * 1_000_000, "x.json")
                except InputError:
                    pass
            """
        )

    def test_texts_that_nearly_hold_a_secret(self) -> None:
        """Each rule's own beginning, again and again, in a text of half a megabyte."""
        finishes(
            """
            from core.artifacts.redact import Redactor
            starts = ["-eyJaaaaa", "eyJaaaaa.", "://a:", "://", "authorization: ", "bearer ", "cookie: a=", "token='",
                'secret="', "?token=", "&secret=", "TOKEN=", ";password=", "--token ", "-----BEGIN PRIVATE KEY-----",
                "AKIA", "sk-", "ghp_", "xoxb-", "-", "0", "_", ".", "/", "=", ":", "eyJ", "mfa.", "a" * 24 + "."]
            for start in starts:
                Redactor(b"k" * 32).text(start * (500_000 // len(start)))
            """
        )
