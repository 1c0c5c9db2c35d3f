from array import array
from collections.abc import Callable, Sequence

from core.columns.facts import Actions

class Splitter:
    def __init__(
        self,
        head_of: Callable[[bytes], tuple[bytes, bytes, bool, bool, int]],
        effects_of: Callable[[bytes], bytes],
        canonical: Callable[[bytes], bytes],
        text_of: Callable[[bytes], bytes],
        id_of: Callable[[bytes, int], bytes],
    ) -> None: ...
    def split(
        self, data: bytes, stays: bool = False
    ) -> tuple[
        Actions | None,
        tuple[int, int, int, int, array[float]],
        str,
        list[str | None] | None,
        tuple[str | None, str | None, str | None, bytes | None],
        bytes,
    ]: ...

class Table:
    def __len__(self) -> int: ...
    def of(self, text: bytes) -> int: ...
    def add(self, texts: bytes, ends: array[int], column: array[int]) -> None: ...
    def add_equal(self, texts: bytes | array[float], size: int, column: array[int]) -> None: ...
    def add_each(self, texts: Sequence[str | None], nothing: int, column: array[int]) -> None: ...
    def joined(self) -> bytes: ...
    def ends(self) -> bytes: ...
    def ordered(self) -> tuple[bytes, bytes, bytes]: ...

class Columns:
    words: Table
    digests: Table
    amounts: Table
    forms: dict[bytes, int]
    shapes: dict[bytes, int]
    form: array[int]
    shape: array[int]
    digest: array[int]
    usd: array[int]
    numbers: array[int]
    values: array[int]
    def add(self, actions: Actions) -> None: ...
    def take(self, split: Splitter) -> None: ...

def digest(text: bytes, length: int) -> bytes: ...
def add_all(column: array[int], numbers: tuple[int, ...]) -> None: ...
def letters_in(data: bytes) -> tuple[int, int, int, int]: ...
def taken(folder: int, name: str, most: int) -> tuple[tuple[int, int, int, int], bytes] | None: ...
