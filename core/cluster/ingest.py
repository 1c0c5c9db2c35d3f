"""Reading a source into a dataset: only what is new or changed, by many processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import islice

from core.cluster.dataset import (
    FOLDERS,
    MANIFEST,
    Basis,
    DamagedPartError,
    Manifest,
    Part,
    Read,
    basis_of,
    files_of,
    load,
    part_names,
    remove_others,
    save,
)
from core.cluster.place import Place, joined, lies_in, normal
from core.cluster.reading import NOWHERE, Made, packed, read_packed, without
from core.cluster.running import Cluster, Progress
from core.cluster.source import Source
from core.live.changes import BrokenFile, Stamp
from core.live.names import order_of
from core.live.scan import Entry
from core.live.settle import is_young, settled_before
from core.model.errors import InputError
from core.model.text import visible

PART_FILES = 10_000
"""Most files of a part."""

_LEAST_FILES = 500


@dataclass(frozen=True, slots=True)
class Plan:
    """What an ingest has to do."""

    kept: tuple[Part, ...]
    """Parts that stay as they are."""
    shrunk: Mapping[str, tuple[str, ...]]
    """Parts that some files are to be taken out of, by name."""
    read: Mapping[str, Entry]
    """Files to read, in path order."""
    gone: tuple[str, ...]
    """Parts that nothing is left of."""
    young: Mapping[str, str] = field(default_factory=dict)
    """Of the files that stay, those whose stamp does not tell their bytes."""
    removed: int = 0
    """Files that are no longer there."""


@dataclass(frozen=True, slots=True)
class Ingested:
    """What an ingest came to."""

    manifest: Manifest
    read: int
    """Files that were read."""
    removed: int
    unchanged: int
    seconds: float = 0.0
    """Of reading, summed over all workers."""


def ingest(
    given: str,
    to: str,
    max_size: int,
    cluster: Callable[[], Cluster],
    progress: Progress,
    part_files: int | None = None,
    effects: str | None = None,
) -> Ingested:
    """Bring a dataset up to date with its source; `cluster` is called when something has to be read.

    `max_size` is in bytes; `part_files` says how many files a part is read from. `effects` is the text of an
    effects.toml that was checked; None for the one that the dataset was read with before. Raises InputError. What was
    read when it is broken off is taken over the next time.
    """
    source, place = Source(normal(given)), Place(normal(to))
    _check_apart(source, place)
    source.check()  # before a dataset is begun that would hold nothing
    with place.alone():
        before = load(place) if place.has(MANIFEST) else None
        known = before.effects if before else ""
        source = Source(source.url, known if effects is None else effects)
        return _ingest(source, place, before, max_size, cluster, progress, part_files)


def _ingest(
    source: Source,
    place: Place,
    known: Manifest | None,
    max_size: int,
    cluster: Callable[[], Cluster],
    progress: Progress,
    part_files: int | None,
) -> Ingested:
    before = known or Manifest(source.url, max_size)
    if before.source != source.url:
        raise InputError(
            f"the dataset {visible(place.url)} was read from {visible(before.source)}; ingest into another one"
        )
    listed = source.listed()
    plan = planned(_known(place, before, basis_of(source, max_size)), listed, source)
    made: list[Made] = []
    if plan.shrunk or plan.read:
        made = _work(cluster(), plan, source, max_size, place, progress, part_files)
    fresh = {**plan.young, **{file: sha for one in made for file, sha in one.young.items()}}
    parts = sorted({part.name: part for part in (*plan.kept, *(one.part for one in made))}.items())
    manifest = Manifest(source.url, max_size, source.effects, tuple(part for _, part in parts), fresh)
    if manifest != known:
        save(place, manifest)
    remove_others(place, {name for name, _ in parts})
    return Ingested(manifest, len(plan.read), plan.removed, len(listed) - len(plan.read), sum(m.seconds for m in made))


def _check_apart(source: Source, place: Place) -> None:
    if lies_in(place.url, source.url):
        raise InputError(f"the dataset {visible(place.url)} lies inside the source, which is never written to")
    if any(lies_in(source.url, joined(place.url, folder)) for folder in FOLDERS):  # where others' files are removed
        raise InputError(f"the source {visible(source.url)} lies where the dataset keeps its own files; name another")


def _known(place: Place, before: Manifest, basis: Basis) -> dict[str, Read]:
    """What every whole part of this basis was read from; those of the manifest come first.

    What is seen to be damaged is none: its files are read again.
    """
    sizes = place.sizes("runs")
    whole, said = part_names(place), {part.name for part in before.parts}

    def read(name: str) -> Read | None:
        try:
            found = files_of(place, name)
        except DamagedPartError:
            return None
        if sizes[f"{name}.parquet"] not in (found.part.size, None):
            return None
        return found._replace(young=dict(before.young)) if name in said else found

    with ThreadPoolExecutor(8) as pool:
        every = list(pool.map(read, sorted(whole, key=lambda name: (name not in said, name))))
    return {one.part.name: one for one in every if one is not None and one.basis == basis}


def planned(known: Mapping[str, Read], listed: Mapping[str, Entry], source: Source) -> Plan:
    """What has to be done so that the parts hold what is listed."""
    right: set[str] = set()
    stale: dict[str, list[str]] = {}
    fresh: dict[str, str] = {}
    removed: set[str] = set()
    settled = settled_before(time.time())
    digests = source.digests(
        {file for read in known.values() for file, sha in read.young.items() if sha and file in listed}
    )
    for name, read in known.items():
        for file, (stamp, sha256) in read.files.items():
            entry = listed.get(file)
            if entry is None:
                removed.add(file)
            elif file not in right and _same(entry, stamp, sha256):
                digest = read.young.get(file)
                if digest is None or (digest and digests[file] == digest):
                    right.add(file)
                    if digest and is_young(stamp, settled):
                        fresh[file] = digest
                    continue
            stale.setdefault(name, []).append(file)
    shrunk = {name: tuple(files) for name, files in stale.items() if len(files) < len(known[name].files)}
    return Plan(
        kept=tuple(read.part for name, read in known.items() if name not in stale),
        shrunk=shrunk,
        read={unit: listed[unit] for unit in sorted(listed.keys() - right, key=order_of)},
        gone=tuple(name for name in stale if name not in shrunk),
        young=fresh,
        removed=len(removed),
    )


def _same(entry: Entry, stamp: Stamp, told: str) -> bool:
    if isinstance(entry, BrokenFile):
        return (entry.stamp or NOWHERE) == stamp and entry.rule == told
    return entry == stamp


def _work(
    cluster: Cluster,
    plan: Plan,
    source: Source,
    max_size: int,
    place: Place,
    progress: Progress,
    part_files: int | None,
) -> list[Made]:
    """Have everything read and rewritten."""
    size = part_files or max(_LEAST_FILES, min(PART_FILES, -(-len(plan.read) // (4 * cluster.threads))))
    tasks = [
        cluster.submit(read_packed, source, packed(entries), max_size, place, weight=len(entries))
        for entries in _chunks(plan.read, size)
    ]
    tasks += [cluster.submit(without, place, name, files, weight=len(files)) for name, files in plan.shrunk.items()]
    return cluster.results(tasks, "reading", "files", progress)


def _chunks(entries: Mapping[str, Entry], size: int) -> Iterator[dict[str, Entry]]:
    items = iter(entries.items())
    while chunk := dict(islice(items, size)):
        yield chunk
