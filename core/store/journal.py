"""The journal as bytes: a chain of decisions, read so that every changed, missing or moved line is named.

Pure; core.store.journal_file does the reading and writing (spec/review.md, The journal).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from core.model.decision import Decision
from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.model.record import DecodeError
from core.model.text import visible
from core.store.envelope import Signature, seal, unseal
from core.store.recalled import Recalled
from core.store.signing.checking import KEY, Checker, Verdict
from core.store.signing.signer import Signer, SigningFailed, sign_payload
from core.store.statement import decode_payload, encode_payload

GENESIS = "0" * 64
"""The `prev` of the first line."""

NO_HEAD = "it holds no journal head"
"""What is wrong with a damaged note of the head."""

_HEAD = re.compile(r"([0-9]{1,20}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a journal: how many decisions, and the sha256 of the last line. Its text is `SEQ:HEX`."""

    seq: int = 0
    digest: str = GENESIS
    source: str = field(default="", compare=False)
    """Who says so, for people: `crashpack NAME`; empty for the note beside the journal."""

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"

    @classmethod
    def parse(cls, text: str, source: str = "") -> Head:
        """The head of a text. Raises InputError."""
        if not (found := _HEAD.fullmatch(text.strip())):
            raise InputError(f"{visible(text[:80])!r} is no journal head; it looks like 12:0a1b… with 64 hex digits")
        return cls(int(found[1]), found[2], source)


@dataclass(frozen=True, slots=True)
class Sound:
    """A beginning of a journal that was read before, down to every signature, and found without fault."""

    size: int
    """Bytes."""
    sha256: str
    """Of those bytes; it is computed again from the present ones before any of this is believed."""
    head: Head
    decisions: Sequence[Decision] | None = None
    """What it holds, where that was kept; else it is recalled from the lines when somebody asks."""


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal holds."""

    decisions: Sequence[Decision] = ()
    """Every decision that can be read, in the order of the lines."""
    trusted_count: int = 0
    """How many of them, from the first, stand before any fault."""
    faults: tuple[str, ...] = ()
    """What is wrong with the chain, each a sentence that names the line."""
    torn_tail: bytes = b""
    """A last line that a crash cut short; it was never acknowledged and is no fault."""
    head: Head = field(default_factory=Head)
    """The end of the chain, without the torn tail."""
    size: int = 0
    """Bytes of all whole lines."""
    sha256: str = hashlib.sha256().hexdigest()
    """Of all whole lines."""
    notes: tuple[str, ...] = ()
    """Signatures that could not be checked, and why."""
    recalled: int = 0
    """Lines that were believed because they were read before."""
    lacks_end: bool = False
    """Whether the last line has lost its newline, as by an editor; a head names it, so it was acknowledged."""

    @property
    def trusted(self) -> tuple[Decision, ...]:
        """The decisions before any fault."""
        return tuple(self.decisions[: self.trusted_count])

    @property
    def told(self) -> tuple[str, ...]:
        """The faults, each with what it means and what to do."""
        count = self.trusted_count
        until = {0: "no decision counts", 1: "only decision 1 counts"}.get(count, f"only decisions 1 to {count} count")
        advice = f"put back an undamaged copy of the journal; until then {until}, and none can be added"
        note = "when `assay verify` finds nothing else wrong, remove that file; until then nothing can be decided"
        return tuple(f"{fault}; {note if fault.endswith(NO_HEAD) else advice}" for fault in self.faults)

    @property
    def sound(self) -> Sound | None:
        """What a later reading may begin with; None when something is wrong or could not be checked."""
        if self.faults or self.notes or self.lacks_end:
            return None
        return Sound(self.size, self.sha256, self.head, self.decisions)


class Check(Protocol):
    """Judges the signatures of a line, pure but for the programs and libraries that know about keys."""

    def __call__(
        self,
        payload: bytes,
        signatures: Sequence[Signature],
        actor: str,
        detail: Mapping[str, Any],
        *,
        proven: bool = False,
    ) -> Verdict:
        """The verdict on a decision's line; with `proven` its signatures were found good before."""


TRUST_NOBODY = Checker()
"""Checks that signatures hold, and trusts no key."""


def read_journal(
    data: bytes, *, known: Sequence[Head] = (), check: Check = TRUST_NOBODY, sound: Sound | None = None
) -> Journal:
    """The journal in some bytes. Never raises: whatever is wrong becomes a fault.

    `known` are heads that this journal had at some time, from beside it, a crashpack or a person; only they can tell
    that the last lines were changed or taken away. `sound` is believed if the bytes begin with it.
    """
    hashed, chain, lines, rest = hashlib.sha256(), _Chain(check), [], data
    if sound is not None and 0 < sound.size <= len(data):
        begin = data[: sound.size]
        hashed.update(begin)
        if hashed.hexdigest() == sound.sha256:
            lines, rest = begin.split(b"\n")[:-1], data[sound.size :]
            chain.recall(lines, sound)
        else:
            hashed = hashlib.sha256()
    *fresh, torn = rest.split(b"\n")
    if fresh and not torn and b"\0" in fresh[-1]:
        # A power loss can keep a line's end and lose its middle; no line of ours has such bytes.
        torn = fresh.pop() + b"\n"
    if lacks_end := bool(torn) and sha256_hex(torn) in {head.digest for head in known}:
        # Heads are noted only of lines that are safe, so this is no line that a crash cut short.
        fresh, torn = [*fresh, torn], b""
    recalled = len(lines)
    for line in fresh:
        chain.add(line)
    lines = [*lines, *fresh]
    if not chain.faults:
        chain.compare(known, lines)
    hashed.update(rest[: len(rest) - len(torn)])
    trusted = len(chain.decisions) if chain.trusted is None else chain.trusted
    return Journal(
        decisions=chain.decisions if recalled else tuple(chain.decisions),
        trusted_count=trusted,
        faults=tuple(dict.fromkeys(chain.faults)),
        torn_tail=torn,
        head=Head(chain.expected - 1, chain.prev),
        size=len(data) - len(torn),
        sha256=hashed.hexdigest(),
        notes=tuple(f"{count} signatures could not be checked: {why}" for why, count in chain.unchecked.items()),
        recalled=recalled,
        lacks_end=lacks_end,
    )


