"""What the screen shows, as an SVG that loads nothing and runs nothing, and as pixels."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from core.model.errors import InputError

FONTS = ("DejaVuSansMono", "JetBrainsMono-Regular", "FiraCode-Regular", "LiberationMono-Regular", "Menlo", "Monaco")
"""Font files by preference; the first has all the signs."""
FAMILIES = ("DejaVu Sans Mono", "JetBrains Mono", "Fira Code", "Liberation Mono", "Menlo", "Monaco")
"""Their families, in the same order."""
FONT_FOLDERS = tuple(
    Path(os.path.expanduser(folder))  # noqa: PTH111 - which is no error for who has no home folder
    for folder in (
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "~/.local/share/fonts",
        "~/.fonts",
        "~/Library/Fonts",
        "/Library/Fonts",
        "/System/Library/Fonts",
    )
)
NO_FONT = (
    "no monospace font was found, so no PNG can be drawn; install one (Debian, Ubuntu: apt install fonts-dejavu-core; "
    "macOS: brew install font-fira-code), or name a folder of fonts with --fonts DIR"
)
NO_LIBRARY = "PNG needs resvg-py: pip install 'assay[picture]'; or give a name that ends in .svg"
_REMOTE_FONT = re.compile(r',\s*url\("[^"]*"\)\s*format\("[^"]*"\)')
# Characters that XML 1.0 does not know; the rest of what is hostile was spelled out on its way to the screen.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(svg: str) -> str:
    """An SVG that fetches no fonts and that every XML parser reads."""
    return _NOT_XML.sub("\ufffd", _REMOTE_FONT.sub("", svg))


def best_font(folders: Iterable[Path]) -> str | None:
    """The family of the best monospace font in some folders."""
    found = {path.stem for folder in folders for path in folder.rglob("*.tt[fc]")}
    return next((family for file, family in zip(FONTS, FAMILIES, strict=True) if file in found), None)


def png(svg: str, fonts: Path | None = None) -> bytes:
    """An SVG as pixels. Raises InputError when the library or a monospace font is missing, which it names."""
    try:
        import resvg_py
    except ImportError:
        raise InputError(NO_LIBRARY) from None
    if fonts is not None and not os.path.isdir(fonts):  # noqa: PTH112
        raise InputError(f"{fonts} is no folder that can be looked into; name one that holds fonts")
    family = best_font([fonts] if fonts else FONT_FOLDERS)
    if family is None:
        raise InputError(NO_FONT)
    folders = [str(fonts)] if fonts else None
    text = svg.replace("Fira Code", family)
    return bytes(resvg_py.svg_to_bytes(svg_string=text, font_dirs=folders, monospace_family=family))
