"""Kinds of arguments that click itself does not have."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from core.model.text import is_blank

NAMELESS = "an empty text names no file or folder; the current folder is ."


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


class _Said(_Text):
    """Text that says something: a variable that is not set gives none."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = super().convert(value, param, ctx)
        return self.fail("it is empty", param, ctx) if is_blank(text) else text


class _Name(_Text):
    """The path of something to write, which a report may quote."""

    name = "path"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return super().convert(value, param, ctx) or self.fail(NAMELESS, param, ctx)


class _Path(click.Path):
    """A path; its bytes need not be UTF-8. What cannot be read is bad input, not wrong usage."""

    def __init__(self, path_type: type | None = None) -> None:
        super().__init__(readable=False, path_type=path_type)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        # Not even a path that is nothing, as of a variable that is not set: it would be the current folder.
        return super().convert(value, param, ctx) if str(value) else self.fail(NAMELESS, param, ctx)


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


TEXT, SAID, NAME, NUMBER = _Text(), _Said(), _Name(), _Number()
PATH, PLACE = _Path(), _Path(Path)
"""Paths, as text and as such."""
