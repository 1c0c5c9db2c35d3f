"""What a list of sums vouches for, once the journal names its digest."""

from __future__ import annotations

import pytest

from core.crashpack.integrity import NAME, check_files, files_sha256, vouched
from core.model.jsontext import sha256_hex

FILES = {"a": b"1", "b": b"2"}
SUMS = files_sha256(FILES)
DOUBLE = SUMS + SUMS


def digest(sums: bytes) -> str:
    return f"sha256:{sha256_hex(sums)}"


@pytest.mark.parametrize("files", [FILES, {"b": b"2"}, {}])
def test_some_of_the_files_are_as_recorded(files: dict[str, bytes]):
    assert vouched(SUMS, digest(SUMS), files)


@pytest.mark.parametrize(
    ("sums", "named", "files"),
    [
        (SUMS, digest(SUMS), {"a": b"2"}),
        (SUMS, digest(SUMS), {"a": b"1", "b": b"1"}),
        (SUMS, digest(SUMS), {"c": b"1"}),
        (SUMS, digest(b""), FILES),
        (DOUBLE, digest(DOUBLE), FILES),
    ],
    ids=["another file", "one of two", "not listed", "another digest", "listed twice"],
)
def test_nothing_else_is_vouched_for(sums: bytes, named: str, files: dict[str, bytes]):
    assert not vouched(sums, named, files)


def test_converted_line_ends_are_told_as_what_they_are():
    files = {**FILES, NAME: SUMS}
    problems = [
        str(problem) for problem in check_files({name: data.replace(b"\n", b"\r\n") for name, data in files.items()})
    ]
    assert len(problems) == 1
    assert problems[0].startswith("files.sha256: its lines end with \\r\\n")
    assert not vouched(SUMS.replace(b"\n", b"\r\n"), digest(SUMS.replace(b"\n", b"\r\n")), FILES)
