from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.store.linear import LONGEST_MATCH, LinearPattern, PatternError, compiled
from core.store.policy import RedactionPolicy
from core.store.redaction import redactor_for
from tests.hostile.bounded import finishes

SIMPLE = ("ab", "a+b", "[aé]+", "é.", "(?i)a|b", r"\bb", "^a", "(?P<secret>a)b", "b$")


class TestLikePythons:
    @given(st.sampled_from(SIMPLE), st.text(st.sampled_from("aAbBé€😀 \n\ud800"), max_size=40))
    def test_the_same_matches(self, pattern: str, text: str) -> None:
        assume_plain = text.encode("utf-8", "replace").decode()
        found = [(match.span(), match[0]) for match in LinearPattern(pattern).finditer(assume_plain)]
        dollar = pattern.replace("$", r"\Z")
        assert found == [(match.span(), match[0]) for match in re.finditer(dollar, assume_plain, re.ASCII)]

    def test_a_named_group_in_a_text_with_wide_letters(self) -> None:
        (found,) = LinearPattern(r"id: (?P<secret>\d+)").finditer("€😀 id: 42 é")
        assert (found["secret"], found.span("secret"), found.start()) == ("42", (7, 9), 3)

    def test_half_a_surrogate_pair_is_no_error(self) -> None:
        assert LinearPattern("b+").sub(lambda found: f"<{found[0]}>", "\ud800bb\udfff") == "\ud800<bb>\udfff"

    @pytest.mark.parametrize("pattern", ["a(?=b)", r"(a)\1", "(", "(?<!a)b", "a{1001}", "\ud800"])
    def test_what_is_refused(self, pattern: str) -> None:
        with pytest.raises(PatternError):
            compiled(pattern)


class TestWindows:
    def test_a_long_match_is_found_whole_wherever_it_lies(self) -> None:
        secret = "s" * LONGEST_MATCH
        for before in (0, 1, LONGEST_MATCH - 1, LONGEST_MATCH, 2 * LONGEST_MATCH - 1, 3 * LONGEST_MATCH + 7):
            text = f"{'-' * before}{secret}-"
            assert LinearPattern("s+").sub(lambda _: "#", text) == f"{'-' * before}#-"

    def test_matches_in_a_long_text(self) -> None:
        text = ("é" * 700 + "42") * 50
        assert [m.span() for m in LinearPattern("42").finditer(text)] == [m.span() for m in re.finditer("42", text)]

    def test_a_text_that_is_matched_all_over_is_one_match(self) -> None:
        assert LinearPattern("a.*b|a").sub(lambda found: f"<{len(found[0])}>", "a" * 5000) == "<5000>"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+$", "'a' * 1_000_000 + '!'"),
        ("(?:a|a)*b", "'a' * 1_000_000"),
        ("a.*b|a", "'a' * 1_000_000"),
        ("(x+x+)+y", "'x' * 1_000_000"),
        ("(.*)*=", "'x' * 1_000_000"),
    ],
)
def test_patterns_that_never_end_elsewhere_end(pattern: str, text: str) -> None:
    """By Python's engine each of these takes longer than the time that is allowed here, some longer than a life."""
    finishes(
        f"""
        from core.store.policy import RedactionPolicy
        from core.store.redaction import redaction_faults, redactor_for
        policy = RedactionPolicy(extras={{"mine": {pattern!r}}})
        assert not list(redaction_faults(policy))
        redactor_for(policy, b"k" * 32).json({{"text": {text}}})
        """
    )


def test_rules_are_equal_when_their_patterns_are() -> None:
    """What was derived with a redactor is kept as long as the policy says the same."""
    policy = RedactionPolicy(extras={"mine": "a+"})
    assert redactor_for(policy, None) == redactor_for(policy, None)
    assert hash(redactor_for(policy, None)) == hash(redactor_for(policy, None))
    assert redactor_for(policy, None) != redactor_for(RedactionPolicy(extras={"mine": "b+"}), None)
