"""The names of arguments: dotted paths in which `tags[]` is a list and `lines[].id` what its records have at a key."""

from __future__ import annotations


def is_list(name: str) -> bool:
    """Whether an argument is a list of values."""
    return name.endswith("[]")
