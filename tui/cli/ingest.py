"""`assay ingest`: runs, wherever they are, read once into a dataset for `assay mine`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.cluster.extra import check_installed
from core.importers.effects_file import load_stated
from core.model.text import plural, visible
from core.store.policy import Policy
from tui.cli.cluster_options import cluster_options, working
from tui.cli.kinds import NAME, PLACE
from tui.cli.opening import AS_JSON
from tui.cli.printing import print_json

if TYPE_CHECKING:
    from core.cluster.dataset import Manifest

_DEFAULT: int = Policy().max_file_size

_SHOWN = 10
"""Quarantined files that are named; all of them stand in the dataset."""


@click.command()
@click.argument("source", type=NAME)
@click.option("--to", "dataset", type=NAME, required=True, metavar="DATASET", help="The folder or URL of the dataset.")
@click.option(
    "--max-file-size", type=click.IntRange(1), default=_DEFAULT, show_default=True, help="Bytes of a file, at most."
)
@click.option(
    "--part-files",
    type=click.IntRange(1, 1_000_000),
    help="Files of a part, at most; a worker holds one part at a time. By default up to 10000, by how many there are.",
)
@click.option(
    "--effects",
    type=PLACE,
    metavar="FILE",
    help="An effects.toml: what other tools' runs change. Stays with the dataset; an empty file takes it back.",
)
@cluster_options
@AS_JSON
def ingest(
    source: str,
    dataset: str,
    max_file_size: int,
    part_files: int | None,
    effects: Path | None,
    scheduler: str | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Read the runs below SOURCE into a dataset of Parquet files, in parallel.

    SOURCE is a traces folder or an fsspec URL (s3://BUCKET/PATH, gs://…, zip://::FILE), and so is DATASET; a
    cluster's workers must reach both. Every format that `assay TRACES` reads is read. Only what is new or changed is
    read, what is gone is taken out, and an ingest that was broken off is gone on with: type the same again. Files
    that cannot be used are listed in DATASET/quarantine. Needs the extra: pip install 'assay[cluster]'.

    \b
    Examples:
      assay ingest runs --to runs.dataset
      assay ingest s3://fleet/runs --to s3://fleet/dataset --scheduler tcp://HOST:8786
      assay mine runs.dataset --min-support 0.1%
    """
    check_installed()
    stated = None if effects is None else load_stated(effects)[0]
    kept = "what was read is kept, and the next ingest goes on from it"
    with working(scheduler, workers, kept) as (cluster, progress):
        from core.cluster.ingest import ingest as run

        made = run(source, dataset, max_file_size, cluster, progress, part_files, stated)
    held = made.manifest
    if as_json:
        print_json(
            {
                "dataset": dataset,
                "source": held.source,
                "read": made.read,
                "unchanged": made.unchanged,
                "removed": made.removed,
                "runs": held.runs,
                "actions": held.actions,
                "quarantined": held.quarantined,
                "parts": len(held.parts),
                "size": sum(part.size for part in held.parts),
            }
        )
        return
    others = f"{plural(made.unchanged, 'was', 'were')} as before, {plural(made.removed, 'is', 'are')} gone"
    click.echo(f"read {plural(made.read, 'file')}, {others}")
    size = sum(part.size for part in held.parts) / 1e6
    click.echo(
        f"{visible(dataset)} holds {plural(held.runs, 'run')} with {plural(held.actions, 'action')} ({size:,.1f} MB, "
        f"{plural(len(held.parts), 'part')})"
    )
    if held.quarantined:
        _tell_quarantined(dataset, held)


def _tell_quarantined(dataset: str, held: Manifest) -> None:
    """Name the first of what cannot be used, and where the others are."""
    from core.cluster.dataset import quarantined_of
    from core.cluster.place import Place, normal

    place = Place(normal(dataset))
    every = (one for part in held.parts if part.quarantined for one in quarantined_of(place, part.name))
    click.echo(f"{held.quarantined:,} quarantined:")
    for one in islice(every, _SHOWN):
        where = f" ({visible(one.place)})" if one.place else ""
        click.echo(f"  {visible(one.unit)}: {one.rule}: {visible(one.reason)}{where}")
    if held.quarantined > _SHOWN:
        click.echo(f"  … all of them as tables: {visible(dataset)}/quarantine/*.parquet")
