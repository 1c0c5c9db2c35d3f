"""`assay import`: runs that other tools recorded, written into a folder of runs."""

from __future__ import annotations

import gc
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from core.importers.effects_file import load_effects
from core.importers.registry import known, named
from core.importers.sources import Origin, origins
from core.importers.values import Format, Left, Options
from core.importers.writing import Folder, Tally, import_file
from core.model.errors import NothingFound
from core.model.text import visible
from core.store.places import check_unread
from tui.cli.kinds import PLACE, TEXT
from tui.cli.opening import AS_JSON
from tui.cli.printing import print_json, table

SETTLED = 1.0
"""Seconds for which a file has to be left alone before `--watch` imports it, unless its clock is ahead of this one."""

_STEP_MS = 500
_LISTED = 1000
"""Faults that the JSON names singly; all are counted."""


@click.command("import")
@click.argument("sources", nargs=-1, required=True, type=PLACE, metavar="SOURCE…")
@click.option("--to", "folder", required=True, type=PLACE, metavar="DIR", help="The folder that takes in the runs.")
@click.option(
    "--format", "name", metavar="NAME", help="The format of all sources; usually recognised from the content."
)
@click.option("--effects", type=PLACE, metavar="FILE", help="An effects.toml: what the agents' tools change.")
@click.option("--workflow-id", type=TEXT, metavar="ID", help="For runs whose format names no workflow.")
@click.option("--watch", is_flag=True, help="Go on importing what is added and changed, until Ctrl+C.")
@AS_JSON
def import_(
    sources: tuple[Path, ...],
    folder: Path,
    name: str | None,
    effects: Path | None,
    workflow_id: str | None,
    watch: bool,
    as_json: bool,
) -> None:
    """Import runs that other tools recorded: files, or folders of them.

    Known formats: OpenAI-style chat, OpenTelemetry GenAI spans, OpenAI Agents SDK, LangSmith, SWE-agent, Claude Code,
    agent turns. A run gets one file, under the same name every time: importing again changes nothing and completes
    what was broken off. Exit 1 when something could not be mapped; each such thing is told with its place.
    """
    check_unread(folder, *sources)  # what is written would be read as one more source
    options = _options(effects, workflow_id)
    made = named(name) if name else None
    for problem in known().problems:
        click.echo(visible(f"assay: note: {problem}"), err=True)
    job = _Job(Folder(folder), options, made, as_json)
    with job.folder.held():
        found = job.look(sources)
        job.take(found)
        if watch:
            job.told(f"watching {_counted(len(sources), 'source')}; Ctrl+C ends it")
            with _until_interrupted():
                _watch(job, sources, found)
    job.finish(folder)


def _options(effects: Path | None, workflow_id: str | None) -> Options:
    usual = Options(workflow_id=workflow_id)
    return usual if effects is None else Options(load_effects(effects), workflow_id)


class _Job:
    """An import under way: what came of each source, and telling of it."""

    def __init__(self, folder: Folder, options: Options, made: Format | None, as_json: bool) -> None:
        self.folder = folder
        self._options, self._made, self._as_json = options, made, as_json
        self._say: Callable[[str], None] = _say
        self._tallies: dict[str, Tally] = {}
        self._faults: dict[Path, list[dict[str, str]]] = {}
        self._passed: dict[Path, tuple[str, Left]] = {}

    def look(self, sources: Iterable[Path], *, sure: bool = True) -> tuple[Origin, ...]:
        """All files to import; what is passed over now and was not before is told. Raises InputError where `sure`."""
        before, self._passed = self._passed, {}

        def passed(path: Path, label: str, left: Left) -> None:
            self._passed[path] = label, left
            if left.fault and before.get(path) != (label, left):
                self.told(f"not mapped: {label}: {left.reason}")

        return origins(sources, passed, sure=sure)

    def take(self, found: Iterable[Origin]) -> None:
        """Import some files, showing how far it is."""
        found = tuple(found)
        with _progress(sum(one.stamp[0] for one in found)) as (passed, say), _without_collecting():
            self._say = say
            for one in found:
                self.folder.forget(str(one.path))
                self._faults[one.path] = []  # those of before count no more
                fault = partial(self._fault, one.path)
                tally = import_file(
                    one.path, one.label, self.folder, self._options, self._made, told=fault, passed=passed
                )
                self._tallies[str(one.path)] = tally
        self._say = _say

    def told(self, text: str) -> None:
        """Say something beside the result."""
        self._say(visible(text))

    def _fault(self, path: Path, source: str, left: Left) -> None:
        place = f"{source}: {left.place}" if left.place else source
        self.told(f"not mapped: {place}: {left.reason}")
        if len(self._faults[path]) < _LISTED:
            self._faults[path].append({"source": source, "place": left.place, "reason": left.reason})

    def finish(self, folder: Path) -> None:
        """Print the result. Raises NothingFound when something could not be mapped."""
        tallies = list(self._tallies.values())
        rules = Counter(left.reason for _, left in self._passed.values() if not left.fault)
        faults = sum(tally.faults for tally in tallies) + len(self._passed) - rules.total()
        if self._as_json:
            sources = [_json(tally) for tally in tallies]
            print_json({"to": str(folder), "sources": sources, "not_mapped": faults, **self._singly()})
        else:
            _print(tallies, rules, folder, self.folder.count)
        if faults:
            raise NothingFound(f"{faults} {'thing' if faults == 1 else 'things'} could not be mapped")
        if not any(tally.runs for tally in tallies):
            raise NothingFound("no run was found")

    def _singly(self) -> dict[str, list[dict[str, str]]]:
        """What could not be mapped, and what was passed over by rule, one by one."""
        passed = [(left.fault, {"source": label, "reason": left.reason}) for label, left in self._passed.values()]
        faults = [one | {"place": ""} for fault, one in passed if fault]
        faults += [one for some in self._faults.values() for one in some]
        return {"faults": faults[:_LISTED], "passed_over": [one for fault, one in passed if not fault][:_LISTED]}


