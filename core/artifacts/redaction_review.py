"""What was taken out of files that are to be handed on: where, by which rule, and a glimpse of what it was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.artifacts.redact import Redactor
from core.artifacts.redaction_rules import KEY_RULES
from core.model.candidate import Candidate
from core.model.jsontext import Json, JsonError, parse
from core.model.redaction_marks import PATTERN, UNNAMED
from core.model.text import visible
from core.model.trace import Trace

_BY_KEY = frozenset(rule.id for rule in KEY_RULES)
_PAYLOADS = frozenset({"inputs", "output", "observed_output", "parameters", "metadata", "constants", "expected_output"})
_SHOWN_FROM = 16


@dataclass(frozen=True, slots=True)
class Finding:
    """One place of one file from which something was taken."""

    rule: str
    """The id of the rule; `unnamed` where the mark does not say."""
    file: str
    place: str
    """The JSON pointer, or `line N` of a file that is no JSON."""
    preview: str
    """The secret, masked; empty when it is not at hand."""
    value: str | None = field(default=None, repr=False)
    """The secret itself where it is a text, for making an exception; never shown or written."""

    @property
    def key(self) -> str:
        """The key that made the value secret; empty when its form did."""
        return _unescaped(self.place.rpartition("/")[2]) if self.rule in _BY_KEY and "/" in self.place else ""

    @property
    def pointer(self) -> str:
        """The place as the policy's keep_pointers would name it, from the payload on; empty outside of payloads."""
        parts = self.place.split("/")
        found = [number for number, part in enumerate(parts) if part in _PAYLOADS]
        rest = parts[found[0] + 1 :] if found else []
        return "/" + "/".join(rest) if rest else ""


@dataclass(frozen=True, slots=True)
class Watching(Redactor):
    """A redactor that remembers what its marks stand for. Two are never equal: each remembers its own."""

    seen: dict[str, Json] = field(default_factory=dict, compare=False)
    """Secrets by their marks."""

    __eq__ = object.__eq__
    __hash__ = object.__hash__

    def mark(self, rule: str, secret: Json) -> str:
        """What replaces a secret, which is remembered by it."""
        made = Redactor.mark(self, rule, secret)
        if made != secret and self.key is not None:
            self.seen[made] = secret
        return made


def remembered(redactor: Redactor, candidate: Candidate | None, traces: Iterable[Trace]) -> Mapping[str, Json]:
    """The secrets of a candidate and its runs by the marks that they leave; none without a key."""
    watching = Watching(redactor.key, redactor.named, redactor.extras, redactor.keep)
    if candidate is not None:
        watching.everything(candidate)
    for trace in traces:
        watching.everything(trace)
    return watching.seen


def findings(files: Mapping[str, bytes], secrets: Mapping[str, Json]) -> tuple[Finding, ...]:
    """Every mark in some files, by rule, then file and place; `secrets` by their marks, as far as they are known."""
    found = [finding for name, data in files.items() if b"[redacted" in data for finding in _in(name, data, secrets)]
    return tuple(sorted(dict.fromkeys(found), key=lambda finding: (finding.rule, finding.file)))


def _in(name: str, data: bytes, secrets: Mapping[str, Json]) -> Iterable[Finding]:
    try:
        value = parse(data)
    except JsonError:
        for number, line in enumerate(data.decode(errors="replace").split("\n"), 1):
            yield from (_finding(name, f"line {number}", mark, secrets) for mark in _marks(line))
        return
    for place, text in _texts(value):
        yield from (_finding(name, place, mark, secrets) for mark in _marks(text))


def _texts(value: Json) -> Iterable[tuple[str, str]]:
    """Each place with a mark and the text that holds it, keys included."""
    if not isinstance(value, dict | list):
        if isinstance(value, str):
            yield "/", value
        return
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        part = "/" + str(key).replace("~", "~0").replace("/", "~1")
        if isinstance(key, str) and "[redacted" in key:
            yield part, key
        if isinstance(item, str):
            yield part, item
        else:
            yield from ((f"{part}{place}", text) for place, text in _texts(item))


def _marks(text: str) -> Iterable[str]:
    return (found[0] for found in PATTERN.finditer(text)) if "[redacted" in text else ()


def _finding(name: str, place: str, mark: str, secrets: Mapping[str, Json]) -> Finding:
    found = PATTERN.fullmatch(mark)
    rule = (found[1] if found else None) or UNNAMED
    if mark not in secrets:
        return Finding(rule, name, place, "")
    secret = secrets[mark]
    return Finding(rule, name, place, masked(secret), secret if isinstance(secret, str) else None)


def masked(secret: Json) -> str:
    """A glimpse of a secret that does not give it away: its beginning where it is long, and how long it is."""
    if not isinstance(secret, str):
        kinds = {dict: "an object", list: "a list", bool: "true or false", type(None): "null"}
        return kinds.get(type(secret), "a number")
    size = f"{len(secret)} character{'s' * (len(secret) != 1)}"
    return f"{visible(secret[:4])}… ({size})" if len(secret) >= _SHOWN_FROM else f"… ({size})"


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
