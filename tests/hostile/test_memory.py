"""Memory that reading takes: in proportion to a file's size, and never more than a bound, however dense the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given

from core.model.jsontext import canonical, compact, parse
from core.traces.bounds import LARGE, MAX_ACTIONS, MAX_VALUES, check_utf8, most_values, sorted_keys
from tests.hostile.bounded import finishes
from tests.shadow.making import JSON

SIZE = 24_000_000

# What a file may take, in megabytes: four times its size; 400 for one that is read and as dense as is read at all.
SPARSE, DENSE = 4 * SIZE >> 20, 400

KINDS = {
    "one text": ("TEXT + b'a' * SIZE + TEXT_END", SPARSE),
    "escapes": (r"TEXT + b'\\u00e9' * (SIZE // 6) + TEXT_END", SPARSE),
    "texts": ("LIST + (b'\"' + b'a' * 1000 + b'\",') * (SIZE // 1003) + LIST_END", SPARSE),
    "no JSON": ("b'x' * SIZE", SPARSE),
    "not UTF-8": (r"TEXT + b'a' * SIZE + b'\xff' + TEXT_END", SPARSE),
    "opened lists": ("b'[' * SIZE", SPARSE),
    "empty lists": ("LIST + b'[],' * (SIZE // 3) + LIST_END", SPARSE),
    "numbers": ("LIST + b'1,' * (SIZE // 2) + LIST_END", SPARSE),
    "objects": ("LIST + b'{\"a\":1},' * (SIZE // 8) + LIST_END", SPARSE),
    "cut objects": ("LIST + b'{\"a\":1},' * (SIZE // 8)", SPARSE),
    "keys": ("LIST + b'{' + b','.join(b'\"%d\":1' % i for i in range(SIZE // 11)) + b'},' + LIST_END", SPARSE),
    "empty actions": ("b'{\"actions\":[' + b'{},' * (SIZE // 3) + b'{}]}'", SPARSE),
    "texts with commas": ("TEXT + b',' * SIZE + TEXT_END", SPARSE),
    "as many numbers as are read": ("LIST + b'1.5,' * 1_900_000 + LIST_END", DENSE),
    "as many objects as are read": ("LIST + b'{\"a\":[]},' * 600_000 + LIST_END", DENSE),
    "as many actions as are read": ("b'{\"actions\":[' + (ACTION % (b'x' * 400)) * 49_000 + b'{}]}'", DENSE),
}
"""How each file is made, in the process that reads it, and the megabytes that reading it may take."""


@pytest.mark.parametrize(("made", "most"), KINDS.values(), ids=KINDS.keys())
def test_reading_takes_no_more_than(made: str, most: int, tmp_path: Path) -> None:
    told = finishes(
        f"""
        import resource
        from pathlib import Path
        from core.live.read import read_file
        import os
        SIZE = {SIZE}
        TEXT, TEXT_END = b'{{"id":"r","actions":[],"metadata":{{"x":"', b'"}}}}'
        LIST, LIST_END = b'{{"id":"r","actions":[],"metadata":{{"x":[', b'1]}}}}'
        ACTION = b'{{"inputs":{{"a":"%s"}}}},'
        def peak():
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        folder = Path({str(tmp_path)!r})
        if os.fork() == 0:
            (folder / "x.json").write_bytes({made})
            os._exit(0)
        os.wait()
        before = peak()
        read_file(folder, "x.json", 64 << 20)
        print("megabytes", (peak() - before) >> 10)
        """
    )
    found = re.search(r"megabytes (\d+)", told)
    assert found
    assert int(found[1]) <= most


class TestBounds:
    @given(JSON)
    def test_values_are_never_counted_too_low(self, value: object) -> None:
        def values(item: object) -> int:
            inner = item.values() if isinstance(item, dict) else item if isinstance(item, list) else ()
            return 1 + sum(map(values, inner))

        assert values(value) <= most_values(compact(value)) <= 2 * values(value) + 1

    def test_what_stands_in_texts_is_no_value(self) -> None:
        assert most_values(compact({"a": '[{,"\\', '",': ["\\"]})) == most_values(b'{"a": "", "b": [""]}')

    @given(JSON)
    def test_keys_are_sorted_everywhere(self, value: object) -> None:
        assert compact(sorted_keys(parse(compact(value)))) == canonical(value)

    @pytest.mark.parametrize("at", [0, LARGE, LARGE + 1, LARGE + 3])
    def test_bytes_that_are_no_utf8_are_placed_in_the_whole(self, at: int) -> None:
        data = b"a" * at + b"\xff" + b"a" * LARGE
        with pytest.raises(UnicodeDecodeError) as raised:
            check_utf8(data)
        assert raised.value.start == at

    def test_letters_across_the_pieces_that_are_checked(self) -> None:
        check_utf8(b"a" + "é€😀".encode() * LARGE)

    def test_a_run_with_more_actions_than_are_read_is_told(self) -> None:
        from core.traces.decode import decode_trace
        from core.traces.errors import TraceError

        data = b'{"actions": [' + b"{}," * MAX_ACTIONS + b"{}]}"
        with pytest.raises(TraceError, match=f"{MAX_ACTIONS + 1:,} actions are more than"):
            decode_trace(data, "x.json")
        with pytest.raises(TraceError, match="values, more than"):
            decode_trace(b"[" + b"1," * MAX_VALUES + b"1]", "x.json")
