"""Commands on crashpacks: `atp emit`, `validate`, `replay`, `minimize` and `proof`."""

from __future__ import annotations

import gc
import math
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from core.crashpack.event_reading import events_of
from core.crashpack.event_text import event_text
from core.crashpack.minimise import MinimiseOptions, minimise
from core.crashpack.pack import MODES, NAMES
from core.crashpack.proof import AgentProofBundle, bundle_problems, proof_bundle
from core.crashpack.proof_files import MODES as PROOF_MODES
from core.crashpack.proof_files import proof_files
from core.crashpack.replay import ReplayResult
from core.crashpack.replay_script import ARTIFACT_FLAGS
from core.crashpack.spec import EmitSpec
from core.crashpack.validate import validate
from core.model.errors import InputError
from core.model.jsontext import Json, JsonError, parse
from core.model.record import DecodeError
from core.model.text import plural, visible
from core.store.archive import read_files
from core.store.files import strange_entries
from core.store.new_folder import write_new_folder
from core.store.trouble import explained, shown
from tui.cli.exits import Exit
from tui.cli.kinds import PLACE
from tui.cli.printing import print_json

T = TypeVar("T")
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.group()
@click.pass_context
def atp(ctx: click.Context) -> None:
    """Work with crashpacks: the folders of evidence that decisions leave behind."""
    if gc.isenabled():  # a big trace is many small values that stay to the end: looking for garbage costs a fifth
        gc.disable()
        ctx.call_on_close(gc.enable)


@atp.command()
@click.option("--spec", type=PLACE, required=True, help="JSON file with oracles, events, seeds, paths and metadata.")
@click.option("--out-dir", type=PLACE, required=True, help="Folder to write; must be new or empty.")
@_AS_JSON
def emit(spec: Path, out_dir: Path, as_json: bool) -> None:
    """Write a crashpack from a description of what oracles saw and what happened."""
    made = _decoded(spec, EmitSpec.decode)
    files = made.emit(int(time.time()))
    write_new_folder(out_dir, files, modes=MODES)
    violations = sum(len(result.violations) for result in made.results)
    if as_json:
        print_json({"out_dir": str(out_dir), "files": list(files), "violations": violations})
        return
    click.echo(
        f"Wrote {plural(len(files), 'file')} into {visible(str(out_dir))}; {plural(violations, 'violation')} recorded."
    )


@atp.command("validate")
@click.argument("folder", metavar="DIR", type=PLACE)
@_AS_JSON
@click.pass_context
def validate_(ctx: click.Context, folder: Path, as_json: bool) -> None:
    """Check that nothing in the crashpack DIR, or in an archive of one, was changed, and that it can be replayed."""
    outcome = validate(_read_pack(folder), _strange(folder))
    if as_json:
        problems = [] if outcome.passed else [str(problem) for problem in outcome.problems]
        print_json({**outcome.report.wire(), **({"problems": problems} if problems else {})})
    elif outcome.passed:
        report = outcome.report
        click.echo(
            f"{visible(str(folder))} is valid: {plural(report.trace_events, 'event')}, "
            f"{plural(report.ledger_entries, 'ledger entry', 'ledger entries')} "
            f"({plural(report.violation_entries, 'violation')}), journal {report.journal_digest}"
        )
    else:
        for problem in outcome.problems:
            click.echo(visible(str(problem)))
        click.echo(f"{visible(str(folder))} is not valid: {plural(len(outcome.problems), 'problem')}")
    ctx.exit(Exit.DONE if outcome.passed else Exit.NO)


