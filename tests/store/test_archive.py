"""Archives: stable bytes, and nothing that is read leads out of the folder or fills the memory."""

from __future__ import annotations

import io
import os
import stat
import tarfile
import zipfile
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.store.archive import KINDS, Kind, is_archive, pack, read_files, unpack

FILES = {"manifest": b"# one\n", "fixtures/run 1.json": b"{}", "replay_command.sh": b"#!/bin/bash\n", "empty": b""}
kinds = pytest.mark.parametrize("kind", KINDS)


def tar(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for info, data in members:
            info.size = len(data) if info.isreg() else 0
            archive.addfile(info, io.BytesIO(data))
    return zstandard.compress(made.getvalue())


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, link
    return info


def zipped(*members: tuple[str, bytes], mode: int = stat.S_IFREG | 0o644, how: int = zipfile.ZIP_DEFLATED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", how) as archive:
        for name, data in members:
            info = zipfile.ZipInfo("x")
            info.filename, info.external_attr, info.compress_type = name, mode << 16, how
            archive.writestr(info, data)
    return made.getvalue()


@kinds
class TestBothKinds:
    def test_what_is_packed_comes_out_again(self, kind: Kind) -> None:
        assert list(unpack(pack(FILES, kind, "c-001")).items()) == sorted(FILES.items())
        assert unpack(pack({"a/b": b"1", "a/c": b"2"}, kind, "r")) == {"a/b": b"1", "a/c": b"2"}

    def test_the_bytes_depend_on_the_files_alone(self, kind: Kind) -> None:
        other_order = dict(reversed(FILES.items()))
        assert pack(other_order, kind, "c-001") == pack(FILES, kind, "c-001")

    @given(st.dictionaries(st.text("abc-é", min_size=1, max_size=5), st.binary(max_size=40), min_size=1))
    def test_any_files(self, kind: Kind, files: dict[str, bytes]) -> None:
        assert unpack(pack(files, kind, "root")) == files

    @pytest.mark.parametrize("name", ["../a", "/a", "a//b", "a/./b", "a\\b", "", "a\0b"])
    def test_a_name_that_could_not_be_read_is_not_written(self, kind: Kind, name: str) -> None:
        with pytest.raises(InputError, match="no name of a file inside the folder"):
            pack({name: b""}, kind, "root")

    @given(st.data())
    def test_damage_is_an_error_that_says_so_or_changes_nothing(self, kind: Kind, data: st.DataObject) -> None:
        made = bytearray(pack(FILES, kind, "r"))
        at = data.draw(st.integers(4, len(made) - 1))
        if data.draw(st.booleans()):
            made[at] ^= data.draw(st.integers(1, 255))
        else:
            made = made[:at]
        try:
            found = unpack(bytes(made))
        except InputError:
            return
        assert kind == ".zip" or found == dict(sorted(FILES.items()))

    def test_too_much_is_refused_before_it_is_unpacked(self, kind: Kind) -> None:
        bomb = tar((member("a"), bytes(10**7))) if kind == ".tar.zst" else zipped(("a", bytes(10**7)))
        assert len(bomb) < 20_000
        with pytest.raises(InputError, match="holds more than 9999999 bytes"):
            unpack(bomb, max_bytes=10**7 - 1)
        assert unpack(bomb, max_bytes=10**7)["a"] == bytes(10**7)

    def test_many_small_ones_are_refused_together(self, kind: Kind) -> None:
        parts = [(f"r/{number}", bytes(1000)) for number in range(20)]
        made = tar(*((member(name), data) for name, data in parts)) if kind == ".tar.zst" else zipped(*parts)
        with pytest.raises(InputError, match="holds more than 19999 bytes"):
            unpack(made, max_bytes=19_999)


def test_the_layout_is_as_it_always_was() -> None:
    """A changed layout would give old packs other archives; of the zip nothing else has a say in the bytes."""
    made = pack(FILES, ".zip", "c-001", modes={"replay_command.sh": 0o755})
    assert sha256_hex(made) == "92aa1e9d27796475cc1601d9cb0c32588d510bcd7924db458b7163043d356aa1"
    layout = zstandard.decompress(pack(FILES, ".tar.zst", "c-001", modes={"replay_command.sh": 0o755}))
    assert sha256_hex(layout) == "10c4b884ea80e6c9ed3fe73b68fab3f2498cc14e2e965e91bfd1f31fdd76c7d4"


def test_other_programs_read_them(tmp_path: Path) -> None:
    modes = {"replay_command.sh": 0o755}
    with zipfile.ZipFile(io.BytesIO(pack(FILES, ".zip", "c-001", modes=modes))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [f"c-001/{name}" for name in sorted(FILES)]
        assert archive.getinfo("c-001/replay_command.sh").external_attr >> 16 == stat.S_IFREG | 0o755
    layout = zstandard.decompress(pack(FILES, ".tar.zst", "c-001", modes=modes))
    with tarfile.open(fileobj=io.BytesIO(layout)) as opened:
        found = {info.name: (info.mode, info.mtime, info.uid, info.gid, info.uname) for info in opened}
    assert found["c-001/replay_command.sh"] == (0o755, 0, 0, 0, "")
    assert found["c-001/manifest"] == (0o644, 0, 0, 0, "")


NAMES = ["../x", "/etc/passwd", "a/../../x", "./../x", "././x", ".//x", "a/./x", "a//b", "c:/x", "a\\..\\b", "."]


@pytest.mark.parametrize("name", NAMES)
def test_a_member_that_leads_out_is_refused(name: str) -> None:
    for made in (tar((member("ok"), b""), (member(name), b"x")), zipped(("ok", b""), (name, b"x"))):
        with pytest.raises(InputError, match="is no name of a file inside the folder"):
            unpack(made)


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, tarfile.CONTTYPE]
)
def test_links_and_devices_in_a_tar_are_refused(kind: bytes) -> None:
    if kind == tarfile.CONTTYPE:
        assert unpack(tar((member("x", kind), b"1"))) == {"x": b"1"}  # an old name for a plain file
        return
    with pytest.raises(InputError, match='"x" is a link, a device or the like'):
        unpack(tar((member("ok"), b""), (member("x", kind, "/etc/passwd"), b"")))


@pytest.mark.parametrize("mode", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_links_and_devices_in_a_zip_are_refused(mode: int) -> None:
    with pytest.raises(InputError, match='"x" is a link, a device or the like'):
        unpack(zipped(("x", b"/etc/passwd"), mode=mode | 0o777))


def test_a_name_that_comes_twice_is_refused() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        twice = zipped(("a", b"1"), ("a", b"2"))
    for made in (tar((member("a"), b"1"), (member("a"), b"2")), twice):
        with pytest.raises(InputError, match='"a" is in it twice'):
            unpack(made)


def test_a_file_that_is_a_folder_as_well_is_refused() -> None:
    for made in (tar((member("a"), b"1"), (member("a/b"), b"2")), zipped(("a", b"1"), ("a/b", b"2"))):
        with pytest.raises(InputError, match='"a/b" lies below the name of another file'):
            unpack(made)


def test_folders_among_the_members_are_passed_over() -> None:
    made = tar((member("r", tarfile.DIRTYPE), b""), (member("r/a"), b"1"))
    assert unpack(made) == {"a": b"1"}
    assert unpack(zipped(("r/", b""), ("r/a", b"1"))) == {"a": b"1"}
    with pytest.raises(InputError, match="is no name"):
        unpack(tar((member("../r", tarfile.DIRTYPE), b"")))


def test_names_that_begin_with_the_folder_itself_are_read() -> None:
    made = tar((member("./", tarfile.DIRTYPE), b""), (member("./a"), b"1"), (member("./b/c"), b"2"))
    assert unpack(made) == unpack(zipped(("./a", b"1"), ("./b/c", b"2"))) == {"a": b"1", "b/c": b"2"}
    with pytest.raises(InputError, match='"a" is in it twice'):
        unpack(tar((member("./a"), b"1"), (member("a"), b"2")))


def test_what_stands_beside_the_folder_is_named() -> None:
    for made in (
        tar((member("r/a"), b"1"), (member("__MACOSX/._a"), b"")),
        zipped(("r/a", b"1"), ("__MACOSX/._a", b"")),
    ):
        with pytest.raises(InputError, match='several folders \\("__MACOSX", "r"\\)'):
            unpack(made)


def test_what_follows_a_damaged_header_is_not_dropped_silently() -> None:
    layout = bytearray(zstandard.decompress(tar((member("a"), b"1"), (member("b"), b"2"))))
    layout[1024 + 148] ^= 1  # the checksum of the second header
    with pytest.raises(InputError, match="what stands at byte 1024 of the tar is no member"):
        unpack(zstandard.compress(bytes(layout)))


def test_a_tar_that_ends_too_early_is_refused() -> None:
    """Even where a member ends, and where zstandard, which packed what came through a pipe, knows no size."""
    layout = zstandard.decompress(tar((member("a"), b"1"), (member("b"), b"2")))
    piped = zstandard.ZstdCompressor(write_content_size=False)
    for end in (1024, 2048):
        with pytest.raises(InputError, match="it is damaged: it is cut short"):
            unpack(piped.compress(layout[:end]))
    assert unpack(piped.compress(layout[: 2048 + 512])) == {"a": b"1", "b": b"2"}


def test_a_tar_that_several_processors_packed_is_read_whole() -> None:
    layout = zstandard.decompress(tar((member("a"), b"1"), (member("b"), b"2")))
    assert unpack(zstandard.compress(layout[:1024]) + zstandard.compress(layout[1024:])) == {"a": b"1", "b": b"2"}


def test_more_than_a_folder_may_hold_is_not_even_taken_for_a_tar() -> None:
    with pytest.raises(InputError, match="holds more than 1000 bytes"):
        unpack(zstandard.compress(bytes(60_000_000)), max_bytes=1000)


@kinds
def test_very_many_members_are_refused(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.store.archive.MAX_MEMBERS", 3)
    assert len(unpack(pack(dict.fromkeys("abc", b""), kind, "r"))) == 3
    with pytest.raises(InputError, match="it has more than 3 members"):
        unpack(pack(dict.fromkeys("abcd", b""), kind, "r"))


def test_what_is_no_archive_is_refused() -> None:
    with pytest.raises(InputError, match=r"neither a \.tar\.zst nor a \.zip"):
        unpack(b"something else")


def test_a_zip_that_lies_about_a_size_is_refused() -> None:
    made = bytearray(zipped(("a", bytes(5000))))
    for offset in (22, made.index(b"PK\x01\x02") + 24):
        made[offset : offset + 4] = (10).to_bytes(4, "little")
    with pytest.raises(InputError, match=r"damaged|cut short|more than"):
        unpack(bytes(made))


def test_unusual_compression_is_refused() -> None:
    with pytest.raises(InputError, match="encrypted or compressed in an unusual way"):
        unpack(zipped(("a", b"1"), how=zipfile.ZIP_BZIP2))


def test_an_encrypted_zip_is_refused() -> None:
    made = bytearray(zipped(("a", b"1")))
    for offset in (6, made.index(b"PK\x01\x02") + 8):
        made[offset] |= 1
    with pytest.raises(InputError, match='"a" is encrypted or compressed in an unusual way'):
        unpack(bytes(made))


def test_a_zip_of_a_program_that_knows_no_modes_is_read() -> None:
    assert unpack(zipped(("r/", b""), ("r/a", b"1"), mode=0)) == {"a": b"1"}


@pytest.mark.parametrize("name", ["", "../", "/", "a/../b/"])
def test_a_folder_in_a_zip_that_leads_out_is_refused(name: str) -> None:
    with pytest.raises(InputError, match="is no name of a file inside the folder"):
        unpack(zipped(("r/a", b"1"), (name, b"")))


class TestReading:
    @kinds
    def test_a_folder_and_its_archive_read_alike(self, kind: Kind, tmp_path: Path) -> None:
        for name, data in FILES.items():
            path = tmp_path / "pack" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (tmp_path / "any name").write_bytes(pack(FILES, kind, "r"))
        assert read_files(tmp_path / "pack") == read_files(tmp_path / "any name")

    def test_errors_name_the_path(self, tmp_path: Path) -> None:
        path = tmp_path / "x.zip"
        path.write_bytes(b"neither")
        with pytest.raises(InputError, match=r"x\.zip is neither a folder nor an archive"):
            read_files(path)
        path.write_bytes(zipped(("../a", b"")))
        with pytest.raises(InputError, match=r"cannot read .*x\.zip: \"\.\./a\" is no name"):
            read_files(path)
        path.write_bytes(pack(FILES, ".zip", "r"))
        with pytest.raises(InputError, match=r"x\.zip has more than 100 bytes"):
            read_files(path, max_bytes=100)
        with pytest.raises(InputError, match="does not exist"):
            read_files(tmp_path / "none")
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(InputError, match="is not a folder"):
            read_files(tmp_path / "pipe")

    def test_what_an_archive_begins_with(self) -> None:
        assert all(is_archive(pack(FILES, kind, "r")) for kind in KINDS)
        assert not is_archive(b"PK")
