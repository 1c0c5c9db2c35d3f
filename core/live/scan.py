"""One look at the traces folder: every run file below it, and everything that stands in the way of reading it.

No link is followed below the folder, so nothing outside is ever read and no loop is possible; links that would
matter are listed as problems instead (spec/review.md, Pipeline in the background).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from core.live.changes import BrokenFile, Stamp
from core.live.links import link_problem, special_problem
from core.live.names import below as is_below
from core.live.names import is_trace_name, order_of, path_of, unit_of
from core.model.text import visible

FolderState = Literal["present", "missing", "not a folder", "unreadable"]

Entry: TypeAlias = Stamp | BrokenFile
"""A file to read, or why a path cannot be read."""


UNREADABLE = "unreadable file"
"""The rule of what the system does not let us read; it may be only for now."""

RIGHTS = "Check its rights and its disk; it is tried again by itself."


@dataclass(frozen=True, slots=True)
class Scan:
    """What lies in the traces folder, or below one path in it."""

    folder: Path
    state: FolderState = "present"
    """Of the traces folder itself."""
    trouble: str = ""
    """A sentence when the folder is not present."""
    below: str = ""
    """The unit of the file or sub-folder that was looked at; empty for everything."""
    entries: Mapping[str, Entry] = field(default_factory=dict)
    """By unit; in path order as scanned."""
    folders: frozenset[str] = frozenset()
    """The units of all sub-folders that were entered."""

    @property
    def files(self) -> dict[str, Stamp]:
        """Every regular `.json` file by unit."""
        return {unit: entry for unit, entry in self.entries.items() if isinstance(entry, Stamp)}

    @property
    def problems(self) -> dict[str, BrokenFile]:
        """Links, special files and sub-folders that cannot be read, by unit."""
        return {unit: entry for unit, entry in self.entries.items() if isinstance(entry, BrokenFile)}


class Difference(NamedTuple):
    """Units whose entry is new, another one, or no longer there."""

    added: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


def scan(folder: Path, below: str = "") -> Scan:
    """Look at a folder, or only at the file or sub-folder `below` it (a unit). Never raises for what it finds.

    The result may cover more than was asked for: a path below what is no folder (any more) stands for that.
    """
    state, trouble = _folder_state(folder)
    if state != "present":
        return Scan(folder, state, trouble)
    walk = _Walk(str(folder))
    covered = walk.start(below) if below else walk.descend("")
    entries = dict(sorted(walk.entries.items(), key=lambda item: order_of(item[0])))
    return Scan(folder, below=covered, entries=entries, folders=frozenset(walk.folders))


def difference(old: Scan, new: Scan) -> Difference:
    """What changed between two looks at the same place."""
    return _compared(old.entries, new.entries)


def updated(old: Scan, parts: Iterable[Scan]) -> tuple[Scan, Difference]:
    """A whole scan brought up to date with newer looks at parts of it, and what changed. Pure.

    The entries of the result are in no particular order. Costs a copy of `old`, not a comparison of all of it.
    """
    parts = list(parts)
    if len(parts) == 1 and not parts[0].below:
        return replace(parts[0], folder=old.folder), _compared(old.entries, parts[0].entries)
    entries, folders, state, trouble = dict(old.entries), old.folders, old.state, old.trouble
    before: dict[str, Entry] = {}
    after: dict[str, Entry] = {}
    for part in parts:
        state, trouble = part.state, part.trouble
        for unit in _known_below(entries, folders, part.below):
            entry = entries.pop(unit)
            if unit not in after:
                before.setdefault(unit, entry)
            after.pop(unit, None)
        entries.update(part.entries)
        after.update(part.entries)
        if part.below in folders or not part.below:
            folders = frozenset(unit for unit in folders if not is_below(unit, part.below))
        folders |= part.folders
    return Scan(old.folder, state, trouble, "", entries, folders), _compared(before, after)


def _known_below(entries: Mapping[str, Entry], folders: frozenset[str], below: str) -> list[str]:
    """The units at or below a path; a path that is no known folder has nothing below it."""
    if not below:
        return list(entries)
    if below in folders:
        return [unit for unit in entries if is_below(unit, below)]
    return [below] if below in entries else []


def _compared(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Difference:
    changed = frozenset(unit for unit, entry in new.items() if unit in old and old[unit] != entry)
    return Difference(frozenset(new.keys() - old.keys()), changed, frozenset(old.keys() - new.keys()))


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    changed, touched = status.st_mtime_ns, status.st_ctime_ns
    # One number in memory where both are the same, as they are of files that were written once.
    return Stamp(changed, status.st_size, status.st_ino, changed if changed == touched else touched)


def words(error: OSError) -> str:
    """The system's own words for an error, without the path."""
    return (error.strerror or str(error)).lower()


