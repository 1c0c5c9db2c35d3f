"""`assay serve`: who is let in, and what a browser gets."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
import shutil
import sys
from unittest.mock import patch

import pytest
from click.testing import CliRunner

from core.model.errors import InputError
from tests.samples_source import SAMPLES
from tui.cli import serve as command
from tui.cli.main import main
from tui.web.guard import Guard, is_loopback, own_origins

aiohttp = pytest.importorskip("aiohttp")
pytest.importorskip("textual_serve")

from aiohttp import web  # noqa: E402
from textual_serve.app_service import AppService  # noqa: E402

from tui.web.server import ReviewServer, listen  # noqa: E402

TOKEN = "correct-horse-battery-staple"  # noqa: S105


class TestGuard:
    guard = Guard(own_origins("127.0.0.1", 8000))

    @pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "LOCALHOST:8000", "[::1]:8000"])
    def test_our_own_names_are_let_in(self, host):
        assert self.guard.address({"Host": host}) is None
        assert self.guard.address({"Host": host, "Origin": f"http://{host}"}) is None

    @pytest.mark.parametrize("host", ["evil.example:8000", "127.0.0.1", "127.0.0.1:9000", "", "127.0.0.1:8000.evil"])
    def test_a_name_that_was_pointed_here_is_not(self, host):
        assert self.guard.address({"Host": host}).status == 421

    def test_without_a_host_nothing_is_answered(self):
        assert self.guard.address({}).status == 421

    @pytest.mark.parametrize(
        "origin", ["http://evil.example", "null", "", "https://127.0.0.1:8000", "http://127.0.0.1"]
    )
    def test_pages_of_other_sites_are_not(self, origin):
        assert self.guard.address({"Host": "127.0.0.1:8000", "Origin": origin}).status == 403

    def test_a_proxys_address_is_added_and_spoken_to_over_tls(self):
        guard = Guard(own_origins("127.0.0.1", 8000, ("https://review.example/",)))
        assert guard.address({"Host": "review.example", "Origin": "https://review.example"}) is None
        assert (guard.scheme("review.example"), guard.scheme("127.0.0.1:8000")) == ("wss", "ws")

    def test_only_the_token_opens(self):
        guard = Guard(frozenset(), TOKEN)
        assert guard.shown(TOKEN) is None
        assert guard.shown(None, TOKEN) is None
        assert guard.shown(TOKEN + "x").status == 403
        assert guard.shown(TOKEN[:-1]).status == 403
        assert guard.shown("\udcff").status == 403
        assert guard.shown(None, "").status == 401
        assert Guard(frozenset()).shown("anything") is None

    def test_tokens_are_compared_in_constant_time(self, monkeypatch):
        seen = []
        monkeypatch.setattr("secrets.compare_digest", lambda a, b: seen.append((a, b)) or a == b)
        Guard(frozenset(), TOKEN).shown("wrong")
        assert seen == [(b"wrong", TOKEN.encode())]

    def test_loopback_is_only_this_machine(self):
        assert all(map(is_loopback, ("127.0.0.1", "127.9.9.9", "::1", "localhost")))
        assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.0.1", "example.com")))  # noqa: S104


class Serving:
    """A server on a free port, and its client."""

    def __init__(self, child: list[str], token: str = "") -> None:
        self.socket = listen("127.0.0.1", 0)
        self.port = self.socket.getsockname()[1]
        guard = Guard(own_origins("127.0.0.1", self.port), token)
        self.server = ReviewServer(shlex.join(child), self.socket, guard, "assay <traces>")

    async def __aenter__(self):
        opened, self.processes = AppService._open_app_process, []

        async def recorded(service, *size, **sizes):
            self.processes.append(await opened(service, *size, **sizes))
            return self.processes[-1]

        self.patch = patch.object(AppService, "_open_app_process", recorded)
        self.patch.start()
        self.runner = web.AppRunner(await self.server._make_app(), access_log=None)
        await self.runner.setup()
        await web.SockSite(self.runner, self.socket).start()
        self.client = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
        return self

    async def __aexit__(self, *_):
        await self.client.close()
        await self.runner.cleanup()
        self.patch.stop()
        for process in self.processes:
            # textual-serve does not wait for them, and what is left open is a warning, and so an error, of some test.
            await process.wait()
            process._transport.close()

    async def status(self, path="/", **headers):
        async with self.client.get(path, headers=headers, allow_redirects=False) as answer:
            return answer.status


NOTHING = [sys.executable, "-c", "import sys; print('__GANGLION__', flush=True); sys.stdin.buffer.read(1)"]


class TestServer:
    async def test_the_page_loads_nothing_from_elsewhere_and_stands_in_no_frame(self):
        async with Serving(NOTHING) as served, served.client.get("/") as answer:
            text = await answer.text()
            assert answer.status == 200
            assert "assay &lt;traces&gt;" in text
            assert f"ws://127.0.0.1:{served.port}/ws" in text
            assert "https://" not in text
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
            assert answer.headers["X-Frame-Options"] == "DENY"

    async def test_all_that_the_page_loads_is_there_keys_without_a_click_too(self):
        async with Serving(NOTHING) as served:
            async with served.client.get("/") as answer:
                loaded = re.findall(r'<(?:script src|link rel="stylesheet" href)="([^"]+)"', await answer.text())
            assert "/page/focus.js" in loaded
            for path in loaded:
                assert await served.status(path) == 200, path

    async def test_other_hosts_and_origins_get_nothing(self):
        async with Serving(NOTHING) as served:
            assert await served.status(Host="evil.example") == 421
            for path in ("/", "/ws", "/static/js/textual.js"):
                assert await served.status(path, Origin="http://evil.example") == 403
            assert await served.status("/nothing") == 404
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await served.client.ws_connect("/ws", headers={"Origin": "http://evil.example"})

    async def test_without_the_token_nothing_is_served(self):
        async with Serving(NOTHING, TOKEN) as served:
            for path in ("/", "/ws", "/static/js/textual.js", "/page/focus.js", "/download/x"):
                assert await served.status(path) == 401
                assert await served.status(f"{path}?token=wrong") == 403
                assert await served.status(path, Authorization="Bearer wrong") == 403
                assert await served.status(path, Cookie=f"assay_{served.port}=wrong") == 403
            with pytest.raises(aiohttp.WSServerHandshakeError):
                await served.client.ws_connect("/ws")

    async def test_the_token_moves_from_the_address_into_a_cookie(self):
        async with Serving(NOTHING, TOKEN) as served:
            async with served.client.get(f"/?token={TOKEN}", allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Location"]) == (303, "/")
                cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
            assert await served.status(Cookie=cookie.partition(";")[0]) == 200
            assert await served.status("/", Authorization=f"Bearer {TOKEN}") == 200

    async def test_so_many_tabs_and_no_more(self, monkeypatch):
        monkeypatch.setattr("tui.web.server.MOST_SESSIONS", 1)
        async with Serving(NOTHING) as served:
            first = await served.client.ws_connect("/ws")
            assert await served.status("/ws") == 503
            await first.close()


@pytest.fixture
def traces(tmp_path):
    folder = tmp_path / "traces"
    shutil.copytree(SAMPLES / "triage", folder)
    return folder


async def seen(socket, wanted: str) -> str:
    """What came from the screen until some words were in it."""
    text = ""
    async with asyncio.timeout(60):
        while wanted not in text:
            message = await socket.receive()
            assert message.type == aiohttp.WSMsgType.BINARY, message
            text += message.data.decode(errors="replace")
    return text


async def test_a_browser_reads_everything_and_decides_nothing(traces, tmp_path):
    """The real child process, driven as a browser drives it."""
    from core.session import Session

    with Session.open(traces, actor="ana", mode="exact") as session:
        child = command.child(session, read_only=True)
        workspace = session.workspace
    async with Serving(child) as served, served.client.ws_connect("/ws?width=120&height=40") as socket:
        assert "nobody (read-only)" in await seen(socket, "needs approval")
        await socket.send_str(json.dumps(["stdin", "a"]))
        await seen(socket, "This cannot be recorded now")
        await socket.send_str(json.dumps(["stdin", "\x13"]))
        await socket.send_str(json.dumps(["stdin", "\x11"]))
        async with asyncio.timeout(60):
            while (await socket.receive()).type == aiohttp.WSMsgType.BINARY:
                pass
    assert not (workspace / "crashpacks").exists() or not list((workspace / "crashpacks").iterdir())


class TestCommand:
    def test_tokens_are_made_up_where_they_are_needed(self):
        assert command.checked(None, (), needed=False) == ""
        made = command.checked(None, (), needed=True)
        assert len(made) >= 40
        assert made != command.checked(None, (), needed=True)
        assert command.checked(TOKEN, (), needed=False) == TOKEN

    @pytest.mark.parametrize("arguments", [["--token", "short"], ["--token", "with spaces and so on"]])
    def test_weak_tokens_are_usage_errors(self, traces, arguments):
        assert CliRunner().invoke(main, ["serve", str(traces), *arguments]).exit_code == 2

    @pytest.mark.parametrize("origin", ["review.example", "https://*", "ftp://x", "https://a/b"])
    def test_origins_are_whole_addresses(self, traces, origin):
        assert CliRunner().invoke(main, ["serve", str(traces), "--allow-origin", origin]).exit_code == 2

    def test_without_the_library_it_says_what_to_install(self, traces, monkeypatch):
        monkeypatch.setitem(sys.modules, "tui.web.server", None)
        done = CliRunner().invoke(main, ["serve", str(traces)])
        assert isinstance(done.exception, InputError)
        assert "assay[serve]" in str(done.exception)

    def test_a_taken_port_is_named(self):
        with listen("127.0.0.1", 0) as taken, pytest.raises(InputError, match="choose another --port"):
            listen("127.0.0.1", taken.getsockname()[1])

    def test_an_address_of_another_machine_is_named(self):
        with pytest.raises(InputError, match="cannot listen at"):
            listen("192.0.2.1", 0)

    def test_the_child_is_read_only_unless_told(self, traces):
        from core.session import Session

        with Session.open(traces, actor="ana") as session:
            assert "--read-only" in command.child(session, read_only=True)
            assert "--read-only" not in command.child(session, read_only=False)
