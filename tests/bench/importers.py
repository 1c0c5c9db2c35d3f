"""Importing: mapping chats and spans as fast as one core does it, in memory that does not grow with the file."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.importers.convert import format_of, found
from core.importers.texts import Source
from core.importers.values import Left, Options, Run
from core.importers.writing import Folder, import_file
from core.model.jsontext import compact
from tests.bench.measure import MEGA, Benchmark, Clock

DATA = Path(__file__).parent.parent / "data" / "importers"
SIZE = 100 * MEGA
"""Bytes of each source; at 40 MB/s a core they take 2.5 seconds."""

LIMIT = 2.5
MEMORY = 160


def chats() -> Iterator[Any]:
    """Recorded chats again and again, each a run of its own."""
    records = json.loads((DATA / "openai_chat" / "tau_retail_20_runs.json").read_bytes())
    number = 0
    while True:
        for record in records:
            number += 1
            yield record | {"trial": number}


def spans() -> Iterator[Any]:
    """Recorded spans again and again as OTLP/JSON, five a request, each trace one of its own."""
    traces = [json.loads(path.read_bytes())["spans"] for path in sorted((DATA / "otel_spans").iterdir())]
    number = 0
    while True:
        for trace in traces:
            number += 1
            trace_id = sha256(str(number).encode()).hexdigest()[:32]
            made = [otlp(span, trace_id) for span in trace]
            for first in range(0, len(made), 5):
                resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "agent"}}]}
                yield {"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": made[first : first + 5]}]}]}


def otlp(span: dict[str, Any], trace_id: str) -> dict[str, Any]:
    """A dumped span in OTLP's form."""
    kinds = {bool: "boolValue", float: "doubleValue", str: "stringValue"}
    attributes = [
        {"key": key, "value": {"intValue": str(value)} if type(value) is int else {kinds[type(value)]: value}}
        for key, value in span["attributes"].items()
    ]
    parent = span["parent"]["span_id"] if span["parent"] else None
    return {
        "traceId": trace_id,
        "spanId": f"{span['context']['span_id']:016x}",
        "parentSpanId": f"{parent:016x}" if parent else "",
        "name": span["name"],
        "startTimeUnixNano": str(span["start_time"]),
        "endTimeUnixNano": str(span["end_time"]),
        "attributes": attributes,
        "status": {},
    }


def written(path: Path, records: Iterator[Any]) -> Source:
    """JSON Lines of records up to a size."""
    with path.open("wb") as file:
        while file.tell() < SIZE:
            file.write(compact(next(records)) + b"\n")
    return Source(path.name, path.stat().st_size, lambda: path.open("rb"))


def mapped(records: Callable[[], Iterator[Any]]) -> Callable[[Clock, Path], None]:
    """Mapping a file to runs, as JSON."""

    def work(clock: Clock, folder: Path) -> None:
        source = written(folder / "runs.jsonl", records())
        gc.disable()  # as `assay import` does
        with clock("map"):
            made = format_of(source)
            assert made is not None
            runs = size = 0
            for one in found(source, made):
                if isinstance(one, Run):
                    runs += 1
                    size += len(compact(one.trace))
                else:
                    assert isinstance(one, Left)
                    assert not one.fault, one
        assert runs > 1000
        assert size > SIZE / 10

    return work


def whole(clock: Clock, folder: Path) -> None:
    """Importing chats into a folder, and once more when nothing is new."""
    source = written(folder / "runs.jsonl", chats())
    for part in ("write", "again"):
        gc.disable()
        with clock(part), Folder(folder / "to").held():
            tally = import_file(folder / "runs.jsonl", source.name, Folder(folder / "to"), Options())
        assert (tally.faults, tally.runs) == (0, tally.fates["new" if part == "write" else "unchanged"])


BENCHMARKS = (
    Benchmark("import-chat", f"map {SIZE // MEGA} MB of chats to runs", mapped(chats), LIMIT, MEMORY),
    Benchmark("import-spans", f"map {SIZE // MEGA} MB of OTLP spans to runs", mapped(spans), LIMIT, MEMORY),
    Benchmark("import-folder", f"import {SIZE // MEGA} MB of chats into a folder, twice", whole, None, MEMORY),
)
"""What `python -m tests.bench` measures of importing."""
