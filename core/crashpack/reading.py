"""Reading a crashpack's files: what each one says, or why it cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from core.crashpack.event_reading import read_events
from core.crashpack.events import TraceEvent
from core.crashpack.integrity import Problem
from core.crashpack.journal import JournalError, parse_journal
from core.crashpack.ledger import EvidenceLedger
from core.crashpack.oracles import OracleResult, RecordedState
from core.crashpack.pack import NAMES, STATE
from core.model.jsontext import Json, JsonError, parse
from core.model.record import DecodeError

T = TypeVar("T")

PROOF = "agent_proof_bundle.json"
COMPOSITE = "composite-evidence.json"


@dataclass(frozen=True, slots=True)
class Contents:
    """What could be read of a crashpack; None, or not there, where that failed."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    """All files as they are."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The files that are no JSON, by name."""
    events: list[TraceEvent] | None = None
    as_dumped: bool = False
    """Whether the events are written exactly as events are."""
    results: tuple[OracleResult, ...] | None = None
    """The journal's results, with texts as they are spelled there."""
    ledger: EvidenceLedger | None = None
    state: RecordedState | None = None
    """What the oracles saw, in packs that record it."""
    proof: Json = None
    """The agent proof bundle, in packs that have one."""
    composite: Json = None
    """The composite evidence, in packs that have it."""


def read_contents(files: Mapping[str, bytes]) -> tuple[Contents, list[Problem]]:
    """Decode what is there; a file that is missing is no problem here."""
    problems: list[Problem] = []

    def read(name: str, decode: Callable[[bytes], T]) -> T | None:
        if name not in files:
            return None
        try:
            return decode(files[name])
        except UnicodeDecodeError as error:
            problems.append(Problem(name, f"is not UTF-8 at byte {error.start}"))
        except (JsonError, DecodeError, JournalError) as error:
            problems.append(Problem(name, str(error)))
        return None

    texts = {
        name: read(name, bytes.decode) for name in NAMES if name not in ("transfer.atp-trace", "evidence-ledger.json")
    }
    journal = texts["journal"]
    events, as_dumped = read("transfer.atp-trace", read_events) or (None, False)
    contents = Contents(
        files=files,
        texts={name: text for name, text in texts.items() if text is not None},
        events=events,
        as_dumped=as_dumped,
        results=None if journal is None else read("journal", lambda _: parse_journal(journal)),
        ledger=read("evidence-ledger.json", lambda data: EvidenceLedger.decode(parse(data))),
        state=read(STATE, lambda data: RecordedState.decode(parse(data))),
        proof=read(PROOF, parse),
        composite=read(COMPOSITE, parse),
    )
    return contents, problems
