"""`assay effects`: what the agents' tools change, as a person states it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import click

from core.importers.convert import format_of, found
from core.importers.effects_file import load_effects, starter
from core.importers.sources import origins
from core.importers.suggest import ToolUses
from core.importers.texts import Source
from core.importers.values import USUAL, Left, Options, Run
from core.model.errors import InputError, NothingFound
from core.model.text import visible
from core.store.files import write_file
from core.store.places import check_unread
from core.store.trouble import explained, shown
from tui.cli.kinds import PLACE
from tui.cli.opening import AS_JSON
from tui.cli.printing import print_json, table


@click.group()
def effects() -> None:
    """State what the agents' tools change: an effects.toml.

    As effects.toml in the workspace (TRACES.assay) it counts for the runs of other tools that `assay TRACES` reads; for
    imports and datasets it is named with --effects.
    """


@effects.command()
@click.argument("source", type=PLACE, metavar="TRACES|SOURCE")
@click.option("--to", "target", type=PLACE, metavar="FILE", help="Write it there instead of printing it.")
@AS_JSON
def suggest(source: Path, target: Path | None, as_json: bool) -> None:
    """Print a starter: every tool of some runs, with what was seen of it and nothing stated yet."""
    if target is not None:
        check_unread(target, source)
    uses = ToolUses()
    for actions in _runs(source, USUAL):
        uses.take(actions)
    told = uses.told()
    if as_json:
        print_json({"tools": [use._asdict() for use in told]})
    elif target is None:
        click.echo(starter(told), nl=False)
    else:
        with explained("write", target):
            is_there = target.exists()
        if is_there:
            raise InputError(f"{visible(str(target))} exists already; name another file, it may hold your work")
        write_file(target, starter(told).encode())
        count = f"{len(told)} {'tool' if len(told) == 1 else 'tools'}"
        click.echo(visible(f"wrote {target} with {count}; fill in what they change"))
    if not told:
        raise NothingFound("no run calls a tool")


@effects.command()
@click.argument("file", type=PLACE, metavar="FILE")
@click.argument("source", type=PLACE, metavar="TRACES|SOURCE")
@AS_JSON
def check(file: Path, source: Path, as_json: bool) -> None:
    """Show what an effects.toml states of the tools of some runs, and which tools it does not name.

    Exit 1 when it leaves a tool out.
    """
    stated = load_effects(file)
    uses = ToolUses()
    for actions in _runs(source, USUAL):
        uses.take(actions)
    rows: list[dict[str, Any]] = []
    for use in uses.told():
        rule = stated.rule(use.name)
        kinds = [f"{effect.kind} {effect.target}" for effect in rule.effects] if rule else []
        rows.append({"tool": use.name, "calls": use.calls, "named": rule is not None, "effects": kinds})
    if as_json:
        print_json({"tools": rows})
    else:
        table(
            ("TOOL", "CALLS", "STATED"),
            [(row["tool"], str(row["calls"]), _stated(row)) for row in rows],
        )
    if missing := sum(not row["named"] for row in rows):
        raise NothingFound(f"{missing} {'tool is' if missing == 1 else 'tools are'} not named in {visible(str(file))}")


def _stated(row: dict[str, Any]) -> str:
    return ", ".join(row["effects"]) or ("no side effect" if row["named"] else "not named")


def _opened(path: Path) -> BinaryIO:
    with explained("read", path, InputError):
        return path.open("rb")


def _passed(path: Path, _label: str, left: Left) -> None:
    if left.fault:
        raise InputError(f"cannot read {shown(path)}: {left.reason}")


def _runs(source: Path, options: Options) -> Iterator[list[dict[str, Any]]]:
    """The actions of all runs in a file or folder, in our own format or another tool's."""
    for one in origins((source,), _passed):
        held = Source(one.label, one.stamp[0], partial(_opened, one.path))
        made = format_of(held, options)
        if made is not None:
            yield from (run.trace["actions"] for run in found(held, made, options) if isinstance(run, Run))
