"""The journal's part of a verification: every line, every signature, and every head that a crashpack names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.crashpack.pack import STATE
from core.model.decision import Decision
from core.model.errors import AssayError, InputError
from core.model.jsontext import JsonError, parse
from core.model.text import visible
from core.promotion.standing import is_heard, not_theirs, revoked
from core.store.journal import Head, Journal
from core.store.journal_file import head_path
from core.store.policy import Policy
from core.store.signing.checking import Checker
from core.store.trouble import is_there, names_in, read_regular
from core.store.workspace import Workspace


@dataclass(frozen=True, slots=True)
class CheckedJournal:
    """The whole journal, verified from its first line, and what is to be said about it."""

    journal: Journal
    signatures: Mapping[str, int]
    """How many decisions are unsigned, signed, trusted and bad."""
    problems: tuple[str, ...]
    notes: tuple[str, ...]


def verify_journal(workspace: Workspace, policy: Policy, expected: Sequence[Head] = ()) -> CheckedJournal:
    """Verify the journal against itself, all crashpacks and the heads that a person kept. Raises WorkspaceError."""
    heads, unread = crashpack_heads(workspace)
    checker = Checker.of(policy.trusted_keys)
    journal = workspace.load_journal(known=(*heads, *expected), check=checker, complete=True)
    count = Counter(decision.signed for decision in journal.decisions)
    torn = f"{len(journal.torn_tail)} bytes of a last line were never acknowledged; the next decision sets them aside"
    no_end = "the journal's last line has lost its newline; whatever opens the workspace next puts it back"
    return CheckedJournal(
        journal=journal,
        signatures={kind: count[kind] for kind in ("trusted", "signed", "unsigned", "bad")},
        problems=(
            *(f"journal: {fault}" for fault in (*journal.told, *journal.notes)),
            *_no_note(workspace, journal),
            *unread,
            *_overreaching(journal, policy),
        ),
        notes=(
            *([torn] if journal.torn_tail else []),
            *([no_end] if journal.lacks_end else []),
            *_worth(journal, policy),
        ),
    )


def _no_note(workspace: Workspace, journal: Journal) -> Iterator[str]:
    """Whether the note of the head is missing, which only the very first decision may be without."""
    note = head_path(workspace.journal_file)
    if journal.head.seq > 1 and not is_there(note):
        yield (
            f"{note.name} is missing, so a changed last line would not be noticed; compare the head with a copy that "
            "somebody kept; the next decision writes it anew"
        )


def crashpack_heads(workspace: Workspace, names: Collection[str] | None = None) -> tuple[list[Head], list[str]]:
    """The heads of the journal that crashpacks name (all, or some), and which of them name none that can be read."""
    heads, unread = [], []
    for name in names_in(workspace.crashpacks):
        if names is not None and name not in names:
            continue
        try:
            state = parse(read_regular(workspace.crashpacks / name / STATE))
            named = state.get("journal_head") if isinstance(state, dict) else None
            if named:
                heads.append(Head.parse(str(named), f"crashpack {visible(name)}"))
        except InputError:
            unread.append(f"crashpack {visible(name)}: {STATE} names no head of a journal; put back a copy of it")
        except (OSError, JsonError, AssayError):
            continue  # named when the crashpack itself is checked
    return heads, unread


def _worth(journal: Journal, policy: Policy) -> Iterator[str]:
    """What decisions are worth whose signature the policy does not trust, where the policy is about keys at all."""
    by_seq, digest = {decision.seq: decision for decision in journal.decisions}, policy.digest
    for decision in journal.decisions:
        kind, actor = decision.kind.replace("_", " "), visible(decision.actor)
        about = f"decision {decision.seq} ({kind} by {actor})"
        if decision.signed == "signed" and policy.trusted_keys:
            yield f"{about} is signed with key {decision.keyid[:16]}, which the policy does not trust as {actor}'s"
        elif not is_heard(decision, policy.keys_required):
            yield f"{about} does not count: it is unsigned and the policy wants a trusted key (keys_required)"
        elif (told := _not_taken_back(decision, by_seq, policy)) and decision.policy_digest != digest:
            yield f"{about} {told}"


def _overreaching(journal: Journal, policy: Policy) -> Iterator[str]:
    """Revocations of what others decided, recorded although the very policy of now, in force then, forbids them."""
    by_seq, digest = {decision.seq: decision for decision in journal.decisions}, policy.digest
    for decision in journal.decisions:
        if decision.policy_digest == digest and (told := _not_taken_back(decision, by_seq, policy)):
            yield f"decision {decision.seq} (revoke by {visible(decision.actor)}) {told}; this program did not write it"


def _not_taken_back(decision: Decision, by_seq: Mapping[int, Decision], policy: Policy) -> str:
    """What a revocation names and does not take back; empty when there is nothing."""
    if decision.kind != "revoke" or policy.revoke_others:
        return ""
    named = map(by_seq.get, sorted(revoked(decision)))
    earlier = [d for d in named if d and d.lineage == decision.lineage and d.seq < decision.seq]
    kept = ", ".join(f"{d.seq} by {visible(d.actor)}" for d in not_theirs(decision, earlier, policy))
    return f"does not take back decision {kept}, as the policy does not allow it (revoke_others)" if kept else ""
