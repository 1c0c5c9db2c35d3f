"""`assay keys`: the reviewer's own key, and the keys that a workspace's policy trusts."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from core.model.errors import InputError
from core.model.text import plural, visible
from core.review.command import in_shell
from core.store.identity import reviewer
from core.store.signing.checking import KEY, Checker
from core.store.signing.keys import PublicKey
from core.store.signing.own import make_own_key, own_key_file, read_own_key
from core.store.signing.trust import trust as trust_key
from core.store.signing.trust import untrust as untrust_key
from core.store.trouble import with_home
from core.store.workspace import Workspace
from tui.cli.kinds import PLACE
from tui.cli.opening import AS_JSON, TRACES
from tui.cli.printing import print_json, wrapped

SHORTEST = 8
"""Digits of a keyid that have to be given at least."""

_WORKSPACE = click.option("--workspace", type=PLACE, help="Where decisions are kept, when not beside TRACES.")
_KEY = click.argument("key")


@dataclass(frozen=True, slots=True)
class Known:
    """A key that is trusted, that signed something, or that is one's own."""

    key: PublicKey
    line: str
    """As it was found, with its comment."""
    trusted_as: str = ""
    own: bool = False
    decisions: int = 0
    """Decisions in the journal that it signed."""
    actors: tuple[str, ...] = ()
    """Who is said to have made them."""


@click.group()
def keys() -> None:
    """Make a key that signs your decisions, and say whose keys a workspace trusts."""


@keys.command()
@click.option("--ssh", "ssh_key", type=PLACE, help="Use this ssh key, or the agent's half of it.")
@AS_JSON
def init(ssh_key: Path | None, as_json: bool) -> None:
    """Make an Ed25519 key, or take over an ssh key; from now on your decisions are signed with it."""
    key = make_own_key(ssh_key)
    if as_json:
        print_json({"keyid": key.keyid, "public": key.text, "file": str(own_key_file())})
        return
    click.echo(f"key     {key.keyid}\npublic  {key.text}\nfile    {visible(str(own_key_file()))}")
    click.echo(wrapped("Decisions are signed with it from now on. To have a workspace count it as yours:", 0))
    click.echo(f"  assay keys trust TRACES {key.keyid[:16]} --as {shlex.quote(reviewer())}")


@keys.command("list")
@click.argument("traces", type=PLACE, required=False)
@_WORKSPACE
@AS_JSON
def list_keys(traces: Path | None, workspace: Path | None, as_json: bool) -> None:
    """Show your own key and, of TRACES, the trusted keys and those that signed decisions."""
    if workspace is not None and traces is None:
        raise click.UsageError("--workspace belongs to a traces folder: name TRACES as well")
    found = list(_known(Workspace.open(traces, workspace, create=False) if traces else None))
    if as_json:
        print_json({"keys": [_json(known) for known in found]})
        return
    for known in found:
        click.echo(f"{known.key.keyid}  {_told(known, of_workspace=traces is not None)}")
    if not found:
        click.echo("No keys. `assay keys init` makes one.")


@keys.command()
@TRACES
@_KEY
@click.option("--as", "actor", required=True, help="Whose key it is: the name under which that person decides.")
@_WORKSPACE
def trust(traces: Path, key: str, actor: str, workspace: Path | None) -> None:
    """Have the workspace's policy trust KEY as the key of one person.

    KEY is a public key, a .pub file, or the first digits of a keyid that `assay keys list` shows.
    """
    store, person = Workspace.open(traces, workspace), reviewer(actor)
    line = _named(key, store)
    with store.locked(person):
        is_new = trust_key(store.policy_file, person, line, disk=store.disk)
    keyid = PublicKey.parse(line).keyid
    word = "trusted from now on" if is_new else "trusted already"
    click.echo(f"{keyid} is {word} as the key of {visible(person)}")


@keys.command()
@TRACES
@_KEY
@_WORKSPACE
def untrust(traces: Path, key: str, workspace: Path | None) -> None:
    """Have the workspace's policy trust KEY no longer. What it signed stays recorded, but is not trusted any more."""
    store = Workspace.open(traces, workspace)
    keyid = PublicKey.parse(_named(key, store)).keyid
    with store.locked():
        owners = untrust_key(store.policy_file, keyid, disk=store.disk)
    if not owners:
        raise InputError(f"the policy does not trust the key {keyid}; `assay keys list {in_shell(traces)}` shows all")
    click.echo(f"{keyid} is no longer trusted as the key of {visible(', '.join(owners))}")


def _known(store: Workspace | None) -> Iterator[Known]:
    """The own key, the trusted ones, and those that only signed."""
    own = read_own_key()
    mine = PublicKey.parse(own.public).keyid if own else ""
    signed: dict[str, list[str]] = {}
    lines: dict[str, str] = {mine: own.public} if own else {}
    trusted: dict[str, str] = {}
    if store is not None:
        policy = store.load_policy()
        for decision in store.load_journal(check=Checker.of(policy.trusted_keys)).decisions:
            if decision.keyid and decision.signed != "bad":
                signed.setdefault(decision.keyid, []).append(decision.actor)
                lines.setdefault(decision.keyid, str(decision.detail.get(KEY, "")))
        for actor, texts in policy.trusted_keys.items():
            for text in texts:
                keyid = PublicKey.parse(text).keyid
                trusted[keyid], lines[keyid] = actor, text
    for keyid, line in lines.items():
        actors = signed.get(keyid, [])
        yield Known(
            key=PublicKey.parse(line),
            line=line,
            trusted_as=trusted.get(keyid, ""),
            own=keyid == mine,
            decisions=len(actors),
            actors=tuple(dict.fromkeys(actors)),
        )


def _named(given: str, store: Workspace) -> str:
    """The line of the key that somebody means. Raises InputError."""
    if " " in given.strip():
        return _line(given)
    path = with_home(Path(given))
    try:
        is_file = path.is_file()
    except OSError:  # a key whose kind was left out is longer than the name of any file
        is_file = False
    if is_file:
        try:
            return _line(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            raise InputError(f"{visible(given)} cannot be read as a public key; name a .pub file") from None
    found = [known for known in _known(store) if known.key.keyid.startswith(given.lower())]
    if len(given) >= SHORTEST and len(found) == 1:
        return found[0].line
    many = (
        f"{len(found)} keys begin so; give more digits" if len(found) > 1 else "`assay keys list` shows the known ones"
    )
    raise InputError(
        f"{visible(given)!r} names no key: give a public key in quotes, a .pub file, or {SHORTEST} digits or more of a "
        f"keyid; {many}"
    )


def _line(text: str) -> str:
    """A public key as it is written into the policy: with its comment, if that shows all that it holds."""
    key, comment = PublicKey.parse(text), " ".join(text.split()[2:])
    return f"{key.text} {comment}" if comment and visible(comment) == comment else key.text


def _json(known: Known) -> dict[str, Any]:
    return {
        "keyid": known.key.keyid,
        "public": known.key.text,
        "own": known.own,
        "trusted_as": known.trusted_as or None,
        "decisions": known.decisions,
        "actors": known.actors,
    }


def _told(known: Known, *, of_workspace: bool) -> str:
    parts = [f"{known.key.kind}"]
    parts += ["yours"] if known.own else []
    if of_workspace:
        parts.append(f"trusted as {visible(known.trusted_as)}" if known.trusted_as else "not trusted")
    if known.decisions:
        parts.append(f"signed {plural(known.decisions, 'decision')} as {visible(', '.join(known.actors))}")
    return ", ".join(parts)