def _share(ctx: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    if value is not None and not 0 <= value < math.inf:
        raise click.BadParameter("must be a finite number and not negative", ctx, parameter)
    return value


def _minimise_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the minimiser's options."""
    for option in reversed(
        (
            click.option(
                "--reduction-target",
                type=float,
                callback=_share,
                help="Share of events, 0 to 1, after whose removal to stop.  [default: 0.3]",
            ),
            click.option("--max-attempts", type=click.IntRange(min=0), help="Removals to try.  [default: 100]"),
            click.option("--disabled", is_flag=True, help="Remove nothing."),
            click.option("--preserve-timing", is_flag=True, help="Keep every event, as each one's time matters."),
            click.option(
                "--no-preserve-oracle-events", is_flag=True, help="Try structural events and witnesses as well."
            ),
        )
    ):
        command = option(command)
    return command


def _options(
    reduction_target: float | None,
    max_attempts: int | None,
    disabled: bool,
    preserve_timing: bool,
    no_preserve_oracle_events: bool,
) -> MinimiseOptions:
    usual = MinimiseOptions()
    return MinimiseOptions(
        enabled=not disabled,
        reduction_target=usual.reduction_target if reduction_target is None else reduction_target,
        max_attempts=usual.max_attempts if max_attempts is None else max_attempts,
        preserve_oracle_events=not no_preserve_oracle_events,
        preserve_timing=preserve_timing,
    )


@atp.command()
@click.option("--events", type=PLACE, required=True, help="JSON file with a list of trace events.")
@_minimise_options
@_AS_JSON
def minimize(events: Path, as_json: bool, **given: Any) -> None:
    """Drop events from a trace, last first, as long as its failure stays."""
    outcome = minimise(_decoded(events, events_of), _options(**given))
    if as_json:
        print_json(outcome.as_json())
        return
    for event in outcome.events:
        click.echo(visible(event_text(event)))
    click.echo(outcome.summary)


def _artifact_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add an option for each file that the replay command names."""
    for flag, file in reversed(ARTIFACT_FLAGS.items()):
        command = click.option(flag, type=PLACE, metavar="FILE", help=f"Read {file} from here.")(command)
    return command


@atp.command("replay")
@click.argument("folder", metavar="[DIR]", type=PLACE, required=False)
@_artifact_options
@click.option(
    "--validate-oracles/--no-validate-oracles",
    default=True,
    help="Judge again what the oracles saw, and compare.  [default: yes]",
)
@click.option("--oracle", "oracles", metavar="NAME", multiple=True, help="Only this oracle; may be repeated.")
@_minimise_options
@_AS_JSON
@click.pass_context
def replay_(
    ctx: click.Context,
    /,
    folder: Path | None,
    validate_oracles: bool,
    oracles: tuple[str, ...],
    as_json: bool,
    **given: Any,
) -> None:
    """Validate the crashpack DIR, judge again what it recorded, and name the first difference.

    DIR may be an archive that `assay export` made. Without DIR it is the folder of --trace-file, else the current
    one; files named by options are then relative to the current folder, otherwise to DIR. With the minimiser's
    options it also says what would be left of the trace.
    """
    artifacts = {file: given.pop(flag.removeprefix("--").replace("-", "_")) for flag, file in ARTIFACT_FLAGS.items()}
    # Deriving a decision again needs all that derives; the other commands begin sooner without.
    from core.crashpack.decision_replay import replay_decision

    files = _gathered(folder, artifacts)
    strange = _strange(_home(folder, artifacts))
    result = replay_decision(files, oracles=oracles, rerun=validate_oracles, strange=strange)
    wanted = any(value not in (None, False) for value in given.values())
    minimised = minimise(result.validation.contents.events or [], _options(**given)) if wanted else None
    if as_json:
        told = {"minimization": {"stats": minimised.stats, "summary": minimised.summary}} if minimised else {}
        print_json({**_replay_json(result), **told})
    else:
        _print_replay(result)
        if minimised:
            click.echo(minimised.summary)
    ctx.exit(Exit.DONE if result.passed else Exit.NO)


def _replay_json(result: ReplayResult) -> dict[str, Json]:
    return {
        "passed": result.passed,
        "first_difference": result.first_difference,
        "checks": [{"name": check.name, "passed": check.passed, "text": check.text} for check in result.checks],
        "notes": list(result.notes),
        "report": result.validation.report,
    }


def _print_replay(result: ReplayResult) -> None:
    for check in result.checks:
        click.echo(visible(f"{'same' if check.passed else 'DIFFERS'}  {check.name}: {check.text}"))
    for note in result.notes:
        click.echo(visible(f"note  {note}"))
    if result.passed:
        click.echo("Replayed: everything is as recorded.")
    else:
        click.echo(visible(f"First difference: {result.first_difference}"))


@atp.command()
@click.option("--spec", type=PLACE, required=True, help="JSON file with objective, agent_id, commands, …")
@click.option("--out-dir", type=PLACE, required=True, help="Folder to write; must be new or empty.")
@_AS_JSON
@click.pass_context
def proof(ctx: click.Context, spec: Path, out_dir: Path, as_json: bool) -> None:
    """Write an agent proof bundle: who did what, redacted, with a script that asks before it repeats it."""
    given = _decoded(spec, AgentProofBundle.decode)
    fields = {name: value for name, value in given.wire().items() if name in given.model_fields_set}
    bundle = proof_bundle(fields.pop("objective", ""), fields.pop("agent_id", ""), **fields)
    problems = list(bundle_problems(bundle))
    files = {} if problems else proof_files(bundle)
    if files:
        write_new_folder(out_dir, files, modes=PROOF_MODES)
    if as_json:
        print_json({"out_dir": str(out_dir), "files": list(files), "problems": problems})
    else:
        for problem in problems:
            click.echo(visible(problem))
        click.echo(
            f"Wrote {plural(len(files), 'file')} into {visible(str(out_dir))}." if files else "Nothing was written."
        )
    ctx.exit(Exit.NO if problems else Exit.DONE)


def _decoded(path: Path, decode: Callable[[Json], T]) -> T:
    """A JSON file, decoded. Raises InputError that names the file and the place."""
    try:
        # In one expression, so that neither the bytes nor the parsed value stay while something is made of them.
        return decode(parse(_bytes(path)))
    except (JsonError, DecodeError) as error:
        raise InputError(f"{visible(str(path))}: {error}") from None


def _bytes(path: Path) -> bytes:
    """A file's bytes; a pipe is refused, not waited for. Raises InputError."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise InputError(f"cannot read {shown(path)}: not a regular file")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {shown(path)}: {error.strerror or error}") from None


def _read_pack(folder: Path) -> dict[str, bytes]:
    """A crashpack's files. Raises InputError when the folder holds none of the files of one."""
    with explained("read", folder, InputError):
        is_other = folder.is_dir() and not any((folder / name).is_file() for name in NAMES)
    if is_other:
        raise InputError(f"{visible(str(folder))} is not a crashpack: it has none of its files ({', '.join(NAMES)})")
    return read_files(folder)


def _strange(folder: Path) -> dict[str, str]:
    """What lies in a crashpack's folder besides files."""
    return strange_entries(folder) if folder.is_dir() else {}


def _home(folder: Path | None, artifacts: dict[str, Path | None]) -> Path:
    trace = artifacts["transfer.atp-trace"]
    return folder or (trace.parent if trace else Path())


def _gathered(folder: Path | None, artifacts: dict[str, Path | None]) -> dict[str, bytes]:
    """The files of the crashpack that a folder and options name."""
    files = _read_pack(_home(folder, artifacts))
    for name, path in artifacts.items():
        if path is None:
            continue
        files[name] = _bytes(folder / path if folder and folder.is_dir() else path)
    return files
