"""Files and folders that are written whole or not at all, and folders that are read without being led astray."""

from __future__ import annotations

import os
import re
import secrets
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath

from core.model.errors import InputError, WorkspaceError
from core.model.text import quoted
from core.store.disk import DISK, Disk
from core.store.trouble import explained, shown, why

MAX_FOLDER_BYTES = 512 * 1024 * 1024
"""Bytes of all files together above which a folder is not read."""

_NO_MODES: Mapping[str, int] = {}
_TEMPORARY = re.compile(r"\.assay-[0-9a-f]{16}\.tmp")
_STRAIGHT = frozenset(map(Path, ("/dev", "/dev/fd", "/proc/self/fd")))


def write_file(path: Path, data: bytes, *, mode: int | None = None, disk: Disk = DISK) -> None:
    """Write a file so that a crash leaves the old bytes or the new ones; missing folders on the way are made.

    Without a `mode` an existing file keeps its own, and a new one has 0644 less the umask. A link is followed to the
    file it names; a device or pipe (`/dev/stdout`) is written straight. Raises WorkspaceError.
    """
    with explained("write", path):
        if _is_special(path):
            _write_straight(path, data)
            return
        target = Path(os.path.realpath(path))
        make_folder(target.parent, disk=disk)
        kept = _mode_of(target) if mode is None else mode
        with _temporary(target, data, 0o644 if kept is None else kept, disk, exact=kept is not None) as ready:
            disk.rename(ready, target)
        disk.flush_folder(target.parent)


def write_folder(
    path: Path,
    files: Mapping[str, bytes],
    *,
    last: str | None = None,
    modes: Mapping[str, int] = _NO_MODES,
    exact: bool = False,
    disk: Disk = DISK,
) -> None:
    """Write files, by POSIX name below `path`, into a new or existing folder, each one old or new after a crash.

    `last` is written when all the others are safe, and one of an earlier writing is removed before any of them is
    replaced, also where there is no new one, so that its presence tells that the folder is complete and all of one
    writing. `modes` gives modes other than 0644; the umask is taken off each. With `exact`, files of an earlier writing
    that are not among `files` are removed at the end, and what an earlier one that was killed had begun in any case.
    Links inside the folder are replaced, never followed. Raises WorkspaceError: before anything is written when a name
    would leave the folder, before anything is replaced when there is no room for all of it.
    """
    check_names(files)
    with explained("write", path):
        _write_together(path, files, last, modes, disk)
    if exact:
        with explained("tidy", path):
            for folder in remove_others(path, set(files), disk):
                disk.flush_folder(folder)


def make_folder(path: Path, *, disk: Disk = DISK) -> None:
    """Make a folder and those above it, each flushed into its parent. Raises OSError; an existing one is fine."""
    if path.is_dir():
        return
    make_folder(path.parent, disk=disk)
    with suppress(FileExistsError):
        disk.mkdir(path)
    if not path.is_dir():
        raise NotADirectoryError(20, os.strerror(20), os.fspath(path))
    disk.flush_folder(path.parent)


def remove_tree(path: Path, *, disk: Disk = DISK) -> None:
    """Remove a folder with everything in it, following no links; a missing one is fine. Raises OSError."""
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_dir():
        disk.remove(path)
        return
    for entry in sorted(path.iterdir()):
        remove_tree(entry, disk=disk)
    disk.remove_folder(path)


def read_folder(path: Path, *, max_bytes: int = MAX_FOLDER_BYTES) -> dict[str, bytes]:
    """The bytes of every regular file below a folder, by POSIX name relative to it, in byte order of the names.

    Links, devices and pipes inside are left out; the folder itself may be a link. Raises InputError when it cannot
    be read, holds more than `max_bytes` bytes, or a name is not UTF-8.
    """
    with explained("read", path, InputError):
        is_folder = path.is_dir()
    if not is_folder:
        state = "is not a folder" if os.path.lexists(path) else "does not exist"
        raise InputError(f"{shown(path)} {state}; name a folder")
    found: dict[str, bytes] = {}
    room = max_bytes
    for name, file in sorted(_regular_files(path)):
        data = _read_regular(file, room)
        if data is None:
            raise InputError(f"{shown(path)} holds more than {max_bytes} bytes; that is too much to be read at once")
        room -= len(data)
        found[name] = data
    return found


def strange_entries(path: Path) -> dict[str, str]:
    """What lies below a folder and is neither a file nor on the way to one, by POSIX name, and what it is.

    That is what `read_folder` leaves out. Raises InputError.
    """
    found: dict[str, str] = {}
    for name, entry, mode in sorted(_entries(path)):
        if stat.S_ISDIR(mode):
            with explained("read", entry, InputError):
                found |= {} if any(entry.iterdir()) else {name: "is an empty folder"}
        elif not stat.S_ISREG(mode):
            found[name] = "is a link" if stat.S_ISLNK(mode) else "is a pipe, a socket or a device"
    return found


def _is_special(path: Path) -> bool:
    """Whether a path names a device or pipe, which must not be replaced by a file."""
    try:
        mode = path.stat().st_mode
    except OSError:
        return False
    # A shell's `> file` behind /dev/stdout is a regular file, but renaming over it would detach the open output.
    return path.parent in _STRAIGHT or not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _mode_of(path: Path) -> int | None:
    """The mode of a file, which may be private; None where there is none. Raises OSError."""
    try:
        return path.stat().st_mode & 0o777
    except FileNotFoundError:
        return None


