"""What importing does not look at is told: folders that cannot be listed, links, and sources that went away."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import watchfiles
from click.testing import CliRunner

from core.model.errors import InputError, NothingFound
from core.model.jsontext import parse
from tests.importers.importing import chat, lines
from tests.importers.test_import_command import run, told
from tests.importers.test_watching import left_alone
from tui.cli.main import main


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Folders named `closed` cannot be listed; the rights that make it so do not count for everybody."""
    real = os.scandir

    def listed(path: Path) -> Any:
        if os.fspath(path).endswith("closed"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", listed)


@pytest.mark.usefixtures("closed")
def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    source, to = tmp_path / "logs", tmp_path / "to"
    (source / "sub" / "closed").mkdir(parents=True)
    (source / "a.jsonl").write_bytes(lines(chat()))
    result = run(source, "--to", to)
    assert "not mapped: sub/closed: the folder cannot be listed: permission denied" in result.stderr
    assert isinstance(result.exception, NothingFound)
    found = told(source, "--to", to)
    assert (found["not_mapped"], [one["source"] for one in found["faults"]]) == (1, ["sub/closed"])
    assert "cannot list" in str(run(source / "sub" / "closed", "--to", to).exception)


def test_links_are_told_and_not_followed(tmp_path: Path) -> None:
    source, to = tmp_path / "logs", tmp_path / "to"
    source.mkdir()
    for name, target in (("a.json", "x.json"), ("dir", tmp_path), ("loop.jsonl", "loop.jsonl"), ("other.txt", "x")):
        (source / name).symlink_to(target)
    (source / "b.jsonl").write_bytes(lines(chat()))
    result = run(source, "--to", to)
    assert result.exit_code == 0
    assert "left out by rule, 3 times: a link, which is not followed" in result.stdout
    assert [one["source"] for one in told(source, "--to", to)["passed_over"]] == ["a.json", "dir", "loop.jsonl"]


def test_watching_goes_on_when_a_source_goes_away_for_a_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, other, to = tmp_path / "logs", tmp_path / "more.jsonl", tmp_path / "to"
    source.mkdir()
    (source / "a.jsonl").write_bytes(lines(chat("a", id="a")))
    other.write_bytes(lines(chat("b", id="b")) + b"{oops}\n")
    seen: list[int] = []
    rounds = 0

    def events(*_: object, **__: object) -> Iterator[set[Any]]:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            source.rename(tmp_path / "away")
            yield set()
            yield set()
            other.write_bytes(lines(chat("b", id="b"), chat("c", id="c")))
            left_alone(other, 5)
            yield set()
            seen.append(len(list(to.glob("*.json"))))
            raise FileNotFoundError(2, "No such file or directory")  # what watches says so too
        if rounds == 2:
            (tmp_path / "away").rename(source)
            (source / "d.jsonl").write_bytes(lines(chat("d", id="d")))
            left_alone(source / "d.jsonl", 5)
            yield set()
            seen.append(len(list(to.glob("*.json"))))
        raise KeyboardInterrupt

    monkeypatch.setattr(watchfiles, "watch", events)
    monkeypatch.setattr("tui.cli.import_._STEP_MS", 1)
    made = CliRunner().invoke(main, ["import", str(source), str(other), "--to", str(to), "--watch", "--json"])
    assert made.exit_code == 0, made.output
    assert seen == [3, 4]
    assert made.stderr.count(f"not mapped: logs: cannot read {source}: no such file or directory") == 1
    assert parse(made.stdout.encode())["faults"] == [], "those of before count no more"


def test_a_source_that_was_never_there_is_bad_input(tmp_path: Path) -> None:
    assert isinstance(run(tmp_path / "no", "--to", tmp_path / "to", "--watch").exception, InputError)
