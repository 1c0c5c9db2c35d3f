"""`assay export`: a crashpack, a candidate's bundle or its skill, safe to hand on and stable in its bytes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from core.artifacts.redaction_review import Finding
from core.artifacts.skill_bundle import skill_files
from core.artifacts.skill_record import Skill
from core.model.errors import InputError
from core.model.jsontext import Json, sha256_hex
from core.model.text import plural, visible
from core.review.exporting import (
    Source,
    candidate_source,
    crashpack_source,
    folder_source,
    kind_of,
    reviewed,
)
from core.review.rebuilt import as_it_stands
from core.review.vouching import checked
from core.session import Session
from core.store.archive import KINDS
from core.store.files import write_file, write_folder
from core.store.places import check_unread
from core.store.policy import CohortKey, Mode
from core.store.trouble import explained
from tui.cli.exits import Exit
from tui.cli.export_rules import change_rules, rule_options
from tui.cli.kinds import PLACE
from tui.cli.opening import AS_JSON, named, opened, workspace_options
from tui.cli.printing import print_json, table, wrapped


@dataclass(frozen=True, slots=True)
class _Found:
    """What is exported, and what was taken out of it when that was asked for."""

    source: Source
    review: tuple[Finding, ...] | None = None


@click.command()
@click.argument("source", metavar="TRACES|DIR", type=PLACE)
@click.argument("name", metavar="[CANDIDATE|CRASHPACK]", required=False)
@click.option(
    "--out",
    type=PLACE,
    help=f"The archive to write, *{' or *'.join(KINDS)}; with --skill also a folder.",
)
@click.option("--force", is_flag=True, help="Replace what --out names when it is there already.")
@click.option(
    "--skill", is_flag=True, help="A skill goes along, or alone into a folder, if its replay gate accepts it."
)
@click.option("--review", is_flag=True, help="Show what was taken out by which rule; without --out only that.")
@rule_options
@workspace_options
@AS_JSON
@click.pass_context
def export(
    ctx: click.Context,
    /,
    source: Path,
    name: str | None,
    out: Path | None,
    force: bool,
    skill: bool,
    review: bool,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    as_json: bool,
    **rules: Any,
) -> None:
    """Make one archive of a candidate's bundle or of a crashpack; `validate`, `shadow` and `atp` read it as it is.

    Name the crashpack or the candidate of a traces folder, or only the folder of a crashpack or bundle. The same
    files give the same bytes. --keep-… and --redact change the workspace's policy first, with a reason; what was
    decided before stays as it was written. Ends with 1, what was asked for written as it is, when it is damaged, and
    when a skill's replay gate does not accept it: only the gate's receipt is written then.
    """
    if out is None and not review:
        raise click.UsageError("say where to write with --out, or look at what was taken out with --review")
    _check_out(out, force, skill)
    if name is None:
        if any(rules.values()):
            raise click.UsageError("exceptions and rules belong to a workspace: name the traces folder and a candidate")
        found = _Found(folder := folder_source(source), reviewed(folder, _no_run, _no_redactor()) if review else None)
    else:
        if out is not None:
            check_unread(out, source)
        with opened(source, workspace, mode, cohort) as session:
            change_rules(session, rules)
            found = _named(session, name, review)
    told: dict[str, Json] = {"kind": found.source.kind, "name": found.source.name}
    ok = _write(found.source, out, skill, told) if out is not None else True
    if found.review is not None:
        told["redactions"] = [_json(finding) for finding in found.review]
    if as_json:
        print_json(told)
    else:
        _print(told, found)
    ctx.exit(Exit.DONE if ok else Exit.NO)


def _check_out(out: Path | None, force: bool, skill: bool) -> None:
    if out is None:
        return
    if kind_of(out) is None and not skill:
        raise click.BadParameter(f"{visible(out.name)} must end with {' or '.join(KINDS)}", param_hint="--out")
    with explained("write", out):
        is_there = out.exists()
    if is_there and not force:
        raise InputError(f"{visible(str(out))} exists already; name another file, or replace it with --force")


def _named(session: Session, name: str, review: bool) -> _Found:
    """A crashpack by its name, else a candidate's bundle."""
    state = session.adopt()
    snapshot, redactor = state.snapshot, state.redactor
    source = crashpack_source(session.store, name, snapshot)
    if source is None:
        source = candidate_source(session.store, named(snapshot, name), snapshot, session.trace, redactor)
    source = checked(source, session.store, snapshot.journal.decisions, redactor, as_it_stands(state))
    return _Found(source, reviewed(source, session.trace, redactor) if review else None)


def _write(source: Source, out: Path, skill: bool, told: dict[str, Json]) -> bool:
    """Write what was asked for and say so in `told`; whether all of it is as it should be."""
    kind = kind_of(out)
    made: Skill | None = source.skill() if skill else None
    if kind is None:
        assert made is not None
        files = {name.rpartition("/")[2]: data for name, data in skill_files(made).items()}
        # Last, and gone before anything else is replaced: one that an earlier export left would pass for accepted.
        write_folder(out, files, last="SKILL.md")
        told |= {"out": str(out), "files": len(files)}
        problems: list[str] = []
    else:
        source = source.with_skill() if made else source
        data = source.archive(kind)
        write_file(out, data)
        problems = source.problems()
        told |= {"out": str(out), "files": len(source.files), "bytes": len(data), "sha256": sha256_hex(data)}
        told["problems"] = problems
    if made is not None:
        gate = made.replay_gate
        told["skill"] = {"id": made.id, "name": made.name, "decision": gate.decision, "failures": list(gate.failures)}
    return not problems and (made is None or made.replay_gate.accepted)


def _print(told: dict[str, Json], found: _Found) -> None:
    if "out" in told:
        what = f"the {told['kind']} {told['name']}" if "sha256" in told else f"the skill of {told['name']}"
        click.echo(visible(f"Wrote {what}, {told['files']} file{'s' * (told['files'] != 1)}, to {told['out']}"))
    if "sha256" in told:
        click.echo(f"sha256 {told['sha256']}")
    for problem in told.get("problems", ()):
        click.echo(wrapped(f"damaged: {problem}", 0), err=True)
    if skill := told.get("skill"):
        click.echo(visible(f"skill {skill['name']} ({skill['id']}): {skill['decision']} by the replay gate"))
        for failure in skill["failures"]:
            click.echo(wrapped(failure, 2))
    if found.review is not None:
        _print_review(found.source, found.review)


def _print_review(source: Source, review: Sequence[Finding]) -> None:
    rules = len({finding.rule for finding in review})
    if not review:
        click.echo(visible(f"Nothing was taken out of the {source.kind} {source.name}."))
        return
    click.echo(
        visible(
            f"Taken out of the {source.kind} {source.name}: {plural(len(review), 'place')}, by {plural(rules, 'rule')}"
        )
    )
    table(
        ("rule", "place", "what it was"),
        [(f.rule, f"{f.file}#{f.place}", f.preview or "(the run is not at hand)") for f in review],
    )
    if source.sealed:
        click.echo("It is kept as it was written: exceptions and rules count from the next decision on.")


def _json(finding: Finding) -> Json:
    return {"rule": finding.rule, "file": finding.file, "place": finding.place, "preview": finding.preview}


def _no_run(trace_id: str) -> Any:
    raise InputError(f"run {trace_id} is not at hand")


def _no_redactor() -> Any:
    from core.artifacts.redact import PLAIN

    return PLAIN
