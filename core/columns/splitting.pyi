from collections.abc import Callable

from core.columns.facts import Actions

class Splitter:
    def __init__(
        self,
        head_of: Callable[[bytes], tuple[bytes, bytes, bool, bool, int]],
        effects_of: Callable[[bytes], bytes],
        canonical: Callable[[bytes], bytes],
        text_of: Callable[[bytes], str],
        id_of: Callable[[bytes, int], bytes],
    ) -> None: ...
    def split(self, data: bytes) -> tuple[Actions, str, list[str | None] | None, bytes]: ...
