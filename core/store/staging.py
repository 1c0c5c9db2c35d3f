"""Files built aside before the commit point of a decision and moved into place after it (design/trust.md).

A folder's list of sums, `files.sha256`, is what the journal names it by. It is the last thing to leave the place aside,
so that whoever finds it there knows that something is left to do, and may do it again from any point.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from core.model.errors import WorkspaceError
from core.model.jsontext import sha256_hex
from core.store.disk import DISK, Disk
from core.store.files import check_names, folders_for, make_folder, remove_others, remove_tree
from core.store.trouble import explained, shown

SUMS = "files.sha256"
"""The file of a folder whose sha256 the journal records."""

_LINE = re.compile(r"[0-9a-f]{64}  (.+)")


@dataclass(frozen=True, slots=True)
class Build:
    """A folder to be built: where it will go, its files by POSIX name, and the modes of those that are not 0644."""

    final: Path
    files: Mapping[str, bytes]
    modes: Mapping[str, int] = field(default_factory=dict)


def build_aside(builds: Sequence[Build], within: Path, *, disk: Disk = DISK) -> tuple[Path, ...]:
    """Build folders under temporary names in `within`, all flushed together, and return their paths in order.

    A temporary name is `NAME.` and 8 hex digits, where NAME is that of `final`. Raises WorkspaceError; what was begun
    is removed then.
    """
    for build in builds:
        check_names(build.files)
    asides = tuple(within / f"{build.final.name}.{secrets.token_hex(4)}" for build in builds)
    with explained("write", builds[0].final):
        make_folder(within, disk=disk)
        try:
            files, folders = [], {within}
            for build, aside in zip(builds, asides, strict=True):
                disk.mkdir(aside)
                folders.add(aside)
                for name, data in build.files.items():
                    folders |= folders_for(aside, name, disk)
                    disk.write(aside / name, data, build.modes.get(name, 0o644))
                    files.append(aside / name)
            disk.flush_together(files, sorted(folders, reverse=True))
        except BaseException:  # Ctrl+C, too
            for aside in asides:
                with suppress(OSError):
                    remove_tree(aside, disk=disk)
            raise
    return asides


def publish_folder(aside: Path, final: Path, *, disk: Disk = DISK) -> None:
    """Give a folder that was built aside its final name, for good. Raises WorkspaceError, also when it is taken."""
    with explained("write", final):
        make_folder(final.parent, disk=disk)
        if os.path.lexists(final):
            raise WorkspaceError(f"cannot write {shown(final)}: something of that name exists already")
        disk.rename(aside, final)
        disk.flush_folder(final.parent)
        if aside.parent != final.parent:
            disk.flush_folder(aside.parent)


def sums_of(aside: Path) -> str | None:
    """`sha256:…` of a folder's list of sums; None when it has none."""
    try:
        return "sha256:" + sha256_hex((aside / SUMS).read_bytes())
    except OSError:
        return None


def move_files(aside: Path, final: Path, *, last: str, disk: Disk = DISK) -> None:
    """Put the files of a folder built aside in the place of an older folder's, for good; repeatable after a crash.

    Each file is the old or the new one at any time; `last` comes when all the others are safe, then whatever the list
    of sums does not name is removed. Raises WorkspaceError.
    """
    with explained("write", final):
        names = _listed(aside)
        make_folder(final, disk=disk)
        _move(aside, final, [name for name in names if name != last], disk)
        _move(aside, final, [last], disk)
        if touched := remove_others(final, set(names), disk):
            disk.flush_together((), touched)
        for entry in sorted(aside.iterdir()):
            if entry.name != SUMS:
                remove_tree(entry, disk=disk)
        disk.remove(aside / SUMS)
        disk.remove_folder(aside)
        disk.flush_folder(aside.parent)


def _move(aside: Path, final: Path, names: Iterable[str], disk: Disk) -> None:
    """Move the files that are still aside, and have their new names last."""
    folders = {final}
    for name in names:
        folders |= folders_for(final, name, disk)
        if not os.path.lexists(aside / name):
            continue
        if (final / name).is_dir() and not (final / name).is_symlink():
            remove_tree(final / name, disk=disk)
        disk.rename(aside / name, final / name)
    disk.flush_together((), sorted(folders, reverse=True))


def _listed(aside: Path) -> list[str]:
    """The files that a list of sums names. Raises WorkspaceError when a name would lead out of the folder."""
    lines = (aside / SUMS).read_text().splitlines()
    names = [found[1] for line in lines if (found := _LINE.fullmatch(line))]
    check_names(names)
    return names
