"""An agent proof bundle on its own: the files that it is handed on as (spec/crashpack.md, Agent proof bundle)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from core.crashpack.ledger import EvidenceLedger
from core.crashpack.proof import AgentProofBundle
from core.crashpack.reading import PROOF
from core.crashpack.replay_script import shell_arg
from core.model.jsontext import pretty
from core.model.text import visible

SCRIPT = "replay.sh"

MODES: Mapping[str, int] = {SCRIPT: 0o755}
"""Modes of files that are not 0644."""

_PROGRAM = re.compile(r"[A-Za-z0-9_./@%+:-]+")
_RESERVED = frozenset(
    [
        *("case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function"),
        *("if", "in", "select", "then", "time", "until", "while"),
    ]
)

_ASK = """\
ask() {
  printf 'Run this command?\\n  %s\\n[y/N] ' "$1" >&2
  IFS= read -r answer || answer=n
  case $answer in
    y | Y | yes) ;;
    *) echo 'stopped: not approved' >&2; exit 1 ;;
  esac
}
"""


def proof_files(bundle: AgentProofBundle) -> dict[str, bytes]:
    """The files of a bundle that stands on its own, by name."""
    commands = "".join(f"{visible(command_line(command))}\n" for command in bundle.replay.commands)
    blocker = "No blocker.\n" if bundle.blocker is None else f"{visible(bundle.blocker, lines=True)}\n"
    return {
        PROOF: pretty(bundle),
        "blocker_report.txt": blocker.encode(),
        "commands.txt": commands.encode(),
        "evidence_ledger.json": pretty(bundle.ledger or EvidenceLedger()),
        SCRIPT: _script(bundle).encode(),
    }


def command_line(command: Sequence[str]) -> str:
    """A command as one would type it in bash: every argument reaches the program exactly as it is.

    Characters that cannot be seen are written as `$'\\x1b'`, and what bash would take for its own word is quoted.
    """
    program, *arguments = map(_exact, command)
    if not _PROGRAM.fullmatch(program) or program in _RESERVED:
        program = program if program[:1] in ("'", "$") else f"'{program}'"
    return " ".join([program, *arguments])


def _exact(text: str) -> str:
    if visible(text) == text:
        return shell_arg(text)
    return "$'" + "".join(map(_escaped, text)) + "'"


def _escaped(char: str) -> str:
    if char in "\\'":
        return "\\" + char
    if visible(char) == char:
        return char
    return "".join(f"\\x{byte:02x}" for byte in char.encode(errors="surrogatepass"))


def _script(bundle: AgentProofBundle) -> str:
    return "\n".join(_script_lines(bundle)) + "\n"


def _script_lines(bundle: AgentProofBundle) -> Iterator[str]:
    replay = bundle.replay
    yield "#!/bin/bash"
    yield "# Agent proof replay"
    yield f"# Safety level: {replay.safety_level}"
    yield "set -u"
    yield ""
    yield _ASK
    for command in replay.commands:
        line = command_line(command)
        if command in replay.approval_required:
            yield f"ask {shell_arg(visible(line))}"
        yield f"{line} || exit"
