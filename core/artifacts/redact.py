"""Redaction: copies without secrets, in which equal things are still equal (spec/artifacts.md, Redaction)."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from operator import is_
from typing import Any, TypeVar

from core.artifacts.harmless import MANY, SECRET_FIELDS, all_plain, is_harmless, payload_fields
from core.artifacts.redaction_rules import KEY_RULES, PART_RULES, WHOLE_RULES, KeyRule, PartRule
from core.model.candidate import Divergence, DivergenceRecord, Parameter, Step
from core.model.jsontext import Json, canonical, plain
from core.model.late import asked, made
from core.model.record import Record
from core.model.redaction_marks import MARK, PATTERN, blunt, is_redacted
from core.model.text import lower
from core.model.trace import AllowRule, Trace
from core.shadow.allowlist import OracleError, values_at

R = TypeVar("R", bound=Record)

Place = tuple[str, ...]
"""Where a value stands in its payload: keys and indexes from the top."""

_ROUNDS = 8


@dataclass(frozen=True, slots=True)
class Keep:
    """What stays although a rule holds for it: a workspace's exceptions."""

    keys: frozenset[str] = frozenset()
    """Lower-cased keys of objects that make nothing secret; what stands below is still judged by its form."""
    places: tuple[Place, ...] = ()
    """Places in payloads below which everything stays; `*` stands for any one key or index."""
    values: frozenset[str] = frozenset()
    """Texts that stay, compared as a whole."""

    def covers(self, place: Place) -> bool:
        """Whether everything at a place stays."""
        return any(
            len(wanted) == len(place) and all(ours in ("*", part) for ours, part in zip(wanted, place, strict=True))
            for wanted in self.places
        )


NOTHING_KEPT = Keep()


@dataclass(frozen=True, slots=True)
class Redactor:
    """Takes secrets out of values and records. Redacting again changes nothing.

    With a `key`, equal secrets leave equal marks and different ones different marks, which nobody without the key can
    trace back; without it all marks are alike.
    """

    key: bytes | None = None
    named: frozenset[str] = frozenset()
    """Keys of objects below which secrets are named, as in `required_secrets`, and not given."""
    extras: tuple[PartRule, ...] = ()
    """Rules of a workspace besides the built-in ones; they come first."""
    keep: Keep = NOTHING_KEPT

    @property
    def strict(self) -> Redactor:
        """The same without exceptions: for both sides of a comparison, when one may be from before an exception."""
        return replace(self, keep=NOTHING_KEPT)

    @property
    def key_id(self) -> str:
        """Names the key without telling anything about it; empty without one."""
        return "" if self.key is None else hmac.new(self.key, b"assay redaction key", hashlib.sha256).hexdigest()[:16]

    def json(self, value: Json, place: Place = ()) -> Json:
        """A payload without secrets: by the keys of its objects and by the forms of its texts."""
        if self.keep.places and self.keep.covers(place):
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list | tuple):
            return type(value)(self.json(item, (*place, str(index))) for index, item in enumerate(value))
        if isinstance(value, dict):
            return self._object(value, place)
        return value

    def text(self, text: str) -> str:
        """A payload's text: replaced as a whole where all of it looks secret, else in parts."""
        for rule in WHOLE_RULES:
            if rule.holds(text):
                return self.mark(rule.id, text)
        return self.name(text)

    def name(self, text: str) -> str:
        """A name, id or sentence: only what is certainly secret is taken out."""
        if not self.extras and is_harmless(text):
            return text
        for _ in range(_ROUNDS):
            before = text
            if self.extras:
                text = self._extra(text)
            for rule in filter(lambda rule: rule.may_hit(text), PART_RULES):
                text = rule.pattern.sub(lambda found, rule=rule: self._part(rule, found), text)  # type: ignore[misc]
            if text == before:
                break
        return text

    def under(self, key: str, value: Json, place: Place = ()) -> Json:
        """The value of an object's entry; `place` is that of the object."""
        place = (*place, key)
        rule = None
        if key not in self.named and lower(key) not in self.keep.keys and not self.keep.covers(place):
            rule = _key_rule(key) or _key_rule(_safe_key(self, key))
        return self.mark(rule.id, value) if rule else self.json(value, place)

    def mark(self, rule: str, secret: Json) -> str:
        """What replaces a secret; a mark, and a text that is kept, stay as they are."""
        if isinstance(secret, str) and (PATTERN.fullmatch(secret) or secret in self.keep.values):
            return secret
        if self.key is None:
            return MARK
        return f"[redacted:{rule}:{hmac.new(self.key, canonical(secret), hashlib.sha256).hexdigest()[:12]}]"

    def behaviour(self, value: Mapping[str, Json]) -> dict[str, Json]:
        """A behaviour (core.promotion.behaviour) without secrets; the names of those that it needs stay."""
        return replace(self, named=self.named | {"required_secrets"})._object(value, ())

    def payloads(self, record: R) -> R:
        """A record whose payloads (fields that hold any JSON) are redacted; names and ids stay."""
        return _walk(record, self, names=False)

    def everything(self, record: R) -> R:
        """A record redacted throughout: its payloads, and what is certainly secret in its names, ids and sentences."""
        return _walk(record, self, names=True)

    def all(self, records: Iterable[R]) -> Sequence[R]:
        """Some records redacted throughout."""
        return _each(tuple(records), self, names=True)

    def _object(self, value: Mapping[str, Json], place: Place) -> dict[str, Json]:
        made: dict[str, Json] = {}
        for key, item in value.items():
            name = base = _safe_key(self, key)
            number = 1
            while name in made:
                number += 1
                name = f"{base} ({number})"
            made[name] = self.under(key, item, place)
        return made

    def _part(self, rule: PartRule, found: re.Match[str]) -> str:
        rule_id, group = rule.hit(found)
        start, end = (place - found.start() for place in found.span(group))
        return found[0][:start] + self.mark(rule_id, found[group]) + found[0][end:] if start < end else found[0]

    def _extra(self, text: str) -> str:
        """A text after the workspace's own rules, which may match anything and so are kept away from marks."""
        for rule in self.extras:
            parts, at = [], 0
            for found in PATTERN.finditer(text):
                parts += [self._by(rule, text[at : found.start()]), found[0]]
                at = found.end()
            text = "".join([*parts, self._by(rule, text[at:])])
        return text

    def _by(self, rule: PartRule, text: str) -> str:
        return rule.pattern.sub(lambda found: self._part(rule, found), text)


