"""Files taken apart: layouts, malformed records, limits, and the memory that it takes."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from core.importers import records
from core.importers.convert import found
from core.importers.dense import too_dense
from core.importers.direct import runs_of
from core.importers.jsonin import loads, structured
from core.importers.registry import named
from core.importers.texts import Source, source_of_bytes
from core.importers.values import Left, Options, Run
from core.model.jsontext import JsonError, compact
from core.traces.bounds import allowed
from tests.importers.importing import chat, lines, otlp, split, tool_span


def places(data: bytes, name: str = "a.jsonl") -> list[tuple[str, str]]:
    return [(one.place, one.reason) for one in split(data, name, fmt="chat")[1]]


class TestMalformed:
    def test_a_bad_line_costs_that_line(self) -> None:
        data = lines(chat("a")) + b'{"messages": [}\n' + b"\xff\n" + lines(chat("b"))
        runs, left = split(data)
        assert [run["metadata"]["first_user_message"] for run in runs] == ["a", "b"]
        assert [(one.place, one.number) for one in left] == [("line 2", 2), ("line 3", 3)]
        assert "invalid JSON" in left[0].reason
        assert "column" in left[0].reason

    def test_the_first_line_may_be_the_bad_one(self) -> None:
        runs, left = split(b"{nonsense}\n" + lines(chat("a")), "a.log")
        assert (len(runs), [one.place for one in left]) == (1, ["line 1"])

    @pytest.mark.parametrize("small", [records._SMALL, 0])
    def test_a_bad_first_record_costs_only_itself_in_whatever_holds_it(
        self, small: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(records, "_SMALL", small)
        tool = {"id": "r", "trace_id": "r", "run_type": "tool", "name": "t", "inputs": {}, "outputs": {"a": 1}}
        dump = {"name": "x", "context": {"trace_id": "1", "span_id": "2"}, "attributes": {"gen_ai.tool.name": "look"}}
        dump["attributes"]["gen_ai.operation.name"] = "execute_tool"  # type: ignore[index]
        for held in ({"runs": [None, tool]}, {"runs": [{}, tool]}, {"spans": [{}, dump]}):
            runs, left = split(compact(held), "a.json")
            assert (len(runs), [one.place for one in left if one.fault]) == (1, ["line 1 item 1"]), held
        (run,), left = split(compact([3, *chat("a")["messages"]]), "a.json")
        assert (len(run["actions"]), [one.reason for one in left]) == (2, ["a message has no role that is known"])

    def test_a_torn_last_line_costs_that_line(self) -> None:
        data = lines(chat("a"), chat("b"))[:-9]
        assert (len(split(data)[0]), len(split(data)[1])) == (1, 1)

    @pytest.mark.parametrize("bad", [b'{"messages": NaN}', b'{"messages": "\\ud800"}', b"\xef\xbb\xbf{}", b"[" * 5000])
    def test_what_is_no_strict_json_is_refused(self, bad: bytes) -> None:
        assert [place for place, _ in places(lines(chat()) + bad + b"\n")] == ["line 2"]

    def test_deep_nesting_is_refused_before_it_could_not_be_read_back(self) -> None:
        deep = chat() | {"x": json.loads("[" * 118 + "]" * 118)}
        deeper = chat() | {"x": json.loads("[" * 121 + "]" * 121)}
        assert [place for place, _ in places(lines(deep, deeper))] == ["line 2"]

    def test_a_record_of_another_format_is_told(self) -> None:
        assert places(lines(chat(), {"a": 1})) == [("line 2", "it is no list of chat messages")]

    def test_a_line_that_is_too_long_is_passed_over(self) -> None:
        data = lines(chat("a" * 5000), chat("b"))
        runs, left = split(data, options=Options(max_record=4000))
        assert [run["metadata"]["first_user_message"] for run in runs] == ["b"]
        assert left[0].place == "line 1"


class TestLayouts:
    @pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.traj", "a"])
    def test_one_line_several_lines_and_indented_texts(self, name: str) -> None:
        one, two = chat("a"), chat("b")
        plain = lines(one, two)
        listed = compact([one, two])
        wanted = [run["id"] for run in split(plain)[0]]
        assert [run["id"] for run in split(listed, name)[0]] == wanted
        if not name.endswith("l"):
            indented = json.dumps(one, indent=1).encode() + b"\n" + json.dumps(two, indent=4).encode() + b"\n"
            assert [run["id"] for run in split(indented, name)[0]] == wanted
            flat = b"\n".join(json.dumps(held, indent=0).encode() for held in (one, two))
            assert [run["id"] for run in split(flat, name)[0]] == wanted
            assert [run["id"] for run in split(json.dumps([one, two], indent=0).encode(), name)[0]] == wanted
            assert [run["id"] for run in split(json.dumps([one, two], indent=2).encode(), name)[0]] == wanted

    def test_places(self) -> None:
        indented = b"".join(json.dumps({"id": n}, indent=1).encode() + b"\n" for n in range(2))
        assert [place for place, _ in places(indented, "a.json")] == ["line 1", "line 4"]
        assert [place for place, _ in places(b'[{"a": 1},\n {"b": 2}]', "a.json")] == ["item 1", "item 2"]

    def test_a_large_text_is_split_before_it_is_parsed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = [tool_span("ab" * 16, number) for number in range(40)]
        for text in (otlp(*made), {"spans": [chat()]}, [chat(str(n)) for n in range(9)], chat()["messages"]):
            whole = split(compact(text), "a.json", fmt="otel" if "resourceSpans" in text else "chat")
            monkeypatch.setattr(records, "_SMALL", 10)
            assert split(compact(text), "a.json", fmt="otel" if "resourceSpans" in text else "chat") == whole
            monkeypatch.undo()


class TestNumbers:
    def test_only_numbers_that_64_bits_do_not_hold_become_text(self) -> None:
        data = b'{"a": 18446744073709551615, "b":18446744073709551616, "c": -9223372036854775809, "d": 12}'
        assert loads(data) == {"a": 2**64 - 1, "b": str(2**64), "c": str(-(2**63) - 1), "d": 12}

    @pytest.mark.parametrize("text", ['x": 99999999999999999999999, ', '": 99999999999999999999999,', "\\"])
    def test_text_that_looks_like_a_number_stays_as_it_is(self, text: str) -> None:
        held = {"k": text, text: text, "n": [text]}
        assert loads(json.dumps(held).encode()) == held
        assert loads(json.dumps(json.dumps(held)).encode()) == json.dumps(held)

    def test_text_that_is_a_scalar_stays_text(self) -> None:
        assert [structured(text) for text in ("12", '"a"', "true", "{}", "[1]", "{", "")] == [
            "12", '"a"', "true", {}, [1], "{", "",
        ]  # fmt: skip


class TestMemory:
    def test_dense_texts_are_refused(self) -> None:
        dense = b"[" + b"{}," * 6_000_000 + b"{}]"
        assert too_dense(dense)
        with pytest.raises(JsonError):
            loads(dense)
        runs, left = split(b"[" + compact(chat()) + b"," + dense[1:], "a.json", fmt="chat")[:2]
        assert runs == []
        assert [(one.place, one.reason) for one in left] == [("", "so many values in so few bytes are not read")]

    @pytest.mark.parametrize(
        ("name", "record"),
        [
            ("a.jsonl", chat("a")),
            ("a.jsonl", {"id": "r", "actions": [{}]}),
            ("a.jsonl", {"sessionId": "s", "type": "assistant", "message": {"content": [{"type": "tool_use"}]}}),
            ("a.jsonl", {"id": "1", "trace_id": "t", "run_type": "tool", "name": "t", "inputs": {}}),
        ],
    )
    def test_reading_many_small_runs_at_once_is_bounded(self, name: str, record: Any) -> None:
        made = compact(record) + b"\n"
        data = made * (3_000_000 // len(made))
        tracemalloc.start()
        direct = runs_of(data, name)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert direct is not None
        assert most < allowed(len(data))
        assert [one for one in direct.left if one.fault and "not read" in one.reason]

    def test_a_run_that_grows_beyond_its_file_is_told(self) -> None:
        line = lines({"sessionId": "s", "type": "user", "message": {"content": "x"}})
        runs, left = split(line * 40_000, fmt="claude-code")
        assert len(runs) <= 1
        faults = [one for one in left if one.fault]
        assert faults
        assert all("the runs under way fill the memory" in one.reason for one in faults)

    def test_memory_does_not_grow_with_the_file(self, tmp_path: Path) -> None:
        def peak(count: int, kind: str) -> int:
            path = tmp_path / f"{count}.jsonl"
            with path.open("wb") as file:
                for number in range(count):
                    if kind == "chat":
                        file.write(lines(chat(str(number), pad="x" * 2000)))
                        continue
                    trace = f"{number:032x}"
                    for part in range(3):
                        file.write(lines(otlp(tool_span(trace, part, "x" * 2000))))
            source = Source(path.name, path.stat().st_size, lambda: path.open("rb"))
            usual = gc.get_threshold()
            gc.collect()
            gc.set_threshold(700, 10, 10)  # as in the program: tests let garbage lie, which would be counted
            tracemalloc.start()
            told = sum(isinstance(one, Run) for one in found(source, named(kind)))
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            gc.set_threshold(*usual)
            assert told == count
            return most

        assert peak(1500, "chat") < 1.5 * peak(150, "chat")
        # What stays is the place of each run's last line; the spans themselves are let go of.
        assert peak(2500, "otel") < 6 * 1024 * 1024

    def test_one_large_text_takes_less_than_four_times_its_size(self, tmp_path: Path) -> None:
        path = tmp_path / "spans.json"
        spans = [tool_span(f"{number:032x}", number, "name" * 20) for number in range(30_000)]
        path.write_bytes(compact(otlp(*spans)))
        code = f"""
import resource
from pathlib import Path
from core.importers.convert import found, format_of
from core.importers.texts import Source
path = Path({str(path)!r})
source = Source("spans.json", path.stat().st_size, lambda: path.open("rb"))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
made = format_of(source)
count = sum(1 for one in found(source, made))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        count, grown = map(int, done.stdout.split())
        unit = 1 if sys.platform == "darwin" else 1024
        assert count == 30_000
        assert grown * unit < allowed(path.stat().st_size)


def test_runs_whose_lines_are_interleaved_are_complete_and_come_once(tmp_path: Path) -> None:
    traces = [f"{number:032x}" for number in range(50)]
    made = [tool_span(trace, number) for number in range(40) for trace in traces]
    pad = {"x": "y" * 6000}
    data = lines(*(otlp(one | pad) for one in made))
    assert len(data) > 8 * 1024 * 1024
    told = list(found(source_of_bytes(data, "a.jsonl"), named("otel")))
    runs = [one for one in told if isinstance(one, Run)]
    assert [len(run.trace["actions"]) for run in runs] == [40] * 50
    assert [run.number for run in runs] == list(range(1, 51))
    assert not [one for one in told if isinstance(one, Left)]
