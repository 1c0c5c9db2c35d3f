"""Files over HTTP from this machine, some of which come only when they are let go."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class Server(ThreadingHTTPServer):
    """Serves a folder; a file whose request is the one to be held does not come before `go`."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        self.held, self.go = threading.Event(), threading.Event()
        self.hold = ""
        """The end of the path of what is held."""
        self.after = 0
        """How many requests of it come at once."""
        self.asked: list[str] = []
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(folder)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Who was killed takes no answer."""


class Handler(SimpleHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.hold and self.path.endswith(self.server.hold):
            self.server.after -= 1
            if self.server.after < 0:
                self.server.held.set()
                self.server.go.wait()
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def serving(folder: Path) -> Iterator[Server]:
    with Server(folder) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.go.set()
            server.shutdown()
            thread.join()
