"""The cache of what was read from run files: a disposable file of segments in the workspace.

It holds nothing that is not in the traces folder, so whatever is odd about it (another version, damage, a full disk,
another process that holds it) means to go on without it or to begin a new one, never an error.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from core.model.jsontext import sha256_hex

VERSION = 6
"""Of the file's layout; a file of another version is thrown away."""

NAME = ".cache.sqlite"

_PER_RUN = 1_000
"""Bytes, at least as a rule."""

_WAIT = 2.0
"""Seconds to wait for another process that writes."""

_SPARE = 32_000_000
"""Bytes of the disk that are left to others: a full one refuses decisions."""

_CANNOT = (sqlite3.Error, ValueError, OSError)
"""What ends a write that cannot be done."""

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR)
"""A full disk, or a quota that is used up."""

_ALL = """
select number, segments.data, ifnull(beside.data, x'') from segments left join beside using (number) order by number
"""
_MINED = "select data from mined where cohort = ? and about = ?"
_BESIDE = "insert or replace into beside select number, ? from segments where number = ?"

_PRAGMAS = ("synchronous = off", "mmap_size = 268435456")


def runs_in(folder: Path) -> int:
    """About how many runs the cache of a workspace holds, by its size."""
    try:
        return (folder / NAME).stat().st_size // _PER_RUN
    except OSError:
        return 0


class MinedRow(NamedTuple):
    """What was mined of a cohort."""

    cohort: str
    about: bytes
    """Tells what it was mined from."""
    data: bytes


class Cache:
    """Segments on disk. Methods may be called from any thread, and from several processes at once."""

    def __init__(self, folder: Path, about: str = "") -> None:
        """`about` tells what the segments depend on besides the files; those of another one are thrown away."""
        self._path = folder / NAME
        self._about = about
        self._is_full = False
        """Whether the disk was found to be full; nothing is written then."""

    @classmethod
    def of(cls, workspace: Path | None, effects: str) -> Cache | None:
        """That of what was read with an effects.toml of a text; none where there is no workspace."""
        about = sha256_hex(effects.encode()) if effects else ""
        return None if workspace is None else cls(workspace, about)

    def load(self) -> list[tuple[int, bytes, bytes]]:
        """Every segment with its number and what is kept beside it, oldest first; none without a usable cache."""
        if not os.path.isfile(self._path):  # noqa: PTH113 - unlike Path's it is no error where nobody can tell
            return []
        try:
            with closing(self._open()) as file, file:
                if not self._is_mine(file):
                    file.execute("begin immediate")
                    for table in ("segments", "beside", "mined"):
                        file.execute(f"delete from {table}")  # noqa: S608
                    file.execute("update about set text = ?", (self._about,))
                return list(file.execute(_ALL))
        except (sqlite3.Error, ValueError):
            self.discard()
            return []

    def change(self, add: Iterable[bytes], remove: Iterable[int] = ()) -> list[int]:
        """Add segments and take others out, all at once; the numbers of the new ones, none when it cannot be done."""
        new = list(add)
        try:
            with self._writing(sum(map(len, new))) as file:
                if not self._is_mine(file):  # another process goes by what was changed meanwhile
                    return []
                numbers = [file.execute("insert into segments(data) values (?)", (data,)).lastrowid for data in new]
                for table in ("segments", "beside"):
                    file.executemany(f"delete from {table} where number = ?", [(number,) for number in remove])  # noqa: S608
        except _CANNOT:
            return []
        return [number for number in numbers if number is not None]

    def keep(self, beside: Mapping[int, bytes]) -> None:
        """Keep something beside segments that are there, instead of what was kept there before."""
        with suppress(*_CANNOT), self._writing(sum(map(len, beside.values()))) as file:
            if self._is_mine(file):
                file.executemany(_BESIDE, [(data, number) for number, data in beside.items()])

    def mined(self, cohort: str, about: bytes) -> bytes | None:
        """What was mined of a cohort, where that is what it would be mined from now."""
        if not os.path.isfile(self._path):  # noqa: PTH113 - as in `load`
            return None
        try:
            with closing(self._open()) as file, file:
                row = self._is_mine(file) and file.execute(_MINED, (cohort, about)).fetchone()
        except (sqlite3.Error, ValueError):
            return None
        return row[0] if row else None

    def keep_mined(self, rows: Iterable[MinedRow], cohorts: Collection[str]) -> None:
        """Keep what was mined of some cohorts, and nothing of such as are not among all `cohorts`."""
        with suppress(*_CANNOT, TypeError):
            made = list(rows)
            with self._writing(sum(len(row.data) for row in made)) as file:
                if self._is_mine(file):
                    gone = [one for one in file.execute("select cohort from mined") if one[0] not in cohorts]
                    file.executemany("delete from mined where cohort = ?", gone)
                    file.executemany("insert or replace into mined values (?, ?, ?)", made)

    @contextmanager
    def _writing(self, size: int) -> Iterator[sqlite3.Connection]:
        """A transaction that writes about so many bytes, where there is room for it. Raises what `_CANNOT` says.

        A disk that gets full all the same loses the cache: what was begun would stay there, and nothing could be
        decided any more.
        """
        # Twice, for it is written to the log before the file.
        if self._is_full or shutil.disk_usage(self._path.parent).free < 2 * size + _SPARE:
            raise ValueError("there is no room")
        try:
            with closing(self._open()) as file, file:
                file.execute("begin immediate")
                yield file
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF in _FULL:
                self._is_full = True
                self.discard()
            raise

    def discard(self) -> None:
        """Throw the cache away."""
        for suffix in ("", "-wal", "-shm", "-journal"):
            with suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _open(self) -> sqlite3.Connection:
        """The file, made anew when it is of another version. Raises sqlite3.Error or ValueError."""
        file = sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)
        try:
            for pragma in _PRAGMAS:
                file.execute(f"pragma {pragma}")
            version = file.execute("pragma user_version").fetchone()[0]
            if version == 0:
                self._lay_out(file)
            elif version != VERSION:
                raise ValueError(f"a cache of version {version}")
        except BaseException:
            file.close()
            raise
        return file

    def _is_mine(self, file: sqlite3.Connection) -> bool:
        return bool(file.execute("select text from about").fetchone() == (self._about,))

    def _lay_out(self, file: sqlite3.Connection) -> None:
        file.execute("pragma journal_mode = wal")  # stays with the file
        file.execute("begin immediate")
        file.execute(
            "create table if not exists segments (number integer primary key autoincrement, data blob not null)"
        )
        file.execute("create table if not exists beside (number integer primary key, data blob not null)")
        file.execute("create table if not exists mined (cohort text primary key, about blob, data blob not null)")
        file.execute("create table if not exists about (text text not null)")
        file.execute("insert into about select ? where not exists (select * from about)", (self._about,))
        file.execute(f"pragma user_version = {VERSION}")
        file.execute("commit")
