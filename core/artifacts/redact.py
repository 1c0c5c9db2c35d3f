"""Redaction: copies without secrets, in which equal things are still equal (spec/artifacts.md, Redaction)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar, get_args

from core.artifacts.redaction_rules import KEY_RULES, PART_RULES, WHOLE_RULES, KeyRule, PartRule
from core.model.candidate import Divergence, DivergenceRecord, Parameter, Step
from core.model.jsontext import Json, canonical, plain, pointer
from core.model.record import Record
from core.model.trace import AllowRule, Trace
from core.shadow.allowlist import OracleError, values_at

R = TypeVar("R", bound=Record)

MARK = "[redacted]"
"""What stands where a secret was; with a key it also carries the rule and a keyed hash of the secret."""

_MARK = re.compile(r"\[redacted(?::[a-z_]{1,40}:[0-9a-f]{12})?\]")
_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes secrets out of values and records. Redacting again changes nothing.

    With a `key`, equal secrets leave equal marks and different ones different marks, which nobody without the key can
    trace back; without it all marks are alike.
    """

    key: bytes | None = None
    named: frozenset[str] = frozenset()
    """Keys of objects below which secrets are named, as in `required_secrets`, and not given."""

    def json(self, value: Json) -> Json:
        """A payload without secrets: by the keys of its objects and by the forms of its texts."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(map(self.json, value))
        if isinstance(value, dict):
            return self._object(value)
        return value

    def text(self, text: str) -> str:
        """A payload's text: replaced as a whole where all of it looks secret, else in parts."""
        for rule in WHOLE_RULES:
            if rule.holds(text):
                return self.mark(rule.id, text)
        return self.name(text)

    def name(self, text: str) -> str:
        """A name, id or sentence: only what is certainly secret is taken out."""
        for _ in range(_ROUNDS):
            before = text
            for rule in PART_RULES:
                text = rule.pattern.sub(lambda found, rule=rule: self._part(rule, found), text)  # type: ignore[misc]
            if text == before:
                break
        return text

    def under(self, key: str, value: Json) -> Json:
        """The value of an object's entry."""
        if key in self.named:
            return self.json(value)
        rule = _key_rule(key) or _key_rule(self.name(key))
        return self.mark(rule.id, value) if rule else self.json(value)

    def mark(self, rule: str, secret: Json) -> str:
        """What replaces a secret; a mark stays as it is."""
        if isinstance(secret, str) and _MARK.fullmatch(secret):
            return secret
        if self.key is None:
            return MARK
        return f"[redacted:{rule}:{hmac.new(self.key, canonical(secret), hashlib.sha256).hexdigest()[:12]}]"

    def payloads(self, record: R) -> R:
        """A record whose payloads (fields that hold any JSON) are redacted; names and ids stay."""
        return _walk(record, self, names=False)

    def everything(self, record: R) -> R:
        """A record redacted throughout: its payloads, and what is certainly secret in its names, ids and sentences."""
        return _walk(record, self, names=True)

    def _object(self, value: Mapping[str, Json]) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for key, item in value.items():
            name = base = self.name(key)
            number = 1
            while name in made:
                number += 1
                name = f"{base} ({number})"
            made[name] = self.under(key, item)
        return made

    def _part(self, rule: PartRule, found: re.Match[str]) -> str:
        start, end = (place - found.start() for place in found.span("secret"))
        return found[0][:start] + self.mark(rule.id, found["secret"]) + found[0][end:]


PLAIN = Redactor()
"""Redaction without a key."""


def redact_trace(trace: Trace) -> Trace:
    """A run without secrets that is safe to hand on; what stays is equal, so that comparison goes on working."""
    return PLAIN.everything(trace)


def redact_record(record: R) -> R:
    """A record without secrets that is safe to hand on."""
    return PLAIN.everything(record)


def redact_json(value: Json, *, named: frozenset[str] = frozenset()) -> Json:
    """A JSON value without secrets; below the keys `named` secrets are named by their ids, not given."""
    return Redactor(named=named).json(value)


