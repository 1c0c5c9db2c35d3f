"""Commands that decide on a candidate: `approve`, `reject`, `revoke`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from core.live.reviewing import Outcome, Refused, Request
from core.model.decision import DecisionKind
from core.model.text import visible
from core.review.words import sentence
from tui.cli.exits import Exit
from tui.cli.inspect import standing_json
from tui.cli.opening import AS_JSON, CANDIDATE, TRACES, named, opened, workspace_options
from tui.cli.printing import print_json, wrapped

_ACTOR = click.option("--as", "actor", help="Who decides; by default git's user.email, else the OS user.")
_REASON = click.option("--reason", default="", help="Why; the policy says for which decisions it is needed.")
_EXPECT = click.option(
    "--expect",
    default="",
    metavar="DIGEST",
    help="The behaviour digest that was reviewed (`assay show`); refused when it is another one now.",
)


@click.command()
@TRACES
@CANDIDATE
@_EXPECT
@_ACTOR
@_REASON
@workspace_options
@AS_JSON
def approve(
    traces: Path,
    candidate: str,
    expect: str,
    actor: str | None,
    reason: str,
    workspace: Path | None,
    mode: str | None,
    cohort: str | None,
    as_json: bool,
) -> None:
    """Approve a candidate for shadow promotion: bound to its behaviour, recorded, with a crashpack as evidence.

    Ends with 4, nothing written, when the candidate is blocked or is not what --expect says.
    """
    _decide("approve", traces, candidate, (workspace, mode, cohort), expect, actor, reason, as_json)


@click.command()
@TRACES
@CANDIDATE
@_EXPECT
@_ACTOR
@_REASON
@workspace_options
@AS_JSON
def reject(
    traces: Path,
    candidate: str,
    expect: str,
    actor: str | None,
    reason: str,
    workspace: Path | None,
    mode: str | None,
    cohort: str | None,
    as_json: bool,
) -> None:
    """Reject a candidate, with a reason; its crashpack shows why. It counts until revoked or the behaviour changes."""
    _decide("reject", traces, candidate, (workspace, mode, cohort), expect, actor, reason, as_json)


@click.command()
@TRACES
@CANDIDATE
@_ACTOR
@_REASON
@workspace_options
@AS_JSON
def revoke(
    traces: Path,
    candidate: str,
    actor: str | None,
    reason: str,
    workspace: Path | None,
    mode: str | None,
    cohort: str | None,
    as_json: bool,
) -> None:
    """Take back an earlier decision on a candidate: your own or, if the policy says so, anyone's."""
    _decide("revoke", traces, candidate, (workspace, mode, cohort), "", actor, reason, as_json)


def _decide(
    kind: DecisionKind,
    traces: Path,
    candidate: str,
    place: tuple[Path | None, str | None, str | None],
    expect: str,
    actor: str | None,
    reason: str,
    as_json: bool,
) -> None:
    with opened(traces, *place, actor=actor) as session:
        view = named(session.snapshot, candidate)
        digest = expect or view.behaviour_digest
        command = ["assay", kind, str(traces), view.lineage, "--as", session.reviewer]
        command += ["--expect", digest] if kind != "revoke" else []
        command += ["--reason", reason] if reason else []
        request = Request(
            kind=kind,
            lineage=view.lineage,
            behaviour_digest="" if kind == "revoke" else digest,
            actor=session.reviewer,
            reason=reason,
            seen=view,
            command=tuple(command),
        )
        try:
            outcome = session.decide(request)
        except Refused as refused:
            _tell_refusal(refused, as_json)
            sys.exit(Exit.REFUSED)
    if as_json:
        print_json(outcome_json(outcome))
    else:
        click.echo(wrapped(sentence(kind, view, session.reviewer) + ": recorded.", 0))
        click.echo(f"status     {outcome.view.status.replace('_', ' ')}")
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
