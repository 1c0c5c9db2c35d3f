"""A new folder appears whole or not at all, and nothing is left of one that failed."""

from __future__ import annotations

import errno
from collections.abc import Callable
from pathlib import Path

import pytest

from core.model.errors import InputError, WorkspaceError
from core.store.files import read_folder, write_file
from core.store.new_folder import write_new_folder
from tests.store.disks import CountingDisk, Crash, FailingDisk, InterruptedDisk, PowerLoss, failures, names, put


def a_file(path: Path, disk: CountingDisk) -> None:
    write_file(path, b"one", disk=disk)


FILES = {"manifest": b"one", "fixtures/a.json": b"two", "replay_command.sh": b"three"}


def test_the_folder_has_the_files_and_their_modes(tmp_path: Path) -> None:
    write_new_folder(tmp_path / "deep" / "pack", FILES, modes={"replay_command.sh": 0o755})
    assert read_folder(tmp_path / "deep" / "pack") == FILES
    assert (tmp_path / "deep/pack/replay_command.sh").stat().st_mode & 0o777 == 0o755
    assert names(tmp_path / "deep") == ["pack"]


def test_an_empty_folder_is_taken_also_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "link").symlink_to("empty")
    write_new_folder(tmp_path / "link", FILES)
    assert read_folder(tmp_path / "empty") == FILES
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("there", [{"manifest": b"old"}, {"other": b""}, {"sub/x": b""}])
def test_two_packs_are_never_mixed(there: dict[str, bytes], tmp_path: Path) -> None:
    put(tmp_path / "pack", there)
    with pytest.raises(InputError, match="exists already; name a folder that is new or empty"):
        write_new_folder(tmp_path / "pack", FILES)
    assert read_folder(tmp_path / "pack") == there


def test_a_file_of_that_name_stays(tmp_path: Path) -> None:
    (tmp_path / "pack").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        write_new_folder(tmp_path / "pack", FILES)
    assert (tmp_path / "pack").read_text() == "mine"


@pytest.mark.parametrize("is_there", [False, True])
def test_whatever_fails_there_is_all_of_it_or_nothing(is_there: bool, tmp_path: Path) -> None:
    def begin(name: str) -> Path:
        home = tmp_path / name
        home.mkdir()
        if is_there:
            (home / "pack").mkdir()
        return home

    counting = CountingDisk()
    write_new_folder(begin("count") / "pack", FILES, disk=counting)
    for number, disk in enumerate(failures(len(counting.effects))):
        home = begin(str(number))
        try:
            write_new_folder(home / "pack", FILES, disk=disk)
        except Crash:
            pass
        except WorkspaceError:
            assert names(home) in ([], ["pack"])
        pack = home / "pack"
        assert not pack.exists() or read_folder(pack) in ({}, FILES)


@pytest.mark.parametrize(
    ("error", "told"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "the file system is read-only"), (errno.EACCES, "permission")],
)
def test_a_disk_that_refuses_is_told_and_nothing_is_left(error: int, told: str, tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match=told):
        write_new_folder(tmp_path / "pack", FILES, disk=FailingDisk(2, error=error, half=True))
    assert names(tmp_path) == []


@pytest.mark.parametrize("write", [lambda path, disk: write_new_folder(path, FILES, disk=disk), a_file])
def test_whatever_is_interrupted_leaves_nothing_beside(
    write: Callable[[Path, CountingDisk], None], tmp_path: Path
) -> None:
    counting = CountingDisk()
    write(tmp_path / "pack", counting)
    for at in range(len(counting.effects)):
        home = tmp_path / str(at)
        home.mkdir()
        with pytest.raises(KeyboardInterrupt):
            write(home / "pack", InterruptedDisk(at))
        assert names(home) in ([], ["pack"])


def test_every_power_loss_leaves_all_of_it_or_nothing_under_the_name(tmp_path: Path) -> None:
    disk = CountingDisk()
    write_new_folder(tmp_path / "pack", FILES, disk=disk)
    for _, state in PowerLoss(tmp_path).states(disk.effects):
        found = {name.removeprefix("pack/"): data for name, data in state.items() if name.startswith("pack/")}
        assert found in ({}, FILES)
