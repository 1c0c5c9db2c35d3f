"""What counts as secret: rules about keys and about texts, each with an id (spec/artifacts.md, Redaction).

The first rule of each table is the specification's minimum. The others find more where that destroys no evidence:
they want a known provider's form, or a place where only a secret stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.artifacts.provider_rules import DISCORD, HINTS, PATTERN, PROVIDERS
from core.model.text import lower, trim

LONG = 4096
"""Characters above which a text is gone through once for all hints, and not once for each."""

_WORDS = ("secret", "token", "password", "api_key", "apikey")
_HEADERS = frozenset({"authorization", "cookie", "set-cookie"})
_FORMS = ("apikey", "passwd", "passphrase", "privatekey", "accesskey", "credential", "connectionstring")
_WHOLE_FORMS = frozenset({"auth", "pwd", "bearer", "proxyauthorization", "setcookie"})
_PREFIXES = ("sk-", "ghp_", "ghs_", "xoxb-", "xoxp-", "AKIA")
_LONG = re.compile(r"[A-Za-z0-9_-]{49,}")
_NO_LETTERS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class KeyRule:
    """Everything below a key for which the rule holds is secret."""

    id: str
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class WholeRule:
    """A text for which the rule holds is secret as a whole."""

    id: str
    holds: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class PartRule:
    """The group `secret` of every match, or all of it where there is no such group, is secret."""

    id: str
    pattern: re.Pattern[str]
    many: bool = False
    """Whether each group of the pattern is a rule of its own, whose id is the group's name."""
    hints: tuple[str, ...] = ()
    """Texts of which one is wherever the pattern matches, to pass over most texts quickly; none when there are none."""
    words: tuple[str, ...] = ()
    """The same in small letters, for a pattern that ignores case."""

    def may_hit(self, text: str) -> bool:
        """Whether looking for the pattern is worth while."""
        if len(text) > LONG and len(self.hints) > 1:
            return _any_of(self.hints).search(text) is not None
        if self.hints:
            return any(hint in text for hint in self.hints)
        # Outside ASCII there are letters, such as the long s, that a pattern takes for s although no small letter is.
        low = text.lower() if self.words and text.isascii() else ""
        return not low or any(word in low for word in self.words)

    def hit(self, found: re.Match[str]) -> tuple[str, str | int]:
        """The id of the rule that a match is of, and the group that holds the secret."""
        if self.many and found.lastgroup:
            return found.lastgroup, found.lastgroup
        return self.id, "secret" if "secret" in self.pattern.groupindex else 0


def is_sensitive_key(key: str) -> bool:
    """The minimum rule about keys."""
    low = lower(key)
    return low in _HEADERS or any(word in low for word in _WORDS)


def _is_other_form(key: str) -> bool:
    plain = _NO_LETTERS.sub("", lower(key))
    return plain in _WHOLE_FORMS or any(form in plain for form in _FORMS)


def looks_secret(text: str) -> bool:
    """The minimum rule about texts: a provider's prefix, or more than 48 characters without any other than `_`, `-`."""
    text = trim(text)
    return text.startswith(_PREFIXES) or _LONG.fullmatch(text) is not None


KEY_RULES = (KeyRule("sensitive_keys", is_sensitive_key), KeyRule("sensitive_key_forms", _is_other_form))

WHOLE_RULES = (WholeRule("secret_value_heuristic", looks_secret),)

_NAMES = r"(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key)"