class _Chain:
    """The state of reading: what the next line has to say, and what was wrong so far."""

    def __init__(self, check: Check) -> None:
        self.check = check
        self.decisions = Recalled((), self.judged)
        self.faults: list[str] = []
        self.unchecked: dict[str, int] = {}
        self.trusted: int | None = None
        self.number = 0
        self.expected = 1
        self.prev = GENESIS
        self.last_readable = True

    def recall(self, lines: Sequence[bytes], sound: Sound) -> None:
        """Begin behind lines that are known to be sound."""
        self.decisions = Recalled(lines, self.judged, sound.decisions)
        self.number, self.expected, self.prev = len(lines), sound.head.seq + 1, sound.head.digest

    def judged(self, signatures: Sequence[Signature], actor: str, detail: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the signatures of a line that was found sound before are worth now."""
        verdict = self.check(b"", signatures, actor, detail, proven=True)
        return {"signed": verdict.signed, "keyid": verdict.keyid}

    def add(self, line: bytes) -> None:
        """Take the next line."""
        self.number += 1
        try:
            payload, signatures = unseal(line)
            decision = decode_payload(payload)
        except DecodeError as error:
            told = "it is empty" if not line else visible(str(error))
            self._fault(f"line {self.number} was changed: {told}", len(self.decisions))
            self.expected += 1
            self.last_readable = False
        else:
            self._link(decision)
            self.decisions.append(self._checked(payload, signatures, decision))
            self.expected = decision.seq + 1
            self.last_readable = True
        self.prev = sha256_hex(line)

    def _checked(self, payload: bytes, signatures: Sequence[Signature], decision: Decision) -> Decision:
        """The decision with what its signatures are worth."""
        if not signatures:
            return decision
        verdict = self.check(payload, signatures, decision.actor, decision.detail)
        if verdict.signed == "bad":
            self._fault(f"line {self.number} is signed falsely: {verdict.why}", len(self.decisions))
        elif verdict.why:
            self.unchecked[verdict.why] = self.unchecked.get(verdict.why, 0) + 1
        return decision.replace(signed=verdict.signed, keyid=verdict.keyid)

    def _link(self, decision: Decision) -> None:
        """Compare a readable line with what has to stand here."""
        count, seq, here = len(self.decisions), decision.seq, f"line {self.number}"
        if seq > self.expected:
            gap = f"decision {self.expected}" if seq == self.expected + 1 else f"decisions {self.expected} to {seq - 1}"
            self._fault(f"{here} holds decision {seq}: {gap} should stand before it", count)
        elif seq < self.expected:
            self._fault(f"{here} holds decision {seq} where {self.expected} is due: repeated or out of order", count)
        elif decision.prev == self.prev:
            return
        elif self.number == 1:
            self._fault(f"{here} was changed: the first line must not follow another", 0)
        elif self.last_readable:
            # Either line may be the changed one, so neither is relied on.
            self._fault(f"line {self.number - 1} was changed: {here} was written after other bytes", count - 1)

    def compare(self, known: Sequence[Head], lines: Sequence[bytes]) -> None:
        """Compare an unbroken chain with heads that it is known to have had."""
        for head in sorted(known, key=lambda h: h.seq):
            if 0 < head.seq <= len(lines) and sha256_hex(lines[head.seq - 1]) != head.digest:
                told = f"line {head.seq} was changed: it is not the one that was recorded{_said_by(head)}"
                self._fault(told, head.seq - 1)
        last = max(known, key=lambda h: h.seq, default=Head())
        if last.seq > len(lines):
            first = len(lines) + 1
            lost = f"decision {first} is" if last.seq == first else f"decisions {first} to {last.seq} are"
            self._fault(f"the journal ends at line {len(lines)}: {lost} missing{_said_by(last)}", len(self.decisions))

    def _fault(self, told: str, trusted: int) -> None:
        self.faults.append(told)
        self.trusted = trusted if self.trusted is None else min(self.trusted, trusted)


def _said_by(head: Head) -> str:
    return f" ({head.source} names it)" if head.source else ""


def next_line(journal: Journal, draft: Decision, signer: Signer | None = None) -> tuple[Decision, bytes]:
    """The decision with its place in the chain, and its line, signed where there is a signer.

    Raises InputError when it cannot be written, SigningFailed when it cannot be signed.
    """
    detail = draft.detail if signer is None else {**draft.detail, KEY: signer.key.text}
    placed = draft.replace(seq=journal.head.seq + 1, prev=journal.head.digest, detail=detail)
    payload = encode_payload(placed)
    signatures = () if signer is None else (sign_payload(payload, signer),)
    try:
        decision = decode_payload(payload)
    except DecodeError as error:
        raise InputError(f"the decision cannot be written: {error}") from None
    verdict = TRUST_NOBODY(payload, signatures, decision.actor, decision.detail)
    if verdict.signed == "bad":
        # A line with a false signature would make the whole journal suspect.
        raise SigningFailed(f"the signature that was made is false: {verdict.why}; nothing was recorded")
    return decision, seal(payload, signatures) + b"\n"
