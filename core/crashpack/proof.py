"""The agent proof bundle: who did what in a review, and how to do it again (spec/crashpack.md, Agent proof bundle)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

from core.crashpack.ledger import EvidenceLedger
from core.model.jsontext import Json
from core.model.record import I64, DecodeError, Record, Text
from core.model.text import is_blank, lower, quoted

SafetyLevel = Literal["Safe", "RemoteRequired", "EnvironmentDependent", "ApprovalRequired"]

MAX_OUTPUT = 16 * 1024
"""Bytes of a command's output above which it is not kept."""
MAX_PATH = 512
"""Bytes of a path above which it is not kept."""
LEFT_OUT = "paths_left_out"
"""Metadata key for the number of paths that were too long."""

_SECRET_MARKS = ("token=", "password=", "secret=", "key=", "auth=", "bearer ", "api_key")
_REDACTED = "[redacted: "
_ALREADY = re.compile(r'\[redacted: (\d+ bytes are more than \d+|holds "[a-z_]+[= ]?")\]')

Argv = tuple[Text, ...]


class ProofCommand(Record):
    """A command that was run, as its arguments; `output` is redacted, None when none was kept."""

    command: Argv = ()
    exit_status: I64 | None = None
    output: Text | None = None


class ReplayInstructions(Record):
    """How to do it again; commands in `approval_required` are asked about before each."""

    safety_level: SafetyLevel = "ApprovalRequired"
    commands: tuple[Argv, ...] = ()
    approval_required: tuple[Argv, ...] = ()


class AgentProofBundle(Record):
    """Evidence of who did what. Make one with `proof_bundle`."""

    objective: Text = ""
    agent_id: Text = ""
    commands: tuple[ProofCommand, ...] = ()
    touched_paths: tuple[Text, ...] = ()
    artifact_paths: tuple[Text, ...] = ()
    commits: tuple[Text, ...] = ()
    blocker: Text | None = None
    replay: ReplayInstructions = ReplayInstructions()
    ledger: EvidenceLedger | None = None
    metadata: dict[Text, Text] = {}


def redacted(output: str) -> str:
    """A command's output, or in its place why it is not kept."""
    if _ALREADY.fullmatch(output):
        return output
    size = len(output.encode(errors="surrogatepass"))
    if size > MAX_OUTPUT:
        return f"{_REDACTED}{size} bytes are more than {MAX_OUTPUT}]"
    low = lower(output)
    mark = next((mark for mark in _SECRET_MARKS if mark in low), None)
    return f"{_REDACTED}holds {quoted(mark)}]" if mark else output


def proof_bundle(
    objective: str,
    agent_id: str,
    *,
    commands: Sequence[ProofCommand] = (),
    touched_paths: Iterable[str] = (),
    artifact_paths: Iterable[str] = (),
    commits: Sequence[str] = (),
    blocker: str | None = None,
    replay: ReplayInstructions | None = None,
    ledger: EvidenceLedger | None = None,
    metadata: dict[str, str] | None = None,
) -> AgentProofBundle:
    """A bundle with outputs redacted and paths each once; without `replay` every command needs approval.

    Paths that are too long are left out, and how many is said in the metadata.
    """
    touched, artifacts = tuple(dict.fromkeys(touched_paths)), tuple(dict.fromkeys(artifact_paths))
    too_long = [path for path in (*touched, *artifacts) if _is_long(path)]
    more = {LEFT_OUT: str(len(too_long))} if too_long else {}
    run = tuple(item.command for item in commands)
    return AgentProofBundle(
        objective=objective,
        agent_id=agent_id,
        commands=tuple(
            item if item.output is None else item.replace(output=redacted(item.output)) for item in commands
        ),
        touched_paths=tuple(path for path in touched if not _is_long(path)),
        artifact_paths=tuple(path for path in artifacts if not _is_long(path)),
        commits=tuple(dict.fromkeys(commits)),
        blocker=blocker,
        replay=replay or ReplayInstructions(commands=run, approval_required=run),
        ledger=ledger,
        metadata=dict(sorted({**(metadata or {}), **more}.items())),
    )


def _is_long(path: str) -> bool:
    return len(path.encode(errors="surrogatepass")) > MAX_PATH


def proof_problems(value: Json) -> list[str]:
    """Everything that is wrong with a bundle's JSON value, a sentence each."""
    try:
        bundle = AgentProofBundle.decode(value)
    except DecodeError as error:
        return [str(error)]
    return list(bundle_problems(bundle))


def bundle_problems(bundle: AgentProofBundle) -> Iterator[str]:
    """Everything that is wrong with a bundle, a sentence each."""
    for name, text in (("objective", bundle.objective), ("agent_id", bundle.agent_id)):
        if is_blank(text):
            yield f"Missing required field: {name}"
    for index, item in enumerate(bundle.commands):
        if item.output is not None and redacted(item.output) != item.output:
            yield f"commands[{index}].output is not redacted: {redacted(item.output)}"
    for name, paths in (("touched_paths", bundle.touched_paths), ("artifact_paths", bundle.artifact_paths)):
        if len(set(paths)) < len(paths):
            yield f"{name} holds a path more than once"
        for index, path in enumerate(paths):
            if _is_long(path):
                yield f"{name}[{index}] has {len(path.encode())} bytes, at most {MAX_PATH} are kept"
    yield from _replay_problems(bundle.replay)


def _replay_problems(replay: ReplayInstructions) -> Iterator[str]:
    for index, command in enumerate(replay.commands):
        if not command or "\0" in "".join(command):
            yield f"replay.commands[{index}] cannot be run: it is empty or holds a NUL character"
    for command in replay.approval_required:
        if command not in replay.commands:
            yield f"replay.approval_required names {quoted(' '.join(command))}, which is not among the commands"
    if replay.safety_level == "Safe" and replay.approval_required:
        yield f"replay.safety_level is Safe, yet {len(replay.approval_required)} commands need approval"
