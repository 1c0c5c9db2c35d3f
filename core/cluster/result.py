"""A result of mining: the candidates and the runs that say something about them, for the reviewer's machine.

RESULT/
  assay-result.json      how it was mined and what was found; replaced as a whole, and names the other files
  runs-NAME.columns      the runs that show a candidate, and those that are left out of mining, as segments, and what
                         was found out about them where they were mined; without it that is found out again
  quarantine-NAME.parquet  files that cannot be used
  raw-NAME.parquet       the few raw runs that opening the review reads; all others are fetched from the source
  candidates-NAME.json.zst  generalised candidates, built and compared where the runs are
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import zstandard

from core.cluster.dataset import from_quarantine
from core.cluster.parquet import from_parquet
from core.columns.answers import HEAD, recall, segment_sum
from core.columns.library import Volume
from core.columns.paged import PagedFile
from core.columns.segment import MAGIC, DamagedError, Segment
from core.live.changes import BrokenFile
from core.model.candidate import Candidate
from core.model.errors import InputError
from core.model.jsontext import JsonError, parse
from core.model.record import DecodeError
from core.model.signature import Signature
from core.model.text import visible
from core.store.policy import Policy

FORMAT = 2
"""The version of the layout."""

MANIFEST = "assay-result.json"

_MINED = ("mode", "cohort", "shadow_paths", "min_examples", "max_candidates")
"""What of a policy mining depends on."""


@dataclass(frozen=True, slots=True)
class Given:
    """A generalised candidate as it was mined, not judged yet."""

    lineage: str
    candidate: Candidate
    backwards: int
    """Examples whose times go back."""
    unresolved: int
    """Required approval points that no approver resolved."""


@dataclass(frozen=True, slots=True)
class CohortResult:
    """What was found in one cohort."""

    cohort: str | None
    count: int
    """Runs that were mined."""
    least: int
    """In how many of them a sequence had to occur."""
    sequences: tuple[tuple[Signature, ...], ...] = ()
    """Of exact candidates, best first."""
    given: tuple[Given, ...] = ()
    """Generalised candidates, best first."""


class Answers(NamedTuple):
    """What was found out about a segment (core.columns.answers)."""

    segment: int
    """Its number."""
    sum: bytes
    """What tells it from others."""
    data: bytes
    """Compressed by zstd."""

    def recall(self, volume: Volume) -> None:
        """Let the segment's volume take it over. Raises DamagedError."""
        try:
            told = zstandard.decompress(self.data)
        except zstandard.ZstdError as error:
            raise DamagedError(str(error)) from None
        recall(volume, told, self.sum)


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that a review opens."""

    name: str
    """Tells its files from those of others."""
    source: str
    effects: str
    """The effects.toml that other tools' runs were read with."""
    dataset: str
    policy: Policy
    """Mode, cohort, shadow paths, min_examples and max_candidates are those that were mined with."""
    share: float
    loaded: int
    """Runs that took part."""
    actions: int
    mined_at: str
    """RFC 3339."""
    program: str
    cohorts: tuple[CohortResult, ...] = ()
    segments: tuple[Segment, ...] = ()
    answers: tuple[Answers, ...] = ()
    problems: tuple[BrokenFile, ...] = ()
    raw: Mapping[str, bytes] = field(default_factory=dict)
    """Raw files by sha256 (hex)."""


def rules_of(policy: Policy) -> dict[str, Any]:
    """What of a policy mining depends on, as plain JSON."""
    told: dict[str, Any] = {key: value for key, value in policy.wire().items() if key in _MINED}
    return told


Span = tuple[int, int]
"""Where something begins in a file, and how long it is."""


def kept_in(
    path: Path, runs: Sequence[Span], answers: Iterable[tuple[int, Span]]
) -> tuple[tuple[Segment, ...], tuple[Answers, ...]]:
    """The segments of a file, and what is told of some, by number; what of that cannot be read is left out.

    Raises DamagedError, OSError for segments.
    """
    file = PagedFile(path)
    segments = tuple(file.segment(*span) for span in runs)
    told = []
    for number, span in answers:
        with suppress(DamagedError, OSError, IndexError):
            told.append(Answers(number, segment_sum(file.read(runs[number][0], HEAD)), file.read(*span)))
    return segments, tuple(told)


class _Cohort(msgspec.Struct):
    cohort: str | None
    count: int
    least: int
    sequences: tuple[tuple[Signature, ...], ...]


class _Manifest(msgspec.Struct):
    """What `assay-result.json` tells besides its version."""

    name: str
    source: str
    dataset: str
    rules: dict[str, Any]
    min_support: float
    loaded: int
    actions: int
    mined_at: str
    program: str
    runs: tuple[Span, ...]
    cohorts: tuple[_Cohort, ...]
    answers: tuple[tuple[int, Span], ...] = ()
    effects: str = ""


def load(folder: Path) -> Result:
    """What was mined. Raises InputError."""
    if not (folder / MANIFEST).is_file():
        raise InputError(
            f"{visible(str(folder))} is no result; make one with `assay mine DATASET --to {visible(str(folder))}`"
        )
    try:
        return _loaded(folder)
    except (
        OSError,
        JsonError,
        DamagedError,
        DecodeError,
        KeyError,
        TypeError,
        ValueError,
        msgspec.ValidationError,
        zstandard.ZstdError,
    ) as error:
        raise InputError(f"the result {visible(str(folder))} is damaged: {visible(str(error))}; mine again") from None


def _loaded(folder: Path) -> Result:
    value = parse((folder / MANIFEST).read_bytes())
    if value["format"] != FORMAT or value["columns"] != MAGIC.decode():
        raise InputError(f"the result {visible(str(folder))} was made by another version of assay; mine again")
    told = msgspec.convert(value, _Manifest)
    name = told.name
    given = parse(zstandard.decompress((folder / f"candidates-{name}.json.zst").read_bytes()))
    file = folder / f"runs-{name}.columns"
    segments, answers = kept_in(file, told.runs, told.answers) if told.runs else ((), ())
    raw = from_parquet((folder / f"raw-{name}.parquet").read_bytes()).to_pydict()
    return Result(
        name=name,
        source=told.source,
        effects=told.effects,
        dataset=told.dataset,
        policy=Policy.decode(told.rules),
        share=told.min_support,
        loaded=told.loaded,
        actions=told.actions,
        mined_at=told.mined_at,
        program=told.program,
        cohorts=tuple(
            CohortResult(
                one.cohort,
                one.count,
                one.least,
                one.sequences,
                tuple(map(_given, listed)),
            )
            for one, listed in zip(told.cohorts, given, strict=True)
        ),
        segments=segments,
        answers=answers,
        problems=tuple(from_quarantine((folder / f"quarantine-{name}.parquet").read_bytes())),
        raw=dict(zip(raw["sha256"], raw["data"], strict=True)),
    )


def _given(told: Mapping[str, Any]) -> Given:
    return Given(told["lineage"], Candidate.decode(told["candidate"]), told["backwards"], told["unresolved"])
