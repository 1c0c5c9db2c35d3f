"""The promotion files' part of a verification: what they are, and what they say of their status."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from core.artifacts.manifest import MANIFEST, REPORT, Manifest
from core.artifacts.redact import Redactor
from core.artifacts.validate import validate_bundle
from core.model.candidate import ApprovalRecord, Criteria
from core.model.decision import Decision
from core.model.errors import InputError, WorkspaceError
from core.model.jsontext import JsonError, parse, plain
from core.model.record import DecodeError
from core.model.redaction_marks import blunt
from core.model.report import Report
from core.model.text import visible
from core.promotion.standing import approval_history
from core.review.criteria import (
    CRITERIA_DIGEST,
    FILES,
    STATUS,
    bundle_digest,
    criteria_digest,
    differing,
    may_be_rebuilt,
    told,
)
from core.store.files import read_folder, strange_entries
from core.store.recovery import BUNDLE_DIGEST
from core.store.workspace import Workspace

HARMLESS = ("blocked", "needs_approval")
"""Statuses on disk that let nothing happen; runs that change can bring them about, whatever was decided."""

_SHOWN = 5
"""Files that are named at the most."""


@dataclass(frozen=True, slots=True)
class AsItStands:
    """How the decided lineages stand by the runs as they are, for comparison with their promotion files."""

    criteria: Mapping[str, Criteria] = field(default_factory=dict)
    """What the files of each should say (core.review.standings.present)."""
    bundle: Callable[[str], Mapping[str, bytes] | None] = lambda _: None
    """The bundle of a lineage as it would be written now; None where that is not known."""


NOT_SEEN = AsItStands()
"""Where nobody looked at the runs."""


@dataclass(slots=True)
class BundleCheck:
    """One decided lineage's promotion files under verification."""

    workspace: Workspace
    lineage: str
    decisions: list[Decision]
    now: AsItStands = NOT_SEEN
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def run(self, redactor: Redactor) -> None:
        """Find everything that is wrong, or worth a note."""
        place, last = f"candidates/{self.lineage}", self.decisions[-1]
        try:
            folder = self.workspace.bundle(self.lineage)
            files, strange = read_folder(folder), strange_entries(folder)
        except InputError:
            self.problems.append(f"{place} is missing or cannot be read")
            return
        except WorkspaceError as error:
            self.problems.append(f"promotion files of decision {last.seq}: {error}")
            return
        if folder.is_symlink():
            self.problems.append(f"{place} is a link and no folder of its own")
        self.problems += [f"{place}: {visible(entry)} {what}" for entry, what in strange.items()]
        validation = validate_bundle(files, str(folder))
        found = [*validation.problems, *_history(files, self.decisions, redactor)]
        self.problems += [f"{place}: {problem}" for problem in found]
        self._files(place, files, last)
        self._status(place, files, last)

    def _files(self, place: str, files: Mapping[str, bytes], last: Decision) -> None:
        """Whether the files are those that the last decision wrote, or those that became of them."""
        recorded, found = last.detail.get(BUNDLE_DIGEST), bundle_digest(files)
        if recorded == found:
            return
        wanted = self.now.bundle(self.lineage)
        if may_be_rebuilt(last):
            if wanted is None:
                told = f"the files were made anew since decision {last.seq}, or changed; only the runs can tell"
                self.notes.append(f"{place}: {told}")
                return
            if bundle_digest(wanted) == found:
                return
        which = _which(files, wanted, is_sure=wanted is not None and bundle_digest(wanted) == recorded)
        self.problems.append(
            f"{place}: the files are not those of decision {last.seq}: {which} ({recorded}, now {found})"
        )

    def _says_otherwise(self, said: tuple[str, list[str]], last: Decision) -> bool:
        return criteria_digest(*said) != last.detail.get(CRITERIA_DIGEST)

    def _status(self, place: str, files: Mapping[str, bytes], last: Decision) -> None:
        """Whether the files say the status that was decided, or the one that the runs give now."""
        now = self.now.criteria.get(self.lineage)
        for name, said in _statuses(files):
            status, reasons = said
            if not self._says_otherwise(said, last):
                continue
            if now is not None and (status, reasons) == (now.status, list(now.reasons)):
                continue
            decided = last.detail.get(STATUS)
            if now is None and (status in HARMLESS or status == decided):
                self.notes.append(f"{place}/{name}: it says {status} since the runs changed, {decided} was decided")
                continue
            told = f"decision {last.seq} did not make it so, and nobody looked at the runs"
            if now is not None:
                told = (
                    f"which neither decision {last.seq} nor the runs bear out; it was edited, or is behind the runs: "
                    "`assay list` writes it anew"
                )
            self.problems.append(f"{place}/{name}: it says {visible(status)}, {told}")


def _statuses(files: Mapping[str, bytes]) -> Iterator[tuple[str, tuple[str, list[str]]]]:
    """What each file says of its status and reasons."""
    for name in FILES:
        try:
            yield from ((name, said) for said in told(files.get(name, b"")))
        except (JsonError, KeyError, TypeError):
            continue  # named by the validation


def _which(files: Mapping[str, bytes], wanted: Mapping[str, bytes] | None, *, is_sure: bool) -> str:
    """Which files are wrong, or as far as is known can be; `is_sure` says that the wanted ones are the decision's."""
    if wanted is None or not is_sure:
        names = [name for name in (files if wanted is None else differing(files, wanted)) if name in files]
        return f"what was changed is among {_some(map(visible, sorted(names)))}, or a file is missing"
    return _some(f"{visible(name)} {what}" for name, what in differing(files, wanted).items())


def _some(told: Iterable[str]) -> str:
    every = list(told)
    rest = len(every) - _SHOWN
    return ", ".join([*every[:_SHOWN], *([f"{rest} more"] if rest > 0 else [])])


def _history(files: Mapping[str, bytes], decisions: list[Decision], redactor: Redactor) -> Iterator[str]:
    """Whether the promotion files tell the decisions that the journal has; what a secret was does not count."""

    def safe(records: Iterable[ApprovalRecord]) -> list[object]:
        return [blunt(plain(redactor.everything(record))) for record in records]

    expected = safe(approval_history(decisions))
    try:
        report = Report.decode(parse(files[REPORT]))
        manifest = Manifest.decode(parse(files[MANIFEST]))
    except (KeyError, JsonError, DecodeError):
        return  # named by the validation
    histories = {
        REPORT: [safe(c.promotion.approval_history) for c in (*report.candidates, *report.rejected_candidates)]
    }
    if report.selected_candidate_id:
        histories[MANIFEST] = [safe(manifest.promotion.approval_history)]
    for name, found in histories.items():
        if any(history != expected for history in found):
            yield f"{name}: approval_history is not what the journal says"
