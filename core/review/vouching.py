"""Whether what leaves a workspace is still what a decision wrote there; an export says so where it is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.crashpack.integrity import NAME
from core.live.engine import State
from core.model.jsontext import sha256_hex
from core.review.exporting import Source
from core.review.rebuilt import as_it_stands
from core.review.verify_bundle import BundleCheck
from core.store.workspace import Workspace


def checked(source: Source, store: Workspace, state: State) -> Source:
    """The same source, with what the journal does not bear out of it."""
    if not source.sealed:
        return source
    found = _pack(source, state) if source.kind == "crashpack" else _bundle(source, store, state)
    return replace(source, doubts=tuple(found))


def _pack(source: Source, state: State) -> Iterator[str]:
    named = {
        d.crashpack.digest: d.seq for d in state.journal.decisions if d.crashpack and d.crashpack.name == source.name
    }
    if not named:
        yield "no decision of the journal names it"
    elif f"sha256:{sha256_hex(source.files.get(NAME, b''))}" not in named:
        yield f"{NAME} is not the one that decision {max(named.values())} recorded"


def _bundle(source: Source, store: Workspace, state: State) -> list[str]:
    decisions = [decision for decision in state.journal.decisions if decision.lineage == source.name]
    check = BundleCheck(store, source.name, decisions, as_it_stands(state))
    if decisions:
        check.run(state.redactor.strict)
    return check.problems
