"""The options that the batch commands share, as values."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any, TypeVar

import click

from core.artifacts.output import Outputs
from core.model.options import BundleOptions, Options
from core.store.places import check_unread
from core.store.trouble import shown
from tui.cli.kinds import NAME, NUMBER, TEXT

Command = TypeVar("Command", bound=Callable[..., Any])
Given = dict[str, Any]
"""Options as click hands them over, by name."""


_OUTPUTS = (
    ("--out-dir", "out_dir", "FOLDER", "Write everything here; the four options below name other places."),
    ("--out", "out", "FILE", "Where the workflow goes (default FOLDER/workflow.harn)."),
    ("--report", "report", "FILE", "Where the report goes (default FOLDER/report.json)."),
    ("--eval-pack", "eval_pack", "FILE", "Where the eval pack goes (default FOLDER/harn.eval.toml)."),
    ("--bundle", "bundle", "FOLDER", "Where the bundle goes (default FOLDER/bundle)."),
)
_NAMES = (
    ("--workflow-name", "workflow_name", "NAME", "The workflow's name, instead of one made from its steps."),
    ("--package-name", "package_name", "NAME", "The package's name, instead of one made from the workflow's."),
    ("--author", "author", "WHO", "Who made the workflow."),
    ("--approver", "approver", "WHO", "Who approves it; leaves no line in any journal."),
    ("--eval-pack-link", "eval_pack_link", "LINK", "Where the eval pack is published."),
)
_BUNDLE = (
    ("--bundle-external-key", "bundle_external_key", "KEY", "The bundle's key in other systems."),
    ("--bundle-title", "bundle_title", "TEXT", "The bundle's title."),
    ("--bundle-team", "bundle_team", "TEAM", "The team that owns it."),
    ("--bundle-repo", "bundle_repo", "REPO", "The repository that it belongs to."),
    ("--bundle-risk-level", "bundle_risk_level", "LEVEL", "Its risk, instead of the derived one."),
    ("--bundle-rollout-policy", "bundle_rollout_policy", "POLICY", "How it is rolled out."),
)


def with_options(command: Command) -> Command:
    """Give a command the options on names, promotion, outputs and the bundle."""
    for flag, name, metavar, text in reversed((*_NAMES, *_OUTPUTS, *_BUNDLE)):
        kind = NAME if metavar in ("FILE", "FOLDER") else TEXT
        command = click.option(flag, name, metavar=metavar, type=kind, help=text)(command)
    return click.option(
        "--min-confidence",
        type=NUMBER,
        default=0.0,
        metavar="NUMBER",
        help="Confidence below which a candidate is blocked; 0 or less means 0.80.",
    )(command)


def min_examples(command: Command) -> Command:
    """Give a command the option `--min-examples`."""
    return click.option(
        "--min-examples",
        type=click.IntRange(0, 2**32 - 1),
        default=2,
        show_default=True,
        metavar="N",
        help="Runs in which a sequence must occur; less than 2 counts as 2.",
    )(command)


def pipeline_options(given: Given) -> Options:
    """What the pipeline is told."""
    names = {name: given[name] for _, name, _, _ in _NAMES}
    return Options(min_examples=given.get("min_examples", 2), promotion_min_confidence=given["min_confidence"], **names)


def bundle_options(given: Given) -> BundleOptions:
    """How the bundle presents itself."""
    return BundleOptions(**{name.removeprefix("bundle_"): given[name] for _, name, _, _ in _BUNDLE})


def output_paths(given: Given, *read: str | None, also: str = "") -> Outputs:
    """Where things go, which is nowhere in what is `read`; `also` is one more file that goes below --out-dir.

    Raises InputError, or UsageError when nowhere is named or one place twice.
    """
    paths = Outputs() if given["out_dir"] is None else Outputs.below(given["out_dir"])
    named = {"workflow": "out", "report": "report", "eval_pack": "eval_pack", "bundle": "bundle"}
    paths = replace(paths, **{field: given[name] for field, name in named.items() if given[name] is not None})
    if paths == Outputs():
        raise click.UsageError("say where to write: --out-dir FOLDER, or any of --out, --report, --eval-pack, --bundle")
    every = [Path(path) for path in astuple(paths) if path is not None]
    if also and given["out_dir"] is not None:
        every.append(Path(given["out_dir"]) / also)
    for path in every:
        check_unread(path, *map(Path, filter(None, read)))
    _check_apart(every, paths.bundle)
    return paths


def _check_apart(every: Sequence[Path], bundle: str | None) -> None:
    """Refuse outputs of which one would replace another. Raises click.UsageError."""
    names = [Path(os.path.realpath(path)) for path in every]
    inside = Path(os.path.realpath(bundle)) if bundle is not None else None
    for number, (path, name) in enumerate(zip(every, names, strict=True)):
        # A device, such as /dev/null, takes whatever it is given.
        if name in names[:number] and (os.path.isfile(name) or not os.path.exists(name)):  # noqa: PTH110, PTH113
            raise click.UsageError(f"{shown(path)} is named for two outputs; name a place for each")
        if inside in name.parents:
            raise click.UsageError(f"{shown(path)} lies inside the bundle, which has files of its own")
