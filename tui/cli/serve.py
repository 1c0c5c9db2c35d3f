"""`assay serve`: the review in a browser."""

from __future__ import annotations

import os
import secrets
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from core.model.errors import InputError
from core.model.text import visible
from core.session import Session
from core.store.policy import CohortKey, Mode
from tui.cli.kinds import PLACE
from tui.cli.opening import open_session, workspace_options
from tui.web.guard import LEAST_TOKEN, Guard, bracketed, is_any, is_loopback, own_origins

MISSING = "the browser needs textual-serve: pip install 'assay[serve]'"
TOKEN_VARIABLE = "ASSAY_SERVE_TOKEN"  # noqa: S105 - the name of a variable


@click.command()
@click.argument("traces", type=PLACE)
@click.option("--host", default="127.0.0.1", show_default=True, help="Where to listen; beyond this machine, mind TLS.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--allow-approve", is_flag=True, help="Let whoever has the token decide, as you (--as).")
@click.option(
    "--token",
    envvar=TOKEN_VARIABLE,
    show_envvar=True,
    metavar="TEXT",
    help="What has to be shown to come in; one is made up where one is needed.",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    metavar="URL",
    help="The address under which a proxy shows the page, e.g. https://review.example.com; repeatable.",
)
@workspace_options
@click.option("--as", "actor", metavar="ACTOR", help="Who decides; by default git's user.email, else the OS user.")
def serve(
    traces: Path,
    host: str,
    port: int,
    *,
    allow_approve: bool,
    token: str | None,
    origins: tuple[str, ...],
    workspace: Path | None,
    mode: Mode | None,
    cohort: CohortKey | None,
    actor: str | None,
) -> None:
    """Show the review of a traces folder in a browser.

    Only this machine reaches it and nothing can be decided, unless you say so. A token is asked for when it can be
    reached from elsewhere or deciding is allowed. Needs textual-serve: pip install 'assay[serve]'.
    """
    token = checked(token, origins, needed=allow_approve or not is_loopback(host))
    try:
        from tui.web.server import ReviewServer, listen
    except ImportError:
        raise InputError(MISSING) from None
    # What is wrong with folder or workspace is told here, not in every browser.
    with open_session(traces, workspace, mode, cohort, actor) as session:
        command = child(session, read_only=not allow_approve)
        who = session.reviewer
    listening = listen(host, port)
    port = int(listening.getsockname()[1])
    os.environ.pop(TOKEN_VARIABLE, None)
    server = ReviewServer(
        shlex.join(command), listening, Guard(own_origins(host, port, origins), token), f"assay {visible(str(traces))}"
    )
    named = "127.0.0.1" if is_any(host) else bracketed(host)
    click.echo(f"Serving {visible(str(traces))} at http://{named}:{port}/{f'?token={token}' if token else ''}")
    click.echo(
        f"Whoever has the token decides as {visible(who)}." if allow_approve else "Read-only: nobody can decide."
    )
    if not is_loopback(host):
        click.echo("Not encrypted: reach it through ssh -L or a proxy with TLS (--allow-origin).", err=True)
    click.echo("Ctrl+C ends it.")
    sys.stdout.flush()
    server.run()


def checked(token: str | None, origins: Sequence[str], *, needed: bool) -> str:
    """The token to ask for, empty when none is; made up when one is needed and none was given."""
    for origin in origins:
        scheme, _, rest = origin.rstrip("/").partition("://")
        if scheme not in ("http", "https") or not rest or "/" in rest or "*" in rest:
            raise click.UsageError(f"--allow-origin takes an address such as https://review.example.com, not {origin}")
    if token is None:
        return secrets.token_urlsafe(32) if needed else ""
    if len(token) < LEAST_TOKEN or not token.isascii() or not token.isprintable() or set(token) & set(' ",;\\&?#%+'):
        raise click.UsageError(
            f"a token has at least {LEAST_TOKEN} letters, digits or signs that may stand in an address; "
            "leave --token out to have one made up"
        )
    return token


def child(session: Session, *, read_only: bool) -> list[str]:
    """The command of the process behind each browser tab; it does not depend on the folder that it is started in."""
    options = ["--workspace", str(session.workspace.absolute()), "--as", session.reviewer]
    if read_only:
        options.append("--read-only")
    return [sys.executable, "-P", "-m", "tui", "review", *options, "--", str(session.traces.absolute())]
