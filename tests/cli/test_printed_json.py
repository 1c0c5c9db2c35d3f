"""The JSON that commands print: the same value, of which no terminal takes anything for a command."""

from __future__ import annotations

from typing import Any

import pytest

from core.model.jsontext import parse, pretty
from core.model.record import Record, Text
from tui.cli.printing import print_json


class Named(Record):
    """A record in what is printed."""

    name: Text = ""


@pytest.mark.parametrize("harmful", [*map(chr, range(0x7F, 0xA0)), *"\u061c\u200e\u200f\u2028\u2029\u202e\u2066\u2069"])
def test_what_a_terminal_would_obey_is_escaped(harmful: str, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    value = {f"é{harmful}": [f"\\{harmful}2J\n", f'"{harmful}"'], "plain": harmful}
    print_json(value)
    said = capfdbinary.readouterr().out
    assert harmful not in said.decode()
    assert f"\\u{ord(harmful):04x}".encode() in said
    assert parse(said) == value


@pytest.mark.parametrize("value", [{"a": "é → 😀 \\ \x1b"}, {"a": "plain\n"}, []])
def test_all_else_is_as_ever(value: Any, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json(value)
    assert capfdbinary.readouterr().out == pretty(value) + b"\n"


def test_bytes_of_paths_become_characters(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    print_json({"a\udcff": (Named(name="b\udcc3\udca9\u202e"), 1, None, ["c\udcff"])})
    assert parse(capfdbinary.readouterr().out) == {"a\ufffd": [{"name": "bé\u202e"}, 1, None, ["c\ufffd"]]}
