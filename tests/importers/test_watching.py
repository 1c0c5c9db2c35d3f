"""`assay import --watch`, and formats that other packages add."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest
import watchfiles
from click.testing import CliRunner

from core.importers import registry
from core.importers.values import Format, Part
from core.model.jsontext import parse
from tests.importers.importing import chat, lines, split
from tui.cli.main import main


def left_alone(path: Path, seconds: float) -> None:
    """Make a file look as if nobody had touched it for a while."""
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_what_is_added_and_changed_is_imported_once_it_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, to = tmp_path / "logs", tmp_path / "to"
    source.mkdir()
    first, second = source / "a.jsonl", source / "b.jsonl"
    first.write_bytes(lines(chat("a", id="a")))
    left_alone(first, 60)
    seen: list[int] = []

    def events(*_: object, **__: object) -> Iterator[set[Any]]:
        seen.append(len(list(to.glob("*.json"))))
        second.write_bytes(lines(chat("b", id="b")))
        left_alone(second, 0)
        yield set()
        seen.append(len(list(to.glob("*.json"))))
        left_alone(second, 5)
        yield set()
        seen.append(len(list(to.glob("*.json"))))
        first.write_bytes(lines(chat("a", id="a"), chat("c", id="c")))
        left_alone(first, 5)
        yield set()
        seen.append(len(list(to.glob("*.json"))))
        raise KeyboardInterrupt

    monkeypatch.setattr(watchfiles, "watch", events)
    told = CliRunner().invoke(main, ["import", str(source), "--to", str(to), "--watch", "--json"])
    assert told.exit_code == 0, told.output
    assert seen == [1, 1, 2, 3]
    assert told.stderr.count("imported 1 changed file") == 2
    assert {one["source"]: one["runs"] for one in parse(told.stdout.encode())["sources"]} == {
        "a.jsonl": 2,
        "b.jsonl": 1,
    }


def test_a_file_from_a_clock_that_is_ahead_is_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, to = tmp_path / "logs", tmp_path / "to"
    source.mkdir()
    (source / "a.jsonl").write_bytes(lines(chat("a", id="a")))
    seen: list[int] = []

    def events(*_: object, **__: object) -> Iterator[set[Any]]:
        (source / "b.jsonl").write_bytes(lines(chat("b", id="b")))
        left_alone(source / "b.jsonl", -3600)
        yield set()
        seen.append(len(list(to.glob("*.json"))))
        raise KeyboardInterrupt

    monkeypatch.setattr(watchfiles, "watch", events)
    assert CliRunner().invoke(main, ["import", str(source), "--to", str(to), "--watch"]).exit_code == 0
    assert seen == [2]


SPECIAL = Format(
    "special",
    "a special case of chat",
    lambda value: isinstance(value, dict) and value.get("special") is True,
    lambda value: Part("", "", value),
    lambda parts, _: [{"id": "from elsewhere", "actions": [{"name": "x"}]} for _ in parts],
)
NOT_A_FORMAT = 3


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    points = EntryPoints(
        EntryPoint(name, f"{__name__}:{attribute}", registry.GROUP)
        for name, attribute in (("special", "SPECIAL"), ("wrong", "NOT_A_FORMAT"), ("missing", "NOTHING"))
    )
    monkeypatch.setattr(registry, "entry_points", lambda group: points.select(group=group))
    registry.known.cache_clear()
    yield
    registry.known.cache_clear()


@pytest.mark.usefixtures("installed")
def test_a_package_adds_a_format(tmp_path: Path) -> None:
    assert [made.name for made in registry.known().formats][:2] == ["special", "trace"]
    (run,), left = split(lines(chat(special=True)))
    assert (run["id"], run["source"], left) == ("from elsewhere", "runs.jsonl", [])
    assert registry.named("special") is SPECIAL
    (tmp_path / "a.jsonl").write_bytes(lines(chat()))
    told = CliRunner().invoke(main, ["import", str(tmp_path / "a.jsonl"), "--to", str(tmp_path / "to")])
    assert told.exit_code == 0
    assert "the importer wrong is no Format but int" in told.stderr
    assert "the importer missing does not load" in told.stderr
