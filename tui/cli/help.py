"""`assay help`: the commands, the keys of the screens, and what their words mean."""

from __future__ import annotations

import click


@click.command("help")
@click.argument("topic", type=click.Choice(["keys", "words"]), required=False)
@click.option("--place", "places", multiple=True, metavar="PLACE", help="Only the keys of a place, e.g. candidates.")
@click.option("--markdown", is_flag=True, help="Print Markdown tables, as in docs/keys.md.")
@click.pass_context
def help_command(context: click.Context, topic: str | None, places: tuple[str, ...], *, markdown: bool) -> None:
    """Explain the keys of the screens, or the words that stand on them.

    `assay help keys` lists every key by place, `assay help words` explains every sign and word. Without a topic the
    commands are listed.
    """
    if topic is None:
        click.echo(context.find_root().get_help())
        return
    if topic != "keys" and (places or markdown):
        raise click.UsageError("--place and --markdown are about keys")
    # Imported here: it takes a third of a second, which no other command should pay.
    from tui.keymap import PLACES, as_markdown, as_text
    from tui.words import glossary

    if unknown := [place for place in places if place not in PLACES]:
        raise click.UsageError(f"there is no place {unknown[0]!r}; there are {', '.join(PLACES)}")
    if topic == "keys":
        click.echo((as_markdown if markdown else as_text)(places))
        return
    for word, meaning in glossary():
        click.echo(f"{word:<24} {meaning}")
