"""A crashpack as a list of files: what each one is for, and whether it is as the decision left it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from core.crashpack.integrity import NAME as FILES_SHA256
from core.crashpack.integrity import Problem, check_files
from core.crashpack.reading import Contents, read_contents
from core.crashpack.rederive import FIXTURES
from core.model.jsontext import sha256_hex
from core.store.files import read_folder

FileState = Literal["intact", "changed", "missing", "unlisted", "unvouched"]

GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("What the oracles said", ("evidence-ledger.json", "composite-evidence.json", "journal", "journal.digest")),
    ("What happened", ("transfer.atp-trace", "pathlog", "quiclog", "repairlog")),
    (
        "What was decided",
        ("candidate.json", "state.json", "manifest", "agent_proof_bundle.json", "replay_command.sh", FILES_SHA256),
    ),
)
"""The files that every crashpack of a decision has, by what they are for; the rest are runs or others."""
RUNS, OTHERS = "Copies of the runs", "Other files"


@dataclass(frozen=True, slots=True)
class PackFile:
    """One file of a crashpack."""

    name: str
    state: FileState
    size: int | None
    """Bytes; None when it is missing."""
    digest: str
    """The hex sha256 of its bytes; empty when it is missing."""
    problem: str = ""
    """What is wrong with it."""


@dataclass(frozen=True)
class Pack:
    """A crashpack as it was read."""

    files: Mapping[str, bytes]
    contents: Contents
    problems: tuple[Problem, ...]
    """Files that are not as recorded, and files that cannot be decoded."""

    @cached_property
    def rows(self) -> dict[str, PackFile]:
        """Every file that is there or should be, by name."""
        wrong = {problem.file: problem.text for problem in reversed(self.problems)}
        names = sorted(self.files.keys() | wrong.keys())
        return {name: self._row(name, wrong.get(name, "")) for name in names}

    def _row(self, name: str, problem: str) -> PackFile:
        data = self.files.get(name)
        if data is None:
            return PackFile(name, "missing", None, "", problem)
        state: FileState = "intact"
        if problem:
            state = "unlisted" if problem.startswith("is not listed") else "changed"
        elif FILES_SHA256 not in self.files:
            state = "unvouched"
        return PackFile(name, state, len(data), sha256_hex(data), problem)

    @property
    def digest(self) -> str:
        """What the journal records of an unchanged crashpack; empty when nothing vouches for the files."""
        return "sha256:" + sha256_hex(self.files[FILES_SHA256]) if FILES_SHA256 in self.files else ""


def made_pack(files: Mapping[str, bytes]) -> Pack:
    """A crashpack from its files; never raises, whatever is wrong becomes a problem."""
    contents, unreadable = read_contents(files)
    return Pack(files, contents, (*check_files(files), *unreadable))


def read_pack(folder: Path) -> Pack:
    """A crashpack from its folder. Raises InputError when that cannot be read."""
    return made_pack(read_folder(folder))


def grouped(pack: Pack) -> dict[str, list[str]]:
    """The names of all files by what they are for; groups without a file are left out."""
    known = {name: title for title, names in GROUPS for name in names}
    groups: dict[str, list[str]] = {title: [n for n in names if n in pack.rows] for title, names in GROUPS}
    groups[RUNS], groups[OTHERS] = [], []
    for name in pack.rows:
        if name not in known:
            groups[RUNS if name.startswith(FIXTURES) else OTHERS].append(name)
    return {title: names for title, names in groups.items() if names}
