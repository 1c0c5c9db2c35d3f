"""`assay export`: a crashpack or a candidate's bundle as one archive, safe to hand on and stable in its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import click

from core.artifacts.manifest import MANIFEST, REPORT
from core.artifacts.validate import validate_bundle
from core.crashpack.pack import MODES, NAMES
from core.crashpack.validate import validate
from core.crystallize import EPOCH
from core.live.snapshot import CandidateView, Snapshot
from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.model.text import visible
from core.review.bundle import bundle_of
from core.session import Session
from core.store.archive import KINDS, Kind, pack
from core.store.files import read_folder, write_file
from core.store.policy import CohortKey, Mode
from tui.cli.exits import Exit
from tui.cli.opening import AS_JSON, named, opened, workspace_options
from tui.cli.printing import print_json, wrapped

_ROOT = re.compile(r"[^A-Za-z0-9._-]+")


@dataclass(frozen=True, slots=True)
class _Source:
    """What is exported: its files, and the name of the folder that they are in."""

    name: str
    files: Mapping[str, bytes]

    @property
    def kind(self) -> str:
        return "crashpack" if NAMES[0] in self.files else "bundle"

    @property
    def root(self) -> str:
        return _ROOT.sub("_", self.name).strip("._") or self.kind

    def problems(self) -> list[str]:
        if self.kind == "crashpack":
            return [str(problem) for problem in validate(self.files).problems]
        return list(validate_bundle(self.files, self.name).problems)


@click.command()
@click.argument("source", metavar="TRACES|DIR", type=click.Path(path_type=Path))
@click.argument("name", metavar="[CANDIDATE|CRASHPACK]", required=False)
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help=f"The archive to write, *{' or *'.join(KINDS)}."
)
@click.option("--force", is_flag=True, help="Replace the archive when it is there already.")
@workspace_options
@AS_JSON
@click.pass_context
def export(
    ctx: click.Context,
    source: Path,
    name: str | None,
    out: Path,
    force: bool,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    as_json: bool,
) -> None:
    """Make one archive of a candidate's bundle or of a crashpack; `validate`, `shadow` and `atp` read it as it is.

    Name the crashpack or the candidate of a traces folder, or only the folder of a crashpack or bundle. The same
    files give the same bytes. Ends with 1, the archive written as it is, when what it holds is damaged.
    """
    kind = _kind(out)
    if out.exists() and not force:
        raise InputError(f"{visible(str(out))} exists already; name another file, or replace it with --force")
    if name is None:
        found = _folder(source)
    else:
        with opened(source, workspace, mode, cohort) as session:
            found = _named(session, name)
    data = pack(found.files, kind, found.root, modes=MODES)
    write_file(out, data)
    problems = found.problems()
    if as_json:
        told = {"out": str(out), "kind": found.kind, "name": found.name, "files": len(found.files)}
        print_json({**told, "bytes": len(data), "sha256": sha256_hex(data), "problems": problems})
    else:
        click.echo(visible(f"Wrote the {found.kind} {found.name}, {len(found.files)} files, to {out}"))
        click.echo(f"sha256 {sha256_hex(data)}")
        for problem in problems:
            click.echo(wrapped(f"damaged: {problem}", 0), err=True)
    ctx.exit(Exit.NO if problems else Exit.DONE)


def _kind(out: Path) -> Kind:
    for kind in KINDS:
        if out.name.endswith(kind) and out.name != kind:
            return kind
    raise click.BadParameter(f"{visible(out.name)} must end with {' or '.join(KINDS)}", param_hint="--out")


def _folder(folder: Path) -> _Source:
    """The crashpack or bundle in a folder. Raises InputError when it is neither."""
    if folder.is_dir() and not any((folder / name).is_file() for name in (NAMES[0], MANIFEST, REPORT)):
        told = "neither a crashpack nor a bundle; of a traces folder, name the candidate or crashpack as well"
        raise InputError(f"{visible(str(folder))} is {told}")
    return _Source(folder.resolve().name, read_folder(folder))


def _named(session: Session, name: str) -> _Source:
    """A crashpack by its name, else a candidate's bundle: as it was decided, or as it would be now."""
    store = session.store
    if (crashpack := _inside(store.crashpacks, name)) is not None:
        return _Source(name, read_folder(crashpack))
    view = named(session.snapshot, name)
    if view.decisions and (bundle := _inside(store.candidates, view.lineage)) is not None:
        return _Source(view.lineage, read_folder(bundle))
    state = session.adopt()
    view = _dated(view, state.snapshot)
    return _Source(view.lineage, bundle_of(view, state.parts.traces, state.redactor))


def _inside(folder: Path, name: str) -> Path | None:
    """The folder of that name in another one, if there is one."""
    return next((path for path in sorted(folder.iterdir()) if path.name == name), None) if folder.is_dir() else None


def _dated(view: CandidateView, snapshot: Snapshot) -> CandidateView:
    """A candidate that nobody decided on, made when its last run ended, so that exporting again gives the same."""
    promotion = view.candidate.promotion.replace(created_at=max(_ends(view, snapshot), default=EPOCH))
    return replace(view, candidate=view.candidate.replace(promotion=promotion))


def _ends(view: CandidateView, snapshot: Snapshot) -> Iterator[str]:
    for result in view.candidate.shadow.traces:
        run = snapshot.runs.get(result.trace_id)
        if run is not None and (end := run.finished_at or run.started_at):
            yield end
