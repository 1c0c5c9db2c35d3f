"""Runs that are read again, when somebody looks at them or only a part of them was kept."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from core.columns.again import VanishedError
from core.live.changes import FileReading, LoadedFile
from core.live.read import read_file
from core.model.trace import Trace

if TYPE_CHECKING:  # columns need numpy, which nobody has to wait for before there are runs
    from core.columns.facts import RunFacts
    from core.live.rows import RowReader

_KEPT = 128
"""Runs that are kept with their payloads, the ones that were asked for last."""


class Payloads:
    """The runs of a folder (core.columns.again.Reader). For any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._effects = ""
        self._lock = Lock()
        self._kept: OrderedDict[tuple[str, str], Trace] = OrderedDict()
        self._rows: RowReader | None = None
        self.most = 0
        """Bytes of the largest file that is read."""

    def use(self, effects: str) -> None:
        """Read with these effects from now on (core.live.read.read_file)."""
        with self._lock:
            self._effects = effects
            self._kept.clear()
            self._rows = None

    def run(self, unit: str, sha256: str) -> Trace:
        """A run with its payloads. Raises VanishedError when its file holds other bytes now."""
        with self._lock:
            if (trace := self._kept.get((unit, sha256))) is not None:
                self._kept.move_to_end((unit, sha256))
                return trace
        effects = self._effects
        trace = _loaded(read_file(self._folder, unit, self.most, effects=effects), unit, sha256).trace
        assert trace is not None
        with self._lock:
            if effects == self._effects:
                self._kept[unit, sha256] = trace
                while len(self._kept) > _KEPT:
                    self._kept.popitem(last=False)
        return trace

    def facts(self, unit: str, sha256: str) -> RunFacts:
        """A run as facts. Raises VanishedError when its file holds other bytes now."""
        from core.live.rows import RowReader

        with self._lock:
            if self._rows is None:
                self._rows = RowReader(self._effects)
            facts = _loaded(self._rows(self._folder, unit, self.most), unit, sha256).facts
        assert facts is not None
        return facts


def _loaded(reading: FileReading, unit: str, sha256: str) -> LoadedFile:
    if not isinstance(reading, LoadedFile) or reading.sha256 != sha256:
        raise VanishedError(unit)
    return reading
