"""Memory that reading takes: four times a file's size, and for small files a constant, however dense the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.importers.direct import runs_of
from core.model.jsontext import canonical, compact, parse, pretty, sha256_hex
from core.traces.bounds import LARGE, MAX_ACTIONS, ROOM, allowed, check_utf8, sort_in_place, weight, weight_of_records
from core.traces.decode import decode_trace
from core.traces.errors import TraceError
from core.traces.normalise import normalise
from core.traces.sparing import fits, piecemeal
from tests.hostile.bounded import finishes
from tests.shadow.making import JSON

SMALL, LARGE_ONE = 1_000_000, 6_000_000

ACTION = """{"id":"a","kind":"tool_call","name":"look","inputs":{"q":"order 12","n":3},"output":{"rows":[1,2]},
"parameters":{"q":"order 12"},"side_effects":[{"kind":"db","target":"t1"}],"cost":{"model":"m","wall_ms":12}},"""

KINDS = {
    "one text": "TEXT + b'a' * SIZE + TEXT_END",
    "letters of four bytes": r"TEXT + b'\xf0\x9f\x98\x80' + b'a' * SIZE + TEXT_END",
    "an escaped letter of four bytes": r"TEXT + b'\\ud83d\\ude00' + b'a' * SIZE + TEXT_END",
    "escapes": r"TEXT + b'\\u00e9' * (SIZE // 6) + TEXT_END",
    "texts": "LIST + (b'\"' + b'a' * 1000 + b'\",') * (SIZE // 1003) + LIST_END",
    "short texts": "LIST + b'\"ab\",' * (SIZE // 5) + LIST_END",
    "texts with commas": "TEXT + b',' * SIZE + TEXT_END",
    "no JSON": "b'x' * SIZE",
    "not UTF-8": r"TEXT + b'a' * SIZE + b'\xff' + TEXT_END",
    "not UTF-8 after a letter of four bytes": r"TEXT + b'a' * SIZE + b'\xf0\x9f\x98\x80\xff' + TEXT_END",
    "opened lists": "b'[' * SIZE",
    "empty lists": "LIST + b'[],' * (SIZE // 3) + LIST_END",
    "numbers": "LIST + b'1,' * (SIZE // 2) + LIST_END",
    "numbers with a point": "LIST + b'1.5,' * (SIZE // 4) + LIST_END",
    "objects": "LIST + b'{\"a\":1},' * (SIZE // 8) + LIST_END",
    "cut objects": "LIST + b'{\"a\":1},' * (SIZE // 8)",
    "objects with names of their own": "LIST + b''.join(b'{\"n%d\":1},' % i for i in range(SIZE // 13)) + LIST_END",
    "keys": "LIST + b'{' + b','.join(b'\"%d\":1' % i for i in range(SIZE // 11)) + b'},' + LIST_END",
    "empty actions": "b'{\"actions\":[' + b'{},' * (SIZE // 3) + b'{}]}'",
    "as many empty actions as are read": "b'{\"actions\":[' + b'{},' * 10_000 + b'{}]}' + b' ' * SIZE",
    "usual actions": "b'{\"actions\":[' + ACTION * (SIZE // len(ACTION)) + b'{}]}'",
    "actions with much text": "b'{\"actions\":[' + BIG * (SIZE // 925) + b'{}]}'",
    "side effects": "b'{\"actions\":[{\"side_effects\":[' + b'{},' * (SIZE // 3) + b'{}]}]}'",
    "rules": "b'{\"actions\":[],\"replay_allowlist\":[' + b'{},' * (SIZE // 3) + b'{}]}'",
    "receipts": 'b\'{"actions":[],"replay_run":{"effect_receipts":[\' + b\'{"a":1},\' * (SIZE // 8) + b\'1]}}\'',
    "stages": 'b\'{"stages":[\' + b\'{"id":"s","node_id":"n"},\' * (SIZE // 25) + b\'{}]}\'',
    "no run": "b'[' + b'{\"hello\":1},' * (SIZE // 12) + b'1]'",
}
"""How each file is made, in a process of its own."""


MAKING = f"""
TEXT, TEXT_END = b'{{"id":"r","actions":[],"metadata":{{"x":"', b'"}}}}'
LIST, LIST_END = b'{{"id":"r","actions":[],"metadata":{{"x":[', b'1]}}}}'
BIG = b'{{"inputs":{{"a":"%s"}}}},' % (b'x' * 900)
ACTION = {ACTION.encode()!r}
def SAID(length):
    part = b'{{"type":"text","text":"%s"}}' % (b"a" * length)
    return b'{{"type":"assistant","sessionId":"s","message":{{"role":"assistant","content":[%s]}}}}\\n' % part
