"""The front matter of a skill, read by YAML's own parsers: whatever is in a name, exactly that comes back."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.quoting import quoted_scalar
from core.artifacts.skill import skill_of
from core.model.candidate import Candidate, ClusterKey, Step
from core.model.trace import SideEffect
from tests.artifacts.making import HOSTILE

LOADERS = [loader for name in ("SafeLoader", "CSafeLoader") if (loader := getattr(yaml, name, None))]
"""The one in Python and, where it is there, libyaml."""

TRICKY = [
    "", " ", "yes", "No", "on", "OFF", "y", "null", "~", "true", "0o17", "017", "1_000", "0x1F", "1e3", ".inf",
    ".NaN", "2026-10-01", "12:30:45", "=", "<<", "---", "--- ", "...", "\n---\nname: other\n---\n", "a: b", "a #b",
    "# a", "- a", "? a", "[a, b]", "{a: b}", "&a", "*a", "!!python/object/apply:os.system ['id']", "!a", "| a",
    "> a", "%YAML 1.1", "@a", "`a`", '"', "'", "''", '\\"', "\\", "\\n", "a\\", "a\tb", "\t", "a\r\nb", " a ",
    "a\n\n b", "\x00", "\x07", "\x1b[31m", "\x7f", "\x85", "\xa0", "\xad", "\u200b", "\u2028", "\u2029", "\u202e",
    "\ufeff", "\ufffd", "\ufffe", "\uffff", "\ue000", "\U0001f600", "\U0010ffff", "é", "e\u0301", "שלום", "\ud800",
    "a\udfffb", "x" * 2000, "a " * 500,
]  # fmt: skip


def back(text: str) -> str:
    """What can be written of a text: halves of surrogate pairs stand in no file."""
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def named(one: str, other: str) -> Candidate:
    """A candidate with hostile names wherever a skill takes names from."""
    effects = (SideEffect(kind="file_write", target=other), SideEffect(kind="file", target=one))
    steps = tuple(
        Step(index=index, kind="tool_call", name=name, side_effects=effects, parameter_refs=(other,))
        for index, name in enumerate((one, other), 1)
    )
    return Candidate(id=one, name=other, cluster_key=ClusterKey(goal=one), steps=steps, side_effects=effects)


def read(text: str, loader: Any) -> Any:
    """The front matter as tools cut it out: what stands between the first two lines of three dashes."""
    first, *lines = text.split("\n")
    assert first == "---"
    return yaml.load("\n".join(lines[: lines.index("---")]), loader)  # noqa: S506 - both loaders are safe ones


def check(one: str, other: str) -> None:
    skill = skill_of(named(one, other), {})
    wanted: dict[str, Any] = {name: back(getattr(skill, name)) for name in ("name", "short", "description")}
    wanted["when_to_use"] = back(skill.when_to_use)
    for name in ("allowed_tools", "paths"):
        wanted[name] = list(map(back, getattr(skill, name)))
    wanted["user_invocable"] = False
    for loader in LOADERS:
        told = read(skill.skill_markdown, loader)
        assert told == wanted
        assert list(told) == list(wanted)
        assert [type(value) for value in told.values()] == [type(value) for value in wanted.values()]


@pytest.mark.parametrize("text", TRICKY)
def test_tricky_names_come_back(text: str) -> None:
    check(text, "plain")
    check("plain", text)
    check(text, text + text)


@given(HOSTILE, st.text() | st.sampled_from(TRICKY))
def test_any_names_come_back(one: str, other: str) -> None:
    check(one, other)


@given(st.lists(st.text(st.characters(exclude_categories=())) | st.sampled_from(TRICKY)))
def test_any_texts_come_back_from_a_list(texts: list[str]) -> None:
    for loader in LOADERS:
        made = yaml.load(f"[{', '.join(map(quoted_scalar, texts))}]", loader)  # noqa: S506
        assert made == list(map(back, texts))
