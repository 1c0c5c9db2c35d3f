"""The people whom a policy names: whose keys are trusted and who may approve (spec/review.md, Policy)."""

from __future__ import annotations

from collections.abc import Iterator

from core.model.errors import InputError
from core.model.text import is_blank, quoted, trim, visible
from core.store.policy import ApproversPolicy, Policy
from core.store.signing.keys import PublicKey


def people_faults(policy: Policy) -> Iterator[tuple[str, str]]:
    """What is wrong with a policy: the key and a sentence that begins with it."""
    if policy.author is not None and (told := _name_fault(policy.author)):
        yield "author", f"author: {told}"
    yield from _key_faults(policy)
    for risk in ApproversPolicy.model_fields:
        names: tuple[str, ...] | None = getattr(policy.approvers, risk)
        key = f"approvers.{risk}"
        if names is None:
            continue
        yield from ((key, f"{key}: {told}") for told in map(_name_fault, names) if told)
        if names and len(set(names)) < policy.approvals_required:
            told = f"{len(set(names))} can never give the {policy.approvals_required} of approvals_required"
            yield key, f"{key}: {told}; name more people or ask for fewer approvals"


def _key_faults(policy: Policy) -> Iterator[tuple[str, str]]:
    owners: dict[str, str] = {}
    for actor, texts in policy.trusted_keys.items():
        place = f"trusted_keys.{actor}"
        if told := _name_fault(actor):
            yield place, f"trusted_keys: {told}"
        for text in texts:
            try:
                key = PublicKey.parse(text)
            except InputError as error:
                yield place, f"trusted_keys: {error}"
                continue
            if owners.setdefault(key.keyid, actor) != actor:
                told = f"the key {key.keyid[:16]} is listed for {visible(owners[key.keyid])} and for {visible(actor)}"
                yield place, f"trusted_keys: {told}; one key is one person's"


def _name_fault(name: str) -> str:
    if is_blank(name) or visible(name) != name:
        return f"{visible(quoted(name))} cannot name a reviewer; give visible text on one line"
    if trim(name) != name:
        # Whoever decides is named without them, so this would be nobody.
        return f"{visible(quoted(name))} cannot name a reviewer; take out the blanks at its ends"
    return ""
