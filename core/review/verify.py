"""Whether the workspace holds together: the journal's chain, the crashpacks and the promotion files it names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from core.artifacts.manifest import MANIFEST, REPORT, Manifest
from core.artifacts.redact import PLAIN, Redactor
from core.artifacts.redaction_marks import blunt
from core.artifacts.validate import validate_bundle
from core.crashpack.integrity import NAME as FILES_SHA256
from core.crashpack.integrity import check_files
from core.crashpack.validate import validate
from core.model.candidate import ApprovalRecord, Criteria
from core.model.decision import Decision
from core.model.errors import InputError, WorkspaceError
from core.model.jsontext import JsonError, parse, plain, sha256_hex
from core.model.record import DecodeError
from core.model.report import Report
from core.model.text import visible
from core.promotion.standing import approval_history
from core.review.criteria import CRITERIA_DIGEST, FILES, STATUS, bundle_digest, criteria_digest, told
from core.review.verify_journal import verify_journal
from core.store.files import read_folder
from core.store.journal import Head, Journal
from core.store.policy import Policy
from core.store.recovery import BUNDLE_DIGEST
from core.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked and what is wrong."""

    decisions: int
    crashpacks: int
    bundles: int
    head: Head
    problems: tuple[str, ...]
    notes: tuple[str, ...] = ()
    signatures: Mapping[str, int] = field(default_factory=dict)
    """How many decisions are trusted, signed, unsigned and bad."""


def verify(
    workspace: Workspace, present: Mapping[str, Criteria] | None = None, expected: Head | None = None
) -> Verification:
    """Check everything that the journal vouches for. Raises WorkspaceError when it cannot be read.

    `present` is how each lineage stands now (core.review.standings.present), which its promotion files may say as well;
    without it they may say that something approved no longer holds, which is noted, but never the reverse.
    `expected` is a head that somebody kept.
    """
    policy, trouble = _policy(workspace)
    checked = verify_journal(workspace, policy, [expected] if expected else ())
    journal = checked.journal
    named = [decision for decision in journal.decisions if decision.crashpack]
    lineages: dict[str, list[Decision]] = {}
    for decision in journal.trusted:
        lineages.setdefault(decision.lineage, []).append(decision)
    redactor, no_key = _redactor(workspace, policy)
    problems, notes = [*trouble, *no_key, *checked.problems], list(checked.notes)
    for decision in named:
        problems += _crashpack(workspace, decision)
    problems += _strangers(workspace.crashpacks, {d.crashpack.name for d in named if d.crashpack}, journal)
    problems += _strangers(workspace.candidates, {d.lineage for d in journal.decisions}, journal)
    for lineage, decisions in lineages.items():
        problems += _bundle(workspace, lineage, decisions, redactor)
        wrong, noted = _status(workspace, lineage, decisions[-1], present)
        problems += wrong
        notes += noted
    return Verification(
        decisions=len(journal.decisions),
        crashpacks=len(named),
        bundles=len(lineages),
        head=journal.head,
        problems=tuple(problems),
        notes=tuple(notes),
        signatures=checked.signatures,
    )


def _policy(workspace: Workspace) -> tuple[Policy, list[str]]:
    """The policy, or that of a new workspace and what is wrong with the file."""
    try:
        return workspace.load_policy(), []
    except WorkspaceError as error:
        return workspace.fresh, [str(error)]


def _redactor(workspace: Workspace, policy: Policy) -> tuple[Redactor, list[str]]:
    """What the bundles were redacted with, as far as the policy and the key tell; and what is wrong with the key."""
    try:
        return workspace.redactor(policy).strict, []
    except WorkspaceError as error:
        return PLAIN, [str(error)]


def _crashpack(workspace: Workspace, decision: Decision) -> Iterator[str]:
    """What is wrong with the crashpack that a decision names."""
    assert decision.crashpack is not None
    name = decision.crashpack.name
    try:
        files = read_folder(workspace.crashpack(name))
    except InputError:
        yield f"crashpack {name} of decision {decision.seq} is missing or cannot be read"
        return
    except WorkspaceError as error:
        yield f"crashpack of decision {decision.seq}: {error}"
        return
    found = "sha256:" + sha256_hex(files.get(FILES_SHA256, b""))
    if found != decision.crashpack.digest:
        yield f"crashpack {name}: {FILES_SHA256} is not the one that decision {decision.seq} recorded"
    problems = check_files(files) or list(validate(files).problems)
    yield from (f"crashpack {name}: {problem}" for problem in problems)


def _strangers(place: Path, named: set[str], journal: Journal) -> Iterator[str]:
    """What lies among crashpacks or promotion files and belongs to no decision."""
    found = sorted(place.iterdir()) if place.is_dir() else []
    for folder in found:
        if folder.name not in named and not folder.name.startswith("."):
            yield (
                f"{place.name}/{visible(folder.name)} is named by no decision; it was put there by somebody, or the "
                f"journal, which ends at decision {journal.head.seq}, has lost one"
            )


def _bundle(workspace: Workspace, lineage: str, decisions: list[Decision], redactor: Redactor) -> Iterator[str]:
    """What is wrong with a decided lineage's promotion files."""
    try:
        files = read_folder(workspace.bundle(lineage))
    except InputError:
        yield f"candidates/{lineage} is missing or cannot be read"
        return
    except WorkspaceError as error:
        yield f"promotion files of decision {decisions[-1].seq}: {error}"
        return
    validation = validate_bundle(files, str(workspace.bundle(lineage)))
    yield from (f"candidates/{lineage}: {problem}" for problem in validation.problems)
    yield from (f"candidates/{lineage}: {problem}" for problem in _history(files, decisions, redactor))
    recorded = decisions[-1].detail.get(BUNDLE_DIGEST)
    if recorded != (found := bundle_digest(files)):
        yield f"candidates/{lineage}: the files are not those of decision {decisions[-1].seq} ({recorded}, now {found})"


def _status(
    workspace: Workspace, lineage: str, last: Decision, present: Mapping[str, Criteria] | None
) -> tuple[list[str], list[str]]:
    """What is wrong, or worth a note, with the statuses that promotion files say."""
    problems, notes = [], []
    now = (present or {}).get(lineage)
    for name in FILES:
        try:
            said = told((workspace.bundle(lineage) / name).read_bytes())
        except (OSError, WorkspaceError, JsonError, KeyError, TypeError):
            continue  # named by the validation
        for status, reasons in said:
            place = f"candidates/{lineage}/{name}"
            if criteria_digest(status, reasons) == last.detail.get(CRITERIA_DIGEST):
                continue
            if now is not None and (status, reasons) == (now.status, list(now.reasons)):
                continue
            if now is not None or STRENGTH.get(status, 9) > STRENGTH.get(str(last.detail.get(STATUS)), 0):
                problems.append(f"{place}: it says {status}, which neither decision {last.seq} nor the runs bear out")
            else:
                notes.append(f"{place}: it says {status} since the runs changed, {last.detail.get(STATUS)} was decided")
    return problems, notes


STRENGTH = {"blocked": 0, "needs_approval": 1, "ready": 2}
"""Statuses on disk, the one that lets most happen last."""


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
    told = {REPORT: [safe(c.promotion.approval_history) for c in (*report.candidates, *report.rejected_candidates)]}
    if report.selected_candidate_id:
        told[MANIFEST] = [safe(manifest.promotion.approval_history)]
    for name, histories in told.items():
        if any(history != expected for history in histories):
            yield f"{name}: approval_history is not what the journal says"
