"""Files and folders are written whole or not at all, whatever fails and whenever the power goes."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.model.errors import WorkspaceError
from core.store.disk import Disk
from core.store.files import make_folder, remove_tree, write_file, write_folder
from core.store.new_folder import write_new_folder
from tests.store.disks import CountingDisk, Crash, PowerLoss, failures, names, put


class TestWriteFile:
    def test_makes_the_folders_on_the_way(self, tmp_path: Path) -> None:
        write_file(tmp_path / "a" / "b" / "file", b"\x00text", mode=0o600)
        assert (tmp_path / "a/b/file").read_bytes() == b"\x00text"
        assert (tmp_path / "a/b/file").stat().st_mode & 0o777 == 0o600
        assert names(tmp_path / "a/b") == ["file"]

    def test_what_is_new_is_as_private_as_the_umask_asks(self, tmp_path: Path) -> None:
        (tmp_path / "shown").touch(0o644)
        before = os.umask(0o077)
        try:
            write_file(tmp_path / "file", b"")
            write_file(tmp_path / "shown", b"")
            write_folder(tmp_path / "folder", {"script": b"", "text": b""}, modes={"script": 0o755})
            write_new_folder(tmp_path / "pack", {"text": b""})
        finally:
            os.umask(before)
        modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
        assert modes.pop("shown") == 0o644
        assert modes == {"file": 0o600, "folder": 0o700, "script": 0o700, "text": 0o600, "pack": 0o700}

    def test_a_file_keeps_its_mode_unless_another_is_asked_for(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch(0o600)
        (tmp_path / "link").symlink_to("file")
        write_file(tmp_path / "link", b"private")
        assert (tmp_path / "file").stat().st_mode & 0o777 == 0o600
        write_file(tmp_path / "file", b"shown", mode=0o640)
        assert (tmp_path / "file").stat().st_mode & 0o777 == 0o640

    def test_follows_a_link_and_keeps_it(self, tmp_path: Path) -> None:
        (tmp_path / "real").write_bytes(b"old")
        (tmp_path / "link").symlink_to("real")
        write_file(tmp_path / "link", b"new")
        assert (tmp_path / "link").is_symlink()
        assert (tmp_path / "real").read_bytes() == b"new"

    def test_writes_a_device_straight(self) -> None:
        write_file(Path("/dev/null"), b"x")
        assert not Path("/dev/null").is_file()

    @pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1"])
    def test_writes_to_the_programs_output_in_order(self, name: str, tmp_path: Path) -> None:
        code = (
            "import sys; from pathlib import Path; from core.store.files import write_file\n"
            f"print('one', flush=True); write_file(Path({name!r}), b'two\\n'); print('three')"
        )
        with (tmp_path / "out").open("wb") as out:
            subprocess.run([sys.executable, "-c", code], check=True, stdout=out)
        assert (tmp_path / "out").read_text() == "one\ntwo\nthree\n"

    def test_every_failure_leaves_old_or_new(self, tmp_path: Path) -> None:
        counting = CountingDisk()
        put(tmp_path / "count", {"file": b"old"})
        write_file(tmp_path / "count/file", b"new and longer", disk=counting)
        assert len(counting.effects) == 4
        for number, disk in enumerate(failures(len(counting.effects))):
            root = tmp_path / str(number)
            put(root, {"file": b"old"})
            with pytest.raises((WorkspaceError, Crash)):
                write_file(root / "file", b"new and longer", disk=disk)
            assert (root / "file").read_bytes() in (b"old", b"new and longer")
            if disk.error is not None:
                assert names(root) == ["file"], "what was begun is cleared away"

    def test_every_power_loss_leaves_old_or_new(self, tmp_path: Path) -> None:
        disk = CountingDisk()
        put(tmp_path, {"file": b"old"})
        write_file(tmp_path / "file", b"new and longer", disk=disk)
        seen = set()
        for count, state in PowerLoss(tmp_path, {"file": b"old"}).states(disk.effects):
            assert state["file"] in (b"old", b"new and longer")
            seen.add(state["file"])
            if count == len(disk.effects):
                assert state == {"file": b"new and longer"}
        assert len(seen) == 2

    @pytest.mark.parametrize("left_out", ["flush_file", "flush_folder"])
    def test_the_simulated_power_loss_finds_a_missing_flush(self, left_out: str, tmp_path: Path) -> None:
        disk = CountingDisk()
        put(tmp_path, {"file": b"old"})
        write_file(tmp_path / "file", b"new and longer", disk=disk)
        effects = [effect for effect in disk.effects if effect[0] != left_out]
        states = list(PowerLoss(tmp_path, {"file": b"old"}).states(effects))
        assert any(
            state["file"] not in (b"old", b"new and longer")
            or (count == len(effects) and state["file"] != b"new and longer")
            for count, state in states
        )

    @pytest.mark.parametrize(
        ("number", "told"),
        [
            (errno.ENOSPC, "the disk is full; free some space"),
            (errno.EROFS, "read-only; choose a place"),
            (errno.EFBIG, "or a limit on files allows; raise it (ulimit -f) or choose another place"),
            (errno.EACCES, "permission denied; change who may use it"),
            (errno.EOWNERDEAD, "check the disk and try again"),
        ],
    )
    def test_errors_name_the_path_and_what_to_do(self, number: int, told: str, tmp_path: Path) -> None:
        class Full(Disk):
            def write(self, path: Path, data: bytes, mode: int = 0o644, exact: bool = False) -> None:
                raise OSError(number, os.strerror(number))

        with pytest.raises(WorkspaceError) as caught:
            write_file(tmp_path / "a\x1b[2Jfile", b"", disk=Full())
        assert str(caught.value).startswith("cannot write ")
        assert "a\\e[2Jfile" in str(caught.value)
        assert told in str(caught.value)

    def test_a_folder_in_the_way_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "place").mkdir()
        with pytest.raises(WorkspaceError, match="there is a folder of that name"):
            write_file(tmp_path / "place", b"")
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(WorkspaceError, match="is a file where a folder is needed"):
            write_file(tmp_path / "file" / "below", b"")
        assert names(tmp_path) == ["file", "place"]


def test_folders_are_made_once_and_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    disk = CountingDisk()
    make_folder(tmp_path / "a/b", disk=disk)
    make_folder(tmp_path / "a/b", disk=disk)
    assert [effect for effect, _ in disk.effects] == ["mkdir", "flush_folder"] * 2
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        make_folder(tmp_path / "file")


def test_removing_a_tree_follows_no_link(tmp_path: Path) -> None:
    put(tmp_path, {"tree/a/b": b"", "kept/c": b""})
    (tmp_path / "tree/link").symlink_to(tmp_path / "kept")
    remove_tree(tmp_path / "tree")
    remove_tree(tmp_path / "tree")
    assert names(tmp_path) == ["kept"]
    assert (tmp_path / "kept/c").exists()


def test_a_folder_that_cannot_be_flushed_is_no_failure_where_there_is_no_such_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(number: int) -> None:
        def fsync(descriptor: int) -> None:
            raise OSError(number, os.strerror(number))

        monkeypatch.setattr(os, "fsync", fsync)

    fail(errno.EINVAL)
    Disk().flush_folder(tmp_path)
    fail(errno.EIO)
    with pytest.raises(OSError, match="error"):
        Disk().flush_folder(tmp_path)