def _write_straight(path: Path, data: bytes) -> None:
    # An open output keeps its own place, which opening its name again would not share.
    name = {"stdin": "0", "stdout": "1", "stderr": "2"}.get(path.name, path.name)
    is_output = path.parent in _STRAIGHT and name.isdecimal()
    with open(int(name) if is_output else path, "wb", closefd=not is_output) as file:
        file.write(data)


@contextmanager
def _temporary(target: Path, data: bytes, mode: int, disk: Disk, *, exact: bool = False) -> Iterator[Path]:
    """A flushed file beside `target`, to be renamed inside the block; what is left of it is removed."""
    temporary = target.parent / f".assay-{secrets.token_hex(8)}.tmp"
    try:
        disk.write(temporary, data, mode, exact)
        disk.flush_file(temporary)
        yield temporary
    except BaseException:  # Ctrl+C, too: nobody else knows of it
        with suppress(OSError):
            disk.remove(temporary)
        raise


def _write_together(
    root: Path, files: Mapping[str, bytes], last: str | None, modes: Mapping[str, int], disk: Disk
) -> None:
    """Write files below a folder, each atomically, `last` at last; all lie beside their places before one is there."""
    make_folder(root, disk=disk)
    folders: set[Path] = set()
    with ExitStack() as begun:
        ready: dict[str, Path] = {}
        for name, data in files.items():
            folders |= folders_for(root, name, disk)
            ready[name] = begun.enter_context(_temporary(root / name, data, modes.get(name, 0o644), disk))
        if last is not None and os.path.lexists(root / last):
            disk.remove(root / last)
            disk.flush_folder((root / last).parent)
        for name in sorted(ready, key=lambda name: name == last):
            if name == last:
                _flush_all(folders, disk)
            disk.rename(ready[name], root / name)
    # What a writing that was killed had begun: it would be taken for a part of the folder.
    for entry in (entry for folder in folders for entry in folder.iterdir() if _TEMPORARY.fullmatch(entry.name)):
        with suppress(OSError):
            disk.remove(entry)
    _flush_all(folders, disk)


def _flush_all(folders: Collection[Path], disk: Disk) -> None:
    for folder in sorted(folders, reverse=True):
        disk.flush_folder(folder)


def folders_for(root: Path, name: str, disk: Disk) -> set[Path]:
    """Make the folders between a root and one of its files; all of them, the root included. Raises OSError."""
    folder, folders = root, {root}
    for part in PurePosixPath(name).parts[:-1]:
        folder /= part
        if folder.is_symlink() or folder.is_file():
            # A link could lead the bytes out of the folder.
            disk.remove(folder)
        if not folder.is_dir():
            disk.mkdir(folder)
        folders.add(folder)
    return folders


def remove_others(root: Path, kept: set[str], disk: Disk) -> list[Path]:
    """Remove whatever stands below a folder and is not among the kept POSIX names. Raises OSError.

    Returns the folders that are still to be flushed.
    """
    folders = {parent.as_posix() for name in kept for parent in PurePosixPath(name).parents}
    touched: list[Path] = []
    for folder, subfolders, names in os.walk(root):
        here = Path(folder)
        for name in sorted([*subfolders, *names]):
            relative = (here / name).relative_to(root).as_posix()
            if relative not in kept and relative not in folders:
                remove_tree(here / name, disk=disk)
                touched.append(here)
        subfolders[:] = [name for name in subfolders if (here / name).is_dir()]
    return list(dict.fromkeys(touched))


def check_names(files: Collection[str]) -> None:
    """Refuse names that are not plain relative POSIX paths, or need a file where another needs a folder.

    Raises WorkspaceError.
    """
    for name in files:
        parts = name.split("/")
        if any(part in ("", ".", "..") for part in parts) or "\0" in name:
            raise WorkspaceError(f"{quoted(name)} is no name of a file inside the folder; nothing was written")
        if any("/".join(parts[:depth]) in files for depth in range(1, len(parts))):
            raise WorkspaceError(f"{quoted(name)} lies below the name of another file; nothing was written")


def _regular_files(root: Path) -> Iterator[tuple[str, Path]]:
    return ((name, entry) for name, entry, mode in _entries(root) if stat.S_ISREG(mode))


def _entries(root: Path) -> Iterator[tuple[str, Path, int]]:
    """What lies below a folder: its POSIX name, itself and its mode. Raises InputError."""

    def stop(error: OSError) -> None:
        raise InputError(f"cannot read {shown(error.filename or root)}: {why(error)}") from error

    for folder, folders, names in os.walk(root, onerror=stop):
        for name in (*folders, *names):
            file = Path(folder) / name
            relative = file.relative_to(root).as_posix()
            try:
                relative.encode()
            except UnicodeEncodeError:
                raise InputError(f"the name of {shown(file)} is not UTF-8; rename it") from None
            with explained("read", file, InputError):  # a folder may be listed and not entered
                mode = file.lstat().st_mode
            yield relative, file, mode


def _read_regular(file: Path, room: int) -> bytes | None:
    """A file's bytes, None when there are more than `room` of them."""
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as opened:
            data = opened.read(room + 1)
    except OSError as error:
        raise InputError(f"cannot read {shown(file)}: {why(error)}") from error
    return None if len(data) > room else data
