"""Sentences that must not be overlooked, each in as many lines as there is room for."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from tui.text import fitted
from tui.views.line import bullet


def notices(told: Sequence[tuple[Content, Content]], width: int, room: int) -> list[list[Content]]:
    """The lines of each sentence behind its sign: all within `room`, but at least one each.

    A sentence for which there is no room ends in an ellipsis.
    """
    made: list[list[Content]] = []
    for place, (sign, said) in enumerate(told):
        most = max(room - (len(told) - place - 1), 1)
        made.append(_within(sign, said, width, most))
        room -= len(made[-1])
    return made


def _within(sign: Content, said: Content, width: int, most: int) -> list[Content]:
    lines = [line.content for line in bullet(sign, said, width)]
    if len(lines) <= most:
        return lines
    rest = Content(" ").join([lines[most - 1], *(line[len(sign) :] for line in lines[most:])])
    return [*lines[: most - 1], fitted(rest, width)]
