"""The journal as bytes: a chain of decisions, read so that every changed, missing or moved line is named.

Pure; core.store.journal_file does the reading and writing (spec/review.md, The journal).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from core.model.decision import Decision
from core.model.errors import InputError
from core.model.jsontext import sha256_hex
from core.model.record import DecodeError
from core.model.text import visible
from core.store.statement import decode_line, encode_line

GENESIS = "0" * 64
"""The `prev` of the first line."""

_HEAD = re.compile(r"([0-9]{1,20}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a journal: how many decisions, and the sha256 of the last line. Its text is `SEQ:HEX`."""

    seq: int = 0
    digest: str = GENESIS

    def __str__(self) -> str:
        return f"{self.seq}:{self.digest}"

    @classmethod
    def parse(cls, text: str) -> Head:
        """The head of a text. Raises InputError."""
        if not (found := _HEAD.fullmatch(text.strip())):
            raise InputError(f"{visible(text[:80])!r} is no journal head; it looks like 12:0a1b… with 64 hex digits")
        return cls(int(found[1]), found[2])


@dataclass(frozen=True, slots=True)
class Journal:
    """What a journal holds."""

    decisions: tuple[Decision, ...] = ()
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

    @property
    def trusted(self) -> tuple[Decision, ...]:
        """The decisions before any fault."""
        return self.decisions[: self.trusted_count]


def read_journal(data: bytes, *, known: Sequence[Head] = ()) -> Journal:
    """The journal in some bytes. Never raises: whatever is wrong becomes a fault.

    `known` are heads that this journal had at some time, from beside it, a crashpack or a person; only they can tell
    that the last lines were changed or taken away.
    """
    *lines, torn = data.split(b"\n")
    if lines and not torn and b"\0" in lines[-1]:
        # A power loss can keep a line's end and lose its middle; no line of ours has such bytes.
        torn = lines.pop() + b"\n"
    chain = _Chain()
    for line in lines:
        chain.add(line)
    if not chain.faults:
        for head in sorted(known, key=lambda h: h.seq):
            chain.check(head, lines)
    trusted = len(chain.decisions) if chain.trusted is None else chain.trusted
    return Journal(
        decisions=tuple(chain.decisions),
        trusted_count=trusted,
        faults=tuple(dict.fromkeys(chain.faults)),
        torn_tail=torn,
        head=Head(chain.expected - 1, chain.prev),
        size=len(data) - len(torn),
    )


class _Chain:
    """The state of reading: what the next line has to say, and what was wrong so far."""

    def __init__(self) -> None:
        self.decisions: list[Decision] = []
        self.faults: list[str] = []
        self.trusted: int | None = None
        self.number = 0
        self.expected = 1
        self.prev = GENESIS
        self.last_readable = True

    def add(self, line: bytes) -> None:
        """Take the next line."""
        self.number += 1
        try:
            decision = decode_line(line)
        except DecodeError as error:
            told = "it is empty" if not line else visible(str(error))
            self._fault(f"line {self.number} was changed: {told}", len(self.decisions))
            self.expected += 1
            self.last_readable = False
        else:
            self._link(decision)
            self.decisions.append(decision)
            self.expected = decision.seq + 1
            self.last_readable = True
        self.prev = sha256_hex(line)

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

    def check(self, head: Head, lines: Sequence[bytes]) -> None:
        """Compare an unbroken chain with a head that it is known to have had."""
        if head.seq > len(lines):
            lost = (
                f"decision {head.seq} is"
                if head.seq == len(lines) + 1
                else (f"decisions {len(lines) + 1} to {head.seq} are")
            )
            self._fault(f"the journal ends at line {len(lines)}: {lost} missing", len(self.decisions))
        elif head.seq and sha256_hex(lines[head.seq - 1]) != head.digest:
            self._fault(f"line {head.seq} was changed: it is not the one that was recorded", head.seq - 1)

    def _fault(self, told: str, trusted: int) -> None:
        self.faults.append(told)
        self.trusted = trusted if self.trusted is None else min(self.trusted, trusted)


def next_line(journal: Journal, draft: Decision) -> tuple[Decision, bytes]:
    """The decision with its place in the chain, and its line. Raises InputError when it cannot be written."""
    placed = draft.replace(seq=journal.head.seq + 1, prev=journal.head.digest)
    line = encode_line(placed)
    try:
        return decode_line(line[:-1]), line
    except DecodeError as error:
        raise InputError(f"the decision cannot be written: {error}") from None
