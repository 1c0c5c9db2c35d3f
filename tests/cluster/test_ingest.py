"""Reading into a dataset: once, only what changed, and whole or not at all."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from core.cluster import dataset
from core.cluster.dataset import files_of, load, part_names, quarantined_of, runs_of
from core.cluster.ingest import Ingested, ingest
from core.cluster.mine import mine
from core.cluster.mining import Rules
from core.cluster.place import Place
from core.cluster.running import Cluster
from core.live import settle
from core.model.errors import InputError
from core.model.jsontext import parse, pretty
from core.store.policy import Policy
from tests.cluster.local import MAX, NOW, write
from tests.cluster.serial import Serial, silent
from tests.review.making import run

LONG_AGO = 1_600_000_000


def read(folder: Path, cluster: Cluster | None = None, part_files: int = 2) -> Ingested:
    return ingest(str(folder / "runs"), str(folder / "set"), MAX, lambda: cluster or Serial(), silent, part_files)


def old(folder: Path, runs: dict[str, Any]) -> Path:
    """A folder of runs that were written long ago."""
    write(folder / "runs", runs)
    for unit in runs:
        os.utime(folder / "runs" / unit, (LONG_AGO, LONG_AGO))
    return folder


def held(folder: Path) -> dict[str, str]:
    """The ids of all runs of the dataset, by unit."""
    place, made = Place(str(folder / "set")), {}
    for part in load(place).parts:
        segment = runs_of(place, part.name)
        ids = zip(segment.column("run_unit"), segment.column("run_id"), strict=True)
        made.update({str(unit): str(trace_id) for unit, trace_id in ids})
    return made


def nobody() -> Cluster:
    raise AssertionError("nothing has to be read")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # A file system that sets times of its own on writing (ctime) would make every file a young one.
    monkeypatch.setattr(settle, "SETTLED", -1.0)
    return old(tmp_path, {f"{n}.json": run(f"r{n}") for n in range(5)})


def test_everything_is_read_once(folder: Path) -> None:
    first = read(folder)
    assert (first.read, first.unchanged, first.removed) == (5, 0, 0)
    assert (first.manifest.runs, first.manifest.actions, len(first.manifest.parts)) == (5, 15, 3)
    assert held(folder) == {f"{n}.json": f"r{n}" for n in range(5)}
    again = ingest(str(folder / "runs"), str(folder / "set"), MAX, nobody, silent)
    assert (again.read, again.unchanged) == (0, 5)
    assert again.manifest == first.manifest


def test_only_what_changed_is_read_again(folder: Path) -> None:
    read(folder)
    kept = part_names(Place(str(folder / "set")))
    write(folder / "runs", {"1.json": run("changed"), "9.json": run("new")})
    (folder / "runs/2.json").unlink()
    made = read(folder)
    assert (made.read, made.unchanged, made.removed) == (2, 3, 1)
    assert held(folder) == {"0.json": "r0", "1.json": "changed", "3.json": "r3", "4.json": "r4", "9.json": "new"}
    assert {part.name for part in made.manifest.parts} == part_names(Place(str(folder / "set"))), "no rest is left"
    assert kept & part_names(Place(str(folder / "set"))), "a part without changes stays as it is"


def test_a_file_of_equal_size_and_time_is_told_by_its_other_times(folder: Path) -> None:
    read(folder)
    data = (folder / "runs/1.json").read_bytes()
    old(folder, {"1.json": data.replace(b'"r1"', b'"r7"')})
    assert read(folder).read == 1
    assert held(folder)["1.json"] == "r7"


def test_a_file_that_was_written_a_moment_before_is_compared_by_its_bytes(tmp_path: Path) -> None:
    write(tmp_path / "runs", {"0.json": run("r0"), "1.json": run("r1")})
    made = read(tmp_path)
    assert set(made.manifest.young) == {"0.json", "1.json"}
    place = Place(str(tmp_path / "set"))
    young = {**made.manifest.young, "1.json": "0" * 64}  # as if it had been written to within a tick of its stamp
    dataset.save(place, dataset.Manifest(made.manifest.source, MAX, "", made.manifest.parts, young))
    assert read(tmp_path).read == 1


def test_a_broken_off_ingest_is_gone_on_with(folder: Path) -> None:
    class Broken(Serial):
        def results(self, tasks: Any, *_: object) -> Any:
            raise KeyboardInterrupt

    class OnlyOne(Broken):
        def submit(self, work: Any, *given: Any, weight: int = 1) -> Any:
            if part_names(given[-1]):
                raise KeyboardInterrupt
            return super().submit(work, *given)

    with pytest.raises(KeyboardInterrupt):
        read(folder, OnlyOne())
    with pytest.raises(InputError, match="is no dataset"):
        load(Place(str(folder / "set")))
    made = read(folder)
    assert (made.read, made.unchanged) == (3, 2)
    assert held(folder) == {f"{n}.json": f"r{n}" for n in range(5)}


def test_a_part_that_is_not_whole_is_none(folder: Path) -> None:
    read(folder)
    place = Place(str(folder / "set"))
    (name, *_) = sorted(part_names(place))
    files = files_of(place, name).files
    place.remove(f"files/{name}.parquet")
    manifest = load(place)
    dataset.save(
        place, dataset.Manifest(manifest.source, MAX, "", tuple(p for p in manifest.parts if p.name != name), {})
    )
    assert read(folder).read == len(files)
    assert len(held(folder)) == 5


def test_what_cannot_be_used_is_a_table(folder: Path) -> None:
    write(folder / "runs", {"bad.json": b"{", "none.json": b"[1]"})
    (folder / "runs/link.json").symlink_to("0.json")
    made = read(folder)
    place = Place(str(folder / "set"))
    told = {one.unit: one.rule for part in made.manifest.parts for one in quarantined_of(place, part.name)}
    assert set(told) == {"bad.json", "none.json", "link.json"}
    assert told["bad.json"] == "unfinished JSON"
    assert made.manifest.quarantined == 3
    assert ingest(str(folder / "runs"), str(folder / "set"), MAX, nobody, silent).manifest.quarantined == 3


def test_a_source_behind_another_file_system_is_read(folder: Path) -> None:
    with zipfile.ZipFile(folder / "all.zip", "w") as packed:
        for number in range(3):
            packed.writestr(f"day/{number}.json", pretty(run(f"r{number}")))
        packed.writestr("day/bad.json", b"[")
        packed.writestr("notes.txt", b"no run")
    url = f"zip://::{folder}/all.zip"
    made = ingest(url, str(folder / "set"), MAX, Serial, silent)
    assert held(folder) == {f"day/{n}.json": f"r{n}" for n in range(3)}
    assert made.manifest.quarantined == 1
    assert ingest(url, str(folder / "set"), MAX, nobody, silent).read == 0


def test_wrong_places_are_refused(folder: Path) -> None:
    with pytest.raises(InputError, match="lies inside the source"):
        ingest(str(folder / "runs"), str(folder / "runs/set"), MAX, Serial, silent)
    with pytest.raises(InputError, match="does not exist"):
        ingest(str(folder / "nothing"), str(folder / "set"), MAX, Serial, silent)
    assert not (folder / "set").exists()
    read(folder)
    (folder / "other").mkdir()
    with pytest.raises(InputError, match=r"was read from .*/runs; ingest into another one"):
        ingest(str(folder / "other"), str(folder / "set"), MAX, Serial, silent)
    with pytest.raises(InputError, match=r"cannot use nothing://x: "):
        ingest("nothing://x", str(folder / "set"), MAX, Serial, silent)


def test_a_source_is_never_written_to_by_whatever_name_it_is_given(folder: Path) -> None:
    runs = folder / "runs"
    before = sorted(runs.rglob("*"))
    (folder / "link").symlink_to("runs")
    for source, to in (
        (runs, folder / "link/set"),
        (folder / "link", runs / "set"),
        (f"{runs}/../runs", runs / "x/../set"),
        (runs, f"{folder}/runs/../link"),
    ):
        with pytest.raises(InputError, match="lies inside the source"):
            ingest(str(source), str(to), MAX, nobody, silent)
    for to in (folder, f"{folder}/link/.."):  # which keeps its own files in runs/, and removes all others there
        with pytest.raises(InputError, match="where the dataset keeps its own files"):
            ingest(str(folder / "link"), str(to), MAX, nobody, silent)
    read(folder)
    with pytest.raises(InputError, match=r"the result .*/link/res lies inside the source"):
        mine(str(folder / "set"), Rules(Policy()), folder / "link" / "res", Serial(), silent, NOW)
    assert sorted(runs.rglob("*")) == before


def test_damage_is_told(folder: Path) -> None:
    made = read(folder)
    name = made.manifest.parts[0].name
    (folder / f"set/runs/{name}.parquet").write_bytes(b"PAR1")
    with pytest.raises(InputError, match=f"runs/{name}.parquet is damaged: .*; remove it and ingest again"):
        held(folder)
    (folder / "set/dataset.json").write_bytes(b'{"format": 1}')
    with pytest.raises(InputError, match=r"dataset\.json is damaged"):
        load(Place(str(folder / "set")))


@pytest.mark.parametrize(
    "change",
    [
        {"source": 1},
        {"max_size": "x"},
        {"effects": None},
        {"young": "x"},
        {"young": {"a": 1}},
        {"parts": [{"name": 1}]},
    ],
)
def test_what_is_of_another_type_in_a_dataset_is_damage(folder: Path, change: dict[str, Any]) -> None:
    read(folder)
    path = folder / "set/dataset.json"
    told = parse(path.read_bytes())
    one = change.get("parts")
    told |= change if one is None else {"parts": [told["parts"][0] | one[0]]}
    path.write_bytes(pretty(told))
    with pytest.raises(InputError, match=r"dataset\.json is damaged: .*; remove it and ingest again"):
        load(Place(str(folder / "set")))


@pytest.mark.parametrize("name", ["source", "max_size", "parts", "young"])
def test_what_is_missing_in_a_dataset_is_damage(folder: Path, name: str) -> None:
    read(folder)
    path = folder / "set/dataset.json"
    told = parse(path.read_bytes())
    del told[name]
    path.write_bytes(pretty(told))
    with pytest.raises(InputError, match=rf"dataset\.json is damaged: '?{name}"):
        load(Place(str(folder / "set")))


@pytest.mark.parametrize("kind", ["runs", "quarantine", "files"])
def test_a_file_of_a_part_that_is_removed_is_made_again(folder: Path, kind: str) -> None:
    made, before = read(folder), held(folder)
    path = folder / f"set/{kind}/{made.manifest.parts[0].name}.parquet"
    path.unlink()
    again = read(folder)
    assert (again.read, again.manifest) == (made.manifest.parts[0].files, made.manifest)
    assert (path.exists(), held(folder)) == (True, before)
    assert read(folder).read == 0


@pytest.mark.parametrize(("kind", "data"), [("runs", b"cut"), ("files", b"cut"), ("files", None)])
def test_a_part_that_is_seen_to_be_damaged_is_read_again(folder: Path, kind: str, data: bytes | None) -> None:
    made, before = read(folder), held(folder)
    one, other = (folder / f"set/{kind}/{part.name}.parquet" for part in made.manifest.parts[:2])
    one.write_bytes(other.read_bytes() if data is None else data)
    again = read(folder)
    assert (again.read, again.manifest, held(folder)) == (made.manifest.parts[0].files, made.manifest, before)


def test_what_the_table_of_files_tells_is_sure(folder: Path) -> None:
    part = read(folder).manifest.parts[0]
    path = folder / f"set/files/{part.name}.parquet"
    data, told = path.read_bytes(), f'"runs":{part.runs}'.encode()
    assert data.count(told) == 1
    path.write_bytes(data.replace(told, b'"runs":9'))
    with pytest.raises(InputError, match=f"files/{part.name}.parquet is damaged: .*; remove it and ingest again"):
        files_of(Place(str(folder / "set")), part.name)
