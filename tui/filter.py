"""The language that narrows the list of candidates: words, `field:value`, `field>number`, `!` for not.

    bump                  a word: its letters in this order in the name, or the text in a step, goal, cohort or id
    status:needs          statuses that begin so;  risk:high likewise
    cap:git.write         a capability that contains this;  cap:any, cap:none
    secret:any            needs a secret;  secret:none, secret:NAME
    cohort:NAME           cohorts that contain this
    shadow:fail           a compared run differs;  shadow:pass, shadow:none
    saves>1.00            US dollars; also tokens, time (seconds), runs, steps, fuzzy, confidence;  > >= < <= =
                          (what is unknown is neither more nor less)
    changed<1h            changed less than an hour ago (s, min, h, d)

Terms are joined by *and*. Quotes keep spaces together: `cohort:"night shift"`.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.live.snapshot import CandidateView
from core.model.candidate import Savings
from core.model.text import visible
from tui.views.amounts import standing
from tui.words import RISK, STATUS

Test = Callable[[CandidateView, "float | None"], bool]
"""Whether a candidate passes; the second value is how many seconds ago it changed, None when it did not."""

_TOKEN = re.compile(r'(?:"[^"]*"|[^\s"])+')
_FIELD = re.compile(r"([A-Za-z]+)(:|>=|<=|>|<|=)(.*)", re.DOTALL)
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}
_SECONDS = {"s": 1, "min": 60, "m": 60, "h": 3_600, "d": 86_400}


def _saved(name: str, amount: Callable[[Savings], float]) -> Callable[[CandidateView], float | None]:
    """What a candidate saves; None where no call tells it, as the list says `unknown` there."""
    return lambda v: amount(v.candidate.savings) if standing([v.candidate.savings], name)[0] else None


_NUMBERS: dict[str, Callable[[CandidateView], float | None]] = {
    "saves": _saved("cost", lambda saved: saved.estimated_cost_usd_avoided),
    "tokens": _saved("tokens", lambda saved: saved.input_tokens_avoided + saved.output_tokens_avoided),
    "time": _saved("wall time", lambda saved: saved.wall_ms_avoided / 1_000),
    "runs": lambda v: len(v.candidate.examples),
    "steps": lambda v: len(v.candidate.steps),
    "fuzzy": lambda v: v.fuzzy_steps,
    "confidence": lambda v: v.candidate.confidence,
}
_WORDS = ("status", "risk", "cap", "secret", "cohort", "shadow")
FIELDS = (*(f"{name}:" for name in _WORDS), *(f"{name}>" for name in _NUMBERS), "changed<")
"""How every kind of term begins, for completion."""


class FilterError(ValueError):
    """Text that is not a filter; the message says which term is wrong and what would be right."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a candidate must be like to be listed."""

    text: str = ""
    tests: tuple[Test, ...] = ()

    def accepts(self, view: CandidateView, changed: float | None = None) -> bool:
        """Whether a candidate passes every term; `changed` is how many seconds ago it changed, if it did."""
        return all(test(view, changed) for test in self.tests)

    def __bool__(self) -> bool:
        return bool(self.tests)


def parse(text: str) -> Filter:
    """The filter that a text stands for. Raises FilterError."""
    if text.count('"') % 2:
        raise FilterError("a quote is open: close it with another one")
    return Filter(text.strip(), tuple(_term(token) for token in _TOKEN.findall(text)))


def terms(text: str) -> list[str]:
    """The terms of a text, one after the other; quotes keep spaces together."""
    return _TOKEN.findall(text)


def every_term(text: str, has: Callable[[str], bool]) -> bool:
    """Whether each term of a text holds, without its quotes and in small letters; `!` before one is for not."""
    bare = [term.replace('"', "") for term in terms(text.casefold())]
    return all(not has(term[1:]) if term.startswith("!") else has(term) for term in bare if term != "!")


def without(text: str, place: int) -> str:
    """A text without one of its terms, counted from 0 or, below that, from the end."""
    listed = terms(text)
    del listed[place]
    return " ".join(listed)


def settled(text: str) -> str:
    """A text that is still being written, without its last term as long as that could become `field:value`."""
    last = text.split(" ")[-1]
    bare = last.removeprefix("!").casefold()
    unfinished = bare and any(field.startswith(bare) for field in FIELDS)
    return text[: len(text) - len(last)] if unfinished or last == "!" else text


def _term(token: str) -> Test:
    if token.startswith("!") and len(token) > 1:
        wanted = _term(token[1:])
        return lambda view, changed: not wanted(view, changed)
    found = _FIELD.fullmatch(token)
    if not found:
        return _fuzzy(token.replace('"', ""))
    name, sign, value = found[1].lower(), found[2], found[3].replace('"', "")
    if name in _WORDS and sign in ":=":
        return _word(name, value.casefold())
    if name == "changed" and sign in ("<", "<=", ">", ">="):
        return _changed(sign, value)
    if name in _NUMBERS:
        return _number(name, "=" if sign == ":" else sign, value)
    known = ", ".join(FIELDS)
    raise FilterError(f"`{visible(name + sign)}` is no term; there are {known}")