"""


def worst(made: str) -> int:
    """The size of the largest file of its kind that is read as far as its marks tell, or the usual small one."""
    names: dict[str, Any] = {"SIZE": 300_000}
    exec(MAKING, names)  # noqa: S102 - it stands right above
    data: bytes = eval(made, names)  # noqa: S307
    try:
        held = parse(data)
    except ValueError:
        held = None
    found = weight(data) + (weight_of_records(held) if isinstance(held, dict) else 0)
    return min(int(0.97 * ROOM * len(data) / found), 2 * SMALL)


def grown(tmp_path: Path, name: str, made: str, *works: str, small: int = SMALL) -> list[tuple[int, int]]:
    """The sizes of files, and by how much the process that works on them grew above what it was; all in bytes.

    Each of the works is measured by itself: what the one before it leaves behind is not what the next one takes.
    """
    sizes = (small, LARGE_ONE)
    told = finishes(
        f"""
        import os, sys
        from pathlib import Path
        from core.live.read import read_file
        from core.live.rows import RowReader
        from core.importers import effects_file, suggest  # else compiled, or loaded, in the midst of what is measured
        from core.importers.convert import format_of, found
        from core.importers.texts import Source
        from core.importers.values import USUAL
        from core.importers.writing import Folder, import_file
        folder = Path({str(tmp_path)!r})
        exec({MAKING!r})
        def status(what):
            with open("/proc/self/status") as file:
                return next(int(line.split()[1]) << 10 for line in file if line.startswith(what))
        def work(way, name):
            eval(way)
        (folder / "warm.json").write_bytes(b'{{"id":"w","actions":[{{"name":"a"}}]}}')
        for way in {works!r}:
            work(way, "warm.json")
        for SIZE in {sizes}:
            if os.fork() == 0:
                (folder / {name!r}).write_bytes({made})
                os._exit(0)
            os.wait()
            for way in {works!r}:
                Path("/proc/self/clear_refs").write_text("5")
                before = status("VmRSS")
                work(way, {name!r})
                print("grown", (folder / {name!r}).stat().st_size, status("VmHWM") - before)
        """
    )
    found = re.findall(r"grown (\d+) (-?\d+)", told)
    assert len(found) == len(sizes) * len(works)
    return [(int(size), int(most)) for size, most in found]


NAMES = st.sampled_from(["id", "kind", "name", "inputs", "output", "cost", "side_effects", "metadata", "approval", "x"])


@given(st.lists(st.dictionaries(NAMES, JSON, max_size=4) | JSON, max_size=4), st.dictionaries(NAMES, JSON, max_size=3))
def test_any_run_is_the_same_action_by_action(actions: list[object], more: dict[str, object]) -> None:
    data = compact({**more, "actions": actions}) + b" " * LARGE
    told: list[object] = []
    for read in (piecemeal, decode_trace):
        try:
            with patch("core.traces.decode.is_light", return_value=False):  # small as it is, it is to be read sparingly
                run = read(data, "x.json")
            assert run is not None
            source, digest = run.source, run.source_hash
            made = run.replace(
                source="x.json" if source is None else source,
                source_hash=f"sha256:{sha256_hex(data)}" if digest is None else digest,
            )
            told.append(pretty(normalise(made)))
        except TraceError as error:
            told.append(str(error))
    assert told[0] == told[1]
    if isinstance(told[0], bytes):
        whole = decode_trace(data, "x.json")
        assert pretty(whole) == told[0], "read as a whole it is the same"


OTHERS = {
    "a session with long answers": "SAID(3000) * (SIZE // 3100)",
    "a session with short answers": "SAID(30) * (SIZE // 130)",
    "chats": 'b\'{"messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"b"}]}\\n\' % (b"a" * 1000) '
    "* (SIZE // 1075)",
}
"""The same for other tools' files."""

linux = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured by what Linux tells")


@linux
@pytest.mark.parametrize("made", OTHERS.values(), ids=OTHERS.keys())
def test_reading_other_tools_files_takes_no_more_than_is_allowed(made: str, tmp_path: Path) -> None:
    for size, most in grown(tmp_path, "x.jsonl", made, "read_file(folder, name, 64 << 20)"):
        assert most <= allowed(size)


@linux
def test_importing_a_session_that_grew_takes_no_more_than_is_allowed(tmp_path: Path) -> None:
    """Of 12 MB, over what was written of its first megabyte."""
    work = "import_file(folder / name, name, Folder(folder), USUAL)"
    for size, most in grown(tmp_path, "x.jsonl", OTHERS["a session with long answers"], work):
        assert most <= allowed(size)
    (run,) = tmp_path.glob("s-*.json")
    assert run.stat().st_size > SMALL


def test_a_session_of_tens_of_megabytes_is_read_in_full() -> None:
    call = {"type": "tool_use", "id": "t", "name": "Read", "input": {"file_path": "/a"}}
    answer = {"type": "tool_result", "tool_use_id": "t", "content": "a line of text " * 200}
    asked, told = (
        {"type": role, "sessionId": "s", "message": {"role": role, "content": [part]}}
        for role, part in (("assistant", call), ("user", answer))
    )
    count = 5_000
    found = runs_of((compact(asked) + b"\n" + compact(told) + b"\n") * count, "s.jsonl")
    assert found is not None
    assert [len(run.actions) for _, run in found.runs] == [count]
    assert not found.left


