"""Long tuples whose elements are made when somebody looks at them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar, overload

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Late(Sequence[Item], Generic[Item]):
    """Stands for a tuple of known length; elements are made anew at each look and are equal each time."""

    __slots__ = ("_answers", "_count", "_held", "_make", "_make_all")

    def __init__(
        self, count: int, make: Callable[[int], Item], make_all: Callable[[], Iterable[Item]] | None = None
    ) -> None:
        """`make_all` makes all elements, where that is quicker than one by one."""
        self._count, self._make, self._make_all = count, make, make_all
        self._held: tuple[Item, ...] | None = None
        self._answers: dict[Callable[..., Any], Any] = {}

    def all(self) -> tuple[Item, ...]:
        """All elements, made at once."""
        if self._held is not None:
            return self._held
        return tuple(map(self._make, range(self._count)) if self._make_all is None else self._make_all())

    def hold(self) -> None:
        """Keep all elements from now on, for one who looks at them again and again."""
        self._held = self.all()

    def let_go(self) -> None:
        """Keep no elements any more."""
        self._held, self._answers = None, {}

    def ask(self, question: Callable[[tuple[Item, ...]], Answer]) -> Answer:
        """What a pure function says of all elements; it is asked once while they are held."""
        if self._held is None:
            return question(self.all())
        if question not in self._answers:
            self._answers[question] = question(self._held)
        answer: Answer = self._answers[question]
        return answer

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Item]:
        held = self._held
        return map(self._make, range(self._count)) if held is None else iter(held)

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        if (held := self._held) is not None:
            return held[index]
        places = range(self._count)[index]
        return self._make(places) if isinstance(places, int) else tuple(map(self._make, places))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, Sequence) or isinstance(other, str | bytes):
            return NotImplemented
        return len(self) == len(other) and all(mine == theirs for mine, theirs in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash(self._count)

    def __repr__(self) -> str:
        return f"<{self._count} made late>"

    def wire(self) -> list[Any]:
        """As it is written (core.model.jsontext)."""
        # What is held is written several times.
        return list(self) if self._held is None else self.ask(_wired)


def _wired(items: Sequence[Any]) -> list[Any]:
    """Some elements as they are written, where they know it themselves."""
    return [item.wire() if hasattr(item, "wire") else item for item in items]


def made(items: Sequence[Item]) -> tuple[Item, ...]:
    """All elements, made at once where they are made late."""
    return items.all() if isinstance(items, Late) else tuple(items)


def asked(items: Sequence[Item], question: Callable[[Sequence[Item]], Answer]) -> Answer:
    """What a pure function says of some elements; of held ones it is asked once."""
    return items.ask(question) if isinstance(items, Late) else question(items)


class LateAll(Sequence[Item], Generic[Item]):
    """Stands for a tuple that is made as a whole at the first look, and kept."""

    def __init__(self, make: Callable[[], Sequence[Item]]) -> None:
        self._make = make

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        return tuple(self._make())

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    @overload
    def __getitem__(self, index: int) -> Item: ...

    @overload
    def __getitem__(self, index: slice) -> tuple[Item, ...]: ...

    def __getitem__(self, index: int | slice) -> Item | tuple[Item, ...]:
        return self._items[index]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if isinstance(other, LateAll):
            return self._items == other._items
        return self._items == tuple(other) if isinstance(other, Sequence) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return "<made late>"

    def wire(self) -> list[Any]:
        """As it is written (core.model.jsontext)."""
        return list(self._items)


class LateText:
    """Stands for a text that is made at the first look, and kept."""

    def __init__(self, make: Callable[[], str], key: bytes | None = None) -> None:
        """`key` tells the text from others without making it: equal keys stand for equal texts."""
        self._make = make
        self.key = key

    @cached_property
    def _text(self) -> str:
        return self._make()

    def __str__(self) -> str:
        return self._text

    def __eq__(self, other: object) -> bool:
        if self is other or (self.key is not None and isinstance(other, LateText) and self.key == other.key):
            return True
        return isinstance(other, str | LateText) and self._text == str(other)

    def __hash__(self) -> int:
        return hash(self._text)

    def __repr__(self) -> str:
        return "<text made late>"
