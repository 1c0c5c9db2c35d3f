"""Folders are written file by file or published whole, whatever fails and whenever the power goes."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from core.model.errors import InputError, WorkspaceError
from core.store.disk import DISK, Disk
from core.store.files import read_folder, strange_entries, write_folder
from core.store.staging import SUMS, move_files, publish_folder, sums_of
from tests.store.disks import CountingDisk, Crash, FailingDisk, PowerLoss, failures, names, put
from tests.store.samples import build_folder_aside

OLD = {"manifest": b"old manifest", "a/one": b"old one", "gone": b"left over"}
NEW = {"manifest": b"new manifest!", "a/one": b"new one, longer", "b/c/two": b"two"}


def is_of_one_writing(state: dict[str, bytes]) -> bool:
    """Whether a folder that holds its last file holds nothing of another writing."""
    told = state.get("manifest")
    files = OLD if told == OLD["manifest"] else NEW
    return told is None or all(state.get(name) == files.get(name) for name in ("manifest", "a/one", "b/c/two"))


class TestWriteFolder:
    def test_writes_into_a_folder_that_exists(self, tmp_path: Path) -> None:
        put(tmp_path, OLD)
        write_folder(tmp_path, NEW, last="manifest", modes={"b/c/two": 0o755})
        assert read_folder(tmp_path) == {**OLD, **NEW}
        assert (tmp_path / "b/c/two").stat().st_mode & 0o777 == 0o755
        assert (tmp_path / "manifest").stat().st_mode & 0o777 == 0o644

    def test_exact_removes_what_is_no_longer_there(self, tmp_path: Path) -> None:
        put(tmp_path, {**OLD, "old/deep/er": b"x", "b/x": b"y"})
        (tmp_path / "outside").symlink_to("/")
        write_folder(tmp_path, NEW, exact=True)
        assert read_folder(tmp_path) == NEW
        assert names(tmp_path) == ["a", "b", "manifest"]

    def test_the_last_one_comes_last(self, tmp_path: Path) -> None:
        disk = CountingDisk()
        write_folder(tmp_path / "new", NEW, last="manifest", disk=disk)
        for _, state in PowerLoss(tmp_path).states(disk.effects):
            if "new/manifest" in state:
                assert {f"new/{name}": data for name, data in NEW.items()}.items() <= state.items()

    def test_every_power_loss_leaves_each_file_old_or_new(self, tmp_path: Path) -> None:
        disk = CountingDisk()
        put(tmp_path, OLD)
        write_folder(tmp_path, NEW, last="manifest", exact=True, disk=disk)
        for count, state in PowerLoss(tmp_path, OLD).states(disk.effects):
            assert state["a/one"] in (OLD["a/one"], NEW["a/one"])
            assert state.get("b/c/two", b"two") == b"two"
            assert is_of_one_writing(state)
            if count == len(disk.effects):
                assert NEW.items() <= state.items()

    def test_every_failure_leaves_each_file_old_or_new(self, tmp_path: Path) -> None:
        counting = CountingDisk()
        put(tmp_path / "count", OLD)
        write_folder(tmp_path / "count", NEW, last="manifest", disk=counting)
        for number, disk in enumerate(failures(len(counting.effects))):
            root = tmp_path / str(number)
            put(root, OLD)
            with pytest.raises((WorkspaceError, Crash)):
                write_folder(root, NEW, last="manifest", disk=disk)
            state = read_folder(root)
            for name in NEW:
                assert state.get(name) in (OLD.get(name), NEW[name], None)
            assert is_of_one_writing(state)
            if disk.error is not None:
                assert not list(root.rglob("*.tmp"))

    def test_without_room_for_all_of_it_nothing_is_replaced(self, tmp_path: Path) -> None:
        counting, there = CountingDisk(), {**OLD, "b/c/two": b"old two"}
        for name in ("one", "two"):
            put(tmp_path / name, there)
        write_folder(tmp_path / "one", NEW, last="manifest", disk=counting)
        for at in (at for at, (effect, _) in enumerate(counting.effects) if effect == "write"):
            with pytest.raises(WorkspaceError, match="the disk is full"):
                write_folder(tmp_path / "two", NEW, last="manifest", disk=FailingDisk(at, error=errno.ENOSPC))
            assert read_folder(tmp_path / "two") == there

    def test_what_a_killed_writing_had_begun_goes_and_nothing_else(self, tmp_path: Path) -> None:
        put(tmp_path, OLD)
        with pytest.raises(Crash):
            write_folder(tmp_path, NEW, last="manifest", disk=FailingDisk(6))
        assert len(list(tmp_path.rglob(".assay-*.tmp"))) > 1
        put(tmp_path, {".assay-mine.tmp": b"", "a/.assay-0.tmp": b""})
        write_folder(tmp_path, NEW, last="manifest")
        assert {path.name for path in tmp_path.rglob(".assay-*.tmp")} == {".assay-mine.tmp", ".assay-0.tmp"}

    def test_the_last_one_of_an_earlier_writing_goes_also_where_there_is_no_new_one(self, tmp_path: Path) -> None:
        put(tmp_path, OLD)
        write_folder(tmp_path, {"a/one": b"new one"}, last="manifest")
        assert read_folder(tmp_path) == {"a/one": b"new one", "gone": OLD["gone"]}

    @pytest.mark.parametrize(
        "name", ["/abs", "../up", "a/../../up", "", ".", "a//b", "a/", "./a", "a/./b", "nul\0", ".."]
    )
    def test_a_name_that_leaves_the_folder_is_refused_before_anything_is_written(
        self, name: str, tmp_path: Path
    ) -> None:
        for write in (write_folder, build_folder_aside):
            with pytest.raises(WorkspaceError, match="no name of a file inside"):
                write(tmp_path / "new", {"fine": b"", name: b""})
        assert names(tmp_path) == []

    def test_a_file_below_a_file_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(WorkspaceError, match="lies below the name of another file"):
            write_folder(tmp_path / "new", {"a": b"", "a/b/c": b""})
        assert names(tmp_path) == []

    def test_links_inside_are_replaced_never_followed(self, tmp_path: Path) -> None:
        outside, root = tmp_path / "outside", tmp_path / "root"
        put(outside, {"one": b"keep", "manifest": b"keep"})
        root.mkdir()
        (root / "a").symlink_to(outside)
        (root / "manifest").symlink_to(outside / "manifest")
        write_folder(root, NEW)
        assert read_folder(root) == NEW
        assert read_folder(outside) == {"one": b"keep", "manifest": b"keep"}


class TestAside:
    def test_builds_beside_or_within_and_publishes(self, tmp_path: Path) -> None:
        aside = build_folder_aside(tmp_path / "packs" / "p-001", NEW, within=tmp_path / "tmp", modes={"a/one": 0o755})
        assert aside.parent == tmp_path / "tmp"
        assert aside.name.startswith("p-001.")
        assert read_folder(aside) == NEW
        publish_folder(aside, tmp_path / "packs" / "p-001")
        assert read_folder(tmp_path / "packs" / "p-001") == NEW
        assert (tmp_path / "packs/p-001/a/one").stat().st_mode & 0o777 == 0o755
        assert names(tmp_path / "tmp") == []
        assert build_folder_aside(tmp_path / "x", {}).parent == tmp_path

    def test_never_replaces_what_is_there(self, tmp_path: Path) -> None:
        aside = build_folder_aside(tmp_path / "p", NEW)
        (tmp_path / "p").mkdir()
        with pytest.raises(WorkspaceError, match="exists already"):
            publish_folder(aside, tmp_path / "p")
        assert read_folder(aside) == NEW

    def test_every_failure_leaves_nothing_or_all(self, tmp_path: Path) -> None:
        counting = CountingDisk()
        build_folder_aside(tmp_path / "p", NEW, within=tmp_path / "tmp", disk=counting)
        for number, disk in enumerate(failures(len(counting.effects))):
            root = tmp_path / str(number)
            with pytest.raises((WorkspaceError, Crash)):
                build_folder_aside(root / "p", NEW, within=root / "tmp", disk=disk)
            if disk.error is not None:
                assert not list(root.glob("tmp/*"))

    def test_every_power_loss_publishes_all_or_nothing(self, tmp_path: Path) -> None:
        disk = CountingDisk()
        publish_folder(
            build_folder_aside(tmp_path / "packs/p", NEW, within=tmp_path / "tmp", disk=disk),
            tmp_path / "packs/p",
            disk=disk,
        )
        whole = {f"packs/p/{name}": data for name, data in NEW.items()}
        for count, state in PowerLoss(tmp_path).states(disk.effects):
            published = {name: data for name, data in state.items() if name.startswith("packs/")}
            assert published in ({}, whole)
            if count == len(disk.effects):
                assert published == whole


LISTED = {**NEW, SUMS: b"".join(b"0" * 64 + b"  " + name.encode() + b"\n" for name in sorted(NEW))}


class TestMove:
    """The files of a folder built aside take the place of an older folder's."""

    def staged(self, root: Path, disk: Disk = DISK) -> Path:
        return build_folder_aside(root / "p", LISTED, within=root / "tmp", disk=disk)

    def test_the_new_files_are_there_and_nothing_else(self, tmp_path: Path) -> None:
        put(
            tmp_path / "p",
            {"a/one": b"old", "gone": b"", "b": b"a file where a folder is due", "manifest/x": b"and back"},
        )
        aside = self.staged(tmp_path)
        move_files(aside, tmp_path / "p", last="manifest")
        assert read_folder(tmp_path / "p") == NEW
        assert names(tmp_path / "tmp") == []

    def test_a_list_that_leads_elsewhere_is_refused(self, tmp_path: Path) -> None:
        aside = build_folder_aside(tmp_path / "p", {SUMS: b"0" * 64 + b"  ../up\n"}, within=tmp_path / "tmp")
        with pytest.raises(WorkspaceError, match="no name of a file inside"):
            move_files(aside, tmp_path / "p", last="manifest")

    def test_after_every_failure_the_rest_can_be_moved(self, tmp_path: Path) -> None:
        counting = CountingDisk()
        put(tmp_path / "p", OLD)
        move_files(self.staged(tmp_path), tmp_path / "p", last="manifest", disk=counting)
        for number, disk in enumerate(failures(len(counting.effects))):
            root = tmp_path / str(number)
            put(root / "p", OLD)
            aside = self.staged(root)
            with pytest.raises((WorkspaceError, Crash)):
                move_files(aside, root / "p", last="manifest", disk=disk)
            for name in NEW:
                assert (root / "p" / name).is_file() or (aside / name).is_file()
            if sums_of(aside):
                move_files(aside, root / "p", last="manifest")
            assert read_folder(root / "p") == NEW

    def test_no_power_loss_loses_a_file(self, tmp_path: Path) -> None:
        disk = CountingDisk()
        put(tmp_path / "p", OLD)
        aside = self.staged(tmp_path, disk)
        built = len(disk.effects)
        move_files(aside, tmp_path / "p", last="manifest", disk=disk)
        before = {f"p/{name}": data for name, data in OLD.items()}
        for count, state in PowerLoss(tmp_path, before).states(disk.effects):
            there = {name.removeprefix("p/"): data for name, data in state.items() if name.startswith("p/")}
            left = {n.split("/", 2)[2]: data for n, data in state.items() if n.startswith("tmp/")}
            if count < built:
                assert there == OLD
            elif SUMS in left:
                assert all(NEW[name] in (there.get(name), left.get(name)) for name in NEW)
            else:
                assert there == NEW


