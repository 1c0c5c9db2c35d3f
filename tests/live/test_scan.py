from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st

import core.live.walk as walk_module
from core.live.changes import BrokenFile, Stamp
from core.live.names import below, order_of, path_of, unit_of
from core.live.scan import Difference, Scan, difference, scan, updated
from core.live.walk import is_trace_name
from tests.live.feeding import write


def rules(found: Scan) -> dict[str, str]:
    return {unit: problem.rule for unit, problem in found.problems.items()}


class TestFiles:
    def test_finds_exactly_the_json_files_in_component_order(self, tmp_path: Path) -> None:
        for name in ["a.json", "a/b.json", "a-b/c.json", "b.JSON", "c.json.tmp", ".json", ".hidden.json", "a/x/y.json"]:
            write(tmp_path / name)
        (tmp_path / "folder.json").mkdir()
        assert list(scan(tmp_path).files) == [".hidden.json", "a/b.json", "a/x/y.json", "a-b/c.json", "a.json"]

    def test_folder_named_like_a_file_is_entered(self, tmp_path: Path) -> None:
        write(tmp_path / "runs.json" / "a.json")
        found = scan(tmp_path)
        assert list(found.files) == ["runs.json/a.json"]
        assert not found.problems

    def test_stamp_is_that_of_the_file(self, tmp_path: Path) -> None:
        path = write(tmp_path / "a.json", "12345")
        status = path.stat()
        assert scan(tmp_path).files["a.json"] == Stamp(status.st_mtime_ns, 5, status.st_ino, status.st_ctime_ns)

    def test_names_that_are_not_utf8_are_spelled_and_found_again(self, tmp_path: Path) -> None:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.json")).write_text("{}")
        write(tmp_path / "a\\xff.json")
        write(tmp_path / "line\nfeed\x1b[31m.json")
        found = scan(tmp_path)
        assert set(found.files) == {"a\\xff.json", "a\\x5cxff.json", "line\nfeed\x1b[31m.json"}
        for unit in found.files:
            unit.encode()
            assert list(scan(tmp_path, unit).files) == [unit]

    def test_file_that_vanishes_between_listing_and_look_is_no_problem(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / "a.json")
        write(tmp_path / "b.json")
        real = walk_module.is_trace_name

        def is_trace_name(name: str) -> bool:
            (tmp_path / "a.json").unlink(missing_ok=True)
            return real(name)

        monkeypatch.setattr(walk_module, "is_trace_name", is_trace_name)
        assert list(scan(tmp_path).entries) == ["b.json"]


