"""Work for many processes: a Dask cluster of one's own, or one on this machine for as long as it takes."""

from __future__ import annotations

import asyncio
import logging
import os
import platform
import signal
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.metadata import version
from multiprocessing import resource_tracker
from typing import Any, Protocol, Self

import dask
from distributed import Client, KilledWorker, LocalCluster, Security, as_completed
from distributed.comm.addressing import parse_address, parse_host_port
from distributed.comm.core import connect
from distributed.comm.registry import get_backend

from core.model.errors import InputError
from core.model.text import visible

RETRIES = 2
"""How often a task that fails for no reason of its own is tried again."""

CONNECT = "10s"

ANSWER = 20.0
"""Seconds that a scheduler has to say that it is one, all in all."""

_MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(1 << 26), "MALLOC_MMAP_THRESHOLD_": str(1 << 25)}
"""How our own workers handle memory: by Dask's settings the C library gives every array back to the system at once, and
a third of the time goes into getting it again."""

_QUIET = {"distributed.worker.profile.enabled": False, "distributed.admin.tick.interval": "1s"}
"""How often our own workers look at themselves: by Dask's settings a hundred times a second and more, for pages that
nobody opens."""

_PARTING = 0.3
"""Seconds that a worker of our own has to end by itself."""

Progress = Callable[[str, str, int, int], None]
"""Told what is going on, what is counted, how many are done, and of how many."""


class Cluster(Protocol):
    """Where work is done."""

    threads: int
    """How many tasks are done at a time."""

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Any:
        """Have something done; what is given may be what was had done before. `weight` counts for progress."""

    def results(self, tasks: Sequence[Any], what: str, counted: str, progress: Progress) -> list[Any]:
        """What came of some work, in order. Raises what the work raised, or InputError when it could not be done."""

    def close(self) -> None:
        """Let go of the cluster, and end it where it is our own; work that is not done is given up."""


