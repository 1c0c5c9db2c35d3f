"""What a workspace adds to redaction and excepts from it, and what can be told from the marks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.redact import Keep, Redactor
from core.artifacts.redaction_rules import PartRule
from core.model.jsontext import pretty
from core.model.redaction_marks import MARK, blunt, is_redacted, redacted_by, redaction_report
from core.model.trace import Action
from core.store.policy import RedactionPolicy
from core.store.redaction import redactor_for
from tests.artifacts.making import GITHUB


def made(**policy: object) -> Redactor:
    return redactor_for(RedactionPolicy(**policy), b"k")  # type: ignore[arg-type]


class TestExtras:
    def test_all_that_matches_is_taken_out_under_the_rules_id(self) -> None:
        redactor = made(extras={"customer": "CUST-[0-9]{4}"})
        left = redactor.json({"note": "for CUST-1234 and CUST-1234, not CUST-12"})["note"]
        assert re.fullmatch(r"for (\[redacted:customer:\w{12}\]) and \1, not CUST-12", left)

    def test_a_group_named_secret_leaves_what_stands_around_it(self) -> None:
        redactor = redactor_for(RedactionPolicy(extras={"pin": "pin (?P<secret>[0-9]{4})!"}), None)
        assert redactor.json(["pin 1234!"]) == [f"pin {MARK}!"]

    def test_they_reach_names_and_ids(self) -> None:
        assert is_redacted(made(extras={"customer": "CUST-[0-9]{4}"}).name("run of CUST-1234"))

    def test_a_group_that_holds_nothing_takes_nothing_out(self) -> None:
        redactor = made(extras={"pin": "pin(?P<secret>[0-9]*)"})
        assert redactor.json(["pin it"]) == ["pin it"]

    def test_what_stands_below_a_key_is_the_same_secret_once_the_key_is_redacted(self) -> None:
        redactor = made(extras={"customer": "CUST-[0-9]{4}"})
        once = redactor.json({"passCUST-1234word": "x"})
        assert all(map(is_redacted, once.values()))
        assert redactor.json(once) == once

    def test_payloads_alone_or_all_of_a_record_are_looked_through(self) -> None:
        redactor = made(extras={"customer": "CUST-[0-9]{4}"})
        action = Action(id="CUST-1234", name="find CUST-1234", output={"who": "CUST-1234"})
        named = [(one.id, one.name) for one in (redactor.payloads(action), *redactor.all([action]))]
        assert named[0] == ("CUST-1234", "find CUST-1234")
        assert all(is_redacted(text) for text in named[1])
        assert is_redacted(redactor.payloads(action).output["who"])

    @given(
        st.sampled_from(["[a-z]+", ".", r"\w", "redacted", "[0-9a-f]{3}", "(?P<secret>a)b?", r"\]"]),
        st.text(max_size=20),
    )
    def test_a_rule_that_matches_marks_leaves_them_whole(self, pattern: str, text: str) -> None:
        redactor = Redactor(key=b"k", extras=(PartRule("extra", re.compile(pattern)),))
        once = redactor.json([text, GITHUB])
        assert redactor.json(once) == once


class TestKeep:
    def test_a_key_makes_nothing_secret_but_forms_count_below_it(self) -> None:
        redactor = made(keep_keys=("Token_Count",))
        left = redactor.json({"token_count": 7, "TOKEN_COUNT": [GITHUB], "token": 7})
        assert left["token_count"] == 7
        assert is_redacted(left["TOKEN_COUNT"][0])
        assert is_redacted(left["token"])

    def test_a_place_keeps_everything_below_it(self) -> None:
        redactor = made(keep_pointers=("/usage/*/tokens", "/a~1b"))
        value = {"usage": [{"tokens": {"token": 1}}, {"tokens": GITHUB, "token": 2}], "a/b": GITHUB, "tokens": 3}
        left = redactor.json(value)
        assert left["usage"][0] == value["usage"][0]
        assert left["usage"][1]["tokens"] == GITHUB
        assert is_redacted(left["usage"][1]["token"])
        assert left["a/b"] == GITHUB
        assert is_redacted(left["tokens"])

    def test_a_value_stays_wherever_it_is_the_whole_secret(self) -> None:
        redactor = made(keep_values=(GITHUB, "example"))
        value = {"token": "example", "note": f"with {GITHUB}.", "password": "other"}
        left = redactor.json(value)
        assert (left["token"], left["note"]) == (value["token"], value["note"])
        assert is_redacted(left["password"])

    def test_without_exceptions_all_of_it_goes(self) -> None:
        redactor = made(keep_keys=("token",), keep_pointers=("/a",), keep_values=("x",)).strict
        assert redactor.keep == Keep()
        assert all(map(is_redacted, redactor.json({"token": "x", "a": GITHUB}).values()))


class TestMarks:
    def test_the_report_counts_places_by_rule(self) -> None:
        redactor = made()
        value = redactor.json({"token": "a", "note": [f"see {GITHUB} twice {GITHUB}"], GITHUB: 1})
        files = {"a.json": pretty(value), "log": f"x\nsaw {redactor.text('a ' + GITHUB)}\n".encode(), "b": b"\xff"}
        key = next(k for k in value if "redacted" in k)
        assert redaction_report(files) == {
            "github_token": ["a.json#/note/0", "a.json#/note/0", f"a.json#/{key}", "log line 2"],
            "sensitive_keys": ["a.json#/token"],
        }
        assert redaction_report({"a": pretty([MARK])}) == {"unnamed": ["a#/0"]}

    def test_a_place_is_told_with_its_rules(self) -> None:
        value = made().json({"token": "a", "n": f"see {GITHUB} at https://u:{'p' * 9}@host", "x": 1})
        assert list(redacted_by(value)) == [
            ("/token", "rule sensitive_keys"),
            ("/n", "rules github_token and url_credentials"),
        ]
        assert list(redacted_by([MARK])) == [("/0", "")]

    def test_blunt_marks_tell_nothing(self) -> None:
        value = {"a": ["x", 1, GITHUB], "token": None}
        assert blunt(made().json(value)) == Redactor().json(value)

    def test_the_name_of_a_key_tells_keys_apart(self) -> None:
        assert Redactor().key_id == ""
        assert Redactor(key=b"a").key_id != Redactor(key=b"b").key_id
        assert re.fullmatch("[0-9a-f]{16}", Redactor(key=b"a").key_id)


@pytest.mark.parametrize("name", ["required_secrets"])
def test_a_behaviour_names_its_secrets(name: str) -> None:
    left = made().behaviour({name: ["DEPLOY_TOKEN", GITHUB], "steps": [{name: ["A_TOKEN"], "token": "x"}]})
    assert left[name][0] == "DEPLOY_TOKEN"
    assert is_redacted(left[name][1])
    assert left["steps"][0][name] == ["A_TOKEN"]
    assert is_redacted(left["steps"][0]["token"])
