"""What is compiled takes the runs that agents write, however they are spelled, and leaves all else to others."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.columns.facts import digest_of
from core.columns.of_bytes import FastFacts, Splitter, Unusual
from core.model.jsontext import parse
from core.traces.bounds import MAX_ACTIONS
from tests.bench.runs import run, run_bytes
from tests.columns.making import run_fields
from tests.columns.ways import check
from tests.shadow.making import JSON

pytestmark = pytest.mark.skipif(Splitter is None, reason="nothing is compiled here")


def split(data):
    """What the splitter says, which knows nothing yet."""
    return FastFacts(compiled=True)._splitter.split(data)


def left(data):
    try:
        split(data)
    except Unusual:
        return True
    return False


def spelled(value, chance):
    """JSON of a value with the names of objects in any order, and white space anywhere."""
    if isinstance(value, dict):
        items = [f"{json.dumps(k)}{chance.choice(['', ' '])}:{spelled(v, chance)}" for k, v in value.items()]
        chance.shuffle(items)
        text = f"{{{','.join(items)}}}"
    elif isinstance(value, list):
        text = f"[{','.join(spelled(v, chance) for v in value)}]"
    else:
        text = json.dumps(value, ensure_ascii=chance.random() < 0.5)
    return f"{chance.choice(['', ' ', chr(10), chr(9)])}{text}{chance.choice(['', '  ', chr(13)])}"


@pytest.mark.parametrize("indent", [None, 2, "\t"])
def test_usual_runs_are_split(indent):
    for number in range(30):
        data = json.dumps(run(number, 12), indent=indent).encode()
        assert not left(data)
        assert check(data)


@settings(max_examples=150, deadline=None)
@given(run_fields, st.integers(0, 1000))
def test_the_order_of_names_and_white_space_change_nothing(fields, seed):
    check(spelled(fields, random.Random(seed)).encode())


@settings(max_examples=300, deadline=None)
@given(JSON, st.integers(0, 1000))
def test_an_output_has_the_digest_of_its_value(value, seed):
    text = spelled(value, random.Random(seed))
    data = f'{{"actions":[{{"kind":"k","output":{text}}}]}}'.encode()
    try:
        found = split(data)[0].digests[16:]
    except Unusual:
        return
    assert found == digest_of(parse(text.encode()))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a"', "a"),
        (r'"\n\t\"\\\b\f\r"', '\n\t"\\\b\f\r'),
        (r'"\/\u0041\u00e9\ud83d\ude00"', "/Aé😀"),
        ('"é😀"', "é😀"),
        ('""', ""),
        ("12", "12"),
        ("-3", "-3"),
        ("0", "0"),
        ("1.50", "1.5"),
        ("1e-05", "0.00001"),
        ("-0.0", "-0.0"),
        ("true", "true"),
        ("false", "false"),
        ("null", "null"),
    ],
)
def test_value_texts(text, value):
    data = f'{{"actions":[{{"parameters":{{"p":{text}}},"inputs":{{"i":[{text}]}}}}]}}'.encode()
    made = split(data)[0]
    assert [made.value(number) for number in range(2)] == [value, value]
    assert check(data)


def test_what_an_action_cost_and_when_it_was():
    cost = '{"model":"m","model_calls":2,"input_tokens":-3,"output_tokens":4,"total_cost_usd":1e-05,"wall_ms":7,"x":[]}'
    data = f'{{"id":"r","actions":[{{"id":"é","cost":{cost},"duration_ms":9}},{{"kind":"model_call"}}]}}'.encode()
    made, spent, ids, times, own, rest = split(data)
    assert [list(made.column(name)) for name in ("calls", "read", "written")] == [[2, 1], [-3, 0], [4, 0]]
    assert [list(made.usd), list(made.column("wall")), list(made.column("duration"))] == [[1e-05, 0.0], [7, 0], [9, 0]]
    assert spent == (3, -3, 4, 16, made.usd)
    assert (json.loads(ids), times, own, rest) == (["é", "action_2"], None, ("r", None, None, None), b"{}")
    assert check(data)


def test_what_a_run_tells_of_itself_alone():
    replay = b'{"run_id":"x","effect_receipts":[{"n":1}]}'
    times = '"started_at":"é","finished_at":null'.encode()
    data = b'{"id":"r", "flow":null,"actions":[],' + times + b',"replay_run":' + replay + b'  ,"version":1}'
    assert split(data)[4:] == (("r", "é", None, replay), b'{"flow":null,"version":1}')
    assert check(data)
    assert split(b'{"actions":[],"replay_run":null}')[4:] == ((None, None, None, None), b"{}")


@pytest.mark.parametrize("own", [r'"id":"\u0041"', '"id":null', '"id":1', '"started_at":[]', '"id":"a","id":"b"'])
def test_what_a_run_tells_in_its_own_way_is_left_to_others(own):
    assert left(f'{{"actions":[],{own}}}'.encode())


@pytest.mark.parametrize(
    ("times", "plain"),
    [
        (["2026-01-31T23:59:59.999Z", "2026-02-01T00:00:00.000Z"], False),  # whether a month has 31 days, others know
        (["2026-01-28T23:59:59.999Z", "2026-02-01T00:00:00.000Z"], True),
        (["2026-01-28T23:59:59Z", "2026-01-28T23:59:59Z"], True),
        (["2026-01-28T23:59:59Z", "2026-01-28T23:59:59.5Z"], False),
        (["2026-01-28T23:59:59+00:00"], False),
        ([None, "2026-01-28T23:59:59Z"], True),
    ],
)
def test_times_that_are_not_plain_are_handed_on(times, plain):
    data = json.dumps({"actions": [{"timestamp": time} for time in times]}).encode()
    found = split(data)[3]
    assert found == (None if plain else times)
    assert check(data)


def test_times_that_go_back_are_left_to_others():
    times = ["2026-01-28T23:59:59Z", "2026-01-28T23:59:58Z"]
    assert left(json.dumps({"actions": [{"timestamp": time} for time in times]}).encode())


@pytest.mark.parametrize("field", ["output", "inputs", "parameters", "metadata", "side_effects", "approval", "other"])
@pytest.mark.parametrize(
    "text",
    [
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "-0",
        "1e",
        "1e999",
        "1" * 19,
        "NaN",
        "nul",
        "tru",
        '"',
        '"\\x"',
        '"\\u12"',
        '"\\ud800"',
        '"\\udc00"',
        '"\\ud800\\u0041"',
        '"\t"',
        "[1,]",
        "[1 2]",
        '{"a":1,}',
        '{"a" 1}',
        "{1:2}",
        "[" * 130 + "]" * 130,
        "\0",
        "",
    ],
)
def test_what_is_no_json_or_read_in_a_way_of_its_own_is_left_to_others(field, text):
    inner = f'{{"x":{text}}}'
    listed = f'[{{"kind":"k","metadata":{inner}}}]' if field == "side_effects" else inner
    assert left(f'{{"actions":[{{"{field}":{listed}}}]}}'.encode())
    assert left(f'{{"{field}":{text},"actions":[]}}'.encode())


@pytest.mark.parametrize(
    "action",
    [
        '"kind":"a","kind":"b"',
        '"\\u006bind":"a"',
        '"inputs":{"a":1,"a":2}',
        '"inputs":{"a":{"b":1,"b":2}}',
        '"parameters":{"a":1,"a":2}',
        '"output":{"a":1,"a":2}',
        '"output":{"b":1,"a":1,"b":2}',
        '"cost":{"wall_ms":1,"wall_ms":2}',
        '"cost":null',
        '"cost":{"wall_ms":1.0}',
        '"cost":{"model":1}',
        '"duration_ms":"1"',
        '"id":1',
        '"timestamp":1',
        '"metadata":null',
        '"metadata":{"Policy":1}',
        '"parameters":null',
        '"kind":null',
    ],
)
def test_actions_of_another_form_are_left_to_others(action):
    assert left(f'{{"actions":[{{{action}}}]}}'.encode())


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b'{"actions":1}',
        b'{"actions":[1]}',
        b'{"actions":[]}x',
        b'{"actions":[],}',
        b'{"actions":[],"actions":[]}',
        b'\xef\xbb\xbf{"actions":[]}',
        b'{"actions":[{}' + b",{}" * MAX_ACTIONS + b"]}",
    ],
)
def test_what_is_no_run_is_left_to_others(data):
    assert left(data)


def test_every_beginning_of_a_run_is_left_to_others():
    data = run_bytes(1, 2)
    assert all(left(data[:size]) for size in range(len(data)))
    assert not left(data + b" \n")


def test_the_tables_of_what_was_seen_start_anew_when_they_are_full(monkeypatch):
    monkeypatch.setattr("core.columns.compiled.KEPT", 3)
    splitter = FastFacts(compiled=True)._splitter
    for number in (*range(9), *range(9)):
        effects = f'[{{"kind":"{number}"}}]'
        data = f'{{"actions":[{{"name":"n{number}","output":{number},"side_effects":{effects}}}]}}'.encode()
        assert splitter.split(data)[0] == split(data)[0]