def _fuzzy(word: str) -> Test:
    wanted = word.casefold()

    def test(view: CandidateView, _: float | None) -> bool:
        return in_order(wanted, view.label.casefold()) or any(wanted in text.casefold() for text in _texts(view))

    return test


def in_order(letters: str, text: str) -> bool:
    """Whether the letters occur in a text in their order: `vb` in `version_bump`."""
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _texts(view: CandidateView) -> Iterable[str]:
    made = view.candidate
    yield from (made.name, view.cohort, view.lineage, made.id, made.cluster_key.goal or "")
    for step in made.steps:
        yield step.name


def _word(name: str, value: str) -> Test:
    if not value:
        raise FilterError(f"`{name}:` needs a value")
    match name:
        case "status":
            statuses = _beginning("status", value, {key: sign.word for key, sign in STATUS.items()})
            return lambda view, _: view.status in statuses
        case "risk":
            risks = _beginning("risk", value, {key: sign.word for key, sign in RISK.items()})
            return lambda view, _: view.risk in risks
        case "cap":
            return _among(value, lambda view: view.candidate.capabilities)
        case "secret":
            return _among(value, lambda view: view.candidate.required_secrets)
        case "cohort":
            return lambda view, _: value in view.cohort.casefold()
    return _shadow(value)


def _beginning(name: str, value: str, words: dict[str, str]) -> frozenset[str]:
    """The keys that a value stands for: those whose key or word begins so."""
    found = frozenset(key for key, word in words.items() if key.startswith(value) or word.startswith(value))
    if not found:
        raise FilterError(f"`{name}:{visible(value)}` is none of {', '.join(words.values())}")
    return found


def _among(value: str, texts: Callable[[CandidateView], tuple[str, ...]]) -> Test:
    if value == "any":
        return lambda view, _: bool(texts(view))
    if value == "none":
        return lambda view, _: not texts(view)
    return lambda view, _: any(value in text.casefold() for text in texts(view))


def _shadow(value: str) -> Test:
    if "fail".startswith(value):
        return lambda view, _: view.failed > 0
    if "pass".startswith(value):
        return lambda view, _: view.passed > 0 and not view.failed
    if "none".startswith(value):
        return lambda view, _: not view.candidate.shadow.traces
    raise FilterError(f"`shadow:{visible(value)}` is none of fail, pass, none")


def _number(name: str, sign: str, value: str) -> Test:
    try:
        wanted = float(value.removeprefix("$"))
    except ValueError:
        raise FilterError(f"`{name}{sign}` needs a number, for instance `{name}{sign}1.00`") from None
    compare, number = _COMPARE[sign], _NUMBERS[name]
    return lambda view, _: (value := number(view)) is not None and compare(value, wanted)


def _changed(sign: str, value: str) -> Test:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)(s|min|m|h|d)", value.lower())
    if not found:
        raise FilterError(f"`changed{sign}` needs a length of time: 30s, 5min, 1h, 2d")
    compare, wanted = _COMPARE[sign], float(found[1]) * _SECONDS[found[2]]
    return lambda _, changed: changed is not None and compare(changed, wanted)


def completions(text: str, views: Iterable[CandidateView]) -> list[str]:
    """What the last term of a text could go on as: fields first, then the values that the views have."""
    start = len(text) - len(text.split(" ")[-1])
    head, last = text[:start], text[start:]
    bang = "!" if last.startswith("!") else ""
    typed = last[len(bang) :].casefold()
    if not typed:
        return []
    options = [*FIELDS, *(f"{name}:{_quoted(value)}" for name, value in _values(views))]
    return [f"{head}{bang}{option}" for option in options if option.startswith(typed) and option != typed]


def _values(views: Iterable[CandidateView]) -> Iterable[tuple[str, str]]:
    yield from (("status", sign.word.split()[0]) for sign in STATUS.values())
    yield from (("risk", sign.word) for sign in RISK.values())
    yield from (("shadow", value) for value in ("fail", "pass", "none"))
    yield from (("secret", value) for value in ("any", "none"))
    seen = {
        pair
        for view in views
        for pair in (
            ("cohort", view.cohort.casefold()),
            *(("cap", text.casefold()) for text in view.candidate.capabilities),
            *(("secret", text.casefold()) for text in view.candidate.required_secrets),
        )
    }
    yield from sorted(pair for pair in seen if pair[1] and visible(pair[1]) == pair[1] and '"' not in pair[1])


def _quoted(value: str) -> str:
    return value if value.split() == [value] else f'"{value}"'
