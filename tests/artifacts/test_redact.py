from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.artifacts.redact import PLAIN, Redactor
from core.artifacts.redaction_rules import PART_RULES, may_hold_secret
from core.model.candidate import Divergence, Parameter, Step
from core.model.jsontext import compact, plain
from core.model.redaction_marks import MARK, is_redacted, redacted_by
from core.model.trace import AllowRule
from tests.artifacts.making import GITHUB, HOSTILE, bump
from tests.shadow.making import RUN_ID, action, replay, run

# Put together here, so that scanners of this repository do not take them for real ones.
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0In0" + ".c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE" + " KEY-----\nMIIEow\nIBAAK\n-----END RSA PRIVATE" + " KEY-----"
PLANTED = (
    GITHUB,
    JWT,
    PEM,
    "AKIA" + "ABCDEFGHIJKLMNOP",
    "xoxb-" + "123456789012-abcdef",
    "sk-" + "proj-abcdefghij0123456789",
)


class TestMinimum:
    @pytest.mark.parametrize(
        "key", ["secret", "SLACK_TOKEN", "myApiKey", "api_KEY", "Password", "Authorization", "set-cookie", "Cookie"]
    )
    def test_sensitive_keys(self, key: str):
        assert PLAIN.json({"a": [{key: {"deep": 1}}]}) == {"a": [{key: MARK}]}
        assert PLAIN.json({key: None}) == {key: MARK}

    @pytest.mark.parametrize("value", ["sk-abc", " ghp_x", "ghs_1", "xoxb-1", "xoxp-1", "AKIAx\n", "a_-" * 17])
    def test_texts_that_are_secrets(self, value: str):
        assert PLAIN.json([value]) == [MARK]

    @pytest.mark.parametrize(
        "value",
        [
            "A" * 48,
            "A" * 49 + " " + "A" * 49,
            "é" * 60,
            "cookies",
            "sha256:" + "0" * 64,
            1,
            1.5,
            True,
            None,
            "the sk- one",
        ],
    )
    def test_what_stays(self, value: object):
        assert PLAIN.json({"cookies": value}) == {"cookies": value}