class TestFolder:
    def test_missing(self, tmp_path: Path) -> None:
        found = scan(tmp_path / "none")
        assert (found.state, dict(found.entries)) == ("missing", {})
        assert found.trouble == f"the traces folder {tmp_path}/none does not exist"

    def test_file_as_folder(self, tmp_path: Path) -> None:
        found = scan(write(tmp_path / "a.json"))
        assert found.state == "not a folder"
        assert "is a file" in found.trouble

    def test_below_a_file_is_missing(self, tmp_path: Path) -> None:
        assert scan(write(tmp_path / "a.json") / "x").state == "missing"

    def test_unreadable(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def scandir(path: object) -> object:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr(os, "scandir", scandir)
        found = scan(tmp_path)
        assert found.state == "unreadable"
        assert found.trouble.endswith("cannot be read: permission denied")

    def test_the_folder_itself_may_be_a_link(self, tmp_path: Path) -> None:
        write(tmp_path / "real" / "a.json")
        (tmp_path / "link").symlink_to("real")
        assert list(scan(tmp_path / "link").files) == ["a.json"]

    def test_unreadable_sub_folder_is_a_problem_and_the_rest_is_read(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        write(tmp_path / "a.json")
        write(tmp_path / "locked" / "b.json")
        real = os.scandir

        def scandir(path: object) -> object:
            if str(path).endswith("locked"):
                raise PermissionError(13, "Permission denied", path)
            return real(path)  # type: ignore[call-overload]

        monkeypatch.setattr(os, "scandir", scandir)
        found = scan(tmp_path)
        assert list(found.files) == ["a.json"]
        assert rules(found) == {"locked": "unreadable folder"}
        assert "permission denied" in found.problems["locked"].reason


class TestLinksAndSpecials:
    def test_links_are_named_for_what_they_are_and_never_followed(self, tmp_path: Path) -> None:
        folder = tmp_path / "traces"
        write(tmp_path / "outside" / "secret.json")
        write(folder / "sub" / "a.json")
        (folder / "out").symlink_to(tmp_path / "outside")
        (folder / "out.json").symlink_to("../outside/secret.json")
        (folder / "sub" / "up").symlink_to("..")
        (folder / "sub" / "self").symlink_to("self")
        (folder / "gone.json").symlink_to("nowhere")
        (folder / "latest.json").symlink_to("sub/a.json")
        (folder / "again").symlink_to("sub")
        found = scan(folder)
        assert list(found.files) == ["sub/a.json"]
        assert rules(found) == {
            "again": "link",
            "gone.json": "dangling link",
            "latest.json": "link",
            "out": "link out of the folder",
            "out.json": "link out of the folder",
            "sub/self": "link loop",
            "sub/up": "link loop",
        }
        assert '"nowhere"' in found.problems["gone.json"].reason

    def test_link_to_a_file_that_is_no_run_is_nobodys_business(self, tmp_path: Path) -> None:
        write(tmp_path / "notes.txt", "x")
        (tmp_path / "readme").symlink_to("notes.txt")
        assert not scan(tmp_path).entries

    def test_folder_beside_with_the_same_beginning_is_outside(self, tmp_path: Path) -> None:
        write(tmp_path / "traces-old" / "a.json")
        (tmp_path / "traces").mkdir()
        (tmp_path / "traces" / "old").symlink_to("../traces-old")
        assert rules(scan(tmp_path / "traces")) == {"old": "link out of the folder"}

    def test_pipes_and_sockets_are_problems_when_named_like_runs(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        os.mkfifo(tmp_path / "pipe.json")
        os.mkfifo(tmp_path / "pipe")
        monkeypatch.chdir(tmp_path)  # a socket's whole name has to be short
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("s.json")
        found = scan(tmp_path)
        assert rules(found) == {"pipe.json": "not a file", "s.json": "not a file"}
        assert "pipe (FIFO)" in found.problems["pipe.json"].reason


class TestPartly:
    def test_one_file(self, tmp_path: Path) -> None:
        write(tmp_path / "d" / "a.json")
        write(tmp_path / "d" / "b.json")
        found = scan(tmp_path, "d/a.json")
        assert (list(found.files), found.below) == (["d/a.json"], "d/a.json")

    def test_sub_folder(self, tmp_path: Path) -> None:
        write(tmp_path / "d" / "e" / "a.json")
        write(tmp_path / "x.json")
        found = scan(tmp_path, "d")
        assert list(found.files) == ["d/e/a.json"]
        assert found.folders == {"d", "d/e"}

    @pytest.mark.parametrize("missing", ["gone.json", "d/gone.json"])
    def test_what_is_not_there(self, tmp_path: Path, missing: str) -> None:
        (tmp_path / "d").mkdir()
        found = scan(tmp_path, missing)
        assert (dict(found.entries), found.below) == ({}, missing)

    def test_path_through_a_link_stands_for_the_link(self, tmp_path: Path) -> None:
        write(tmp_path / "outside" / "a.json")
        folder = tmp_path / "traces"
        folder.mkdir()
        (folder / "out").symlink_to("../outside")
        found = scan(folder, "out/a.json")
        assert (found.below, rules(found)) == ("out", {"out": "link out of the folder"})

    def test_path_through_what_went_away_stands_for_all_of_that(self, tmp_path: Path) -> None:
        whole = scan(write(tmp_path / "d" / "a.json").parent.parent)
        (tmp_path / "d" / "a.json").unlink()
        (tmp_path / "d").rmdir()
        now, changes = updated(whole, [scan(tmp_path, "d/other.json")])
        assert (dict(now.entries), changes.removed) == ({}, {"d/a.json"})

    def test_a_look_at_a_folder_leaves_what_is_elsewhere(self, tmp_path: Path) -> None:
        for name in ("a.json", "d/a.json", "d/b.json", "d.json", "dd/a.json"):
            write(tmp_path / name)
        whole = scan(tmp_path)
        (tmp_path / "d" / "a.json").unlink()
        now, changes = updated(whole, [scan(tmp_path, "d")])
        assert set(now.entries) == {"a.json", "d/b.json", "d.json", "dd/a.json"}
        assert changes == Difference(removed=frozenset({"d/a.json"}))

    def test_what_the_system_gives_no_look_at_is_a_problem(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in a folder whose names may be read, but not what they stand for."""
        write(tmp_path / "a.json")

        def refused(path: str) -> NoReturn:
            raise PermissionError(13, "Permission denied", path)

        monkeypatch.setattr("core.live.scan.os.lstat", refused)
        found = scan(tmp_path, "a.json")
        (problem,) = found.entries.values()
        assert isinstance(problem, BrokenFile)
        assert (problem.unit, problem.reason) == ("a.json", "it cannot be looked at: permission denied")
        assert problem.advice


class TestDifference:
    def test_added_changed_removed(self) -> None:
        def made(**entries: int) -> Scan:
            return Scan(Path("t"), entries={unit: Stamp(size, size, 1, 1) for unit, size in entries.items()})

        assert difference(made(a=1, b=1, c=1), made(b=2, c=1, d=1)) == Difference({"d"}, {"b"}, {"a"})

    def test_file_that_becomes_a_problem_changed(self) -> None:
        old = Scan(Path("t"), entries={"a": Stamp(1, 1, 1, 1)})
        new = Scan(Path("t"), entries={"a": BrokenFile("a", None, "link", "")})
        assert difference(old, new).changed == {"a"}


names = st.sampled_from(["a.json", "b.json", "d", "d/a.json", "d/b.json", "d/e/a.json", "f/a.json"])


@given(st.lists(st.tuples(names, st.booleans()), max_size=8), st.lists(names, max_size=4))
def test_looks_at_parts_add_up_to_a_look_at_everything(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, bool]], extra: list[str]
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    whole = scan(folder)
    before = whole
    hints = list(extra)
    for name, make in steps:
        path = folder / name
        if make and not path.is_dir() and not any(p.is_file() for p in path.parents):
            if name == "d":
                path.mkdir(exist_ok=True) if not path.exists() else None
            else:
                write(path)
            hints.append(name)
        elif path.is_file():
            path.unlink()
            hints.append(name)
        elif path.is_dir():
            path.rename(folder / "moved.txt") if not (folder / "moved.txt").exists() else None
            hints += [name, "moved.txt"]
    now, changes = updated(before, [scan(folder, hint) for hint in hints])
    final = scan(folder)
    assert now.entries == final.entries
    assert changes == difference(before, final)


class TestNames:
    @given(st.binary(max_size=12), st.binary(max_size=12))
    def test_units_are_utf8_unique_and_lead_back(self, one: bytes, other: bytes) -> None:
        first, second = os.fsdecode(one), os.fsdecode(other)
        assert path_of(unit_of(first)) == first
        unit_of(first).encode()
        assert (unit_of(first) == unit_of(second)) == (first == second)

    @given(st.text(st.sampled_from("\\x5cf80/"), max_size=10))
    def test_names_that_look_spelled_lead_back(self, name: str) -> None:
        assert path_of(unit_of(name)) == name

    @given(st.lists(st.text(st.sampled_from("ab-./"), min_size=1), max_size=6))
    def test_order_is_by_components(self, units: list[str]) -> None:
        assert sorted(units, key=order_of) == sorted(units, key=lambda unit: unit.split("/"))

    def test_below(self) -> None:
        assert below("a/b", "a")
        assert below("a", "a")
        assert below("a", "")
        assert not below("ab", "a")

    def test_trace_names(self) -> None:
        good = [
            name
            for name in ["a.json", ".a.json", "..json", ".json", "a.jsonl", "json", "a.Json"]
            if is_trace_name(name)
        ]
        assert good == ["a.json", ".a.json", "..json", "a.jsonl"]
