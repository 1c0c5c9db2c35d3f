"""What `ingest` and `mine` share: where the work is done, and showing how far it is."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tui.start import INTERRUPTED

if TYPE_CHECKING:
    from core.cluster.running import DaskCluster, Progress

_SHARED = (
    click.option("--scheduler", metavar="ADDRESS", help="A Dask cluster: tcp://HOST:8786; else one on this machine."),
    click.option("--workers", type=click.IntRange(1, 1024), help="Processes on this machine; as many as it has cores."),
)


def cluster_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add --scheduler and --workers."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


class Lazily:
    """A cluster that is started when it is first needed."""

    def __init__(self, scheduler: str | None, workers: int | None) -> None:
        if scheduler and workers:
            raise click.UsageError("--workers are those of this machine; a scheduler has its own.")
        self._scheduler, self._workers = scheduler, workers
        self._made: DaskCluster | None = None

    def __call__(self) -> DaskCluster:
        """The cluster. Raises InputError when it cannot be reached or runs other versions."""
        from core.cluster.running import DaskCluster

        if self._made is None:
            self._made = DaskCluster(self._scheduler, self._workers)
        return self._made

    def close(self) -> None:
        """Let go of it."""
        if self._made is not None:
            self._made.close()


@contextmanager
def working(scheduler: str | None, workers: int | None, kept: str) -> Iterator[tuple[Lazily, Progress]]:
    """A cluster when it is needed, and a bar with rate and time left; Ctrl+C gives up what is not done.

    `kept` says what is left then.
    """
    cluster = Lazily(scheduler, workers)
    try:
        with warnings.catch_warnings(), _bar() as progress:
            # What every worker needs to know of all runs is sent with its work, however much that is.
            warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
            yield cluster, progress
    except KeyboardInterrupt:
        click.echo(f"assay: interrupted; {kept}", err=True)
        raise SystemExit(INTERRUPTED) from None
    finally:
        cluster.close()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from core.model.text import visible

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda *_: None
        return
    rate = TextColumn("{task.fields[rate]}", markup=False)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), rate)
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as bar:
        task = bar.add_task("starting", total=None, rate="")
        current = ""

        def told(what: str, counted: str, done: int, total: int) -> None:
            nonlocal current
            if what != current:
                current = what
                bar.reset(task, description=visible(what), total=total, rate="")
            speed = bar.tasks[0].speed
            bar.update(task, completed=done, total=total, rate=f"{speed:,.0f} {counted}/s" if speed else counted)

        yield told