PART_RULES = (
    PartRule("provider", PATTERN, many=True, hints=HINTS),
    PartRule("discord_token", DISCORD, hints=(".",)),
    PartRule(
        "private_key",
        re.compile(
            r"(?P<secret>-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:(?!-----END)[\s\S])*(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?)"
        ),
        hints=("-----BEGIN",),
    ),
    PartRule(
        "json_web_token",
        re.compile(r"(?<![A-Za-z0-9_-])(?P<secret>eyJ[A-Za-z0-9_-]{5,}\.eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*)"),
        hints=("eyJ",),
    ),
    PartRule("url_credentials", re.compile(r"://[^\s/:@]{0,256}:(?P<secret>[^\s/@]+)@"), hints=("://",)),
    PartRule(
        "authorization_header",
        re.compile(
            r"(?i)\b(?:authorization\\?[\"']?\s{0,4}[:=]\s{0,4}\\?[\"']?(?:(?:bearer|basic|token)\s{1,4})?"
            r"|bearer\s{1,4}(?=[^\s]{0,200}[0-9]))(?P<secret>[A-Za-z0-9._~+/=\[\]:-]{12,})"
        ),
        words=("authorization", "bearer"),
    ),
    PartRule(
        "cookie_header",
        re.compile(r"(?i)\b(?:set-)?cookie:\s{0,4}[\w.-]{1,64}=(?P<secret>[^\s;,\"']{12,})"),
        hints=("=",),
    ),
    PartRule(
        "quoted_assignment",
        re.compile(
            rf"(?i){_NAMES}\\?[\"']?\s{{0,4}}(?:[:=]|=>)\s{{0,4}}\\?(?P<quote>[\"'])"
            r"(?P<secret>[^\s\"'\\]{4,})\\?(?P=quote)"
        ),
        hints=("'", '"'),
    ),
    PartRule(
        "query_parameter",
        re.compile(rf"(?i)[?&][\w.-]{{0,40}}{_NAMES}=(?P<secret>[^\s&#\"'<>]{{4,}})"),
        hints=("?", "&"),
    ),
    PartRule(
        "environment_variable",
        re.compile(r"(?:PASSWORD|PASSWD|PASSPHRASE|SECRET|TOKEN|API_?KEY|ACCESS_?KEY)=(?P<secret>[^\s\"'$`;&|<>]{6,})"),
        hints=("=",),
    ),
    PartRule(
        "connection_string",
        re.compile(r"(?i);\s{0,4}(?:password|pwd|accountkey|sharedaccesskey)\s?=\s?(?P<secret>[^\s;\"'&$]{4,})"),
        hints=(";",),
    ),
    PartRule(
        "command_option",
        re.compile(
            r"(?i)(?<![\w-])--?(?:password|passwd|passphrase|(?:[a-z]{1,20}-)?(?:secret|token)|api-?key|access-?key)"
            r"(?:=|\s(?=[^\s]{0,200}[0-9]))(?P<secret>[^\s\"'$`;&|<>-][^\s\"'$`;&|<>]{5,})"
        ),
        words=("password", "passwd", "passphrase", "secret", "token", "apikey", "api-key", "accesskey", "access-key"),
    ),
)
"""Rules sure enough for names and ids as well, where a wrong hit would do harm."""


@cache
def _any_of(hints: tuple[str, ...]) -> Any:
    """Looks for some texts at the same time, as Python's own expressions cannot."""
    import re2  # type: ignore[import-untyped] # only where texts are long

    return re2.compile("|".join(map(re2.escape, hints)))


_ANY_HINT = re.compile("|".join(re.escape(hint) for rule in PART_RULES for hint in rule.hints))
_ANY_WORD = re.compile("|".join(re.escape(word) for rule in PART_RULES for word in rule.words))


def may_hold_secret(text: str) -> bool:
    """Whether looking for the rules about parts is worth while; one look at all that hints at any of them."""
    return not text.isascii() or bool(_ANY_HINT.search(text) or _ANY_WORD.search(text.lower()))


RULE_IDS = tuple(
    name
    for rule in (*KEY_RULES[:1], *WHOLE_RULES, *KEY_RULES[1:], *PART_RULES)
    for name in (PROVIDERS if isinstance(rule, PartRule) and rule.many else (rule.id,))
)
"""Every rule's id, the two of the minimum first."""
