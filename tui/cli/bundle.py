"""Commands on bundles and replay traces: `shadow`, `validate`, `oracle`."""

from __future__ import annotations

from pathlib import Path

import click

from core.artifacts.replay import Replay, replay_bundle
from core.artifacts.validate import Validation, validate_bundle
from core.model.candidate import OracleReport
from core.model.errors import InputError
from core.model.jsontext import Json, compact
from core.model.text import visible
from core.shadow.oracle import OracleError, OracleInput, replay_oracle
from core.store.archive import read_files
from core.store.trouble import explained
from core.traces.decode import decode_record
from core.traces.load import load_json
from tui.cli.exits import Exit
from tui.cli.kinds import PLACE
from tui.cli.printing import print_json, wrapped

_BUNDLE = click.argument("bundle", type=PLACE)
_AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")
_REPLAY_TRACE = "replay trace {}"


@click.command()
@_BUNDLE
@_AS_JSON
@click.pass_context
def shadow(ctx: click.Context, bundle: Path, as_json: bool) -> None:
    """Compare a bundle's candidate with the bundle's own runs; nothing is executed.

    Exit 1 when a run does not agree, or the result is not the recorded one.
    """
    replay = replay_bundle(_files(bundle), str(bundle))
    if as_json:
        print_json(_replay_json(replay))
    else:
        _print_replay(replay)
    ctx.exit(Exit.DONE if replay.passed else Exit.NO)


@click.command()
@_BUNDLE
@_AS_JSON
@click.pass_context
def validate(ctx: click.Context, bundle: Path, as_json: bool) -> None:
    """Check that a bundle is whole: manifest, workflow, report, eval pack, fixtures, redaction.

    Exit 1 when there are problems.
    """
    found = validate_bundle(_files(bundle), str(bundle))
    if as_json:
        print_json(found)
    else:
        _print_validation(found)
    ctx.exit(Exit.NO if found.problems else Exit.DONE)


@click.command()
@click.argument("file", type=PLACE)
@_AS_JSON
@click.pass_context
def oracle(ctx: click.Context, file: Path, as_json: bool) -> None:
    """Compare the two executions of a replay trace, but for what its allowlist lets differ.

    Exit 1 when they are not as the file expects.
    """
    value = load_json(str(file), what=_REPLAY_TRACE)
    given = decode_record(OracleInput, value, str(file), what=_REPLAY_TRACE)
    try:
        report = replay_oracle(given)
    except OracleError as error:
        raise InputError(f"{file}: {error}") from None
    if as_json:
        print_json(report)
    else:
        _print_oracle(report)
    ctx.exit(Exit.DONE if report.passed else Exit.NO)


def _files(bundle: Path) -> dict[str, bytes]:
    """The files of a bundle, or of an archive of one; none when there is no such path: its manifest is missed."""
    with explained("read", bundle, InputError):
        return read_files(bundle) if bundle.exists() else {}


def _replay_json(replay: Replay) -> Json:
    shown = {"candidate_id": replay.candidate_id, "shadow": replay.shadow}
    return shown | {"not_compared": replay.not_compared} if replay.not_compared else shown


def _print_replay(replay: Replay) -> None:
    report = replay.shadow
    agreeing = sum(result.passed for result in report.traces)
    click.echo(visible(f"{replay.candidate_id}: {agreeing} of {report.compared_traces} runs agree"))
    for result in report.traces:
        click.echo(wrapped(f"{'✓' if result.passed else '✗'} {result.trace_id}", 2))
        for detail in result.details:
            click.echo(wrapped(detail, 6))
        for rule in result.allowed or ():
            click.echo(wrapped(f"may differ: {rule}", 6))
    for failure in report.failures:
        click.echo(wrapped(f"✗ {failure}", 2))
    if not replay.as_recorded:
        click.echo("✗ The result is not the one that the bundle's report holds.")
    if replay.not_compared:
        click.echo("Not compared:")
    for note in replay.not_compared:
        click.echo(wrapped(f"- {note}", 2))


def _print_validation(found: Validation) -> None:
    click.echo(visible(f"{found.bundle_dir}: {found.kind} {found.candidate_id or '(no candidate)'}"))
    for name, value in found.wire().items():
        if isinstance(value, bool):
            click.echo(f"  {'✓' if value else '✗'} {name.removesuffix('_ok').replace('_', ' ')}")
    for problem in found.problems:
        click.echo(wrapped(f"✗ {problem}", 2))
    if not found.problems:
        click.echo("No problems found.")


def _print_oracle(report: OracleReport) -> None:
    state = "passed" if report.passed else "did not pass"
    click.echo(visible(f"{report.name}: {state} (expected: {report.expectation})"))
    if (found := report.divergence) is None:
        click.echo("  The two runs agree.")
        return
    click.echo(wrapped(f"{found.path}: {found.message}", 2))
    click.echo(wrapped(f"left   {compact(found.left).decode()}", 4))
    click.echo(wrapped(f"right  {compact(found.right).decode()}", 4))
