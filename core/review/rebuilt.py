"""Bundles that are made anew: what was decided on while a criterion failed, and is another bundle since that changed.

A bundle is a function of journal and candidate (spec/review.md, What approving does). One that was written for a
candidate that failed holds no workflow and no runs, so when the candidate holds later it says more than another status.
"""

from __future__ import annotations

from core.artifacts.manifest import MANIFEST, REPORT
from core.columns.again import VanishedError
from core.live.engine import State
from core.live.snapshot import CandidateView
from core.model.errors import AssayError
from core.model.jsontext import Json, JsonError, parse
from core.review.bundle import bundle_of
from core.review.criteria import bundle_digest, may_be_rebuilt
from core.review.runs import Copies, Runs
from core.review.standings import present
from core.review.verify_bundle import AsItStands
from core.store.files import check_names, read_folder, remove_others, write_file, write_folder
from core.store.recovery import BUNDLE_DIGEST
from core.store.trouble import explained
from core.store.workspace import Workspace


def bundle_now(state: State, view: CandidateView) -> dict[str, bytes] | None:
    """The bundle of a decided lineage as it stands now; None where a run of it cannot be read."""
    runs = Runs(state.parts.traces)
    try:
        return bundle_of(view, runs, Copies(runs, state.redactor), state.redactor)
    except (VanishedError, AssayError):
        return None


def as_it_stands(state: State) -> AsItStands:
    """What the promotion files of every decided lineage should be and say now."""
    views = {view.lineage: view for view in state.snapshot.candidates if view.decisions}

    def bundle(lineage: str) -> dict[str, bytes] | None:
        return bundle_now(state, views[lineage]) if lineage in views else None

    return AsItStands(present(views.values(), state.redactor), bundle)


def is_outdated(store: Workspace, state: State, view: CandidateView) -> bool:
    """Whether a bundle on disk is that of a candidate which failed, or held, and is otherwise now."""
    last = view.decisions[-1]
    if not may_be_rebuilt(last):
        return False
    try:
        files = read_folder(store.bundle(view.lineage))
        is_selected = bool(parse(files[REPORT])["selected_candidate_id"])
        told = _besides(parse(files[MANIFEST]))
    except (AssayError, AttributeError, JsonError, KeyError, TypeError):
        return False  # no file of ours, which is left alone
    holds = not view.candidate.rejection_reasons
    if is_selected == holds and bundle_digest(files) == last.detail.get(BUNDLE_DIGEST):
        return False
    # The report needs no runs, and little else of a bundle changes without it.
    nobody = Runs({})
    wanted = bundle_of(view, nobody, Copies(nobody, state.redactor), state.redactor)
    return wanted[REPORT] != files[REPORT] or _besides(parse(wanted[MANIFEST])) != told


def _besides(manifest: Json) -> tuple[Json, Json]:
    """What a manifest says that does not follow from the report and the runs: who wrote it, and what may differ."""
    return manifest["generator"], manifest.get("allow_rules")


def put_in_place(store: Workspace, lineage: str, files: dict[str, bytes]) -> None:
    """Write a bundle over another; until its report is there, which is last, it is still found outdated."""
    folder, late = store.bundle(lineage), (MANIFEST, REPORT)
    check_names(files)
    # The manifest is there all the while: by it, too, a bundle is found to be outdated.
    write_folder(folder, {name: data for name, data in files.items() if name not in late}, disk=store.disk)
    write_folder(folder, {MANIFEST: files[MANIFEST]}, disk=store.disk)
    with explained("tidy", folder):
        store.disk.flush_together((), remove_others(folder, set(files), store.disk))
    write_file(folder / REPORT, files[REPORT], disk=store.disk)
