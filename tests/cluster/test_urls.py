"""Sources and datasets behind fsspec URLs; and every format that a traces folder may hold."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import fsspec
import pytest

from core.cluster.ingest import Ingested, ingest
from core.cluster.mine import mine
from core.cluster.mining import Rules
from core.cluster.place import Place
from core.cluster.source import AT_ONCE, Source
from core.live.changes import Stamp
from core.live.read import FileBytes
from core.live.settle import is_young
from core.model.errors import InputError
from core.model.jsontext import pretty
from core.store.policy import Policy
from tests.cluster.local import MAX, NOW, locally, on_cluster, told, write
from tests.cluster.runs import varied
from tests.cluster.serial import Serial, silent
from tests.cluster.server import serving
from tests.cluster.test_ended import until
from tests.importers.importing import DATA
from tests.review.making import run

POLICY = Policy(mode="exact")
NS = 1_000_000_000


def whole(count: int) -> dict[str, object]:
    """Runs without the cut file, which is looked at again for as long as it may still be written."""
    return {unit: made for unit, made in varied(count).items() if unit != "day-2/broken.json"}


def read(source: str, dataset: str) -> Ingested:
    return ingest(source, dataset, MAX, Serial, silent, 20)


def test_memory(tmp_path: Path) -> None:
    system, _ = fsspec.core.url_to_fs("memory://fleet")
    try:
        write(tmp_path / "runs", whole(30))
        for path in (tmp_path / "runs").rglob("*.json"):
            system.pipe_file(f"/fleet/runs/{path.relative_to(tmp_path / 'runs')}", path.read_bytes())
        made = read("memory://fleet/runs", "memory://fleet/set")
        assert (made.read, made.unchanged, made.manifest.quarantined) == (33, 0, 0)
        assert read("memory://fleet/runs", "memory://fleet/set").unchanged == 33
        found = mine("memory://fleet/set", Rules(POLICY), tmp_path / "result", Serial(), silent, NOW)[1]
        assert told(found) == told(locally(tmp_path / "runs", POLICY))
        system.pipe_file("/fleet/runs/day-0/run-000.json", pretty(run("changed")))
        system.rm_file("/fleet/runs/day-1/run-001.json")
        made = read("memory://fleet/runs", "memory://fleet/set")
        assert (made.read, made.unchanged, made.removed) == (1, 31, 1)
        with pytest.raises(InputError, match="lies inside the source"):
            read("memory://fleet/runs", "memory://fleet/runs/set")
        with pytest.raises(InputError, match="the traces folder memory://elsewhere does not exist"):
            read("memory://elsewhere", "memory://fleet/other")
    finally:
        system.rm("/fleet", recursive=True)


def test_http(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write(runs, whole(12) | {"odd name é #1.json": run("odd")})
    with serving(tmp_path) as server:
        source = f"{server.url}/runs"
        made = read(source, str(tmp_path / "set"))
        assert (made.read, made.manifest.runs, made.manifest.quarantined) == (16, 16, 0)
        assert read(source, str(tmp_path / "set")).unchanged == 16
        found = mine(str(tmp_path / "set"), Rules(POLICY), tmp_path / "result", Serial(), silent, NOW)[1]
        local = locally(runs, POLICY)
        assert [view.lineage for view in found.candidates] == [view.lineage for view in local.candidates]
        write(runs, {"day-0/run-000.json": run("changed")})
        assert read(source, str(tmp_path / "set")).read == 1
        listed = Source(source).listed()
        assert all(isinstance(stamp, Stamp) and stamp.size and stamp.mtime_ns for stamp in listed.values())
        with pytest.raises(InputError, match=r"cannot list .*/nowhere: "):
            read(f"{server.url}/nowhere", str(tmp_path / "other"))
    with pytest.raises(InputError, match=r"cannot list http://127\.0\.0\.1"):
        read(source, str(tmp_path / "set"))
    assert Place(str(tmp_path / "set")).has("dataset.json"), "a source that is away changes nothing"


def test_file_urls_are_folders(tmp_path: Path) -> None:
    write(tmp_path / "runs", {"a.json": run("a")})
    read(str(tmp_path / "runs"), f"file://{tmp_path}/set")
    assert read(f"file://{tmp_path}/runs", str(tmp_path / "set")).manifest.source == str(tmp_path / "runs")


def test_what_the_disk_refuses_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    with pytest.raises(InputError) as refused:
        Place(str(tmp_path)).write("x", b"")
    assert str(refused.value) == f"cannot write {tmp_path}/x: there is a folder of that name; choose another name"


def test_a_driver_that_is_missing_is_named() -> None:
    fsspec.register_implementation("fleet", "no_such_driver.Files", errtxt="Install fleetfs to access this")
    with pytest.raises(InputError, match="cannot use fleet://runs: Install fleetfs"):
        read("fleet://runs", "set")


def test_what_a_stamp_cannot_tell_is_compared_by_bytes() -> None:
    assert is_young(Stamp(0, 5, 0, 0), 2 * NS)
    assert not is_young(Stamp(0, 5, 7, 0), 2 * NS), "an ETag tells"
    assert not is_young(Stamp(1, 5, 0, 0), 2 * NS)
    assert is_young(Stamp(1, 5, 7, 2 * NS), 2 * NS)
    assert is_young(Stamp(2 * NS, 5, 7, 1), 2 * NS)


def test_a_file_that_could_not_be_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(tmp_path) as server:
        write(tmp_path / "runs", {"a.json": run("a"), "b.json": run("b")})
        with monkeypatch.context() as broken:
            broken.setattr(Source, "_fetched", lambda self, unit: (_ for _ in ()).throw(RuntimeError("no route")))
            made = read(f"{server.url}/runs", str(tmp_path / "set"))
            assert (made.manifest.runs, made.manifest.quarantined) == (0, 2)
        made = read(f"{server.url}/runs", str(tmp_path / "set"))
        assert (made.read, made.manifest.runs, made.manifest.quarantined) == (2, 2, 0)


@pytest.mark.parametrize("mode", ["exact", "generalised"])
def test_every_format(tmp_path: Path, mode: str) -> None:
    """Runs of other tools, of which a file may hold many, beside our own."""
    shutil.copytree(DATA, tmp_path / "runs")
    policy = Policy(mode=mode)  # type: ignore[arg-type]
    local = locally(tmp_path / "runs", policy)
    assert len({run.unit.partition("#")[0] for run in local.runs.values()}) > 20
    assert sum("#" in run.unit for run in local.runs.values()) > 20
    assert told(on_cluster(tmp_path / "runs", policy, tmp_path, part_files=7)) == told(local)


def test_files_from_afar_are_fetched_ahead(tmp_path: Path) -> None:
    write(tmp_path / "runs", {f"{number:03d}.json": run(f"r{number}") for number in range(AT_ONCE + 8)})
    with serving(tmp_path) as server, ThreadPoolExecutor(1) as pool:
        source = Source(f"{server.url}/runs")
        stamps = {unit: entry for unit, entry in source.listed().items() if isinstance(entry, Stamp)}
        server.hold = "000.json"
        reading = pool.submit(lambda: list(source.files(stamps, MAX)))
        try:
            others = {f"/runs/{number:03d}.json" for number in range(1, AT_ONCE)}
            until(lambda: others <= set(server.asked), "nothing is fetched ahead")
            assert not reading.done()
            assert f"/runs/{AT_ONCE:03d}.json" not in server.asked, "no more than can be held"
        finally:
            server.go.set()
        assert [(unit, type(found)) for unit, found in reading.result()] == [(unit, FileBytes) for unit in stamps]
