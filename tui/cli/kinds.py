"""Kinds of arguments that click itself does not have."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click


class _Text(click.ParamType):  # type: ignore[type-arg] # generic only in newer clicks
    """Text that can be written: an argument's bytes have to be UTF-8."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            self.fail("not UTF-8 text", param, ctx)
        return text


class _Number(click.ParamType):  # type: ignore[type-arg] # generic only in newer clicks
    """A finite number."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number", param, ctx)
        return number


TEXT, NUMBER = _Text(), _Number()
PATH, PLACE = click.Path(readable=False), click.Path(path_type=Path, readable=False)
"""Paths, as text and as such; their bytes need not be UTF-8. What cannot be read is bad input, not wrong usage."""