def _folder_state(folder: Path) -> tuple[FolderState, str]:
    name = visible(str(folder))
    try:
        if not stat.S_ISDIR(folder.stat().st_mode):
            return "not a folder", f"{name} is a file, not a folder of runs"
        with os.scandir(folder):
            return "present", ""
    except (FileNotFoundError, NotADirectoryError):
        return "missing", f"the traces folder {name} does not exist"
    except OSError as error:
        return "unreadable", f"the traces folder {name} cannot be read: {words(error)}"


class _Walk:
    """Looks at a folder and its sub-folders, gathered."""

    def __init__(self, root: str) -> None:
        self.root = root
        self.entries: dict[str, Entry] = {}
        self.folders: set[str] = set()

    def start(self, unit: str) -> str:
        """Look at one path and all below it; returns the unit that was looked at, itself or one above it."""
        path = path_of(unit)
        parts = path.split("/")
        for count in range(1, len(parts) + 1):
            place = "/".join(parts[:count])
            status = self._status(place)
            if status is None or not stat.S_ISDIR(status.st_mode):
                if status is not None:
                    self._note(place, status)
                return unit_of(place)
            self.folders.add(unit_of(place))
        return self.descend(path)

    def descend(self, path: str) -> str:
        """Look at everything below a folder; returns its unit."""
        todo = [path]
        while todo:
            todo += self._enter(todo.pop())
        return unit_of(path)

    def _enter(self, path: str) -> list[str]:
        """Look at what a folder holds; its sub-folders are returned."""
        inner: list[str] = []
        try:
            with os.scandir(f"{self.root}/{path}") as listing:
                for entry in listing:
                    name = f"{path}/{entry.name}" if path else entry.name
                    if entry.is_dir(follow_symlinks=False):
                        inner.append(name)
                    elif entry.is_symlink():
                        self._link(name)
                    elif is_trace_name(entry.name):
                        self._file(name, entry)
        except FileNotFoundError:
            return []
        except OSError as error:
            reason = f"the sub-folder cannot be listed: {words(error)}"
            self._problem(BrokenFile(unit_of(path), None, "unreadable folder", reason, advice=RIGHTS))
        if path:
            self.folders.add(unit_of(path))
        return inner

    def _file(self, path: str, entry: os.DirEntry[str]) -> None:
        """Note a path that is neither a folder nor a link."""
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:
            if found := self._status(path):
                self._note(path, found)
            return
        if stat.S_ISREG(status.st_mode):
            self.entries[unit_of(path)] = stamp_of(status)
        else:
            self._note(path, status)

    def _status(self, path: str) -> os.stat_result | None:
        """How a path looks without following a link; None when it is not there or was noted as a problem."""
        try:
            return os.lstat(f"{self.root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            reason = f"it cannot be looked at: {words(error)}"
            self._problem(BrokenFile(unit_of(path), None, UNREADABLE, reason, advice=RIGHTS))
            return None

    def _note(self, path: str, status: os.stat_result) -> None:
        """Note a path that is no folder."""
        if stat.S_ISLNK(status.st_mode):
            self._link(path)
        elif is_trace_name(path.rpartition("/")[2]):
            unit = unit_of(path)
            regular = stat.S_ISREG(status.st_mode)
            self.entries[unit] = stamp_of(status) if regular else special_problem(unit, status.st_mode)

    def _link(self, path: str) -> None:
        if found := link_problem(self.root, path):
            self._problem(found)

    def _problem(self, found: BrokenFile) -> None:
        self.entries[found.unit] = found
