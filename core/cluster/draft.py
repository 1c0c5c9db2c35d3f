"""Writing a result, all of it or nothing: its runs as they come from the workers, part by part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import zstandard

from core.cluster.dataset import quarantine_table
from core.cluster.parquet import to_parquet
from core.cluster.place import LOCK, Place
from core.cluster.result import FORMAT, MANIFEST, Answers, Given, Result, Span, kept_in, rules_of
from core.columns.segment import MAGIC, Segment
from core.model.errors import InputError, WorkspaceError
from core.model.jsontext import compact, pretty
from core.model.text import visible
from core.store.disk import DISK
from core.store.files import write_file
from core.store.trouble import explained


class Draft:
    """A result that is being written: its runs part by part, the rest at the end."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self.name = folder, name
        self.begun = folder / f".assay-{name}.tmp"
        """The runs until they are saved."""
        self._runs: list[Span] = []
        self._answers: list[tuple[int, Span]] = []
        self._end = 0

    def add(self, travelled: bytes, answers: bytes = b"") -> int:
        """Write some runs (`packed`), and what was found out about them; their segment's number.

        Raises WorkspaceError.
        """
        self._runs.append(self._append(zstandard.decompress(travelled)))
        if answers:
            self.answer(len(self._runs) - 1, answers)
        return len(self._runs) - 1

    def answer(self, segment: int, answers: bytes) -> None:
        """Write what else was found out about a segment. Raises WorkspaceError."""
        self._answers.append((segment, self._append(answers)))

    def _append(self, data: bytes) -> Span:
        with explained("write", self.begun):
            DISK.append(self.begun, data)
        self._end += len(data)
        return self._end - len(data), len(data)

    def kept(self) -> tuple[tuple[Segment, ...], tuple[Answers, ...]]:
        """The runs that were written, and what was found out about them. Raises OSError."""
        return kept_in(self.begun, self._runs, self._answers) if self._runs else ((), ())

    def save(self, result: Result) -> None:
        """Write everything else, and put the result in the place of what was there. Raises WorkspaceError."""
        files = _files(result)
        runs = self._folder / f"runs-{self.name}.columns"
        try:
            with explained("write", runs):
                if self._runs:
                    DISK.flush_file(self.begun)
                    DISK.rename(self.begun, runs)
            for file, data in files.items():
                write_file(self._folder / file, data)
            write_file(self._folder / MANIFEST, pretty(_manifest(result, self._runs, self._answers)))
        except BaseException:
            _remove(self._folder, [*files, runs.name])
            raise
        others = [p.name for p in self._folder.iterdir() if p.name not in files and p != runs and _is_ours(p.name)]
        _remove(self._folder, others)

    def discard(self) -> None:
        """Remove what was begun and not saved."""
        with suppress(OSError):
            self.begun.unlink()


@contextmanager
def draft(folder: Path, name: str) -> Iterator[Draft]:
    """Write a result, all of it or nothing; until it is saved, what was there stays. Raises InputError."""
    check_free(folder)
    there = folder.is_dir()
    begun = Draft(folder, name)
    try:
        with Place(str(folder.absolute())).alone():
            begun.discard()
            try:
                yield begun
            finally:
                begun.discard()
    except WorkspaceError as error:
        raise InputError(str(error)) from None
    finally:
        if not there and not (folder / MANIFEST).exists():
            with suppress(OSError):
                (folder / LOCK).unlink()
                folder.rmdir()


def packed(segment: bytes) -> bytes:
    """Some runs as they travel."""
    return zstandard.compress(segment, 1)


def _files(result: Result) -> dict[str, bytes]:
    """All but the runs and the manifest, by name."""
    raw = {"sha256": list(result.raw), "data": list(result.raw.values())}
    schema = pa.schema([("sha256", pa.string()), ("data", pa.binary())])
    given = [[_told(one) for one in cohort.given] for cohort in result.cohorts]
    return {
        f"quarantine-{result.name}.parquet": to_parquet(quarantine_table(result.problems)),
        f"raw-{result.name}.parquet": to_parquet(pa.table(raw, schema=schema)),
        f"candidates-{result.name}.json.zst": zstandard.compress(compact(given), 3),
    }


def _manifest(result: Result, runs: Sequence[Span], answers: Sequence[tuple[int, Span]]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "columns": MAGIC.decode(),
        "name": result.name,
        "source": result.source,
        "effects": result.effects,
        "dataset": result.dataset,
        "rules": rules_of(result.policy),
        "min_support": result.share,
        "loaded": result.loaded,
        "actions": result.actions,
        "mined_at": result.mined_at,
        "program": result.program,
        "runs": runs,
        "answers": answers,
        "cohorts": [
            {"cohort": one.cohort, "count": one.count, "least": one.least, "sequences": one.sequences}
            for one in result.cohorts
        ],
    }


def _told(one: Given) -> dict[str, Any]:
    return {
        "lineage": one.lineage,
        "candidate": one.candidate,
        "backwards": one.backwards,
        "unresolved": one.unresolved,
    }


def check_free(folder: Path) -> None:
    """Refuse a folder that holds something else than a result. Raises InputError."""
    with explained("use", folder, InputError):
        if folder.exists() and not folder.is_dir():
            raise InputError(f"{visible(str(folder))} is a file; name a folder for the result")
        if folder.is_dir() and not (folder / MANIFEST).exists():
            foreign = sorted(p.name for p in folder.iterdir() if not _is_ours(p.name) and not p.name.startswith("."))
            if foreign:
                raise InputError(
                    f"{visible(str(folder))} holds {visible(foreign[0])}; name a new folder for the result"
                )


def _is_ours(name: str) -> bool:
    if name.startswith(".assay-"):  # what a process that was killed had begun to write
        return name.endswith(".tmp")
    return name.startswith(("runs-", "quarantine-", "raw-", "candidates-")) and name.endswith(
        (".columns", ".parquet", ".json.zst")
    )


def _remove(folder: Path, names: Iterable[str]) -> None:
    for name in names:
        with suppress(OSError):
            (folder / name).unlink()
