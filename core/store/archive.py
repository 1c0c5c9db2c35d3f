"""A folder of files as one archive and back: `.tar.zst`, or `.zip` (spec/review.md, Without a screen: export).

The layout is stable: names in byte order below one folder, fixed times, modes and owners. A zip is stored without
compression, so that its bytes follow from the files alone; those of a tar.zst also depend on zstandard's version.

What is read may come from anybody: a member that is no plain file, or whose name leads out of the folder, comes twice
or clashes with another, is refused, and so is more data than a folder may hold, however small the archive is.
"""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Literal

import zstandard

from core.model.errors import InputError
from core.model.text import quoted
from core.store.files import MAX_FOLDER_BYTES, read_folder
from core.store.trouble import explained, shown

Kind = Literal[".tar.zst", ".zip"]

KINDS: tuple[Kind, ...] = (".tar.zst", ".zip")
"""The kinds of archive, by how the file's name ends."""

MAX_MEMBERS = 100_000
"""Members above which an archive is not read."""

_LEVEL = 12
_MAX_WINDOW = 2**27
_ZSTD, _ZIP = b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_DAMAGE = (
    *(tarfile.TarError, zipfile.BadZipFile, zstandard.ZstdError, zlib.error, struct.error),
    *(EOFError, NotImplementedError, OSError, OverflowError, ValueError),
)
_NO_MODES: Mapping[str, int] = {}

Member = tuple[str, int, IO[bytes]]
"""A file's name as it stands in the archive, its size as it is claimed there, and its bytes."""


def pack(files: Mapping[str, bytes], kind: Kind, root: str, *, modes: Mapping[str, int] = _NO_MODES) -> bytes:
    """An archive of files, by POSIX name, below the folder `root`; `modes` gives modes other than 0644.

    Raises InputError for a name that `unpack` would refuse.
    """
    for name in files:
        _check_name(f"{root}/{name}", {})
    members = [(f"{root}/{name}", files[name], modes.get(name, 0o644)) for name in sorted(files)]
    if kind == ".zip":
        return _zip(members)
    made = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True, write_content_size=True)
    return made.compress(_tar(members))


def _tar(members: Iterable[tuple[str, bytes, int]]) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, data, mode in members:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), mode
            archive.addfile(info, io.BytesIO(data))
    return made.getvalue()


def _zip(members: Iterable[tuple[str, bytes, int]]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED) as archive:
        for name, data, mode in members:
            info = zipfile.ZipInfo(name, _EARLIEST)
            info.create_system, info.external_attr = 3, (stat.S_IFREG | mode) << 16
            archive.writestr(info, data)
    return made.getvalue()


def is_archive(start: bytes) -> bool:
    """Whether a file that begins like this is an archive of either kind."""
    return start.startswith((_ZSTD, _ZIP))


def read_files(path: Path, *, max_bytes: int = MAX_FOLDER_BYTES) -> dict[str, bytes]:
    """The files of a folder (core.store.files.read_folder) or of an archive. Raises InputError that names the path."""
    with explained("read", path, InputError):
        if not path.is_file():
            return read_folder(path, max_bytes=max_bytes)
        with path.open("rb") as file:
            start = file.read(4)
            if not is_archive(start):
                raise InputError(f"{shown(path)} is neither a folder nor an archive ({', '.join(KINDS)})")
            data = start + file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise InputError(f"{shown(path)} has more than {max_bytes} bytes; that is too much to be read at once")
    try:
        return unpack(data, max_bytes=max_bytes)
    except InputError as error:
        raise InputError(f"cannot read {shown(path)}: {error}") from None


def unpack(data: bytes, *, max_bytes: int = MAX_FOLDER_BYTES) -> dict[str, bytes]:
    """The files of an archive by POSIX name, in byte order; a folder that holds all of them is left out.

    Raises InputError that says what is wrong, without having unpacked more than `max_bytes`.
    """
    files: dict[str, bytes] = {}
    room = max_bytes
    try:
        for listed, size, member in _members(data, max_bytes):
            name = _plain(listed)
            _check_name(name, files)
            # The claimed size may be a lie, so that never more than there is room for is read.
            content = member.read(room + 1) if size <= room else b""
            if size > room or len(content) > room:
                raise InputError(f"it holds more than {max_bytes} bytes; that is too much to be read at once")
            if len(content) != size:
                raise InputError(f"{quoted(name)} is cut short")
            room -= size
            files[name] = content
            if len(files) > MAX_MEMBERS:
                raise InputError(f"it has more than {MAX_MEMBERS} members")
    except _DAMAGE as error:
        raise InputError(f"it is damaged: {error}") from None
    _check_folders(files)
    return _below_root(files)


