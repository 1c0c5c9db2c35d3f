"""Whether what leaves a workspace is still what a decision wrote there; an export says so where it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.artifacts.redact import Redactor
from core.crashpack.integrity import NAME
from core.model.decision import Decision
from core.model.jsontext import sha256_hex
from core.review.exporting import Source
from core.review.verify_bundle import AsItStands, BundleCheck
from core.store.workspace import Workspace


def checked(
    source: Source, store: Workspace, decisions: Sequence[Decision], redactor: Redactor, now: AsItStands
) -> Source:
    """The same source, with what the journal's decisions do not bear out of it."""
    if not source.sealed:
        return source
    if source.kind == "crashpack":
        return replace(source, doubts=tuple(_pack(source, decisions)))
    check = BundleCheck(store, source.name, [d for d in decisions if d.lineage == source.name], now)
    if check.decisions:
        check.run(redactor.strict)
    return replace(source, doubts=tuple(check.problems))


def _pack(source: Source, decisions: Sequence[Decision]) -> Iterator[str]:
    named = {d.crashpack.digest: d.seq for d in decisions if d.crashpack and d.crashpack.name == source.name}
    if not named:
        yield "no decision of the journal names it"
    elif f"sha256:{sha256_hex(source.files.get(NAME, b''))}" not in named:
        yield f"{NAME} is not the one that decision {max(named.values())} recorded"
