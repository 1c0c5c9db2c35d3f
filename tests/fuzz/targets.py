"""What is fuzzed: everything that reads what others wrote. A target raises only for what is a fault of ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from core.artifacts.read import BundleError
from core.artifacts.redact import Redactor
from core.artifacts.replay import replay_bundle
from core.artifacts.validate import validate_bundle
from core.artifacts.workflow import workflow_text
from core.crashpack.decision_replay import replay_decision
from core.crashpack.integrity import NAME, files_sha256
from core.crashpack.validate import validate
from core.crystallize import crystallize
from core.importers.direct import runs_of
from core.live.reviewing import Request
from core.model.errors import AssayError, InputError
from core.model.jsontext import JsonError, parse, pretty
from core.model.text import visible
from core.store.archive import unpack
from core.store.envelope import unseal
from core.store.files import read_folder
from core.store.journal import read_journal
from core.traces.decode import decode_trace
from tests.columns.ways import check
from tests.review.making import opened, releases

Target = Callable[[bytes], None]

_REDACTOR = Redactor(b"fuzz" * 8)
_MOST_FILES = 64


def loader(data: bytes) -> None:
    """A trace file: a run or a reason; a run is mined, redacted and written, and reads back as it was."""
    with suppress(InputError):
        trace = decode_trace(data, "x.json")
        again = decode_trace(pretty(trace), "x.json")
        assert pretty(again) == pretty(trace), "a run does not read back as it was written"
        safe = _REDACTOR.everything(trace)
        assert pretty(_REDACTOR.everything(safe)) == pretty(safe), "redacting again changes something"
        text = workflow_text(crystallize([trace, trace.replace(id=f"{trace.id}2")]))
        assert visible(text, lines=True) == text, "the workflow holds characters that are not spelled out"


def facts(data: bytes) -> None:
    """A trace file as facts: where one of the quick ways takes it, the slow way says the same."""
    check(data)


def importers(data: bytes) -> None:
    """A file of another tool: runs and what is left, each with a reason, or no known format."""
    for name in ("x.jsonl", "x.json"):
        with suppress(InputError):
            found = runs_of(data, name)
            for _, trace in found.runs if found else ():
                decode_trace(pretty(trace), name)
            for left in found.left if found else ():
                assert left.reason, "something is left out without a reason"


def journal(data: bytes) -> None:
    """A journal: decisions and faults, whatever its bytes; and each line by itself."""
    found = read_journal(data)
    assert found.trusted_count <= len(found.decisions)
    if not found.faults:
        assert not read_journal(data, known=[found.head]).faults, "a journal does not know its own head"
    for line in data.split(b"\n")[:_MOST_FILES]:
        with suppress(AssayError, ValueError):
            unseal(line)


def crashpack(data: bytes) -> None:
    """A crashpack one file of which is not ours; the list of sums agrees, so that the rest is looked at as well."""
    base = _pack()
    name = sorted(base)[data[0] % len(base)] if data else NAME
    files = {**base, name: data[1:]}
    for seen in (files, {**files, NAME: files_sha256(files)}):
        validate(seen)
        with suppress(AssayError):
            replay_decision(seen)


def bundle(data: bytes) -> None:
    """A bundle one file of which is not ours."""
    base = _bundle()
    files = {**base, sorted(base)[data[0] % len(base)]: data[1:]} if data else base
    validate_bundle(files, "b")
    with suppress(BundleError, AssayError):
        replay_bundle(files, "b")


def archive(data: bytes) -> None:
    """An archive: files inside a folder, or a reason."""
    with suppress(InputError):
        for name in unpack(data, max_bytes=1 << 20):
            assert not name.startswith("/"), "a member leaves the folder"
            assert ".." not in name.split("/"), "a member leaves the folder"


def json(data: bytes) -> None:
    """The parser by itself."""
    with suppress(JsonError):
        parse(data)


TARGETS: Mapping[str, Target] = {
    made.__name__: made for made in (loader, facts, importers, journal, crashpack, bundle, archive, json)
}
"""All targets by name."""


@cache
def _decided() -> tuple[dict[str, bytes], dict[str, bytes], bytes]:
    """The crashpack, the bundle and the journal of one approval."""
    with TemporaryDirectory() as folder, opened(releases(Path(folder) / "traces")) as session:
        (view,) = session.snapshot.candidates
        made = session.decide(Request("approve", view.lineage, view.behaviour_digest, "ann@example.com", "read", view))
        assert made.crashpack is not None
        assert made.bundle is not None
        journal_bytes = (session.workspace / "journal.jsonl").read_bytes()
        return read_folder(made.crashpack), read_folder(made.bundle), journal_bytes


def _pack() -> dict[str, bytes]:
    return _decided()[0]


def _bundle() -> dict[str, bytes]:
    return _decided()[1]


def seeds(target: str) -> list[bytes]:
    """What fuzzing starts from: files as they should be, and every hostile one."""
    from core.store.archive import KINDS, pack
    from tests.hostile.corpus import ARCHIVES, everything
    from tests.hostile.world import hostile_run

    hostile = [data for _, data in everything() if len(data) <= 100_000]
    match target:
        case "journal":
            return [_decided()[2], _decided()[2] * 2, *hostile]
        case "crashpack" | "bundle":
            base = _pack() if target == "crashpack" else _bundle()
            return [bytes([index]) + base[name] for index, name in enumerate(sorted(base))] + [
                bytes([index]) + data for index in range(len(base)) for data in hostile[:8]
            ]
        case "archive":
            return [*(pack({"a": b"x", "b/c": b"y"}, kind, "root") for kind in KINDS), *ARCHIVES.values()]
        case "importers":
            raw = sorted((Path(__file__).parents[1] / "data").rglob("*"))
            samples = [path for path in raw if path.suffix in (".json", ".jsonl", ".traj") and path.is_file()]
            return [path.read_bytes() for path in samples if path.stat().st_size <= 30_000][:200] + hostile
    runs = [pretty(hostile_run(0, ["a", "\u202e", "*/", "ghp_" + "a1B2" * 9]))]
    return [*runs, *hostile]
