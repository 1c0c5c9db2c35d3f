"""Disks for tests: one that fails or dies at a chosen effect, and one from which every power loss can be worked out."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from core.store.disk import Disk

EFFECTS = (
    "write",
    "append",
    "truncate",
    "rename",
    "mkdir",
    "remove",
    "remove_folder",
    "flush_file",
    "flush_folder",
)


class Crash(BaseException):
    """The process died here; nothing of it runs on."""


class CountingDisk(Disk):
    """The real disk; `effects` lists what was asked of it."""

    def __init__(self) -> None:
        self.effects: list[tuple[str, tuple[Any, ...]]] = []

    def before(self, effect: str, args: tuple[Any, ...]) -> None:
        self.effects.append((effect, args))

    def flush_together(self, files: Iterable[Path], folders: Iterable[Path] = ()) -> None:
        """One after the other, so that every flush has its number."""
        for path in files:
            self.flush_file(path)
        for path in folders:
            self.flush_folder(path)


class FailingDisk(CountingDisk):
    """The real disk until effect number `at` (from 0), which fails: with `error` once, or else by dying for good.

    `half` lets the failing write or append leave half of its bytes.
    """

    def __init__(self, at: int, *, error: int | None = None, half: bool = False) -> None:
        super().__init__()
        self.at, self.error, self.half = at, error, half

    def before(self, effect: str, args: tuple[Any, ...]) -> None:
        number = len(self.effects)
        super().before(effect, args)
        if number < self.at or (self.error is not None and number > self.at):
            return
        if number == self.at and self.half and effect in ("write", "append"):
            path, data, *rest = args
            getattr(Disk, effect)(self, path, data[: len(data) // 2], *rest)
        if self.error is None:
            raise Crash
        raise OSError(self.error, os.strerror(self.error))


class InterruptedDisk(CountingDisk):
    """The real disk, with Ctrl+C before effect number `at` (from 0)."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at = at

    def before(self, effect: str, args: tuple[Any, ...]) -> None:
        super().before(effect, args)
        if len(self.effects) == self.at + 1:
            raise KeyboardInterrupt


def _through(effect: str) -> Any:
    def method(self: CountingDisk, *args: Any) -> None:
        self.before(effect, args)
        # A flush changes nothing that these tests could see, and takes its time.
        if not effect.startswith("flush"):
            getattr(Disk, effect)(self, *args)

    return method


for _effect in EFFECTS:
    setattr(CountingDisk, _effect, _through(_effect))


def failures(count: int) -> Iterator[FailingDisk]:
    """Every way in which one of `count` effects can fail."""
    for at in range(count):
        for error, half in product((errno.ENOSPC, errno.EIO, None), (False, True)):
            yield FailingDisk(at, error=error, half=half)


@dataclass
class _Node:
    """A file with its bytes or a folder with its entries: as they are, and as they were flushed."""

    is_folder: bool
    now: Any
    safe: Any = None


@dataclass
class PowerLoss:
    """Works out what may be on disk when the power fails after each of some effects.

    What was flushed is there. What was not may be there or not: names and bytes apart from each other, and of bytes
    also only the first half. `initial` are the files at the beginning, and `folders` those without any; all safe.
    """

    root: Path
    initial: dict[str, bytes] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    def states(self, effects: list[tuple[str, tuple[Any, ...]]]) -> Iterator[tuple[int, dict[str, bytes]]]:
        """Every state, with the number of effects that had been asked for."""
        for count in range(len(effects) + 1):
            tree = self._begin()
            for effect, args in effects[:count]:
                self._apply(tree, effect, args)
            for names, data in product(("safe", "now"), ("safe", "half", "now")):
                yield count, dict(self._files(tree, names, data))

    def _begin(self) -> _Node:
        tree = _Node(True, {}, {})
        for name in self.folders:
            self._folder(tree, name.split("/"))
        for name, data in self.initial.items():
            *folders, last = name.split("/")
            node = self._folder(tree, folders)
            node.now[last] = node.safe[last] = _Node(False, data, data)
        return tree

    def _folder(self, tree: _Node, parts: list[str]) -> _Node:
        """A folder of the beginning, made with those above it."""
        for part in parts:
            child = tree.now.setdefault(part, _Node(True, {}, {}))
            tree.safe[part] = child
            tree = child
        return tree

    def _apply(self, tree: _Node, effect: str, args: tuple[Any, ...]) -> None:
        parent, name = self._find(tree, args[0])
        match effect:
            case "write":
                parent.now[name] = _Node(False, args[1], b"")
            case "append":
                node = parent.now.setdefault(name, _Node(False, b"", b""))
                node.now += args[1]
            case "truncate":
                parent.now[name].now = parent.now[name].now[: args[1]]
            case "mkdir":
                parent.now[name] = _Node(True, {}, {})
            case "rename":
                target, new = self._find(tree, args[1])
                target.now[new] = parent.now.pop(name)
            case "remove" | "remove_folder":
                del parent.now[name]
            case "flush_file":
                parent.now[name].safe = parent.now[name].now
            case "flush_folder":
                node = parent.now[name] if name else tree
                node.safe = dict(node.now)

    def _find(self, tree: _Node, path: Path) -> tuple[_Node, str]:
        parts = path.relative_to(self.root).parts
        node = tree
        for part in parts[:-1]:
            node = node.now[part]
        return node, parts[-1] if parts else ""

    def _files(self, node: _Node, names: str, data: str, at: str = "") -> Iterator[tuple[str, bytes]]:
        for name, child in getattr(node, names).items():
            if child.is_folder:
                yield from self._files(child, names, data, f"{at}{name}/")
            elif data == "half":
                longer, shorter = sorted((child.now, child.safe), key=len, reverse=True)
                yield f"{at}{name}", longer[: (len(longer) + len(shorter)) // 2]
            else:
                yield f"{at}{name}", getattr(child, data)


def put(root: Path, files: dict[str, bytes]) -> None:
    """Make files as they are in a state."""
    for name, data in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def names(folder: Path) -> list[str]:
    """What stands in a folder, hidden files too, in order."""
    return sorted(path.name for path in folder.iterdir())
