"""The server: textual-serve behind a guard, with a page of our own that loads nothing from elsewhere.

Each browser tab gets a process of its own that runs `assay review`; closing the tab ends it.
"""

from __future__ import annotations

import logging
import socket
from pathlib import Path

import aiohttp_jinja2
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from textual_serve.server import Server

from core.model.errors import InputError
from tui.web.guard import Guard, Refusal, bracketed

MOST_SESSIONS = 16
"""Browser tabs at the same time; each one is a process that reads all runs."""
PAGE = Path(__file__).parent / "page"
"""The page, and below it what the page loads besides textual-serve's own files."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
"""What every answer carries: nothing from elsewhere, in no frame, kept nowhere."""


class ReviewServer(Server):
    """Serves the screens of one traces folder."""

    def __init__(self, command: str, listening: socket.socket, guard: Guard, title: str) -> None:
        host, port = listening.getsockname()[:2]
        super().__init__(command, host=host, port=port, title=title, templates_path=PAGE)
        self.listening, self.guard = listening, guard
        self._cookie = f"assay_{port}"
        self._sessions = 0

    async def on_startup(self, app: web.Application) -> None:
        """Whoever started the server says where it is; textual-serve's banner is of no use."""

    def run(self) -> None:
        """Serve until interrupted."""
        # The log of requests would hold the token.
        logging.basicConfig(level=logging.WARNING, format="assay serve: %(message)s")
        web.run_app(self._make_app(), sock=self.listening, access_log=None, print=None)

    async def _make_app(self) -> web.Application:
        app = await super()._make_app()
        app.router.add_static("/page", PAGE / "static")
        app.middlewares.append(self._guarded())
        return app

    def _guarded(self) -> Middleware:
        @web.middleware
        async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
            answer = self._entry(request) or await self._served(request, handler)
            if not answer.prepared:
                answer.headers.update(HEADERS)
            return answer

        return guarded

    def _entry(self, request: web.Request) -> web.Response | None:
        """What to answer instead of the page; None when the request may go on."""
        if refused := self.guard.address(request.headers):
            return _told(refused)
        offered = request.query.get("token")
        kept = request.cookies.get(self._cookie)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if refused := self.guard.shown(offered) if offered else self.guard.shown(kept, bearer):
            return _told(refused)
        if not offered or request.path != "/":
            return None
        # The token goes into a cookie, so that it stands in no address that is shown, kept or passed on.
        answer = web.Response(status=303, headers={"Location": "/"})
        if self.guard.token:
            answer.set_cookie(self._cookie, self.guard.token, httponly=True, samesite="Strict", path="/")
        return answer

    async def _served(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != "/ws":
            try:
                return await handler(request)
            except web.HTTPException as error:
                return _told(Refusal(error.status, error.reason))
        if self._sessions >= MOST_SESSIONS:
            return _told(Refusal(503, f"{MOST_SESSIONS} reviews are open already; close one."))
        self._sessions += 1
        try:
            return await handler(request)
        finally:
            self._sessions -= 1

    @aiohttp_jinja2.template("app_index.html")
    async def handle_index(self, request: web.Request) -> dict[str, object]:
        """The page: everything it needs comes from the address under which it was asked for."""
        return {"title": self.title, "socket": f"{self.guard.scheme(request.host)}://{request.host}/ws"}


def _told(refused: Refusal) -> web.Response:
    return web.Response(status=refused.status, text=refused.text + "\n")


def listen(host: str, port: int) -> socket.socket:
    """A socket that takes connections; port 0 takes a free one. Raises InputError when the address cannot be had."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(f"{host} is no address of this machine: {error.strerror or error}") from None
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind(address)
        made.listen(128)
    except OSError as error:
        made.close()
        where = f"{bracketed(host)}:{port}"
        raise InputError(f"cannot listen at {where}: {error.strerror}; choose another --port or --host") from None
    return made
