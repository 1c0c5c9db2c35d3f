"""Messages between processes: a letter, the length of the body in eight bytes, and the body."""

from __future__ import annotations

from typing import IO


def send(stream: IO[bytes], letter: bytes, body: bytes) -> None:
    """Send a message."""
    stream.write(letter + len(body).to_bytes(8, "little"))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> tuple[bytes, bytes] | None:
    """The next message; None when there is none, or not all of one."""
    head = stream.read(9)
    if len(head) < 9:
        return None
    length = int.from_bytes(head[1:], "little")
    body = stream.read(length)
    return (head[:1], body) if len(body) == length else None
