"""Segments that stay in a file: of their arrays those are in memory that were looked at last."""

from __future__ import annotations

import os
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from core.columns.segment import Array, DamagedError, Segment, head_of
from core.columns.texts import Texts

KEPT = 64 * 1024 * 1024
"""Bytes of arrays that are kept of a file."""


class PagedFile:
    """A file that holds segments, as bytes. Several threads may read it; it may be unlinked meanwhile."""

    def __init__(self, path: Path, kept: int = KEPT) -> None:
        """Raises OSError."""
        self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._file)
        self._most = kept
        self.held = 0
        """Bytes of arrays that are in memory."""
        self._arrays: OrderedDict[tuple[int, int, str], Array] = OrderedDict()
        self._lock = threading.Lock()

    def segment(self, place: int, size: int) -> Segment:
        """The segment that begins at a place and is so many bytes long. Raises DamagedError, OSError."""
        header, begin = head_of(self.read(place, size))
        return _Paged(header, _Arrays(self, place + begin, header["layout"]))

    def array(self, place: int, size: int, kind: str) -> Array:
        """Numbers that begin at a place and are so many bytes long. Raises DamagedError, OSError."""
        with self._lock:
            if (found := self._arrays.get((place, size, kind))) is not None:
                self._arrays.move_to_end((place, size, kind))
                return found
            made: Array = np.frombuffer(self.read(place, size), np.dtype(kind))
            self._arrays[place, size, kind] = made
            self.held += size
            while self.held > self._most and len(self._arrays) > 1:
                self.held -= self._arrays.popitem(last=False)[1].nbytes
            return made

    def read(self, place: int, size: int) -> bytes:
        """So many bytes from a place on. Raises DamagedError, OSError."""
        data = os.pread(self._file, size, place)
        while 0 < len(data) < size:  # one call reads 2 GB at most
            if not (more := os.pread(self._file, size - len(data), place + len(data))):
                break
            data += more
        if len(data) < size:
            raise DamagedError("it was cut short")
        return data


class _Arrays(Mapping[str, Array]):
    """The arrays of a segment in a file."""

    def __init__(self, file: PagedFile, begin: int, layout: Mapping[str, Any]) -> None:
        self._file, self._begin, self._layout = file, begin, layout

    def __getitem__(self, name: str) -> Array:
        kind, shape, place, size = self._layout[name]
        return self._file.array(self._begin + place, size, kind).reshape(shape)

    def stretch(self, name: str) -> _Stretch:
        """The bytes of an array, which are not kept."""
        _, _, place, size = self._layout[name]
        return _Stretch(self._file, self._begin + place, size)

    def __iter__(self) -> Iterator[str]:
        return iter(self._layout)

    def __len__(self) -> int:
        return len(self._layout)


class _Stretch:
    """Some bytes of the file, of which those are read that are asked for."""

    def __init__(self, file: PagedFile, begin: int, size: int) -> None:
        self._file, self._begin, self._size = file, begin, size

    def __getitem__(self, span: slice) -> bytes:
        begin, end, _ = span.indices(self._size)
        return self._file.read(self._begin + begin, end - begin)

    def __bytes__(self) -> bytes:
        return self._file.read(self._begin, self._size)


class _Paged(Segment):
    """A segment that holds no texts of its own."""

    def __init__(self, header: Mapping[str, Any], arrays: _Arrays) -> None:
        super().__init__(header, arrays, b"")
        self._words = arrays.stretch("word_bytes")

    @property
    def notes(self) -> Texts:
        """Texts of runs."""
        return Texts(self.note_bytes.data, self.note_ends)

    @property
    def words(self) -> Texts:
        """Value texts in ascending order; of these few are ever asked for."""
        return Texts(self._words, self.word_ends)