class TestReadFolder:
    def test_reads_regular_files_only(self, tmp_path: Path) -> None:
        root = tmp_path / "root"
        put(root, {"z": b"1", "a/b": b"2", "a/é": b"3"})
        put(tmp_path, {"secret": b"no"})
        (root / "link").symlink_to(tmp_path / "secret")
        (root / "loop").symlink_to(root)
        os.mkfifo(root / "pipe")
        assert list(read_folder(root).items()) == [("a/b", b"2"), ("a/é", b"3"), ("z", b"1")]
        (tmp_path / "alias").symlink_to(root)
        assert len(read_folder(tmp_path / "alias")) == 3
        (root / "a/empty").mkdir()
        assert strange_entries(root) == {
            "a/empty": "is an empty folder",
            "link": "is a link",
            "loop": "is a link",
            "pipe": "is a pipe, a socket or a device",
        }
        assert strange_entries(root / "a/empty") == {}

    def test_has_a_limit(self, tmp_path: Path) -> None:
        put(tmp_path, {"a": b"12345", "b": b"67890"})
        assert len(read_folder(tmp_path, max_bytes=10)) == 2
        with pytest.raises(InputError, match="more than 9 bytes"):
            read_folder(tmp_path, max_bytes=9)

    def test_says_what_is_wrong(self, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="does not exist"):
            read_folder(tmp_path / "none")
        (tmp_path / "file").write_bytes(b"")
        with pytest.raises(InputError, match="is not a folder"):
            read_folder(tmp_path / "file")

    @pytest.mark.skipif(sys.platform == "darwin", reason="its file names are always UTF-8")
    def test_refuses_names_that_are_not_utf_8(self, tmp_path: Path) -> None:
        Path(os.fsdecode(bytes(tmp_path) + b"/\xff")).write_bytes(b"")
        with pytest.raises(InputError, match="is not UTF-8"):
            read_folder(tmp_path)
