"""What happens when the program itself fails: a short message, and a report file that holds no values from traces."""

from __future__ import annotations

import platform
import sys
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.model.errors import AssayError
from core.model.text import visible
from core.store.files import write_file


def report(error: BaseException) -> str:
    """Where it failed, frame by frame, without local variables; and only the kind of the error.

    The error's message may quote a trace (`KeyError: 'sk-…'`), so it is left out.
    """
    from importlib.metadata import version  # which takes longer to import than most of the program

    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    told = [
        f"assay {version('assay')}, Python {platform.python_version()}, {platform.platform()}",
        f"textual {version('textual')}, terminal {sys.platform}",
        "",
    ]
    for item in reversed(chain):
        told.append(type(item).__qualname__)
        told += [
            f"  {frame.filename}, line {frame.lineno}, in {frame.name}\n    {frame.line}"
            for frame in traceback.extract_tb(item.__traceback__)
        ]
    return visible("\n".join(told), lines=True) + "\n"


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of the program that was reported."""

    id: str
    """What tells it apart, also the end of the report's name."""
    kind: str
    """The kind of the error, without its message."""
    path: Path | None
    """The report; None when it could not be written."""
    trouble: str = ""
    """Why it could not be."""
    text: str = ""
    """The report itself."""


def written(error: BaseException, folder: Path, *, at: datetime | None = None) -> Fault:
    """Write the report."""
    name = f"{at or datetime.now(UTC):%Y%m%d-%H%M%S-%f}"
    path, text, kind = folder / f"crash-{name}.txt", report(error), type(error).__qualname__
    try:
        write_file(path, text.encode(), mode=0o600)
    except (OSError, AssayError) as trouble:
        return Fault(name, kind, None, str(trouble), text)
    return Fault(name, kind, path, "", text)


def record(error: BaseException, folder: Path, *, at: datetime | None = None) -> str:
    """Write the report and say in a few lines what happened and where it is."""
    fault = written(error, folder, at=at)
    head = f"assay: a fault of the program itself ({fault.kind}); every recorded decision is safe."
    if fault.path is None:
        return f"{head}\nThe report could not be written: {visible(fault.trouble)}\n\n{fault.text}"
    return f"{head}\nA report without any data from your runs is in {visible(str(fault.path))}"
