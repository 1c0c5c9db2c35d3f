"""The `assay` command: its sub-commands are imported only when they run, so that help and errors come at once."""

from __future__ import annotations

import importlib
import os
import sys

import click

from core.model.errors import AssayError
from core.model.text import visible
from core.model.uncollected import look_seldom, uncollected
from tui.cli.ending import Held, end
from tui.cli.output import UnwrittenError, prepare, told
from tui.start import INTERRUPTED, is_interrupt, started
from tui.terminal import GONE, are_gone, attached

# numpy's threads are for matrices, of which there are none; without them the program can copy itself to read faster.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
# Plugins of pydantic are looked for among all that is installed, whenever the program starts; it uses none.
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
look_seldom()  # what is imported now is much, and all of it stays

SOFTWARE_FAULT = 70
"""The exit code of a fault of the program itself (EX_SOFTWARE of sysexits.h)."""

COMMANDS = {
    "review": "tui.cli.review:review",
    "serve": "tui.cli.serve:serve",
    "shot": "tui.cli.shot:shot",
    "demo": "tui.cli.demo:demo",
    "list": "tui.cli.inspect:list_candidates",
    "show": "tui.cli.inspect:show",
    "diff": "tui.cli.inspect:diff",
    "savings": "tui.cli.inspect:savings",
    "explain": "tui.cli.explain:explain",
    "approve": "tui.cli.decide:approve",
    "reject": "tui.cli.decide:reject",
    "needs-work": "tui.cli.decide:needs_work",
    "revoke": "tui.cli.decide:revoke",
    "rename": "tui.cli.decide:rename",
    "allow": "tui.cli.decide:allow",
    "withdraw": "tui.cli.decide:withdraw",
    "check": "tui.cli.check:check",
    "verify": "tui.cli.verify:verify",
    "prune": "tui.cli.prune:prune",
    "keys": "tui.cli.keys:keys",
    "evaluate": "tui.cli.evaluate:evaluate",
    "export": "tui.cli.export:export",
    "import": "tui.cli.import_:import_",
    "effects": "tui.cli.effects:effects",
    "ingest": "tui.cli.ingest:ingest",
    "mine": "tui.cli.mine:mine",
    "crystallize": "tui.cli.batch:crystallize",
    "synthesize": "tui.cli.batch:synthesize",
    "trajectory": "tui.cli.batch:trajectory",
    "shadow": "tui.cli.bundle:shadow",
    "validate": "tui.cli.bundle:validate",
    "oracle": "tui.cli.bundle:oracle",
    "atp": "tui.cli.atp:atp",
    "completion": "tui.cli.completion:completion",
    "help": "tui.cli.help:help_command",
}
"""Where each sub-command lives, in the order of the help."""


def _meant(name: str) -> str:
    """The command of which a name is a misspelling; empty when there is none near, or a folder has that name."""
    if os.path.lexists(name):
        return ""
    from difflib import get_close_matches

    return next(iter(get_close_matches(name, COMMANDS, n=1, cutoff=0.8)), "")


class Assay(click.Group):
    """Sub-commands by name; anything else is a traces folder to review."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all sub-commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A sub-command, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        with uncollected(stays=True):
            command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """`assay TRACES …` is `assay review TRACES …`."""
        if args and args[0] not in COMMANDS:
            if near := _meant(args[0]):
                raise click.UsageError(f"there is no command or folder {args[0]!r}. Did you mean 'assay {near}'?", ctx)
            # What begins with - and comes here stood behind --, which a second time is needed for the review.
            args = ["review", *(["--"] if args[0].startswith("-") else []), *args]
        try:
            return super().resolve_command(ctx, args)
        finally:
            started()

    def invoke(self, ctx: click.Context) -> object:
        """Do what was asked for; Ctrl+C ends it with a code of its own, for click's says that the answer is no."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            click.echo("assay: interrupted", err=True)
            raise SystemExit(INTERRUPTED) from None


@click.command(
    cls=Assay,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 done, 1 the answer is no, 2 wrong usage, 3 bad input, 4 refused, 5 workspace unusable, 70 a "
    "fault of the program itself, 74 the output cannot be written, 128 and its number for a signal that ended it.",
)
@click.version_option(package_name="assay", prog_name="assay", message="%(prog)s %(version)s")
def main() -> None:
    """Review workflow candidates mined from agent runs before they are promoted.

    `assay TRACES` opens the review of a folder of agent runs; the commands below do the same work without a screen.
    """


def run() -> None:
    """The program's entry: errors become one line and an exit code, never a traceback."""
    held, terminals = Held(), attached()
    prepare()
    try:
        main(obj=held)
    except SystemExit as ended:
        if ended.code is None or isinstance(ended.code, int):
            end(ended.code or 0, at_once=bool(held))
        raise
    except AssayError as error:
        from tui.cli.exits import exit_code

        click.echo(f"assay: {visible(str(error))}", err=True)
        sys.exit(exit_code(error))
    except (BrokenPipeError, UnwrittenError) as error:
        if are_gone(terminals):
            sys.exit(GONE)
        os._exit(told(error))
    except Exception as error:  # noqa: BLE001 - whatever failed, a person is told in words
        if isinstance(error, OSError) and are_gone(terminals):
            sys.exit(GONE)
        if is_interrupt(error):
            click.echo("assay: interrupted", err=True)
            sys.exit(INTERRUPTED)
        from core.store.places import current_folder
        from tui import crash, settings
        from tui.cli.exits import Exit

        if isinstance(error, FileNotFoundError) and current_folder() is None:
            click.echo("assay: the folder that you are in was removed; change to another one", err=True)
            sys.exit(Exit.BAD_INPUT)
        click.echo(crash.record(error, settings.folder()), err=True)
        sys.exit(SOFTWARE_FAULT)
