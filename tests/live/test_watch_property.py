"""Whatever happens to a folder, what a feed tells adds up to what reading the final content says."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from core.live.feed import Feed, read_all
from core.live.names import below
from tests.live.feeding import Consumer, FakeClock, run_text

MAX = 200
FILES = ["a.json", "b.json", "d/a.json", "d/e/a.json", "f.txt"]
FOLDERS = ["d", "d/e", "g"]
CONTENTS = [
    run_text("one").encode(),
    run_text("two").encode(),
    run_text("one").encode()[:20],
    b"",
    b"[]",
    b'{"actions": 1}',
    run_text("long", pad=300).encode(),
]

files = st.sampled_from(FILES)
folders = st.sampled_from(FOLDERS)
hinted = st.booleans()


class AnyHistory(RuleBasedStateMachine):
    """Writers, movers and removers at work, with hints that come or are lost."""

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp())
        self.folder = self.home / "traces"
        self.folder.mkdir()
        self.clock = FakeClock()
        self.feed = Feed(self.folder, MAX, clock=self.clock)
        self.got = Consumer()

    def teardown(self) -> None:
        for _ in range(30):
            self.look(seconds=0.5)
        final = read_all(self.folder, MAX)
        assert self.got.loaded == {unit: file.sha256 for unit, file in final.loaded.items()}
        assert self.got.problems == {unit: (p.state, p.rule) for unit, p in final.problems.items()}
        shutil.rmtree(self.home)

    def place(self, name: str) -> Path | None:
        """The path of a name when something can be made there."""
        path = self.folder / name
        if any(part.is_file() or part.is_symlink() for part in path.parents if below(str(part), str(self.folder))):
            return None
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def tell(self, hint: bool, *paths: Path) -> None:
        if hint:
            self.feed.hint(*(str(path.relative_to(self.folder)) for path in paths))

    @rule(name=files, content=st.sampled_from(CONTENTS), hint=hinted)
    def write(self, name: str, content: bytes, hint: bool) -> None:
        path = self.place(name)
        if path and not path.is_symlink() and not path.is_dir():
            path.write_bytes(content)
            os.utime(path, (self.clock.time(),) * 2)
            self.tell(hint, path)

    @rule(name=files, hint=hinted)
    def remove(self, name: str, hint: bool) -> None:
        path = self.folder / name
        if path.is_file() or path.is_symlink():
            path.unlink()
            self.tell(hint, path)

    @rule(name=files, to=files, hint=hinted)
    def rename(self, name: str, to: str, hint: bool) -> None:
        path, target = self.folder / name, self.place(to)
        if path.is_file() and target and not target.is_dir():
            path.replace(target)
            self.tell(hint, path, target)

    @rule(name=folders, to=folders, hint=hinted)
    def move_folder(self, name: str, to: str, hint: bool) -> None:
        path, target = self.folder / name, self.place(to)
        if path.is_dir() and target and not os.path.lexists(target) and not below(to, name):
            path.rename(target)
            self.tell(hint, path, target)

    @rule(name=folders, hint=hinted)
    def remove_folder(self, name: str, hint: bool) -> None:
        path = self.folder / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
            self.tell(hint, path)

    @rule(name=st.sampled_from(FILES + FOLDERS), to=st.sampled_from(["a.json", "..", "nowhere", "/tmp"]), hint=hinted)
    def link(self, name: str, to: str, hint: bool) -> None:
        path = self.place(name)
        if path and not os.path.lexists(path):
            path.symlink_to(to)
            self.tell(hint, path)

    @rule(moved=st.booleans())
    def replace_everything(self, moved: bool) -> None:
        if moved:
            shutil.rmtree(self.home / "old", ignore_errors=True)
            self.folder.rename(self.home / "old")
        else:
            shutil.rmtree(self.folder)
        self.look(seconds=0.1)
        self.folder.mkdir()

    @rule(name=st.sampled_from(FILES + FOLDERS))
    def mislead(self, name: str) -> None:
        self.feed.hint(name)

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.3, 1.0, 3.0]))
    def look(self, seconds: float) -> None:
        self.clock.forward(seconds)
        self.got.drain(self.feed)

    @invariant()
    def nothing_is_both_gone_and_in_use(self) -> None:
        settled = {unit for unit, (state, _) in self.got.problems.items() if state == "quarantined"}
        assert not settled & self.got.loaded.keys()


AnyHistory.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestAnyHistory = AnyHistory.TestCase