PLAIN = Redactor()
"""Redaction without a key."""


def blunted(record: R) -> R:
    """A record whose marks tell nothing but that something was taken out."""
    return type(record).decode(blunt(plain(record)))


@lru_cache(4096)
def _safe_key(redactor: Redactor, key: str) -> str:
    """A key without secrets; the same few come again and again."""
    return redactor.name(key)


@lru_cache(4096)
def _key_rule(key: str) -> KeyRule | None:
    """The rule that makes what stands below a key secret; marks in the key name rules and do not count."""
    bare = PATTERN.sub("", key)
    return next((rule for rule in KEY_RULES if rule.holds(bare)), None)


def _walk(record: R, redactor: Redactor, *, names: bool) -> R:
    """A copy of a record with its fields redacted by what they are declared to hold."""
    payloads = payload_fields(type(record))
    changes = {
        field: new
        for field, value in vars(record).items()
        if (new := redactor.json(value) if field in payloads else _named(value, redactor, names)) is not value
    }
    if names:
        changes |= _special(record, redactor)
    made = record.replace(**changes) if changes else record
    return made.replace(replay_allowlist=_reaching(made)) if isinstance(made, Trace) else made


def _named(value: Any, redactor: Redactor, names: bool) -> Any:
    """A field's value that is no payload: a name, a record, or some of them."""
    if isinstance(value, str):
        return redactor.name(value) if names else value
    if isinstance(value, Record):
        return _walk(value, redactor, names=names)
    return _each(value, redactor, names) if isinstance(value, Sequence) else value


def _each(values: Sequence[Any], redactor: Redactor, names: bool) -> Sequence[Any]:
    """Some values, late ones too; what stays as it is needs no copy."""
    if names and len(values) >= MANY and not redactor.extras and asked(values, all_plain):
        return values
    items = made(values)
    new = tuple(_named(item, redactor, names) for item in items)
    return values if all(map(is_, items, new)) else new


def _special(record: Record, redactor: Redactor) -> dict[str, Any]:
    """What a record's type says about its fields beyond their declaration."""
    changes: dict[str, Any] = {}
    if isinstance(record, Parameter):
        changes["examples"] = tuple(dict.fromkeys(_below(record, text, redactor) for text in record.examples))
    if isinstance(record, Divergence | DivergenceRecord):
        parts = (record.path or "").replace("~1", "/").replace("~0", "~").split("/")
        changes = {side: _under_any(parts, getattr(record, side), redactor) for side in ("left", "right")}
    for field in SECRET_FIELDS & vars(record).keys():
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
