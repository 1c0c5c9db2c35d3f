"""`assay import`: what is written, twice, half-way, and what is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.importers import origins as origins_of
from core.importers import writing
from core.importers.naming import file_name
from core.importers.sources import origins
from core.importers.values import Options
from core.importers.writing import Folder, import_file
from core.model.errors import InputError, NothingFound
from core.model.jsontext import compact, parse
from core.traces.load import load_folder
from tests.importers.importing import DATA, chat, lines
from tui.cli.main import main

State = dict[str, tuple[bytes, int]]


def run(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["import", *map(str, arguments)])


def told(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = parse(run(*arguments, "--json").stdout.encode())
    return found


def state(folder: Path) -> State:
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.glob("*.json")}


def test_every_format_at_once_and_again(tmp_path: Path) -> None:
    to = tmp_path / "runs"
    sources = [path for path in sorted(DATA.iterdir()) if path.is_dir() and path.name not in ("expected", "otlp")]
    sources += [DATA / "otlp" / "spans.json", DATA / "otlp" / "spans.jsonl"]
    first = run(*sources, "--to", to)
    assert first.exit_code == 0, first.output
    before = state(to)
    # the two files of spans hold the same runs in two layouts: copies are no other runs
    assert len(load_folder(str(to))) == len(before)
    again = told(*sources, "--to", to)
    assert state(to) == before
    assert sum(source["new"] + source["updated"] for source in again["sources"]) == 0
    assert {path.name for path in to.iterdir()} - before.keys() <= {writing.LOCK, origins_of.FILE}


def test_a_chat_that_grew_takes_the_place_of_what_it_was(tmp_path: Path) -> None:
    source, to = tmp_path / "runs.jsonl", tmp_path / "runs"
    whole = chat("a")
    source.write_bytes(lines(whole | {"messages": whole["messages"][:3]}, chat("b")))
    assert run(source, "--to", to).exit_code == 0
    source.write_bytes(lines(whole, chat("b")))
    again = told(source, "--to", to)
    assert [(one["new"], one["updated"], one["unchanged"]) for one in again["sources"]] == [(0, 1, 1)]
    assert sorted(len(parse(data)["actions"]) for data, _ in state(to).values()) == [2, 2]


def test_a_bad_record_costs_itself_and_is_told(tmp_path: Path) -> None:
    source = tmp_path / "runs.jsonl"
    source.write_bytes(lines(chat("a")) + b"{oops\x1b[31m}\n" + lines(chat("b")))
    result = run(source, "--to", tmp_path / "to")
    assert isinstance(result.exception, NothingFound)
    assert "not mapped: runs.jsonl: line 2: invalid JSON" in result.stderr
    assert len(state(tmp_path / "to")) == 2
    found = told(source, "--to", tmp_path / "to")
    assert found["not_mapped"] == 1
    assert [(one["source"], one["place"]) for one in found["faults"]] == [("runs.jsonl", "line 2")]


def test_a_kill_half_way_is_made_good_by_the_next_import(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, to = DATA / "openai_chat" / "tau_retail_20_runs.json", tmp_path / "to"
    whole = tmp_path / "whole"
    run(source, "--to", whole)
    wanted = {name: data for name, (data, _) in state(whole).items()}
    real, done = Path.replace, 0

    def killed(self: Path, target: Path) -> Path:
        nonlocal done
        done += 1
        if done > 7:
            raise KeyboardInterrupt
        return real(self, target)

    monkeypatch.setattr(Path, "replace", killed)
    run(source, "--to", to)
    assert len(state(to)) == 7
    assert [path.name for path in to.iterdir() if path.name.endswith(".part")]
    monkeypatch.undo()
    kept = state(to)
    run(source, "--to", to)
    assert {name: data for name, (data, _) in state(to).items()} == wanted
    assert all(state(to)[name] == held for name, held in kept.items())
    assert not [path for path in to.iterdir() if path.name.endswith(".part")]


def test_a_file_that_a_crash_left_empty_is_written_again(tmp_path: Path) -> None:
    source, to = tmp_path / "a.jsonl", tmp_path / "to"
    source.write_bytes(lines(chat("a")))
    run(source, "--to", to)
    (path,) = to.glob("*.json")
    data = path.read_bytes()
    path.write_bytes(b"")
    assert told(source, "--to", to)["sources"][0]["updated"] == 1
    assert path.read_bytes() == data


def test_a_run_that_grew_keeps_its_file(tmp_path: Path) -> None:
    source, to = tmp_path / "a.jsonl", tmp_path / "to"
    record = chat("a", id="run-1")
    source.write_bytes(lines(record))
    run(source, "--to", to)
    record["messages"].append({"role": "user", "content": "thanks"})
    source.write_bytes(lines(record))
    assert told(source, "--to", to)["sources"][0]["updated"] == 1
    (path,) = to.glob("*.json")
    assert path.name == file_name("run-1")
    assert parse(path.read_bytes())["actions"][-1]["observed_output"] == "thanks"


def test_two_runs_with_one_id_are_told_and_the_first_stays(tmp_path: Path) -> None:
    one, two, to = tmp_path / "1.jsonl", tmp_path / "2.jsonl", tmp_path / "to"
    one.write_bytes(lines(chat("a", id="x"), chat("b", id="x"), chat("a", id="x")))
    two.write_bytes(lines(chat("c", id="x")))
    result = run(one, two, "--to", to)
    assert result.stderr.count("its id x is that of another run") == 2
    later = run(two, "--to", to)
    assert "its id x is that of a run from 1.jsonl" in later.stderr
    (path,) = to.glob("*.json")
    assert parse(path.read_bytes())["metadata"]["first_user_message"] == "a"
    (tmp_path / "copy.jsonl").write_bytes(one.read_bytes())
    assert "1 run of 2 files is in" in run(one, tmp_path / "copy.jsonl", "--to", tmp_path / "again").stdout


def test_what_is_known_of_no_format_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"hello": 1}')
    result = run(tmp_path / "a.json", "--to", tmp_path / "to")
    assert isinstance(result.exception, NothingFound)
    assert "none of its records has a known format" in result.stderr


@pytest.mark.parametrize("arguments", [("missing.json",), (".", "--format", "nonsense"), (".", "--effects", "no.toml")])
def test_wrong_arguments_are_bad_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str]) -> None:
    monkeypatch.chdir(tmp_path)
    assert isinstance(run(*arguments, "--to", tmp_path / "to").exception, InputError)


def test_a_folder_that_another_import_holds_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(chat()))
    with Folder(tmp_path / "to").held():
        result = run(tmp_path / "a.jsonl", "--to", tmp_path / "to")
    assert isinstance(result.exception, InputError)
    assert "another import" in str(result.exception)


def test_the_format_can_be_stated(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(chat()))
    result = run(tmp_path / "a.jsonl", "--to", tmp_path / "to", "--format", "otel")
    assert "it is no span" in result.stderr


def test_sources_are_each_file_once(tmp_path: Path) -> None:
    (tmp_path / "b.jsonl").write_bytes(lines(chat()))
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / ".hidden.json").write_text("{}")
    (tmp_path / "away.json").symlink_to("/etc")
    found = origins((tmp_path, tmp_path / "b.jsonl"))
    assert [one.label for one in found] == ["b.jsonl"]


def test_a_link_in_the_folder_is_replaced_and_not_followed(tmp_path: Path) -> None:
    source, to, victim = tmp_path / "a.jsonl", tmp_path / "to", tmp_path / "victim"
    source.write_bytes(lines(chat(id="x")))
    to.mkdir()
    victim.write_text("keep")
    (to / file_name("x")).symlink_to(victim)
    run(source, "--to", to)
    assert victim.read_text() == "keep"
    assert not (to / file_name("x")).is_symlink()


def test_an_extension_that_makes_no_trace_costs_the_record(tmp_path: Path) -> None:
    from core.importers.values import Format, Part

    made = Format("odd", "odd", lambda _: True, lambda value: Part("", "", value), lambda parts, _: [{"id": 3}])
    (tmp_path / "a.jsonl").write_bytes(lines({"a": 1}))
    tally = import_file(tmp_path / "a.jsonl", "a.jsonl", Folder(tmp_path), Options(), made)
    assert tally.faults == 1
    failing = Format("odd", "odd", lambda _: True, lambda value: Part("", "", value[0]), lambda parts, _: [])
    tally = import_file(tmp_path / "a.jsonl", "a.jsonl", Folder(tmp_path), Options(), failing)
    assert ["the importer odd fails on it: KeyError: 0" in reason for reason, _ in tally.left] == [True]


def test_names_tell_apart_what_reads_alike() -> None:
    names = [file_name(text) for text in ("a/b", "a b", "../../etc/passwd", "", "\x1b[0m", "x" * 500, "CON.", "..")]
    assert len({name.lower() for name in names}) == len(names)
    for name in names:
        assert len(name) < 100
        assert not set(name) & set("/\\:\x1b ")
        assert not name.startswith(".")
    assert compact(names)
