"""Parts of the crashpack screen: the list of its files, and what stands above them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from textual.content import Content

from core.crashpack.minimise import Minimised
from core.crashpack.rederive import FIXTURES
from core.model.decision import Decision
from core.model.text import plural, visible
from tui import words
from tui.format import count, size
from tui.text import fitted, plain
from tui.views.pack import FileState, Pack, PackFile, grouped
from tui.views.pack_summary import Replay, minimised_words, vouched
from tui.widgets.lines import Lines

OVERVIEW, REPLAY, MINIMISED = "@overview", "@replay", "@minimised"
"""The keys of the lines that are no files."""
_HEAD = "#Crashpack"
_SIZE, _DIGEST = 8, 8

STATES: Mapping[FileState, tuple[str, str, str]] = {
    "intact": ("✓", "$text-success", "as files.sha256 records it"),
    "changed": ("✗", "$text-error bold", "not as it was recorded"),
    "missing": ("✗", "$text-error bold", "missing"),
    "unlisted": ("✗", "$text-error bold", "not part of what was recorded"),
    "unvouched": ("?", "$text-warning", "nothing vouches for it"),
}
"""How the state of a file is shown."""


class PackList(Lines):
    """Overview, replay and minimiser, then every file with its size, digest and whether it is intact."""

    def __init__(self, *, id: str) -> None:  # noqa: A002
        super().__init__(self._paint_row, id=id)
        self._files: dict[str, PackFile] = {}
        self._heads: dict[str, str] = {}
        self._replay = Replay()
        self._minimised: Minimised | None = None

    def show_pack(self, pack: Pack | None, replay: Replay, minimised: Minimised | None) -> None:
        """Show the files of a crashpack; the selected line stays."""
        self._replay, self._minimised = replay, minimised
        self._files, self._heads = {}, {_HEAD: "Crashpack"}
        keys = [_HEAD, OVERVIEW, REPLAY, MINIMISED]
        for title, names in grouped(pack).items() if pack else ():
            self._heads[f"#{title}"] = f"{title}  {count(len(names))}"
            keys.append(f"#{title}")
            for name in names:
                assert pack is not None
                self._files[f"f:{name}"] = pack.rows[name]
                keys.append(f"f:{name}")
        self.show(keys, self._heads.keys())

    @property
    def file(self) -> PackFile | None:
        """The selected file; None on the other lines."""
        return self._files.get(self.selected or "")

    def _paint_row(self, key: str, width: int) -> Content:
        if (head := self._heads.get(key)) is not None:
            return Content(head)
        if (file := self._files.get(key)) is not None:
            return self._file(file, width)
        if key == REPLAY:
            said, style = self._replay.said
            return Content.assemble("Replay  ", (said, style))
        if key == MINIMISED:
            done = f"{count(len(self._minimised.events))} events left" if self._minimised else "○ not minimised"
            return Content.assemble("Minimised events  ", (done, "$text-muted"))
        return Content("Overview and verdicts")

    @staticmethod
    def _file(file: PackFile, width: int) -> Content:
        sign, style, told = STATES[file.state]
        bytes_ = told if file.size is None else size(file.size)
        digest = file.digest[:_DIGEST]
        room = max(width - _SIZE - _DIGEST - 6, 8)
        return Content.assemble(
            (f"{sign} ", style),
            # The heading says that they are copies of runs; their ends tell them apart.
            fitted(plain(file.name.removeprefix(FIXTURES)), room),
            "  ",
            fitted(Content.styled(bytes_, "$text-muted" if file.size is not None else style), _SIZE, right=True),
            "  ",
            (digest, "$text-muted"),
        )


def head(file: PackFile | None, key: str, replay: Replay, minimised: Minimised | None, width: int) -> Content:
    """What is read below: its name, state, size and digest."""
    if file is not None:
        sign, style, told = STATES[file.state]
        problem = f": {file.problem}" if file.problem else ""
        bytes_ = "" if file.size is None else f"  {plural(file.size, 'byte')}"
        first = Content.assemble(
            plain(file.name, "bold"), "  ", (f"{sign} {told}", style), plain(problem, style), (bytes_, "$text-muted")
        )
        digest = Content.styled(f"sha256 {file.digest}" if file.digest else "", "$text-muted")
        return Content("\n").join([first, digest.truncate(width, ellipsis=True)]) if file.digest else first
    if key == REPLAY:
        said, style = replay.said
        return Content.assemble(("Replay", "bold"), "  ", (said, style))
    if key == MINIMISED:
        told = minimised_words(minimised) if minimised else "not minimised yet"
        return Content.assemble(("Minimised events", "bold"), "  ", (told, "$text-muted"))
    return Content.styled("Overview and verdicts", "bold")


def title(folder: Path, pack: Pack | None, decision: Decision | None, trouble: str, width: int) -> Content:
    """The crashpack's name, the decision it belongs to, and whether all of it is as it was left."""
    name = plain(folder.name, "bold")
    long = Content.assemble(("crashpack ", "$text-muted"), name)
    state = _state(pack, decision, trouble)
    short = Content.styled(state.plain.partition(",")[0], str(state.spans[0].style) if state.spans else "")
    kind = Content()
    by = Content()
    if decision is not None:
        sign = words.KIND[decision.kind]
        kind = Content.assemble("  ", (str(sign), sign.style), f" #{decision.seq}")
        by = kind + Content(f" by {visible(decision.actor)}")
    for left, right in ((long, state + by), (name, state + kind), (name, short + kind)):
        if left.cell_length + right.cell_length + 2 <= width:
            break
    return fitted(left, max(width - right.cell_length - 2, 12)) + "  " + right


def _state(pack: Pack | None, decision: Decision | None, trouble: str) -> Content:
    """Whether all of it is as it was left; what follows a comma can be left out."""
    if pack is None:
        return Content.styled("✗ cannot be read" if trouble else "reading …", "$text-error" if trouble else "")
    if pack.problems:
        return Content.styled(f"✗ {plural(len(pack.problems), 'problem')}", "$text-error bold")
    sign, style, _ = vouched(pack, decision)
    told = {"✓": "intact, as the journal records it", "!": "intact, but unknown to the journal"}
    return Content.styled(f"{sign} {told.get(sign, 'not what the journal records')}", style)