class DaskCluster:
    """A Dask cluster. Raises InputError when it cannot be reached or runs other versions."""

    def __init__(self, scheduler: str | None = None, workers: int | None = None) -> None:
        _quieten()
        self._own: LocalCluster | None = None
        if scheduler is None:
            self._start(workers or os.cpu_count() or 1)
        else:
            _check_address(scheduler)
        try:
            self.client = Client(self._own or scheduler, timeout=CONNECT, set_as_default=False)
        except (OSError, ValueError, TypeError, RuntimeError) as error:
            self._end()
            raise InputError(
                f"cannot reach a Dask scheduler at {visible(str(scheduler))}: {visible(str(error) or 'no answer')}"
            ) from None
        try:
            self._check(scheduler)
        except BaseException:
            self.close()
            raise
        self.threads = max(1, sum(self.client.nthreads().values()))
        self._weights: dict[Any, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def submit(self, work: Callable[..., Any], *given: Any, weight: int = 1) -> Any:
        """Have something done; what is given may be what was had done before. `weight` counts for progress."""
        made = self.client.submit(work, *given, pure=False, retries=RETRIES)
        self._weights[made.key] = weight
        return made

    def results(self, tasks: Sequence[Any], what: str, counted: str, progress: Progress) -> list[Any]:
        """What came of some work, in order; see `Cluster`."""
        weights = {task.key: self._weights.pop(task.key, 1) for task in tasks}
        total, done = sum(weights.values()), 0
        made: dict[Any, Any] = {}
        progress(what, counted, done, total)
        try:
            for task, result in as_completed(tasks, loop=self.client.loop, with_results=True):
                if task.cancelled():
                    raise InputError(
                        "the Dask scheduler was lost in the middle of the work; start it, then type this again"
                    )
                made[task.key] = result
                done += weights[task.key]
                progress(what, counted, done, total)
        except KilledWorker:
            self.client.cancel(tasks)
            raise InputError(
                "workers died again and again over the same work; they may have too little memory (more workers, or "
                "smaller parts, need less each)"
            ) from None
        except BaseException:
            with suppress(Exception):
                self.client.cancel(tasks)
            raise
        return [made[task.key] for task in tasks]

    def close(self) -> None:
        """Let go of the cluster, and end it where it is our own."""
        with suppress(Exception):
            self.client.close(timeout=5)
        self._end()

    def _start(self, workers: int) -> None:
        """Start workers of our own, who do not hear Ctrl+C: it is for the program in front, which ends them."""
        resource_tracker.ensure_running()  # to start it with a process would let that hear again
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # which the processes that are started inherit
        try:
            try:
                self._own = _local(workers)
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        except BaseException:
            self._end()
            raise

    def _end(self) -> None:
        if self._own is not None:
            with suppress(Exception):
                self._own.sync(_workers_ended, self._own, callback_timeout=5)
            with suppress(Exception):
                self._own.close(timeout=10)

    def _check(self, scheduler: str | None) -> None:
        """See that somebody works there, and with the same versions."""
        if scheduler is None:
            return
        if not self.client.scheduler_info()["workers"]:
            raise InputError(f"the Dask scheduler at {visible(scheduler)} has no workers")
        ours = versions()
        try:
            self.client.get_versions(check=True)
            theirs = self.client.run(versions)
        except Exception as error:  # noqa: BLE001 - a worker without assay fails in its own way
            raise InputError(
                f"the workers at {visible(scheduler)} do not run the same packages: {visible(_first_line(error))}; "
                "install the same version of assay[cluster] there"
            ) from None
        for address, found in sorted(theirs.items()):
            apart = [
                f"{name} {found.get(name)} there, {ours[name]} here" for name in ours if found.get(name) != ours[name]
            ]
            if apart:
                raise InputError(
                    f"the worker {visible(address)} runs other versions: {visible('; '.join(apart))}; install the "
                    "same version of assay[cluster] everywhere"
                )


def _check_address(scheduler: str) -> None:
    """See that a scheduler answers there, before a client is made: that one waits without end for an odd answer.

    Raises InputError.
    """
    try:
        parse_host_port(_of_known_scheme(scheduler))
    except (ValueError, ImportError):
        why = "write its address as tcp://HOST:PORT or tls://HOST:PORT"
    else:
        try:
            found = asyncio.run(asyncio.wait_for(_identity(scheduler), ANSWER))
            why = "" if found.get("type") == "Scheduler" else "what answers there is none"
        except OSError as error:  # a TimeoutError too
            why = str(error) or "no answer"
        except Exception:  # noqa: BLE001 - whatever is made of the bytes of somebody who speaks otherwise
            why = "what answers there is none"
    if why:
        raise InputError(f"cannot reach a Dask scheduler at {visible(scheduler)}: {visible(why)}")


def _of_known_scheme(address: str) -> str:
    """An address without its scheme. Raises ValueError when that is not known."""
    scheme, place = parse_address(address)
    get_backend(scheme)
    return place


async def _identity(scheduler: str) -> dict[str, Any]:
    """What a scheduler tells of itself."""
    given = Security().get_connection_args("client")
    if scheduler.startswith("tls://") and given.get("ssl_context") is None:
        raise OSError("Dask's configuration names no certificates for TLS")
    comm = await connect(scheduler, timeout=CONNECT, **given)
    try:
        await comm.write({"op": "identity", "reply": True})
        return dict(await comm.read())
    finally:
        comm.abort()


async def _workers_ended(cluster: LocalCluster) -> None:
    """End the workers of a cluster; one that is busy is not waited for: nobody wants any more what it makes."""
    await asyncio.gather(*(nanny.close(timeout=_PARTING) for nanny in list(cluster.workers.values())))


def versions() -> dict[str, str]:
    """What has to be the same everywhere: texts are sorted and numbers written by these."""
    named = {name: version(name) for name in ("assay", "dask", "distributed", "numpy", "orjson", "pyarrow")}
    return {"python": ".".join(platform.python_version_tuple()[:2]), **named}


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _local(workers: int) -> LocalCluster:
    malloc = {f"distributed.nanny.pre-spawn-environ.{name}": size for name, size in _MALLOC.items()}
    with dask.config.set({**malloc, **_QUIET}):
        return LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},
            silence_logs=logging.CRITICAL,
            # Whoever reaches a scheduler runs programs as its owner: with TLS other users of this machine do not.
            security=Security.temporary(),
            protocol="tls",
            host="127.0.0.1",
        )


def _quieten() -> None:
    """What goes wrong is told in one sentence of ours; Dask's own account of it goes nowhere."""
    for name in ("distributed", "distributed.client", "tornado.application"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    dask.config.set({"logging.distributed": "critical", "distributed.worker.memory.pause": False})