def _members(data: bytes, max_bytes: int) -> Iterator[Member]:
    if data.startswith(_ZIP):
        yield from _zip_members(data)
    elif data.startswith(_ZSTD):
        yield from _tar_members(_decompressed(data, max_bytes))
    else:
        raise InputError("it is neither a .tar.zst nor a .zip")


def _decompressed(data: bytes, max_bytes: int) -> bytes:
    """A tar's bytes; headers take room besides the files."""
    most = max_bytes + (MAX_MEMBERS + 20) * 512
    # Programs that pack with several processors write a frame for each part.
    reader = zstandard.ZstdDecompressor(max_window_size=_MAX_WINDOW).stream_reader(data, read_across_frames=True)
    made = reader.read(most + 1)
    if len(made) > most:
        raise InputError(f"it holds more than {max_bytes} bytes; that is too much to be read at once")
    return made


def _tar_members(data: bytes) -> Iterator[Member]:
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as archive:
        for info in archive:
            if info.isdir():
                if info.name != ".":
                    _check_name(_plain(info.name), {})
                continue
            if not info.isreg() or info.issparse():
                raise InputError(f"{quoted(info.name)} is a link, a device or the like; only plain files are read")
            member = archive.extractfile(info)
            assert member is not None
            yield info.name, info.size, member
        # tarfile takes a header that it cannot read for the end.
        rest = data[archive.offset :]
        if rest.strip(b"\0"):
            raise InputError(f"it is damaged: what stands at byte {archive.offset} of the tar is no member")
        # Neither zstandard nor tarfile says so when the data ends too early, but every tar ends with a block of zeros.
        if len(rest) < tarfile.BLOCKSIZE:
            raise InputError("it is damaged: it is cut short")


def _zip_members(data: bytes) -> Iterator[Member]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            kind = stat.S_IFMT(info.external_attr >> 16)
            # Without a name zipfile cannot even tell whether it is a folder.
            _check_name(_plain(info.filename.rstrip("/")), {})
            if info.is_dir():
                continue
            if kind not in (0, stat.S_IFREG):
                raise InputError(f"{quoted(info.filename)} is a link, a device or the like; only plain files are read")
            if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise InputError(f"{quoted(info.filename)} is encrypted or compressed in an unusual way")
            # zipfile itself cuts a name at a NUL character.
            with archive.open(info) as member:
                yield info.orig_filename, info.file_size, member


def _plain(name: str) -> str:
    """A member's name without the `./` that `tar` writes before all names of the folder that it stands in."""
    return name.removeprefix("./")


def _check_name(name: str, known: Mapping[str, bytes]) -> None:
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\0" in name or "\\" in name or ":" in parts[0]:
        raise InputError(f"{quoted(name)} is no name of a file inside the folder")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(f"the name {quoted(name)} is not UTF-8") from None
    if name in known:
        raise InputError(f"{quoted(name)} is in it twice")


def _check_folders(files: Mapping[str, bytes]) -> None:
    for name in files:
        parts = name.split("/")
        if any("/".join(parts[:depth]) in files for depth in range(1, len(parts))):
            raise InputError(f"{quoted(name)} lies below the name of another file")


def _below_root(files: Mapping[str, bytes]) -> dict[str, bytes]:
    roots = sorted({name.partition("/")[0] for name in files})
    in_folders = all("/" in name for name in files)
    if in_folders and len(roots) > 1:
        more = ", …" if roots[3:] else ""
        told = f"it holds several folders ({', '.join(map(quoted, roots[:3]))}{more}), not one and its files"
        raise InputError(f"{told}; take out what is no part of it, such as the __MACOSX of a Mac")
    if in_folders:
        return {name.partition("/")[2]: files[name] for name in sorted(files)}
    return {name: files[name] for name in sorted(files)}
