from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.text import visible
from tests.tui.fakes import HOSTILE, candidate, step, view, views
from tui.filter import FIELDS, FilterError, completions, in_order, parse

SHOWN = {v.label: v for v in views()}


def matched(text, changed=None):
    chosen = parse(text)
    return {label for label, v in SHOWN.items() if chosen.accepts(v, changed)}


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", set(SHOWN)),
        ("vrsb", {"version_bump"}),
        ("status:needs", {"version_bump", "nightly_report", "close_sprint"}),
        ('status:"needs a"', {"version_bump", "nightly_report"}),
        ("STATUS:Drift", {"rotate_keys"}),
        ("risk:high", {"rotate_keys", "refund_order"}),
        ("risk:high !status:rejected", {"rotate_keys"}),
        ("cap:none", {"nightly_report"}),
        ("secret:any", set(SHOWN) - {"nightly_report"}),
        ("secret:github status:ready", {"triage_issue"}),
        ("cohort:tri", {"triage_issue", "sync_labels", "close_sprint"}),
        ("shadow:fail", {"deploy_docs", "rotate_keys", "refund_order", "sync_labels", "close_sprint"}),
        ("shadow:pass", {"version_bump", "triage_issue", "nightly_report"}),
        ("saves>4", {"nightly_report"}),
        ("saves<=$3.20 status:ready", {"triage_issue"}),
        ("steps=12", {"nightly_report"}),
        ("fuzzy:0", {"nightly_report"}),
        ("confidence>=0.93", set()),
        ("lookup_7", {"nightly_report"}),
        ("time>1e4", {"nightly_report"}),
    ],
)
def test_terms_narrow_the_list(text, labels):
    assert matched(text) == labels


def test_what_is_unknown_is_neither_more_nor_less_than_a_number():
    made = candidate("version_bump")
    calls = made.savings.model_calls_avoided
    unknown = made.savings.replace(
        estimated_cost_usd_avoided=0.0,
        input_tokens_avoided=0,
        output_tokens_avoided=0,
        wall_ms_avoided=0,
        unknown_cost_calls=calls,
        unknown_token_calls=calls,
        unknown_time_calls=calls,
    )
    some = view("version_bump", made=made.replace(savings=unknown))
    for name in ("saves", "tokens", "time"):
        assert not any(parse(f"{name}{sign}0").accepts(some) for sign in ("<=", "=", ">="))


def test_words_also_find_ids_and_goals():
    some = SHOWN["deploy_docs"]
    assert parse(some.lineage).accepts(some)
    assert parse(some.candidate.id).accepts(some)
    assert matched(some.lineage) == {"deploy_docs"}
    assert parse("RELEASE").accepts(some)


def test_changed_needs_a_change():
    assert matched("changed<1h", 60.0) == set(SHOWN)
    assert matched("changed<1h", 3_600.0) == set()
    assert matched("changed>30s", None) == set()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("status:nope", "`status:nope` is none of drifted, stale"),
        ("risk:", "`risk:` needs a value"),
        ("risk>3", "`risk>` is no term"),
        ("saves>much", "`saves>` needs a number"),
        ("changed<soon", "needs a length of time"),
        ("changed:1h", "`changed:` is no term"),
        ("shadow:maybe", "none of fail, pass, none"),
        ("colour:red", "`colour:` is no term; there are status:"),
        ('cohort:"open', "a quote is open"),
        ("status:\x1b[31m", "`status:\\e[31m` is none of"),
    ],
)
def test_faults_say_what_would_be_right(text, told):
    with pytest.raises(FilterError) as fault:
        parse(text)
    assert told in str(fault.value)


def outcome(text):
    try:
        return parse(text).accepts(SHOWN["version_bump"])
    except FilterError as fault:
        return str(fault)


@given(st.text())
def test_any_text_is_a_filter_or_a_visible_fault(text):
    said = outcome(text)
    assert said in (True, False) or visible(said) == said


def test_terms_are_joined_by_and():
    for first in ("risk:high", "shadow:fail", "cohort:ops"):
        for second in ("status:drifted", "e"):
            assert matched(f"{first} {second}") == matched(first) & matched(second)


@pytest.mark.parametrize("name", ["Straße", "ΟΔΟΣ", "İzmir"])
def test_names_are_found_as_they_are_written(name):
    some = view("x", cohort=name, made=candidate(steps=(step(1, "k", "n", capabilities=(name,)),)))
    for field in ("cohort", "cap"):
        assert parse(f"{field}:{name}").accepts(some)
        assert completions(f"{field}:{name[:-1]}", [some]) == [f"{field}:{name.casefold()}"]


def test_letters_in_order():
    assert in_order("vb", "version_bump")
    assert not in_order("bv", "version_bump")
    assert in_order("", "x")


def test_completions_offer_fields_and_values():
    assert completions("ris", ()) == ["risk:", "risk:low", "risk:medium", "risk:high"]
    assert completions("bump !status:dr", ()) == ["bump !status:drifted"]
    assert completions("cap:git", views()) == ["cap:git.write"]
    assert completions("", views()) == []


@pytest.mark.parametrize("space", [" ", "\u3000"])
def test_a_completion_keeps_a_name_with_spaces_together(space):
    spaced, apart = (view("x", cohort=cohort) for cohort in (f"night{space}shift", f"shift{space}night"))
    (offered,) = completions("cohort:", [spaced])
    assert offered == f'cohort:"night{space}shift"'
    assert parse(offered).accepts(spaced)
    assert not parse(offered).accepts(apart)


def test_completions_never_offer_hostile_values():
    bad = view("x", cohort=HOSTILE, made=candidate(steps=(step(1, "k", "n", capabilities=(HOSTILE,)),)))
    assert all(text.isprintable() for field in FIELDS for text in completions(field, [bad]))
