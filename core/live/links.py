"""What stands in the traces folder under a run's name and is no file: links, pipes, devices."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path

from core.live.changes import BrokenFile
from core.live.names import unit_of
from core.live.walk import is_trace_name
from core.model.text import quoted

_KINDS = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a character device",
    stat.S_IFBLK: "a block device",
    stat.S_IFDIR: "a folder",
    stat.S_IFLNK: "a link",
}


def special_problem(unit: str, mode: int) -> BrokenFile:
    """The problem of a path with a run's name that is no regular file; `mode` is its st_mode."""
    kind = _KINDS.get(stat.S_IFMT(mode), "no regular file")
    return BrokenFile(
        unit,
        None,
        "not a file",
        f"it is {kind}, which is never opened; only regular files are read",
        advice="Remove it, or put a file in its place.",
    )


def link_problem(root: str, path: str) -> BrokenFile | None:
    """Why a link at `path` below `root` is not read, or None when nobody would expect it to be.

    That is a link to a file, of a name that no run file has. The link is resolved, never read through.
    """
    place, unit = Path(root, path), unit_of(path)
    try:
        target = quoted(unit_of(str(place.readlink())))
    except OSError:  # gone, or no link any more: the next look tells
        return None
    try:
        to_folder = stat.S_ISDIR(place.stat().st_mode)
        if not to_folder and not is_trace_name(place.name):
            return None
        rule, reason = _judged(_resolved(Path(root)), place, target, to_folder)
    except OSError as error:
        rule, reason = _broken(target, error)
    return BrokenFile(unit, None, rule, reason, advice="Remove the link, or put a copy in its place.")


def leads_to_folder(path: str) -> bool:
    """Whether a path is a link to a folder, or a folder with such a link below it; no link is followed."""
    try:
        status = os.lstat(path)
        if stat.S_ISLNK(status.st_mode):
            return stat.S_ISDIR(os.stat(path).st_mode)  # noqa: PTH116 - very many paths are asked about
        return stat.S_ISDIR(status.st_mode) and holds_link(path)
    except OSError:  # it is gone, or leads nowhere
        return False


def holds_link(folder: str) -> bool:
    """Whether a link to a folder lies anywhere below a folder; no link is followed."""
    todo = [folder]
    while todo:
        with suppress(OSError), os.scandir(todo.pop()) as listing:
            for entry in listing:
                if entry.is_symlink():
                    if leads_to_folder(entry.path):
                        return True
                elif entry.is_dir(follow_symlinks=False):
                    todo.append(entry.path)
    return False


def _judged(root: Path, place: Path, target: str, to_folder: bool) -> tuple[str, str]:
    end = _resolved(place)
    if not end.is_relative_to(root):
        return "link out of the folder", f"a link to {target}, outside the traces folder, is not followed"
    if to_folder and _resolved(place.parent).is_relative_to(end):
        return "link loop", f"a link to {target} leads back to a folder that it lies in"
    return "link", f"a link to {target} is not followed; what it names is read at its own place"


def _resolved(path: Path) -> Path:
    return Path(os.path.realpath(path))  # unlike Path.resolve, never an error for a loop


def _broken(target: str, error: OSError) -> tuple[str, str]:
    if error.errno == errno.ELOOP:
        return "link loop", f"a link to {target} leads back to itself"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return "dangling link", f"a link to {target}, which does not exist"
    return "link", f"a link to {target}, which cannot be reached"