def is_redacted(value: Json) -> bool:
    """Whether something was taken out of a text."""
    return isinstance(value, str) and _MARK.search(value) is not None


def redacted_places(value: Json, place: tuple[str | int, ...] = ()) -> Iterator[str]:
    """Pointers to the texts out of which something was taken."""
    if is_redacted(value):
        yield pointer(*place)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from redacted_places(item, (*place, key))
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from redacted_places(item, (*place, index))


def _key_rule(key: str) -> KeyRule | None:
    """The rule that makes what stands below a key secret; marks in the key name rules and do not count."""
    bare = _MARK.sub("", key)
    return next((rule for rule in KEY_RULES if rule.holds(bare)), None)


def _walk(record: R, redactor: Redactor, *, names: bool) -> R:
    """A copy of a record with its fields redacted by what they are declared to hold."""

    def redacted(value: Any) -> Any:
        if isinstance(value, str):
            return redactor.name(value) if names else value
        if isinstance(value, Record):
            return _walk(value, redactor, names=names)
        return tuple(map(redacted, value)) if isinstance(value, tuple) else value

    payloads = _payload_fields(type(record))
    changes = {
        field: redactor.json(value) if field in payloads else redacted(value) for field, value in vars(record).items()
    }
    made = record.replace(**(changes | _special(record, redactor) if names else changes))
    return made.replace(replay_allowlist=_reaching(made)) if isinstance(made, Trace) else made


@cache
def _payload_fields(kind: type[Record]) -> frozenset[str]:
    """The fields of a record that are declared to hold any JSON."""

    def holds_any(annotation: Any) -> bool:
        return annotation is Any or any(map(holds_any, get_args(annotation)))

    return frozenset(name for name, field in kind.model_fields.items() if holds_any(field.annotation))


def _special(record: Record, redactor: Redactor) -> dict[str, Any]:
    """What a record's type says about its fields beyond their declaration."""
    changes: dict[str, Any] = {}
    if isinstance(record, Parameter):
        changes["examples"] = tuple(dict.fromkeys(_below(record, text, redactor) for text in record.examples))
    if isinstance(record, Divergence | DivergenceRecord):
        parts = (record.path or "").replace("~1", "/").replace("~0", "~").split("/")
        changes = {side: _under_any(parts, getattr(record, side), redactor) for side in ("left", "right")}
    for field in {"required_secrets", "secrets_required"} & vars(record).keys():
        changes[field] = tuple(map(redactor.text, getattr(record, field)))
    if isinstance(record, Step):
        changes["preconditions"] = tuple(_precondition(text, record, redactor) for text in record.preconditions)
    return changes


def _below(parameter: Parameter, value: str, redactor: Redactor) -> str:
    """An example value: secret when the parameter's name or a place that it comes from says so."""
    parts = [part for path in parameter.source_paths for part in re.split(r"[.\[\]]", path)]
    return str(_under_any([parameter.name, *parts], value, redactor))


def _under_any(keys: list[str], value: Json, redactor: Redactor) -> Json:
    for key in keys:
        if _key_rule(key):
            return redactor.under(key, value)
    return redactor.json(value)


def _precondition(text: str, step: Step, redactor: Redactor) -> str:
    """A precondition that does not quote what was given as the name of a secret and is one."""
    for secret in step.required_secrets:
        if (safe := redactor.text(secret)) != secret:
            text = text.replace(secret, safe)
    return redactor.name(text)


def _reaching(trace: Trace) -> tuple[AllowRule, ...]:
    """A redacted run's allowlist: a rule whose place is now below a mark is about the mark."""
    run = plain(trace.replay_run) if trace.replay_allowlist else None
    return tuple(rule.replace(path=_reached(run, rule.path)) for rule in trace.replay_allowlist)


def _reached(run: Json, path: str) -> str:
    parts = path.split("/")
    with suppress(OracleError):
        if not values_at(run, path):
            for end in range(2, len(parts)):
                if any(map(is_redacted, values_at(run, shorter := "/".join(parts[:end])))):
                    return shorter
    return path
