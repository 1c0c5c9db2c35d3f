"""`assay completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion script for a shell.

    For example, in ~/.bashrc: eval "$(assay completion bash)"
    """
    made = get_completion_class(shell)
    assert made is not None, "click knows all shells that the choice offers"
    click.echo(made(context.find_root().command, {}, "assay", "_ASSAY_COMPLETE").source())
