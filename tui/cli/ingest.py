"""`assay ingest`: runs, wherever they are, read once into a dataset for `assay mine`."""

from __future__ import annotations

import click

from core.cluster.extra import check_installed
from core.model.text import visible
from core.store.policy import Policy
from tui.cli.cluster_options import cluster_options, working
from tui.cli.opening import AS_JSON
from tui.cli.printing import print_json

_DEFAULT: int = Policy().max_file_size


@click.command()
@click.argument("source")
@click.option("--to", "dataset", required=True, metavar="DATASET", help="The folder or URL of the dataset.")
@click.option(
    "--max-file-size", type=click.IntRange(1), default=_DEFAULT, show_default=True, help="Bytes of a file, at most."
)
@cluster_options
@AS_JSON
def ingest(
    source: str, dataset: str, max_file_size: int, scheduler: str | None, workers: int | None, as_json: bool
) -> None:
    """Read the runs below SOURCE into a dataset of Parquet files, in parallel.

    SOURCE and DATASET are folders or fsspec URLs (s3://BUCKET/PATH, gs://…); a cluster's workers must reach both. Only
    what is new or changed is read; what is gone is taken out; an ingest that was broken off is gone on with. Needs
    the extra `cluster`.
    """
    check_installed()
    from core.cluster.ingest import ingest as run

    with working(scheduler, workers) as (cluster, progress):
        made = run(source, dataset, max_file_size, cluster, progress)
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
                "problems": held.problems,
                "parts": len(held.parts),
                "size": sum(part.size for part in held.parts),
            }
        )
        return
    click.echo(f"read {made.read:,} files, {made.unchanged:,} were as before, {made.removed:,} are gone")
    size = sum(part.size for part in held.parts) / 1e6
    click.echo(
        f"{visible(dataset)} holds {held.runs:,} runs with {held.actions:,} actions ({size:,.1f} MB, "
        f"{len(held.parts)} parts) and {held.problems:,} problems"
    )
