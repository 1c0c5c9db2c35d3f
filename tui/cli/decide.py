"""Commands that decide on a candidate: `approve`, `reject`, `needs-work`, `revoke`, `rename`, `allow`, `withdraw`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from core.live.reviewing import Outcome, Refused, Request
from core.model.decision import DecisionKind
from core.model.text import visible
from core.review.command import BOUND, command_line
from core.review.words import sentence
from core.store.policy import CohortKey, Mode
from tui.cli.as_json import standing_json
from tui.cli.exits import Exit
from tui.cli.kinds import SAID, TEXT
from tui.cli.opening import AS_JSON, CANDIDATE, TRACES, named, opened, workspace_options
from tui.cli.printing import print_json, wrapped

_EXPECT = click.option(
    "--expect",
    type=SAID,
    metavar="DIGEST",
    help="The behaviour digest that was reviewed (`assay show`); refused when it is another one now.",
)


def deciding(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what all deciding commands take: TRACES CANDIDATE --as --reason --workspace --mode --cohort --json."""
    options = (
        TRACES,
        CANDIDATE,
        click.option("--as", "actor", type=TEXT, help="Who decides; by default git's user.email, else the OS user."),
        click.option("--reason", type=TEXT, default="", help="Why; the policy says for which decisions it is needed."),
        workspace_options,
        AS_JSON,
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@_EXPECT
@deciding
def approve(**given: Any) -> None:
    """Approve a candidate for shadow promotion: bound to its behaviour, recorded, with a crashpack as evidence.

    Ends with 4, nothing written, when the candidate is blocked or is not what --expect says.
    """
    _decide("approve", **given)


@click.command()
@_EXPECT
@deciding
def reject(**given: Any) -> None:
    """Reject a candidate, with a reason; its crashpack shows why. It counts until revoked or the behaviour changes."""
    _decide("reject", **given)


@click.command("needs-work")
@_EXPECT
@deciding
def needs_work(**given: Any) -> None:
    """Send a candidate back, with a reason. It counts until revoked or the behaviour changes."""
    _decide("needs_work", **given)


@click.command()
@deciding
def revoke(**given: Any) -> None:
    """Take back an earlier decision on a candidate: your own or, if the policy says so, anyone's."""
    _decide("revoke", **given)


@click.command()
@deciding
@click.argument("name", type=TEXT)
def rename(name: str, **given: Any) -> None:
    """Give a candidate's workflow the NAME it shall have.

    The program writes it in ASCII letters, digits and _ (`Ship it` is `ship_it`). That is part of the behaviour: what
    was decided on the workflow does not count under another name in the program. A NAME that begins with - is given
    behind all options and --, as in `assay rename --as ann -- TRACES CANDIDATE -x`.
    """
    _decide("rename", detail={"name": name}, **given)


@click.command()
@click.option("--pointer", type=TEXT, required=True, help="JSON pointer of the place, `*` for every element.")
@click.option("--step", type=int, help="The step whose output it leads into; without it the replay run (receipts).")
@click.option(
    "--scope",
    type=click.Choice(["lineage", "cohort"]),
    default="lineage",
    show_default=True,
    help="Whether the rule holds for this candidate or for its whole cohort.",
)
@deciding
def allow(pointer: str, step: int | None, scope: str, **given: Any) -> None:
    """Mark a divergence as expected. Results that pass only thanks to the rule say so."""
    _decide("allow", detail={"pointer": pointer, "step": step, "scope": scope}, **given)


@click.command()
@click.option("--rule", type=int, required=True, help="The number of the decision that made the rule.")
@deciding
def withdraw(rule: int, **given: Any) -> None:
    """Withdraw an allow rule."""
    _decide("withdraw", detail={"rule": rule}, **given)


def _decide(
    kind: DecisionKind,
    *,
    traces: Path,
    candidate: str,
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    actor: str | None,
    reason: str,
    as_json: bool,
    expect: str | None = None,
    detail: dict[str, object] | None = None,
) -> None:
    with opened(traces, workspace, mode, cohort, actor=actor) as session:
        view = named(session.snapshot, candidate)
        digest = (expect or view.behaviour_digest) if kind in BOUND else ""
        request = Request(
            kind=kind,
            lineage=view.lineage,
            behaviour_digest=digest,
            actor=session.reviewer,
            reason=reason,
            seen=view,
            command=command_line(
                kind,
                traces,
                view,
                detail or {},
                actor=session.reviewer,
                reason=reason,
                workspace=workspace,
                digest=digest,
            ),
            detail=detail or {},
        )
        policy = session.snapshot.policy
        try:
            outcome = session.decide(request)
        except Refused as refused:
            _tell_refusal(refused, as_json)
            sys.exit(Exit.REFUSED)
        told = sentence(kind, view, session.reviewer, policy)
    if as_json:
        print_json(outcome_json(outcome))
        return
    click.echo(wrapped(f"{told}: recorded as decision {outcome.decision.seq}.", 0))
    click.echo(f"status     {outcome.view.status.replace('_', ' ')}")
    for reason in outcome.view.reasons:
        click.echo(wrapped(f"- {reason}", 2))
    for name, path in (("crashpack", outcome.crashpack), ("bundle", outcome.bundle)):
        if path is not None:
            click.echo(f"{name:<10} {visible(str(path))}")
    if outcome.trouble:
        click.echo(f"warning: {visible(outcome.trouble)}; it is completed at the next start", err=True)


def outcome_json(outcome: Outcome) -> dict[str, object]:
    """What a decision left behind, as JSON."""
    return {
        "decision": outcome.decision,
        "crashpack": None if outcome.crashpack is None else str(outcome.crashpack),
        "bundle": None if outcome.bundle is None else str(outcome.bundle),
        "trouble": outcome.trouble or None,
        "candidate": standing_json(outcome.view),
    }


def _tell_refusal(refused: Refused, as_json: bool) -> None:
    if as_json:
        fresh = refused.fresh
        print_json(
            {
                "refused": refused.reasons,
                "stale": refused.stale,
                "candidate": None if fresh is None else standing_json(fresh),
            }
        )
    click.echo("refused, nothing was written:" + (" the candidate changed" if refused.stale else ""), err=True)
    for reason in refused.reasons:
        click.echo(wrapped(f"- {reason}", 2), err=True)
