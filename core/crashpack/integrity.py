"""`files.sha256`: the digest of every other file, so that any changed, added or missing byte is named.

Source: spec/review.md, The transfer state of a promotion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.model.jsontext import sha256_hex
from core.model.text import quoted, visible

NAME = "files.sha256"

_LINE = re.compile(r"([0-9a-f]{64})  (.+)")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with a file of a crashpack."""

    file: str
    text: str
    """What is wrong, with the recorded and the computed value."""

    def __str__(self) -> str:
        return f"{visible(self.file)}: {visible(self.text)}"


def files_sha256(files: Mapping[str, bytes]) -> bytes:
    """Sorted `HEX  NAME` lines over every file but `files.sha256` itself.

    Raises ValueError for a name with a character that a line cannot hold.
    """
    lines: list[str] = []
    for name in sorted(files):
        if visible(name) != name:
            raise ValueError(f"the file name {quoted(name)} has characters that are not printable")
        if name != NAME:
            lines.append(f"{sha256_hex(files[name])}  {name}\n")
    return "".join(lines).encode()


def check_files(files: Mapping[str, bytes]) -> list[Problem]:
    """Every file that is not as `files.sha256` records it; every name is compared, whoever wrote it."""
    if NAME not in files:
        return [Problem(NAME, "is missing, so nothing vouches for the other files")]
    recorded, problems = _parse(files[NAME])
    for name in sorted(recorded.keys() | (files.keys() - {NAME})):
        if name not in files:
            problems.append(Problem(name, f"is missing; {NAME} records sha256 {recorded[name]}"))
            continue
        computed = sha256_hex(files[name])
        if name not in recorded:
            problems.append(Problem(name, f"is not listed in {NAME}; computed sha256 {computed}"))
        elif recorded[name] != computed:
            problems.append(Problem(name, f"{NAME} records sha256 {recorded[name]}, computed {computed}"))
    return problems


def vouched(sums: bytes, digest: str, files: Mapping[str, bytes]) -> bool:
    """Whether some of the files are as recorded by a list of sums that itself has a digest (`sha256:…`)."""
    recorded, problems = _parse(sums)
    is_whole = f"sha256:{sha256_hex(sums)}" == digest and not problems
    return is_whole and all(recorded.get(name) == sha256_hex(data) for name, data in files.items())


def _parse(data: bytes) -> tuple[dict[str, str], list[Problem]]:
    """The recorded digests by name, and what is wrong with the list's own form."""
    recorded: dict[str, str] = {}
    problems: list[Problem] = []
    try:
        lines = data.decode().split("\n")
    except UnicodeDecodeError as error:
        return {}, [Problem(NAME, f"is not UTF-8 at byte {error.start}")]
    if lines.pop():
        problems.append(Problem(NAME, "does not end with a line feed; the list is cut short"))
    if lines and all(line.endswith("\r") for line in lines):
        # What converts line ends does so everywhere: nothing else would be told of all files.
        problems.append(Problem(NAME, "its lines end with \\r\\n: something converted line ends on the way here"))
        lines = [line.removesuffix("\r") for line in lines]
    for number, line in enumerate(lines, 1):
        found = _LINE.fullmatch(line)
        if not found:
            problems.append(Problem(NAME, f"line {number} is {quoted(line)}, expected a digest and a name"))
            continue
        digest, name = found.groups()
        if name in recorded:
            problems.append(Problem(NAME, f"line {number} lists {quoted(name)} again"))
        recorded.setdefault(name, digest)
    if not problems and list(recorded) != sorted(recorded):
        problems.append(Problem(NAME, "lists the files out of order"))
    if NAME in recorded:
        problems.append(Problem(NAME, "lists itself"))
        del recorded[NAME]
    return recorded, problems
