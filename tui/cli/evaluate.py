"""The `evaluate` command: how good generalised candidates are on runs that they were not made from."""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import click

from core.evaluate import evaluate as judge
from core.importers.effects_file import load_stated
from core.live.feed import read_all
from core.live.read import read_file
from core.model.errors import InputError
from core.model.text import visible
from core.model.trace import Trace
from core.store.places import traces_folder
from core.store.policy import Policy
from core.store.trouble import explained
from core.store.workspace import EFFECTS
from tui.cli.kinds import PATH, PLACE
from tui.cli.opening import is_result
from tui.cli.printing import print_json, table

_LABELS = (
    ("jobs_covered", "jobs covered"),
    ("effects_covered", "effects covered"),
    ("reproduction", "reproduction"),
    ("per_effect_reproduction", "per-effect reproduction"),
    ("per_effect_from_any_start", "per-effect, from any start"),
    ("completed_after_two_steps", "completed after two steps"),
    ("binding_member", "bound value in its set"),
    ("binding_exact", "single bound value right"),
    ("calibration_error", "calibration error"),
    ("candidates", "candidates"),
    ("outcomes", "supporting runs that succeeded"),
)


@click.command()
@click.argument("traces", type=PATH, metavar="TRACES")
@click.option("--folds", type=click.IntRange(2, 50), default=5, show_default=True, help="Into how many parts.")
@click.option("--seeds", type=click.IntRange(1, 50), default=3, show_default=True, help="How many ways to split.")
@click.option(
    "--min-examples",
    type=click.IntRange(1),
    default=Policy().min_examples,
    show_default=True,
    help="In how many runs a workflow has to occur.",
)
@click.option(
    "--effects",
    type=PLACE,
    metavar="FILE",
    help="What other tools' runs change; by default effects.toml in the workspace TRACES.assay.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def evaluate(traces: str, folds: int, seeds: int, min_examples: int, effects: Path | None, as_json: bool) -> None:
    """Judge generalised candidates on held-out runs of a folder.

    Mines part of the runs and judges the candidates on the rest, in folds over groups: runs whose first tool step has
    the same name and parameters. Every measure comes with a 95 % interval over groups.
    """
    tell = _teller()
    found = judge(_load(Path(traces), effects), min_examples=min_examples, folds=folds, seeds=seeds, progress=tell)
    tell("")
    if as_json:
        print_json(found)
    else:
        _print(found)


def _load(folder: Path, effects: Path | None) -> list[Trace]:
    """The runs below a folder as `assay TRACES` reads them; what does not load is told. Raises InputError."""
    given = traces_folder(folder)
    if is_result(given):
        raise InputError(f"{visible(str(folder))} is a result of `assay mine`; name the folder that its runs are in")
    beside = given.parent / f"{given.name}.assay" / EFFECTS
    with explained("read", beside):
        file = effects or (beside if beside.exists() else None)
    reader = partial(read_file, effects=load_stated(file)[0] if file else "")
    found = read_all(given, Policy().max_file_size, read=reader)
    for unit, problem in found.problems.items():
        place = f" ({problem.place})" if problem.place else ""
        click.echo(visible(f"left out: {unit}{place}: {problem.reason}"), err=True)
    return [file.trace for file in found.loaded.values() if file.trace is not None]


def _teller() -> Callable[[str], None]:
    """Tells the progress on stderr: one line that is written over on a terminal, plain lines elsewhere."""
    if not sys.stderr.isatty():
        return lambda text: click.echo(visible(text), err=True) if text else None
    return lambda text: click.echo(f"\r\x1b[2K{visible(text)}", err=True, nl=False)


def _print(found: dict[str, Any]) -> None:
    reruns = found["reruns_of_one_task"]
    if found["too_small"]:
        click.echo(f"Too few runs to split: {_names(found['too_small'])}")
    click.echo(f"{found['judged_runs']} of {found['runs']} runs judged, {found['groups']} groups")
    if reruns:
        click.echo(f"Fewer than 10 groups: re-runs of one task, split run by run: {_names(reruns)}")
    table(("", "value", "95 % interval"), [_row(label, found[key]) for key, label in _LABELS])
    if found["reproduction"]["value"] is not None:
        _print_details(found)
    click.echo(f"{found['seconds']['value']} s")


def _print_details(found: dict[str, Any]) -> None:
    exact, error = found["binding_exact"], found["calibration_error"]
    click.echo(
        f"Per-effect reproduction applies to {_number(found['per_effect_reproduction']['applicable']['value'])} of the "
        f"effects; single values predicted for {_number(exact['share']['value'])} of the arguments, "
        f"sets of {_number(exact['mean_set_size']['value'])} on average, "
        f"{_number(exact['free_share']['value'])} left free."
    )
    click.echo(
        f"Calibration noise floor {_number(error['noise_floor'])}; Brier score {_number(error['brier']['value'])}, "
        f"of the constant rate {_number(error['brier']['constant_rate'])}."
    )


def _names(cohorts: list[str | None]) -> str:
    return ", ".join("(no workflow id)" if name is None else visible(name) for name in cohorts)


def _row(label: str, measure: dict[str, Any]) -> tuple[str, str, str]:
    interval = "" if measure["low"] is None else f"{_number(measure['low'])} to {_number(measure['high'])}"
    return label, _number(measure["value"]), interval


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.3g}"
