"""Removing old crashpacks, only when asked for, and never one that a live decision names (spec/review.md, Also).

What is removed is written down first, in `pruned.json`, so that `verify` can tell it from what was lost. That list
excuses only crashpacks of decisions that no longer count, so nobody can hide the evidence of one that does with it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import get_args

from pydantic import ConfigDict

from core.live.decided import packs_of
from core.model.decision import CrashpackRef, Decision
from core.model.errors import WorkspaceError
from core.model.jsontext import JsonError, parse, pretty
from core.model.record import DecodeError, Record, Text
from core.promotion.risk import RiskLevel
from core.promotion.standing import Rules, governing, heard, verdicts
from core.store.files import make_folder, remove_tree, write_file
from core.store.policy import Policy
from core.store.recovery import PRUNED, recover_locked
from core.store.signing.checking import Checker
from core.store.staging import sums_of
from core.store.trouble import explained, names_in, read_if_there, shown
from core.store.workspace import Workspace


class Pruned(Record):
    """The crashpacks that were removed, each with its digest as the journal has it."""

    model_config = ConfigDict(extra="forbid")

    crashpacks: dict[Text, Text] = {}

    def names(self, pack: CrashpackRef) -> bool:
        """Whether this very crashpack was removed."""
        return self.crashpacks.get(pack.name) == pack.digest


@dataclass(frozen=True, slots=True)
class Pruning:
    """What pruning removed, or would remove, and what it left."""

    removed: tuple[str, ...]
    """Names of crashpacks, oldest first."""
    newest: tuple[str, ...]
    """Those that stay as they are among the newest."""
    in_use: tuple[str, ...]
    """Older ones that stay as a live decision names them, or the comparison of their lineage rests on them."""
    damaged: tuple[str, ...]
    """Those that stay as they are not what the journal recorded, which `verify` tells of."""


def read_pruned(workspace: Workspace) -> Pruned:
    """The list of what was removed. Raises WorkspaceError."""
    path = _list_of(workspace)
    if (data := read_if_there(path)) is None:
        return Pruned()
    try:
        return Pruned.decode(parse(data))
    except (JsonError, DecodeError) as error:
        raise WorkspaceError(f"{shown(path)} is damaged: {error}; put back a copy") from None


def live_packs(decisions: Sequence[Decision], policy: Policy) -> set[str]:
    """The crashpacks that live decisions name."""
    live = [
        decision
        for some in _by_lineage(decisions).values()
        # What does not count by the policy of now may count by the next one.
        for decision in (*verdicts(some, policy), *verdicts(heard(some, policy.keys_required), policy), *verdicts(some))
    ]
    return {decision.crashpack.name for decision in live if decision.crashpack is not None}


def _compared(decisions: Sequence[Decision], policy: Policy, there: Collection[str]) -> Iterator[str]:
    """Of the crashpacks that are there, those from which lineages are compared when they are proposed no longer."""
    for some in _by_lineage(decisions).values():
        for risk in get_args(RiskLevel):
            packs = packs_of(some, governing(some, partial(_same_rules, policy.rules(risk))))
            yield from [pack.name for pack in packs if pack.name in there][:1]


def _same_rules(rules: Rules, _: Decision) -> Rules:
    """The rules for every decision alike."""
    return rules


def _by_lineage(decisions: Sequence[Decision]) -> Mapping[str, list[Decision]]:
    found: defaultdict[str, list[Decision]] = defaultdict(list)
    for decision in decisions:
        found[decision.lineage].append(decision)
    return found


def prune(workspace: Workspace, keep: int, *, dry_run: bool = False) -> Pruning:
    """Remove all crashpacks but the newest `keep` and those in use; with `dry_run` only say which.

    Raises WorkspaceError when the journal or the policy cannot be relied on, or the disk refuses; what a decision
    names and what nobody knows of is never touched.
    """
    with workspace.locked("prune"):
        recover_locked(workspace)
        policy = workspace.load_policy()
        journal = workspace.load_journal(check=Checker.of(policy.trusted_keys), complete=True)
        if journal.faults or journal.notes:
            told = (*journal.told, *journal.notes)[0]
            raise WorkspaceError(f"which decisions count cannot be told ({told}); nothing was removed")
        found = _sorted_out(workspace, journal.trusted, policy, keep)
        if found.removed and not dry_run:
            digests = {d.crashpack.name: d.crashpack.digest for d in journal.trusted if d.crashpack is not None}
            _remove(workspace, {name: digests[name] for name in found.removed})
        return found


def _sorted_out(workspace: Workspace, decisions: Sequence[Decision], policy: Policy, keep: int) -> Pruning:
    packs = [d.crashpack for d in decisions if d.crashpack is not None]
    names = set(names_in(workspace.crashpacks))
    there = [pack for pack in packs if pack.name in names]
    used = live_packs(decisions, policy) | set(_compared(decisions, policy, {pack.name for pack in there}))
    cut = max(len(there) - keep, 0)
    older = [pack for pack in there[:cut] if pack.name not in used]
    sound = [pack for pack in older if sums_of(workspace.crashpack(pack.name)) == pack.digest]
    return Pruning(
        removed=tuple(pack.name for pack in sound),
        newest=tuple(pack.name for pack in there[cut:]),
        in_use=tuple(pack.name for pack in there[:cut] if pack.name in used),
        damaged=tuple(pack.name for pack in older if pack not in sound),
    )


def _remove(workspace: Workspace, packs: dict[str, str]) -> None:
    """Write down what goes, then remove it: each crashpack at one stroke, for what is left of one looks damaged."""
    before, disk = read_pruned(workspace).crashpacks, workspace.disk
    write_file(_list_of(workspace), pretty(Pruned(crashpacks={**before, **packs})) + b"\n", disk=disk)
    asides = {name: workspace.tmp / f"{name}{PRUNED}" for name in packs}
    with explained("remove", workspace.crashpacks):
        make_folder(workspace.tmp, disk=disk)
        for name, aside in asides.items():
            disk.rename(workspace.crashpack(name), aside)
        for folder in (workspace.tmp, workspace.crashpacks):
            disk.flush_folder(folder)
    for aside in asides.values():
        with explained("remove", aside):
            remove_tree(aside, disk=disk)


def _list_of(workspace: Workspace) -> Path:
    return workspace.folder / "pruned.json"
