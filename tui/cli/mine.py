"""`assay mine`: the candidates of a dataset, found by many processes, as a result to review."""

from __future__ import annotations

from pathlib import Path

import click

from core.cluster.extra import check_installed
from core.live.clock import utc_now
from core.model.errors import NothingFound
from core.review.command import in_shell
from core.store.policy import CohortKey, Mode, Policy
from tui.cli.as_json import listing
from tui.cli.as_text import print_list
from tui.cli.cluster_options import cluster_options, working
from tui.cli.kinds import NAME, PLACE
from tui.cli.opening import AS_JSON
from tui.cli.printing import print_json

_DEFAULT = Policy()


class Share(click.ParamType):  # type: ignore[type-arg]
    """A share of runs, such as 0.1%, or a number of runs."""

    name = "share or number"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, int]:
        """The share (0 to 1) and the number, one of which is 0."""
        if isinstance(value, tuple):
            return value
        text = str(value).strip()
        try:
            if text.endswith("%") and 0 < (share := float(text[:-1]) / 100) <= 1:
                return share, 0
            if not text.endswith("%") and 2 <= (count := int(text)) <= 1_000_000:
                return 0.0, count
        except ValueError:
            pass
        raise click.BadParameter(f"{text!r} is neither a share such as 0.1% nor a number of runs from 2 to 1000000")


@click.command()
@click.argument("dataset", type=NAME)
@click.option(
    "--to",
    "result",
    type=PLACE,
    metavar="RESULT",
    help="The folder of the result; by default a sibling of a local dataset named NAME.result.",
)
@click.option(
    "--min-support",
    type=Share(),
    default="2",
    show_default=True,
    metavar="N|SHARE%",
    help="In how many runs of its cohort, or which share of them, a sequence must occur.",
)
@click.option(
    "--mode",
    type=click.Choice(["generalised", "exact"]),
    default="exact",
    show_default=True,
    help="How candidates are mined; generalised needs a worker that holds all runs of a cohort.",
)
@click.option(
    "--cohort",
    type=click.Choice(["workflow_id", "goal", "none"]),
    default=_DEFAULT.cohort,
    show_default=True,
    help="Which runs are mined together.",
)
@click.option(
    "--max-candidates",
    type=click.IntRange(1, 1000),
    default=_DEFAULT.max_candidates,
    show_default=True,
    help="Candidates of a cohort, at most.",
)
@click.option(
    "--shadow",
    "shadow_paths",
    multiple=True,
    default=_DEFAULT.shadow_paths,
    show_default=True,
    metavar="GLOB",
    help="Runs that are compared and never mined; may be given more than once.",
)
@cluster_options
@AS_JSON
def mine(
    dataset: str,
    result: Path | None,
    min_support: tuple[float, int],
    mode: Mode,
    cohort: CohortKey,
    max_candidates: int,
    shadow_paths: tuple[str, ...],
    scheduler: str | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Mine a dataset that `assay ingest` made, and write a result for `assay review --from RESULT`.

    The candidates are exactly those that the live workspace finds in the same runs. Without --scheduler a Dask
    cluster is started on this machine for as long as it takes. Exit 1 when there is no candidate. Needs the extra:
    pip install 'assay[cluster]'.

    \b
    Examples:
      assay mine runs.dataset
      assay mine runs.dataset --min-support 0.1% --cohort goal --to result
      assay mine s3://fleet/dataset --scheduler tcp://HOST:8786 --to result
      assay review --from result
    """
    check_installed()
    to = result or _beside(dataset)
    share, count = min_support
    policy = Policy(
        mode=mode,
        cohort=cohort,
        min_examples=max(2, count),
        max_candidates=max_candidates,
        shadow_paths=shadow_paths,
    )
    with working(scheduler, workers, "nothing was written") as (cluster, progress):
        from core.cluster.mine import mine as run
        from core.cluster.mining import Rules

        made, snapshot = run(dataset, Rules(policy, share), to, cluster(), progress, utc_now())
    if as_json:
        print_json({"result": str(to), "loaded": made.loaded, "actions": made.actions, **listing(snapshot)})
    else:
        print_list(snapshot)
        click.echo(f"review it with: assay review --from {in_shell(to)}")
    if not snapshot.candidates:
        raise NothingFound("no sequence repeats often enough")


def _beside(dataset: str) -> Path:
    if "://" in dataset:
        raise click.UsageError("Name a folder of this machine for the result with --to.")
    path = Path(dataset)
    return path.with_name(f"{path.name}.result")