def _say(text: str) -> None:
    click.echo(text, err=True)


def _json(tally: Tally) -> dict[str, Any]:
    return {
        "source": tally.source,
        "format": tally.format or None,
        "runs": tally.runs,
        **{fate: tally.fates[fate] for fate in ("new", "updated", "unchanged")},
        "left": [
            {"reason": reason, "fault": fault, "count": times, "first": tally.first[reason, fault]}
            for (reason, fault), times in tally.left.items()
        ],
    }


def _print(tallies: list[Tally], rules: Counter[str], folder: Path, total: int) -> None:
    """The runs by source, and what was left out by rule, together."""
    rows = [
        (tally.source, tally.format or "-", *(str(tally.fates[fate]) for fate in ("new", "updated", "unchanged")))
        for tally in tallies
    ]
    table(("SOURCE", "FORMAT", "NEW", "UPDATED", "UNCHANGED"), rows)
    left = dict(rules)
    for tally in tallies:
        for (reason, fault), times in tally.left.items():
            if not fault:
                left[reason] = left.get(reason, 0) + times
    for reason, times in sorted(left.items(), key=lambda item: -item[1]):
        click.echo(visible(f"left out by rule, {_counted(times, 'time')}: {reason}"))
    click.echo(visible(f"{_counted(total, 'run')} of {_counted(len(tallies), 'file')} {_be(total)} in {folder}"))


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _be(count: int) -> str:
    return "is" if count == 1 else "are"


@contextmanager
def _without_collecting() -> Iterator[None]:
    """No search for circular garbage: parsed records hold none, and looking costs a fifth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@contextmanager
def _progress(total: int) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """A bar with rate and time left, where there is a terminal to show it, and how to say something above it."""
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn, TransferSpeedColumn
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _size: None, _say
        return
    columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda size: bar.advance(task, size), lambda text: bar.console.print(Text(text), soft_wrap=True)


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        click.echo(err=True)


def _watch(job: _Job, sources: tuple[Path, ...], before: Iterable[Origin]) -> None:
    """Import what changes, once it is left alone for a moment; events only say when to look."""
    done = {one.path: one.stamp for one in before}
    for _ in _moments(sources):
        now = time.time_ns()
        changed = [
            one
            for one in job.look(sources, sure=False)
            if done.get(one.path) != one.stamp and not 0 <= now - one.stamp[1] < SETTLED * 1e9
        ]
        if changed:
            job.take(changed)
            done.update((one.path, one.stamp) for one in changed)
            job.told(f"imported {_counted(len(changed), 'changed file')}")


def _moments(sources: tuple[Path, ...]) -> Iterator[object]:
    """When to look, until Ctrl+C; a source that goes away may come back."""
    from watchfiles import watch

    while True:
        there = filter(os.path.exists, sources)
        with suppress(OSError, RuntimeError):  # what watches knows no source that is not there
            yield from watch(
                *there, step=50, debounce=200, rust_timeout=_STEP_MS, yield_on_timeout=True, raise_interrupt=True
            )
        time.sleep(_STEP_MS / 1000)
        yield None
