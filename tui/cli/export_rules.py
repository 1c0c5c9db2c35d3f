"""The options of `assay export` that change what is taken out: exceptions and rules of the workspace's policy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from core.live.clock import utc_now
from core.model.text import is_blank, visible
from core.session import Session
from core.store.redaction_edit import KeepKind, Why, add_rule, keep
from tui.cli.kinds import TEXT

_KEEP: dict[KeepKind, tuple[str, str, str]] = {
    "key": ("--keep-key", "KEY", "Values under this key are no secrets for its sake; in any case."),
    "pointer": ("--keep-pointer", "POINTER", "Nothing below this place of payloads is secret; * is any one part."),
    "value": ("--keep-value", "TEXT", "This text is no secret although it looks like one."),
}


def rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options to a command."""
    command = click.option("--as", "actor", type=TEXT, help="Who changes the rules; by default you.")(command)
    command = click.option("--reason", type=TEXT, help="Why; it is written into the policy beside the change.")(command)
    command = click.option(
        "--redact",
        type=TEXT,
        metavar="ID=REGEX",
        multiple=True,
        help="Take out what this regular expression (RE2) matches, or its group named secret.",
    )(command)
    for kind, (flag, metavar, told) in reversed(_KEEP.items()):
        command = click.option(flag, f"keep_{kind}", type=TEXT, metavar=metavar, multiple=True, help=told)(command)
    return command


def change_rules(session: Session, given: dict[str, Any]) -> None:
    """Change the policy as the options say, and tell of it. Raises an AssayError; nothing is changed then."""
    wanted = list(_wanted(given))
    if not wanted:
        return
    if is_blank(given["reason"] or ""):
        raise click.UsageError("say why with --reason: it is written into the policy beside the change")
    why = Why(given["actor"] or session.reviewer, utc_now(), given["reason"])
    store = session.store
    with store.locked(why.actor):
        for what, text in wanted:
            if isinstance(text, tuple):
                is_new = add_rule(store.policy_file, *text, why, disk=store.disk)
                told = f"rule {text[0]}"
            else:
                is_new = keep(store.policy_file, what, text, why, disk=store.disk)
                told = f"exception for the {what} {text}"
            click.echo(visible(f"{told}: {'added to' if is_new else 'already in'} {store.policy_file}"), err=True)


def _wanted(given: dict[str, Any]) -> Iterator[tuple[KeepKind, str | tuple[str, str]]]:
    for kind in _KEEP:
        yield from ((kind, text) for text in given[f"keep_{kind}"])
    for text in given["redact"]:
        name, equals, pattern = text.partition("=")
        if not equals or not pattern:
            raise click.UsageError("write a rule as ID=REGEX, for example --redact customer='CUST-[0-9]{6}'")
        yield "key", (name, pattern)
