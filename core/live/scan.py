"""One look at the traces folder: every run file below it, and everything that stands in the way of reading it.

No link is followed below the folder, so nothing outside is ever read and no loop is possible; links that would
matter are listed as problems instead (spec/review.md, Pipeline in the background).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, NamedTuple, TypeAlias

from core.live.changes import BrokenFile, Stamp, signed
from core.live.layered import Layered, layered
from core.live.links import link_problem, special_problem
from core.live.names import below as is_below
from core.live.names import path_of, unit_of, units_of
from core.live.stamps import Stamps
from core.live.walk import Walk, is_trace_name
from core.model.errors import reason_of
from core.model.text import visible

FolderState = Literal["present", "missing", "not a folder", "unreadable"]

Entry: TypeAlias = Stamp | BrokenFile
"""A file to read, or why a path cannot be read."""


UNREADABLE = "unreadable file"
"""The rule of what the system does not let us read; it may be only for now."""

_FEW = 500
"""Changes that are kept beside a table."""

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
    entries: Mapping[str, Entry] = field(default_factory=Layered)
    """By unit; files in path order as scanned."""
    folders: frozenset[str] = frozenset()
    """The units of all sub-folders that were entered."""

    @property
    def files(self) -> dict[str, Stamp]:
        """Every regular `.json` file by unit."""
        return {unit: entry for unit, entry in self.entries.items() if isinstance(entry, Stamp)}

    @property
    def problems(self) -> dict[str, BrokenFile]:
        """Links, special files and sub-folders that cannot be read, by unit."""
        # A table holds stamps only.
        return {unit: entry for unit, entry in layered(self.entries).over.items() if isinstance(entry, BrokenFile)}


class Difference(NamedTuple):
    """Units whose entry is new, another one, or no longer there."""

    added: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()


def scan(folder: Path, below: str = "", walk: Walk | None = None) -> Scan:
    """Look at a folder, or only at the file or sub-folder `below` it (a unit). Never raises for what it finds.

    The result may cover more than was asked for: a path below what is no folder (any more) stands for that. `walk` is
    what somebody else found on the way through the whole folder, a moment ago.
    """
    state, trouble = folder_state(folder)
    if state != "present":
        return Scan(folder, state, trouble)
    look, covered = _Look(str(folder)), ""
    if walk is not None:
        look.take(walk)
    else:
        covered = look.start(below) if below else look.descend("")
    return Scan(folder, below=covered, entries=look.entries(), folders=frozenset(look.folders))


def difference(old: Scan, new: Scan) -> Difference:
    """What changed between two looks at the same place."""
    return _compared(old.entries, new.entries)


def updated(old: Scan, parts: Iterable[Scan]) -> tuple[Scan, Difference]:
    """A whole scan brought up to date with newer looks at parts of it, and what changed. Pure.

    The entries of the result are in no particular order. Without a look at everything it costs what changed since the
    last such look, not a comparison of all of it.
    """
    parts = list(parts)
    if len(parts) == 1 and not parts[0].below:
        (whole,) = parts
        changes = _compared(old.entries, whole.entries)
        entries = _kept_up(old.entries, whole.entries, changes)
        return replace(whole, folder=old.folder, entries=entries), changes
    entries, folders, state, trouble = layered(old.entries).copy(), old.folders, old.state, old.trouble
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
        inside = f"{below}/"  # as `is_below` has it, which takes three times as long for very many
        return [unit for unit in entries if unit.startswith(inside) or unit == below]
    return [below] if below in entries else []


def _compared(old: Mapping[str, Entry], new: Mapping[str, Entry]) -> Difference:
    old, new = layered(old), layered(new)
    differs = _differs(old, new)
    if differs is None:
        return Difference()
    before, after = frozenset(old), frozenset(new)
    changed = frozenset(unit for unit in before & after if differs(unit))
    return Difference(after - before, changed, before - after)


def _differs(old: Layered[Entry], new: Layered[Entry]) -> Callable[[str], bool] | None:
    """Tells of a unit that is in both whether it has another entry; None when nothing differs at all."""
    one, other = old.table, new.table
    if not isinstance(one, Stamps) or not isinstance(other, Stamps):
        return lambda unit: old[unit] != new[unit]
    over = old.over.keys() | new.over.keys()
    if one.is_like(other) and old.over == new.over:
        return None
    return lambda unit: old[unit] != new[unit] if unit in over else one.differs(other, unit)


def _kept_up(old: Mapping[str, Entry], new: Mapping[str, Entry], changes: Difference) -> Mapping[str, Entry]:
    """The new entries; on the old ones' table where they hardly differ, for it is shared."""
    if not old or sum(map(len, changes)) > _FEW:
        return new
    return layered(old).updated(changes.removed, {unit: new[unit] for unit in changes.added | changes.changed})


def stamp_of(status: os.stat_result) -> Stamp:
    """The stamp of a file."""
    changed, touched = signed(status.st_mtime_ns), signed(status.st_ctime_ns)
    # One number in memory where both are the same, as they are of files that were written once.
    return Stamp(changed, status.st_size, signed(status.st_ino), changed if changed == touched else touched)


def folder_state(folder: Path) -> tuple[FolderState, str]:
    """Whether there is a folder that can be listed, and what is wrong where there is none."""
    name = visible(str(folder))
    try:
        if not stat.S_ISDIR(folder.stat().st_mode):
            return "not a folder", f"{name} is a file, not a folder of runs"
        with os.scandir(folder):
            return "present", ""
    except (FileNotFoundError, NotADirectoryError):
        return "missing", f"the traces folder {name} does not exist"
    except OSError as error:
        return "unreadable", f"the traces folder {name} cannot be read: {reason_of(error)}"


class _Look:
    """Looks at a folder and its sub-folders, gathered."""

    def __init__(self, root: str) -> None:
        self.folders: set[str] = set()
        self._root = root
        self._stamps = Stamps()
        self._others: dict[str, Entry] = {}
        """What is no file, and files that a table of numbers cannot hold."""

    def entries(self) -> Layered[Entry]:
        """Everything that was found."""
        return Layered(self._stamps, self._others)

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
        walk = Walk(self._root)
        walk.descend(path)
        self.take(walk)
        return unit_of(path)

    def take(self, walk: Walk) -> None:
        """Take in what was found on a way through the folder."""
        self._stamps = Stamps(units_of(walk.files), walk.numbers)
        self.folders.update(map(unit_of, walk.folders))
        for path, why in walk.locked:
            reason = f"the sub-folder cannot be listed: {why}"
            self._problem(BrokenFile(unit_of(path), None, "unreadable folder", reason, advice=RIGHTS))
        for path in walk.others:
            if found := self._status(path):
                self._note(path, found)

    def _status(self, path: str) -> os.stat_result | None:
        """How a path looks without following a link; None when it is not there or was noted as a problem."""
        try:
            return os.lstat(f"{self._root}/{path}")
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            reason = f"it cannot be looked at: {reason_of(error)}"
            self._problem(BrokenFile(unit_of(path), None, UNREADABLE, reason, advice=RIGHTS))
            return None

    def _note(self, path: str, status: os.stat_result) -> None:
        """Note a path that is no folder."""
        if stat.S_ISLNK(status.st_mode):
            if found := link_problem(self._root, path):
                self._problem(found)
        elif is_trace_name(path.rpartition("/")[2]):
            unit = unit_of(path)
            regular = stat.S_ISREG(status.st_mode)
            self._others[unit] = stamp_of(status) if regular else special_problem(unit, status.st_mode)

    def _problem(self, found: BrokenFile) -> None:
        self._others[found.unit] = found
