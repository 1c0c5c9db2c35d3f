"""The journal as a table: one row for each decision, what it says in full, and whether its chain holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from textual.content import Content

from core.live.snapshot import JournalView, Snapshot
from core.model.decision import Decision
from core.model.text import plural, visible
from core.review.command import in_shell
from tui import words
from tui.filter import every_term
from tui.format import NOTHING, since
from tui.text import arrowed, plain
from tui.views.json_rows import json_lines
from tui.views.line import Line, bullet, heading, labelled, paragraph, text
from tui.widgets.table import Column

FIELDS = ("actor", "kind", "candidate")
"""What a term of the filter may be about; a term without one of them is looked for everywhere."""
_DAY, _MINUTE, _INSTANT = len("2026-11-20"), len("2026-11-20 09:00"), len("2026-11-20 09:00:00")


@dataclass(frozen=True, slots=True)
class Entry:
    """One decision as a row."""

    decision: Decision
    label: str
    """What the candidate is called now, else what it was called when the decision was made."""
    listed: bool
    """Whether the candidate is still listed."""
    new: bool = False
    """Whether the decision came while the journal was looked at, just now."""


class Entries(Mapping[str, Entry]):
    """All decisions, newest first, by a key that stays the same; a row is only made when it is looked at."""

    def __init__(self, snapshot: Snapshot, new: frozenset[int] = frozenset()) -> None:
        self._labels = {view.lineage: view.label for view in snapshot.candidates}
        self._made = {f"d:{made.seq}": made for made in reversed(snapshot.journal.decisions)}
        self._new = new

    def __getitem__(self, key: str) -> Entry:
        """The row of a key. Raises KeyError."""
        made = self._made[key]
        label = self._labels.get(made.lineage)
        return Entry(made, label or _recorded(made), label is not None, made.seq in self._new)

    def __iter__(self) -> Iterator[str]:
        """The keys, newest first."""
        return iter(self._made)

    def __len__(self) -> int:
        """How many decisions there are."""
        return len(self._made)


def entries(snapshot: Snapshot, new: frozenset[int] = frozenset()) -> Entries:
    """All decisions, newest first, by a key that stays the same; `new` are the numbers of those to mark."""
    return Entries(snapshot, new)


def _recorded(decision: Decision) -> str:
    return str(decision.detail.get("label") or decision.lineage)


def accepts(entry: Entry, wanted: str) -> bool:
    """Whether a row has every term of a filter: words of actor, candidate, kind or reason, or `actor:ana`."""
    return every_term(wanted, lambda term: _has(entry, term))


def _has(entry: Entry, term: str) -> bool:
    decision = entry.decision
    texts = {
        "actor": decision.actor,
        "kind": f"{decision.kind} {decision.kind.replace('_', ' ')} {words.DECISION[decision.kind]}",
        "candidate": f"{entry.label} {decision.lineage} {decision.candidate_id}",
    }
    field, colon, value = term.partition(":")
    if colon and field in texts:
        return value in texts[field].casefold()
    everywhere = " ".join((*texts.values(), f"#{decision.seq}", decision.time, decision.reason or ""))
    return term in everywhere.casefold()


def completions(written: str, rows: Iterable[Entry]) -> list[str]:
    """What the last term of a text could go on as: fields, then kinds and the actors there are."""
    head, space, last = written.rpartition(" ")
    if not last:
        return []
    options = [f"{field}:" for field in FIELDS] + [f"kind:{kind}" for kind in words.KIND]
    if last.lower().startswith("actor:"):
        actors = dict.fromkeys(row.decision.actor for row in rows)
        options += [f"actor:{actor}" for actor in actors if visible(actor) == actor and " " not in actor]
    begun = last.casefold()
    return [head + space + option for option in options if option.casefold().startswith(begun) and option != last]


def _time(entry: Entry, width: int) -> Content:
    room = next((length for length in (_INSTANT, _MINUTE) if length <= width), _DAY)
    return plain(entry.decision.time[:room].replace("T", " "), "$text-muted")


def _kind(entry: Entry, _: int) -> Content:
    sign = words.KIND[entry.decision.kind]
    return Content.styled(str(sign), sign.style)


def _candidate(entry: Entry, width: int) -> Content:
    style = "bold" if entry.listed else "$text-muted"
    if not entry.new:
        return Content.styled(arrowed(entry.label, width), style)
    return Content.assemble((arrowed(entry.label, max(width - 4, 1)), style), " ", ("new", "$accent reverse"))


def _signed(entry: Entry, width: int) -> Content:
    sign = words.SIGNED[entry.decision.signed]
    return Content.styled(str(sign) if width > len(sign.word) + 1 else sign.glyph, sign.style)


def _reason(entry: Entry, _: int) -> Content:
    return plain(entry.decision.reason or NOTHING, "" if entry.decision.reason else "$text-muted")


COLUMNS: tuple[Column[Entry], ...] = (
    Column("seq", "#", lambda e, _: Content(str(e.decision.seq)), 3, 6, 100, lambda e: e.decision.seq, True, True),
    Column("time", "time", _time, _DAY, _INSTANT, 75, lambda e: e.decision.time, falling=True),
    Column("actor", "actor", lambda e, _: plain(e.decision.actor), 12, 28, 80, lambda e: e.decision.actor.casefold()),
    Column("kind", "kind", _kind, 12, 12, 95, lambda e: e.decision.kind),
    Column("signed", "signed", _signed, 10, 15, 40, lambda e: e.decision.signed),
    Column("candidate", "candidate", _candidate, 16, 36, 90, lambda e: e.label.casefold()),
    Column("reason", "reason", _reason, 14, 60, 70, lambda e: (e.decision.reason or "").casefold()),
)
"""All columns, from left to right."""


def chain_lines(journal: JournalView, where: str, width: int) -> list[Content]:
    """Whether chain and signatures hold, and what to do if not; `where` is the traces folder as given."""
    return [line.content for line in _chain(journal, where, width)]


def _chain(journal: JournalView, where: str, width: int) -> Iterator[Line]:
    count = plural(len(journal.decisions), "decision")
    if not journal.faults:
        signed = Counter(decision.signed for decision in journal.decisions)
        kinds = ", ".join(f"{signed[kind]:,} {words.SIGNED[kind].word}" for kind in words.SIGNED if signed[kind])
        held = f"{count}, every line follows the one before it; {kinds}"
        said = held if journal.decisions else "no decision yet"
        yield from bullet(text("✓ ", "$text-success"), text(said), width)
    else:
        for fault in journal.faults:
            yield from bullet(text("✗ ", "$text-error bold"), plain(fault, "$text-error"), width)
        advice = (
            f"{count} before it can be relied on and {'is' if len(journal.decisions) == 1 else 'are'} listed; nothing "
            f"after it counts. Leave the file as it is: `assay verify {in_shell(where)}` checks every line and "
            "crashpack, and a copy of journal.jsonl from before puts it right."
        )
        yield from bullet(text("→ ", "$accent"), plain(advice), width)
    if journal.torn_tail:
        told = (
            f"A crash cut the last line short: {journal.torn_tail}. No decision is lost by it; the next one that is "
            "recorded sets the rest aside."
        )
        yield from bullet(text("! ", "$text-warning bold"), plain(told, "$text-warning"), width)


def decision_lines(entry: Entry, now: float, width: int) -> list[Line]:
    """Everything that the journal says about one decision; `now` is in Unix seconds."""
    return [*_what(entry, now, width), *_bound(entry.decision, width), *_detail(entry.decision, width)]


def _what(entry: Entry, now: float, width: int) -> Iterator[Line]:
    decision, sign = entry.decision, words.KIND[entry.decision.kind]
    yield from paragraph(Content.assemble((str(sign), sign.style), "  ", plain(entry.label, "bold")), width)
    yield from labelled("decision", text(f"#{decision.seq}"), width, 12)
    yield from labelled("by", plain(decision.actor), width, 12)
    yield from labelled("at", plain(f"{decision.time}  ({since(decision.time, now)})"), width, 12)
    signature = words.SIGNED[decision.signed]
    by_key = f" by key {decision.keyid}" if decision.keyid else ""
    said = Content.assemble((str(signature), signature.style), plain(by_key, "$text-muted"))
    yield from labelled("signature", said, width, 12)
    yield from labelled("reason", plain(decision.reason or "none given"), width, 12)
    if not entry.listed:
        yield from labelled("", text("the candidate is not listed any more", "$text-warning"), width, 12)


def _bound(decision: Decision, width: int) -> Iterator[Line]:
    pack = decision.crashpack
    yield from heading("Evidence", "c opens the crashpack" if pack else "")
    if not pack:
        told = "no crashpack: only approvals and rejections leave one"
        yield from paragraph(text(told, "$text-muted"), width)
    facts = [
        ("lineage", decision.lineage),
        ("candidate", decision.candidate_id),
        ("behaviour", decision.behaviour_digest),
        ("evidence", decision.evidence_digest),
        ("policy", decision.policy_digest),
        ("crashpack", f"{pack.name} {pack.digest}" if pack else ""),
        ("program", decision.program),
        ("host", decision.host),
        ("follows", decision.prev),
    ]
    for label, value in facts:
        if value:
            yield from labelled(label, plain(value), width, 12)


def _detail(decision: Decision, width: int) -> Iterable[Line]:
    if decision.detail:
        yield from heading("Particulars")
        for line in json_lines(decision.detail):
            yield from paragraph(text(line), width)
