"""Whether the workspace holds together: the journal's chain, the crashpacks and the promotion files it names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.artifacts.redact import PLAIN, Redactor
from core.crashpack.integrity import NAME as FILES_SHA256
from core.crashpack.integrity import check_files
from core.crashpack.pack import STATE
from core.crashpack.validate import validate
from core.model.candidate import Criteria
from core.model.decision import Decision
from core.model.errors import InputError, WorkspaceError
from core.model.jsontext import parse, sha256_hex
from core.model.text import plural, visible
from core.review.looking import backwards
from core.review.prune import live_packs, read_pruned
from core.review.verify_bundle import NOT_SEEN, AsItStands, BundleCheck
from core.review.verify_journal import verify_journal
from core.store.files import read_folder, strange_entries
from core.store.journal import Head, Journal
from core.store.policy import Policy
from core.store.trouble import is_there, names_in
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
    workspace: Workspace,
    present: Mapping[str, Criteria] | AsItStands | None = None,
    expected: Head | None = None,
    unseen: str = "",
) -> Verification:
    """Check everything that the journal vouches for. Raises WorkspaceError when it cannot be read.

    `present` is how each lineage stands now (core.review.standings.present), which its promotion files may say as well;
    without it they may say that something does not hold any more, which is noted, but never the reverse. `unseen`
    says why it is not known. `expected` is a head that somebody kept.
    """
    now = present if isinstance(present, AsItStands) else AsItStands(present) if present else NOT_SEEN
    policy, trouble = _policy(workspace)
    checked = verify_journal(workspace, policy, [expected] if expected else ())
    journal = checked.journal
    named = [decision for decision in journal.decisions if decision.crashpack]
    lineages: dict[str, list[Decision]] = {}
    for decision in journal.trusted:
        lineages.setdefault(decision.lineage, []).append(decision)
    redactor, no_key = _redactor(workspace, policy)
    problems, notes = [*trouble, *no_key, *checked.problems], list(checked.notes)
    gone, wrong = _pruned(workspace, named)
    used = live_packs(journal.decisions, policy) if gone else set()
    problems += wrong
    keys: list[str] = []
    for decision in named:
        if decision.seq not in gone:
            found, key = _crashpack(workspace, decision)
            problems += found
            keys += [key]
        elif (name := gone.pop(decision.seq)) in used:
            problems.append(f"crashpack {name} was pruned, but decision {decision.seq} counts; put back a copy of it")
        else:
            notes.append(f"crashpack {name} of decision {decision.seq}, which no longer counts, was pruned")
    notes += [*_other_key(workspace, keys, redactor), *backwards(journal.trusted)]
    problems += _strangers(workspace.crashpacks, {d.crashpack.name for d in named if d.crashpack}, journal)
    problems += _strangers(workspace.candidates, {d.lineage for d in journal.decisions}, journal)
    for lineage, decisions in lineages.items():
        checked_bundle = BundleCheck(workspace, lineage, decisions, now)
        checked_bundle.run(redactor)
        problems += checked_bundle.problems
        notes += checked_bundle.notes
    if unseen and lineages:
        notes.append(f"promotion files were not compared with the runs: {unseen}")
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


def _other_key(workspace: Workspace, keys: Sequence[str], redactor: Redactor) -> Iterator[str]:
    """Whether the key is gone with which secrets were told apart, or is another one by now."""
    told = "equal secrets of older and newer crashpacks can no longer be told from different ones"
    if not is_there(workspace.key_file):
        if keys:
            yield f"{workspace.key_file.name} is missing: {told}; put back a copy, or the next command makes a new one"
        return
    if not redactor.key_id:
        return  # it cannot be read, which is told already
    if others := sum(key not in ("", redactor.key_id) for key in keys):
        packs = plural(others, "crashpack was", "crashpacks were")
        yield f"{workspace.key_file.name} is not the one that {packs} redacted with: {told}"


def _pruned(workspace: Workspace, named: Sequence[Decision]) -> tuple[dict[int, str], list[str]]:
    """The crashpacks that were removed on request, by decision, and what is wrong with the list of them."""
    try:
        listed = read_pruned(workspace)
    except WorkspaceError as error:
        return {}, [str(error)]
    packs = {decision.seq: decision.crashpack for decision in named if decision.crashpack is not None}
    there = set(names_in(workspace.crashpacks))
    return {seq: pack.name for seq, pack in packs.items() if listed.names(pack) and pack.name not in there}, []


def _crashpack(workspace: Workspace, decision: Decision) -> tuple[list[str], str]:
    """What is wrong with the crashpack that a decision names, and the key of the marks in it; empty for none."""
    assert decision.crashpack is not None
    name = decision.crashpack.name
    try:
        files, strange = read_folder(workspace.crashpack(name)), strange_entries(workspace.crashpack(name))
    except InputError:
        return [f"crashpack {name} of decision {decision.seq} is missing or cannot be read"], ""
    except WorkspaceError as error:
        return [f"crashpack of decision {decision.seq}: {error}"], ""
    told = []
    found = "sha256:" + sha256_hex(files.get(FILES_SHA256, b""))
    if found != decision.crashpack.digest:
        told.append(f"crashpack {name}: {FILES_SHA256} is not the one that decision {decision.seq} recorded")
    if workspace.crashpack(name).is_symlink():
        told.append(f"crashpack {name} is a link and no folder of its own")
    told += [f"crashpack {name}: {visible(entry)} {what}" for entry, what in strange.items()]
    problems = check_files(files) or list(validate(files).problems)
    told += [f"crashpack {name}: {problem}" for problem in problems]
    return told, "" if told else _key_of_marks(files)


def _key_of_marks(files: Mapping[str, bytes]) -> str:
    """What names the key of the marks in a sound crashpack; empty when nothing was taken out."""
    state = parse(files[STATE]) if STATE in files else None
    redaction = state.get("redaction") if isinstance(state, dict) else None
    return str(redaction.get("key_id", "")) if isinstance(redaction, dict) else ""


def _strangers(place: Path, named: set[str], journal: Journal) -> Iterator[str]:
    """What lies among crashpacks or promotion files and belongs to no decision."""
    for name in names_in(place):
        if name not in named:
            yield (
                f"{place.name}/{visible(name)} is named by no decision; it was put there by somebody, or the "
                f"journal, which ends at decision {journal.head.seq}, has lost one"
            )