@linux
@pytest.mark.parametrize("made", KINDS.values(), ids=KINDS.keys())
def test_reading_takes_no_more_than_is_allowed(made: str, tmp_path: Path) -> None:
    ways = ("read_file(folder, name, 64 << 20)", "RowReader()(folder, name, 64 << 20)")
    for size, most in grown(tmp_path, "x.json", made, *ways, small=worst(made)):
        assert most <= allowed(size)


def test_a_usual_run_of_thousands_of_actions_is_read() -> None:
    action = ACTION.replace(
        "order 12", "customer commit carrier order, a line of output that a tool gives" * 3
    ).encode()
    text = b'{"actions":[' + action * (1_700_000 // len(action)) + b"{}]}"
    assert not fits(parse(text), text)
    assert len(decode_trace(text, "x.json").actions) > 2_500


def test_a_run_is_the_same_action_by_action() -> None:
    actions = [{"name": "", "inputs": {"b": -0.0, "a": [{"z": 1, "y": "é"}]}}, {"kind": "model_call", "id": " "}]
    held = {"metadata": {"b": 1, "a": 2}, "actions": actions, "id": "r", "replay_allowlist": [{"path": "/a"}]}
    data = compact(held) + b" " * LARGE
    found = piecemeal(data, "x.json")
    assert found is not None
    whole = decode_trace(data, "x.json")
    assert pretty(normalise(found.replace(source="x.json", source_hash=whole.source_hash))) == pretty(whole)
    for wrong in (b"[]", b"{}", b'{"actions": 1}', b'{"actions": [{"a": 01}]}', b'{"actions": [' + b"[" * 200, b"\xff"):
        assert piecemeal(wrong, "x.json") is None
    with pytest.raises(TraceError, match=r"actions\[1\]\.cost: expected an object, got null"):
        piecemeal(b'{"actions": [{}, {"cost": null}]}', "x.json")


class TestBounds:
    def test_what_stands_in_texts_weighs_nothing_by_itself(self) -> None:
        marked, plain = (compact({"a": text * 100, "b": ["x"]}) for text in ('[{,"\\', "xxxxx"))
        assert weight(marked) - 3 * len(marked) == weight(plain) - 3 * len(plain)

    def test_more_of_anything_weighs_more(self) -> None:
        weights = [weight(compact(value)) for value in ([], [[]], [[], []], [{}, {}], [{"a": "b"}, {}])]
        assert weights == sorted(set(weights))

    @given(JSON)
    def test_keys_are_sorted_everywhere(self, value: object) -> None:
        assert compact(sort_in_place(parse(compact(value)))) == canonical(value)

    @pytest.mark.parametrize("at", [0, LARGE, LARGE + 1, LARGE + 3])
    def test_bytes_that_are_no_utf8_are_placed_in_the_whole(self, at: int) -> None:
        data = b"a" * at + b"\xff" + b"a" * LARGE
        with pytest.raises(UnicodeDecodeError) as raised:
            check_utf8(data)
        assert raised.value.start == at

    @pytest.mark.parametrize(
        "bad", [b"\xff", b"\xc3", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\x80", b"\xed\xa0\x80", b"\xe2x"]
    )
    @pytest.mark.parametrize("at", [LARGE, 2 * LARGE - 1, 2 * LARGE, 3 * LARGE + 1])
    def test_what_is_wrong_is_told_as_python_does(self, bad: bytes, at: int) -> None:
        for data in (b"a" * at + bad, "é".encode() * at + bad + b"b" * LARGE):
            told = []
            for read in (check_utf8, bytes.decode):
                with pytest.raises(UnicodeDecodeError) as raised:
                    read(data)
                told.append(raised.value.args[2:])
            assert told[0] == told[1]

    def test_letters_across_the_pieces_that_are_checked(self) -> None:
        check_utf8(b"a" + "é€😀".encode() * LARGE)

    def test_a_run_with_more_actions_than_are_read_is_told(self) -> None:
        data = b'{"actions": [' + b"{}," * MAX_ACTIONS + b"{}]}"
        with pytest.raises(TraceError, match=r"values in so few bytes: it would take about \d+ MiB"):
            decode_trace(b"[" + b"[]," * 1_000_000 + b"1]", "x.json")
        with pytest.raises(TraceError, match=f"{MAX_ACTIONS + 1:,} actions are more than"):
            decode_trace(data, "x.json")

    def test_a_large_run_is_the_same_as_a_small_one_and_its_faults_too(self) -> None:
        actions = [{"name": "", "inputs": {"b": 1, "a": [{"z": 1, "y": 2}]}}, {"kind": "model_call", "id": " "}]
        held = {"id": "r", "actions": actions, "replay_allowlist": [{"path": "/a"}]}
        small, large = decode_trace(compact(held), "x"), decode_trace(compact(held) + b" " * LARGE, "x")
        assert pretty(large.replace(source_hash="")) == pretty(small.replace(source_hash=""))
        for wrong in ([{}, {"cost": None}], [{}, 3], [{"side_effects": [{"kind": 1}]}]):
            told = []
            for pad in (b"", b" " * LARGE):
                with pytest.raises(TraceError) as raised:
                    decode_trace(compact({"actions": wrong}) + pad, "x.json")
                told.append(str(raised.value))
            assert told[0] == told[1]
