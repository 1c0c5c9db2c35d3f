"""The demo: the shipped sample runs in a folder of their own, into which new ones keep arriving.

What arrives is a cycle of drops without end: one more good run, runs of a new workflow, a broken file and its repair, a
folder that is moved in, and from the second cycle on a rehearsal that disagrees, then is repaired. Serial numbers make
every run a new one; runs of long-past cycles leave again, so the folder stays small.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import as_file, files
from pathlib import Path

from core.model.errors import InputError
from core.model.jsontext import Json, parse, pretty

MARK = "@N@"
"""What a serial number replaces in a template."""
KEPT_CYCLES = 3
"""How many cycles of arrivals lie in the folder at the most."""
BETWEEN = timedelta(minutes=97)
"""By how much the times of one cycle are later than those of the cycle before."""
_TIMES = ("started_at", "finished_at", "timestamp")
_TEMPLATES = "incoming"


@dataclass(frozen=True, slots=True)
class Drop:
    """Something that arrives: a file made from a template, or a whole folder of them."""

    told: str
    """What happens, for people; `@N@` is the serial number."""
    paths: tuple[tuple[str, str], ...]
    """Template → path below the traces folder; those of one drop arrive together."""
    share: float = 1.0
    """How much of the file has been written: below 1 it breaks off in the middle."""
    from_cycle: int = 1
    """The first cycle in which this happens."""


_RELEASE = (("cli-release.json", f"release-clean/live-v1.12.{MARK}.json"),)
_REHEARSAL = f"shadow/release-clean/live-v1.12.{MARK}-rehearsal.json"

DROPS: tuple[Drop, ...] = (
    Drop("one more answered complaint", (("complaint.json", f"support/live-{MARK}.json"),)),
    Drop("a workflow that was never seen before", (("flag-first.json", f"flags/live-{MARK}-checkout.json"),)),
    Drop("a second run of it: a candidate", (("flag-second.json", f"flags/live-{MARK}-carts.json"),)),
    Drop("a file that breaks off in the middle", _RELEASE, share=0.6),
    Drop("the same file, whole", _RELEASE),
    Drop(
        "a folder of handovers, moved in at once",
        tuple((f"handover-{shift}.json", f"handover-{MARK}/{shift}.json") for shift in ("early", "late", "night")),
    ),
    Drop("a rehearsal that disagrees", (("rehearsal-yanked.json", _REHEARSAL),), from_cycle=2),
    Drop("the rehearsal, repaired", (("rehearsal.json", _REHEARSAL),), from_cycle=2),
)
"""One cycle of arrivals."""


def lay_out(folder: Path) -> Path:
    """Copy the sample runs below `folder`; the traces folder. Samples that lie there already stay as they are.

    Raises InputError when the folder holds something else or cannot be written.
    """
    traces = folder / "traces"
    try:
        if traces.is_dir():
            return traces
        if folder.is_dir() and any(folder.iterdir()):
            raise InputError(f"{folder} is not empty and holds no earlier demo; name a new folder")
        with as_file(files("tui") / "samples") as samples:
            shutil.copytree(samples, traces, ignore=shutil.ignore_patterns(_TEMPLATES, "__pycache__"))
    except OSError as error:
        shutil.rmtree(traces, ignore_errors=True)  # half a copy must not pass for an earlier demo
        raise InputError(f"the sample runs cannot be copied to {folder}: {error.strerror or error}") from error
    return traces


def fill_in(template: Json, serial: int) -> Json:
    """A template with its serial number put in and its times moved on."""
    return _filled(template, str(serial), BETWEEN * serial)


def _filled(value: Json, serial: str, later: timedelta, key: str = "") -> Json:
    if isinstance(value, dict):
        return {name: _filled(item, serial, later, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, serial, later) for item in value]
    if not isinstance(value, str):
        return value
    if key in _TIMES:
        moved = datetime.fromisoformat(value) + later
        return moved.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.replace(MARK, serial)


@dataclass
class Dropper:
    """Lets runs arrive in a traces folder, one drop a step. Not safe for two threads at once."""

    traces: Path
    scratch: Path
    """A folder on the same disk, outside the traces folder, in which moved-in folders are made."""
    cycle: int = 1
    _position: int = 0
    _templates: dict[str, Json] = field(default_factory=dict)

    def step(self) -> str:
        """Let the next drop arrive; what it was, for people. Raises OSError when the folder cannot be written."""
        drop = self._next()
        if len(drop.paths) > 1:
            self._move_in(drop)
        else:
            for template, path in drop.paths:
                self._write(self.traces, drop, template, path)
        return drop.told.replace(MARK, str(self.cycle))

    def _next(self) -> Drop:
        while True:
            if self._position == len(DROPS):
                self._position, self.cycle = 0, self.cycle + 1
                self._clear(self.cycle - KEPT_CYCLES)
            drop = DROPS[self._position]
            self._position += 1
            if drop.from_cycle <= self.cycle:
                return drop

    def _write(self, root: Path, drop: Drop, template: str, path: str) -> None:
        data = pretty(fill_in(self._template(template), self.cycle)) + b"\n"
        target = root / path.replace(MARK, str(self.cycle))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data[: int(len(data) * drop.share)])

    def _move_in(self, drop: Drop) -> None:
        """Make a folder elsewhere and rename it to its place, as somebody would who copies a day's runs."""
        for template, path in drop.paths:
            self._write(self.scratch, drop, template, path)
        for name in {Path(path.replace(MARK, str(self.cycle))).parts[0] for _, path in drop.paths}:
            target = self.traces / name
            shutil.rmtree(target, ignore_errors=True)
            (self.scratch / name).rename(target)

    def _clear(self, cycle: int) -> None:
        """Take the arrivals of a long-past cycle away."""
        for _, path in (item for drop in DROPS for item in drop.paths):
            gone = self.traces / path.replace(MARK, str(cycle))
            gone.unlink(missing_ok=True)
            with suppress(OSError):
                if gone.parent.name.endswith(f"-{cycle}"):
                    gone.parent.rmdir()

    def _template(self, name: str) -> Json:
        if name not in self._templates:
            self._templates[name] = parse((files("tui") / "samples" / _TEMPLATES / name).read_bytes())
        return self._templates[name]


@contextmanager
def arriving(step: Callable[[], object], seconds: float) -> Iterator[None]:
    """Call `step` every so many seconds in a thread, as long as the context lasts."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(seconds):
            # A folder that was removed meanwhile, or a full disk, ends an arrival and never the demo.
            with suppress(OSError):
                step()

    thread = threading.Thread(target=work, name="demo-arrivals", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=5)
