"""What leaves a workspace: a crashpack, a bundle or a skill, with what was taken out of it (spec/review.md, export)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.artifacts.manifest import MANIFEST, REPORT
from core.artifacts.read import BundleError, read_manifest
from core.artifacts.redact import Redactor
from core.artifacts.redaction_review import Finding, findings, remembered
from core.artifacts.skill_bundle import skill_files, skill_in
from core.artifacts.skill_record import Skill
from core.artifacts.validate import validate_bundle
from core.crashpack.pack import MODES, NAMES, STATE
from core.crashpack.rederive import DecisionState
from core.crashpack.validate import validate
from core.live.snapshot import CandidateView, Snapshot
from core.model.errors import InputError
from core.model.jsontext import JsonError, parse
from core.model.record import DecodeError
from core.model.text import visible
from core.model.trace import Trace
from core.review.bundle import bundle_of
from core.review.runs import Copies, Runs, run_ids
from core.store.archive import KINDS, Kind, pack
from core.store.files import read_folder
from core.store.trouble import explained, names_in
from core.store.workspace import Workspace
from core.traces.times import EPOCH, latest

_ROOT = re.compile(r"[^A-Za-z0-9._-]+")

RunReader = Callable[[str], Trace]
"""Reads one run by its id; raises InputError when that cannot be done."""


@dataclass(frozen=True, slots=True)
class Source:
    """What is exported: its files, and the name of the folder that they are in."""

    name: str
    files: Mapping[str, bytes]
    sealed: bool = True
    """Whether the files are as they were written once; else they were made now, by the policy as it is now."""
    view: CandidateView | None = field(default=None, compare=False)
    """The candidate that it is about, as it stands now, where that is known."""
    doubts: tuple[str, ...] = field(default=(), compare=False)
    """What the journal of its workspace does not bear out (core.review.vouching)."""

    @property
    def kind(self) -> str:
        """`crashpack` or `bundle`."""
        return "crashpack" if NAMES[0] in self.files else "bundle"

    @property
    def root(self) -> str:
        """The folder inside an archive."""
        return _ROOT.sub("_", self.name).strip("._") or self.kind

    def problems(self) -> list[str]:
        """What is damaged."""
        if self.kind == "crashpack":
            found = [str(problem) for problem in validate(self.files).problems]
        else:
            found = list(validate_bundle(self.files, self.name).problems)
        return [*self.doubts, *(problem for problem in found if not any(d.endswith(problem) for d in self.doubts))]

    def archive(self, kind: Kind) -> bytes:
        """All files as one archive."""
        return pack(self.files, kind, self.root, modes=MODES)

    def skill(self) -> Skill:
        """The skill of the candidate in a bundle. Raises InputError, also for a crashpack."""
        if self.kind != "bundle":
            raise InputError(f"{visible(self.name)} is a crashpack; a skill is made of a candidate's bundle")
        return skill_in(self.files, self.name)

    def with_skill(self) -> Source:
        """The same with the skill's files. Raises InputError."""
        return replace(self, files={**self.files, **skill_files(self.skill())})


def kind_of(out: Path) -> Kind | None:
    """The kind of archive that a name asks for, by its ending."""
    return next((kind for kind in KINDS if out.name.endswith(kind) and out.name != kind), None)


def folder_source(folder: Path) -> Source:
    """The crashpack or bundle in a folder. Raises InputError when it is neither."""
    with explained("read", folder, InputError):
        is_other = folder.is_dir() and not any((folder / name).is_file() for name in (NAMES[0], MANIFEST, REPORT))
    if is_other:
        told = "neither a crashpack nor a bundle; of a traces folder, name the candidate or crashpack as well"
        raise InputError(f"{visible(str(folder))} is {told}")
    files = read_folder(folder)
    return Source(folder.resolve().name, files)


def crashpack_source(store: Workspace, name: str, snapshot: Snapshot) -> Source | None:
    """A crashpack of a workspace by its name, if there is one. Raises InputError."""
    folder = _inside(store.crashpacks, name)
    if folder is None:
        return None
    source = Source(name, read_folder(folder))
    lineage = state.lineage if (state := _state(source)) else ""
    return replace(source, view=next((view for view in snapshot.candidates if view.lineage == lineage), None))


def candidate_source(
    store: Workspace, view: CandidateView, snapshot: Snapshot, run: RunReader, redactor: Redactor
) -> Source:
    """A candidate's bundle: as it was decided, else as it would be now. Raises InputError."""
    if view.decisions and (bundle := _inside(store.candidates, view.lineage)) is not None:
        return Source(view.lineage, read_folder(bundle), view=view)
    dated = _dated(view, snapshot)
    runs = Runs({trace.id: trace for trace in _readable(run_ids(view.candidate), run)})
    return Source(view.lineage, bundle_of(dated, runs, Copies(runs, redactor), redactor), sealed=False, view=view)


def reviewed(source: Source, run: RunReader, redactor: Redactor) -> tuple[Finding, ...]:
    """What was taken out of a source; glimpses of what it was where the runs are still at hand."""
    if not any(b"[redacted" in data for data in source.files.values()):
        return ()
    candidate = source.view.candidate if source.view else None
    return findings(source.files, remembered(redactor, candidate, _readable(_run_ids(source), run)))


def _run_ids(source: Source) -> Iterable[str]:
    """The ids of the runs of which a source has copies."""
    if source.kind == "crashpack":
        state = _state(source)
        return [ref.trace_id for ref in state.runs if ref.path is not None] if state else []
    with suppress(BundleError):
        return [fixture.trace_id for fixture in read_manifest(source.files, source.name).fixtures]
    return []


def _readable(ids: Iterable[str], run: RunReader) -> Iterator[Trace]:
    for trace_id in ids:
        with suppress(InputError):
            yield run(trace_id)


def _state(source: Source) -> DecisionState | None:
    try:
        return DecisionState.decode(parse(source.files.get(STATE, b"")))
    except (JsonError, DecodeError):
        return None


def _inside(folder: Path, name: str) -> Path | None:
    """The folder of that name in another one, if there is one. Raises WorkspaceError."""
    return folder / name if name in names_in(folder) else None


def _dated(view: CandidateView, snapshot: Snapshot) -> CandidateView:
    """A candidate that nobody decided on, made when its last run ended, so that exporting again gives the same."""
    promotion = view.candidate.promotion.replace(created_at=latest(_ends(view, snapshot)) or EPOCH)
    return replace(view, candidate=view.candidate.replace(promotion=promotion))


def _ends(view: CandidateView, snapshot: Snapshot) -> Iterator[str]:
    for result in view.candidate.shadow.traces:
        run = snapshot.runs.get(result.trace_id)
        if run is not None and (end := run.finished_at or run.started_at):
            yield end