class TestMore:
    @pytest.mark.parametrize(
        "key", ["pwd", "x-api-key", "privateKey", "Proxy-Authorization", "aws_access_key_id", "credentials"]
    )
    def test_other_forms_of_keys(self, key: str):
        assert PLAIN.json({key: "v"}) == {key: MARK}

    @pytest.mark.parametrize("key", ["author", "path", "keys", "passed", "monkey", "bearing"])
    def test_harmless_keys(self, key: str):
        assert PLAIN.json({key: "v"}) == {key: "v"}

    @pytest.mark.parametrize(
        ("text", "left"),
        [
            (f"export it: {GITHUB}, then", f"export it: {MARK}, then"),
            (f"got {JWT}.", f"got {MARK}."),
            (f"key:\n{PEM}\nend", f"key:\n{MARK}\nend"),
            (f"key:\n{PEM[:40]}", f"key:\n{MARK}"),
            ("https://me:hunter2@host/x", f"https://me:{MARK}@host/x"),
            ("GET /?a=1&access_token=abcd1234&b=2", f"GET /?a=1&access_token={MARK}&b=2"),
            ("curl -H 'Authorization: Bearer abcdef123456'", f"curl -H 'Authorization: Bearer {MARK}'"),
            ("authorization: Basic dXNlcjpwYXNzd29yZA==", f"authorization: Basic {MARK}"),
            ('{"password": "hunter22"}', f'{{"password": "{MARK}"}}'),
            ('"{\\"api_key\\": \\"hunter22\\"}"', f'"{{\\"api_key\\": \\"{MARK}\\"}}"'),
            ("DB_PASSWORD=hunter22 make", f"DB_PASSWORD={MARK} make"),
            (
                "login --pa\u017f\u017fword=hunter22",
                f"login --pa\u017f\u017fword={MARK}",
            ),  # a letter that s matches too
        ],
    )
    def test_secrets_inside_texts(self, text: str, left: str):
        assert PLAIN.json(text) == left

    @pytest.mark.parametrize(
        "text",
        [
            "the token is missing",
            "input_tokens: 1234567",
            "password: required",
            "https://host:8080/a@b",
            "git@github.com:me/repo",
            "bearer of good news",
            "API_KEY=$API_KEY",
            "task-runner-with-a-long-name",
            "-----BEGIN CERTIFICATE-----",
        ],
    )
    def test_harmless_texts(self, text: str):
        assert PLAIN.json(text) == text

    def test_keys_that_are_secrets(self):
        assert PLAIN.json({GITHUB: 1, GITHUB[::-1]: 2, "a": 3}) == {MARK: 1, GITHUB[::-1]: 2, "a": 3}
        other = GITHUB.replace("3", "4")
        assert PLAIN.json({GITHUB: 1, other: 2}) == {MARK: 1, f"{MARK} (2)": 2}

    def test_long_texts_take_no_long_time(self):
        """Each of these is quadratic or worse for a careless pattern; with one the suite would stand still."""
        for part in (
            "a",
            "://",
            "eyJ",
            "-----BEGIN PRIVATE KEY-----",
            "TOKEN",
            "bearer ",
            "://a:",
            "password='",
            "?a=",
            "sk-",
        ):
            assert isinstance(PLAIN.json(part * (40_000 // len(part))), str)


class TestMarks:
    def test_equal_secrets_leave_equal_marks_and_others_do_not(self):
        keyed = Redactor(key=b"k")
        one, two, three = keyed.json([{"token": "a"}, {"token": "a"}, {"token": "b"}])
        assert one == two != three
        assert one["token"].startswith("[redacted:sensitive_keys:")
        assert Redactor(key=b"other").json({"token": "a"}) != one

    def test_places(self):
        value = {"a": [1, MARK, f"x {Redactor(key=b'k').json(GITHUB)}"], "b": "redacted"}
        assert [place for place, _ in redacted_by(value)] == ["/a/1", "/a/2"]
        assert is_redacted(value["a"][1])
        assert not is_redacted(value["b"])
        assert not is_redacted(value)

    def test_named_keys_hold_names_of_secrets(self):
        value = {"required_secrets": ["CRATES_IO_TOKEN", GITHUB]}
        assert PLAIN.json(value) == {"required_secrets": MARK}
        assert Redactor(named=frozenset({"required_secrets"})).json(value) == {
            "required_secrets": ["CRATES_IO_TOKEN", MARK]
        }


STARTS = ("password='", "token=", "TOKEN=", "Bearer ", "authorization: ", "https://u:", "?secret=", MARK, "[redacted")
PIECES = st.sampled_from((*PLANTED, *STARTS, "'", "@h", "&", " ", "\n", "ab", "7", ":", '"', "\\"))
TEXTS = st.lists(PIECES, max_size=6).map("".join) | HOSTILE.map(lambda text: text.replace("\ud800", ""))
VALUES = st.recursive(
    TEXTS | st.integers(-9, 9) | st.none(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.sampled_from(["token", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(VALUES, st.sampled_from([PLAIN, Redactor(key=b"k")]))
def test_redacting_again_changes_nothing(value: object, redactor: Redactor):
    once = redactor.json(value)
    assert redactor.json(once) == once


@given(st.sampled_from(PART_RULES).flatmap(lambda rule: st.from_regex(rule.pattern)))
def test_no_form_of_a_secret_is_passed_over_at_the_first_glance(text: str):
    assert may_hold_secret(text)
    assert all(rule.may_hit(text) for rule in PART_RULES if rule.pattern.search(text))


@given(
    st.sampled_from(PLANTED),
    st.sampled_from(["", " ", "got: ", "(", "'", "\n", "x="]),
    st.sampled_from(["", " ", ")", "'", "\n"]),
)
def test_no_planted_secret_is_left_in_a_run(secret: str, before: str, after: str):
    text = before + secret + after
    given_run = run(
        f"id {text}",
        action(
            f"go {text}", inputs=[text], output={"o": text}, parameters={text: text}, metadata={"m": text},
            side_effects=[{"kind": "k", "target": text, "metadata": {"u": text}}], required_secrets=[secret],
            approval={"prompt": text, "required": True},
        ),
        source=text,
        metadata={"top": text},
        replay_run=replay(text, {"r": text}),
    )  # fmt: skip
    assert secret.encode() not in compact(PLAIN.everything(given_run)).replace(b"\\n", b"\n")
    kept = PLAIN.payloads(given_run)
    left = compact([(a.inputs, a.output, a.parameters, a.metadata) for a in kept.actions])
    assert secret.encode() not in left.replace(b"\\n", b"\n")


class TestRecords:
    def test_only_payloads_of_a_fixture(self):
        trace = bump("ghp_short", metadata={"secret": "x", "n": {"token": 1}})
        kept = PLAIN.payloads(trace)
        assert kept.id == "ghp_short"
        assert kept.metadata == {"n": {"token": MARK}, "secret": MARK}
        assert [a.name for a in kept.actions] == [a.name for a in trace.actions]
        assert kept.actions[0].cost == trace.actions[0].cost

    def test_counts_with_telling_names_stay(self):
        wire = plain(PLAIN.everything(bump("t")))
        assert wire["usage"]["input_tokens"] == 0
        assert wire["actions"][0]["required_secrets"] == []

    def test_examples_of_a_sensitive_parameter(self):
        by_name = Parameter(name="db_password", examples=("a", "b"))
        by_place = Parameter(name="x", source_paths=("inputs.auth.token[0]",), examples=("a",))
        assert PLAIN.everything(by_name).examples == (MARK,)
        assert PLAIN.everything(by_place).examples == (MARK,)
        assert PLAIN.everything(Parameter(name="x", examples=("a",))).examples == ("a",)

    def test_sides_of_a_divergence_below_a_sensitive_key(self):
        found = PLAIN.everything(Divergence(path="/effect_receipts/0/token/id", left=1, right={"a": 2}))
        assert (found.left, found.right) == (MARK, MARK)
        assert PLAIN.everything(Divergence(path="/a", left=1, right="b")) == Divergence(path="/a", left=1, right="b")

    def test_a_secret_given_as_its_name(self):
        found = PLAIN.everything(
            Step(required_secrets=("ghp_raw", "LOGICAL"), preconditions=("secret 'ghp_raw' is configured",))
        )
        assert found.required_secrets == (MARK, "LOGICAL")
        assert found.preconditions == (f"secret '{MARK}' is configured",)

    def test_a_rule_below_what_was_taken_out_is_about_the_mark(self):
        rules = tuple(
            AllowRule(path=path, reason="r") for path in ("/effect_receipts/*/token/id", "/effect_receipts/0/no/id")
        )
        trace = run("t", replay_run=replay("r", {"token": {"id": 1}}), replay_allowlist=(RUN_ID, *rules))
        redacted = PLAIN.everything(trace)
        assert [rule.path for rule in redacted.replay_allowlist] == [
            "/run_id",
            "/effect_receipts/*/token",
            "/effect_receipts/0/no/id",
        ]
        assert PLAIN.everything(redacted) == redacted
