"""effects.toml: what it states, how it is refused, and its starter."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import example, given
from hypothesis import strategies as st

from core.importers.effects import Effects, ToolRule, filled
from core.importers.effects_file import load_effects, parse_effects, starter
from core.importers.suggest import ToolUses
from core.importers.values import Options
from core.model.errors import InputError
from core.model.jsontext import parse
from core.model.trace import SideEffect
from tests.importers.importing import DATA, chat, lines, split
from tui.cli.exits import Exit
from tui.cli.main import main

RULE = ToolRule("look", (SideEffect(kind="db_write", target="row:{q}"),), ("db.write",), ("TOKEN",), "mutation")


def test_what_is_stated_is_in_the_action() -> None:
    (run,), left = split(lines(chat("a1")), options=Options(Effects((RULE,))))
    made = run["actions"][0]
    assert (made["kind"], made["capabilities"], made["required_secrets"]) == ("mutation", ["db.write"], ["TOKEN"])
    assert [(one["kind"], one["target"]) for one in made["side_effects"]] == [("db_write", "row:a1")]
    assert left == []


def test_nothing_is_assumed_of_a_tool_that_is_not_named() -> None:
    (run,), _ = split(lines(chat()))
    made = run["actions"][0]
    assert (made["side_effects"], made["capabilities"], made["required_secrets"]) == ([], [], [])


def test_a_call_that_failed_changed_nothing() -> None:
    record = chat()
    record["messages"][2]["content"] = "Error: no"
    made = split(lines(record), options=Options(Effects((RULE,))))[0][0]["actions"][0]
    assert (made["side_effects"], made["capabilities"], made["required_secrets"]) == ([], [], ["TOKEN"])
    record["messages"][2]["content"] = "FAILED"
    options = Options(Effects((RULE,), failed_prefixes=("FAIL",)))
    assert split(lines(record), options=options)[0][0]["actions"][0]["metadata"]["error"] is True


def test_a_target_without_its_argument_is_told() -> None:
    rule = ToolRule("look", (SideEffect(kind="w", target="row:{nothing}"),))
    (run,), left = split(lines(chat()), options=Options(Effects((rule,))))
    assert run["actions"][0]["side_effects"][0]["target"] == "row:{nothing}"
    assert ["nothing" in one.reason and one.fault for one in left] == [True]


def test_arguments_in_targets() -> None:
    effect = SideEffect(kind="w", target="{a}/{b.c}/{d}")
    made, missing = filled(effect, {"a": 1.0, "b": {"c": True}, "d": [1]})
    assert (made["target"], missing) == ("1.0/true/{d}", ["d"])


def test_the_exact_name_comes_before_patterns() -> None:
    effects = Effects((ToolRule("l*", kind="a"), ToolRule("look", kind="b"), ToolRule("lo?k", kind="c")))
    assert [effects.rule(name) and effects.rule(name).kind for name in ("look", "lock", "x")] == ["b", "a", None]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("tool = 1", "effects.toml: line 1: tool: write each tool as a [[tool]] table"),
        ("\nname = 1\n[[tool]]\nname = 'x'", 'effects.toml: line 2: "name" is not known'),
        ("\n[[tols]]\nname = 'x'", 'effects.toml: line 2: "tols" is not known'),
        ("# failed_prefixes\n\nfailed_prefixes = 'x'", "effects.toml: line 3: failed_prefixes: write a list"),
        ("[[tool]]\nnam = 'x'", '"nam" is not known'),
        ("[[tool]]\nname = ''", "effects.toml: line 1: tool 1: name"),
        ("\n[[tool]]\nname = 'y'\n[[ tool ]]", "effects.toml: line 4: tool 2: name"),
        (
            "[[tool]]\nname = 'y'\n[[tool]]\nname = 'x'\n[[tool]]\nname = 'y'",
            "line 5: tool 3 (y): tool 1 has this name",
        ),
        ("[[tool]]\nname = 'y*'\n[[tool]]\nname = 'y*'", "line 3: tool 2 (y*): tool 1 has this name"),
        ("tool = [{name = 'y'}, {}]", "effects.toml: tool 2: name"),
        ("tool = [1]", "effects.toml: tool 1: write it as a [[tool]] table"),
        ("[[tool]]\nname = 'x'\nkind = 1", "line 1: tool 1 (x): kind: write text"),
        ("[[tool]]\nname = 'x'\neffects = ['a']", "tool 1 (x): effect 1: write a table with kind and target"),
        ("[[tool]]\nname = 'x'\neffects = [{kind = 'a'}]", "tool 1 (x): effect 1: target is missing"),
        ("[[tool]]\nname = 'x'\neffects = [{kind = 1, target = 'a'}]", "kind: write text"),
        ("[[tool]]\nname = 'x'\nsecrets = 'T'", "secrets: write a list"),
        ("failed_prefixes = ['']", "effects.toml: line 1: failed_prefixes: an empty text begins every answer"),
        ("a = [", "is not TOML"),
        (f"a = {'[' * 5000}", "is not TOML: it is nested too deeply"),
        (f"\na = {'9' * 5000}", "a number has too many digits (at line 2, column 5)"),
        ("a = 1\nb = =", "at line 2, column 5"),
        ("[[tool]]\nname = '\\u202e'".replace("\\u202e", "\u202e") + "\neffects = 3", "\\u{202e}"),
    ],
)
def test_a_wrong_file_is_refused_with_the_place(text: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        parse_effects(text.encode(), "effects.toml")
    assert "effects.toml" in str(error.value)
    assert told in str(error.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot read"):
        load_effects(tmp_path / "effects.toml")


def test_a_file_that_is_no_text_or_far_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "effects.toml"
    path.write_bytes(b"# one\n# caf\xe9\n")
    with pytest.raises(InputError, match=r"effects\.toml: line 2: it is not UTF-8; save it as UTF-8"):
        load_effects(path)
    with path.open("wb") as file:
        file.truncate(10**9)
    with pytest.raises(InputError, match=r"has more than [0-9,]+ bytes; that is no effects\.toml"):
        load_effects(path)


def test_the_starter_says_which_tools_state_something_themselves() -> None:
    uses = ToolUses()
    made = {"kind": "tool_call", "name": "look", "inputs": {}, "parameters": {}, "metadata": {}}
    uses.take([made | {"name": "write", "side_effects": [{"kind": "w", "target": "x"}]}, made | {"side_effects": []}])
    assert starter(uses.told()).count("the runs themselves state side effects of it") == 1


@given(st.lists(st.text(min_size=1), min_size=1, max_size=5), st.text())
@example(['a"b', "a\\b", "a\nb", "[a]*"], 'c"')
def test_the_starter_is_toml_that_names_every_tool(names: list[str], argument: str) -> None:
    uses = ToolUses()
    for name in names:
        made = {"kind": "tool_call", "name": name, "inputs": {argument: 1}, "parameters": {}, "metadata": {}}
        uses.take([made | {"side_effects": []}])
    text = starter(uses.told())
    named = {tool["name"] for tool in tomllib.loads(text)["tool"]}
    assert len(named) == len(set(names))
    effects = parse_effects(text.encode(), "x") if all(name.strip() for name in names) else None
    assert effects is None or all(effects.rule(name) for name in names)


def test_the_commands_suggest_and_check(tmp_path: Path) -> None:
    source, target = str(DATA / "openai_chat" / "tau_retail_20_runs.json"), tmp_path / "effects.toml"
    made = CliRunner().invoke(main, ["effects", "suggest", source, "--to", str(target)])
    assert made.exit_code == Exit.DONE
    tools = tomllib.loads(target.read_text())["tool"]
    assert all(tool["effects"] == [] for tool in tools)
    assert "cancel_pending_order" in {tool["name"] for tool in tools}
    assert CliRunner().invoke(main, ["effects", "suggest", source, "--to", str(target)]).exception is not None
    assert CliRunner().invoke(main, ["effects", "check", str(target), source]).exit_code == Exit.DONE
    told = CliRunner().invoke(main, ["effects", "check", str(DATA / "effects_retail.toml"), source, "--json"])
    rows = {row["tool"]: row for row in parse(told.stdout.encode())["tools"]}
    assert rows["cancel_pending_order"]["effects"] == ["db_write order:{order_id}"]
    assert rows["think"]["named"] is False
    assert told.exception is not None
