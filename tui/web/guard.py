"""Who may come in: only browsers that mean this address, and only with the token where one is asked for.

A page of another site can make a reviewer's browser connect to this machine. What stops it: the `Host` has to be one
of ours (a name that was pointed at this machine is not), the `Origin` of a request has to be our own page, and the
token, where one is asked for, is in no page but ours.
"""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

LEAST_TOKEN = 16
"""Characters that a token of one's own has at least."""
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is not answered."""

    status: int
    """The HTTP status."""
    text: str


@dataclass(frozen=True, slots=True)
class Guard:
    """What is let in."""

    origins: frozenset[str]
    """The origins of our own page, such as `http://127.0.0.1:8000`."""
    token: str = ""
    """What has to be shown; empty when anybody on this machine may look."""

    @property
    def hosts(self) -> frozenset[str]:
        """What the `Host` header may be."""
        return frozenset(origin.partition("://")[2] for origin in self.origins)

    def address(self, headers: Mapping[str, str]) -> Refusal | None:
        """Why the address or the page that a request comes from is not ours; None when it is."""
        if headers.get("Host", "").lower() not in self.hosts:
            return Refusal(421, "This review is not served under that name.")
        origin = headers.get("Origin")
        if origin is not None and origin.lower() not in self.origins:
            return Refusal(403, "Pages of other sites may not connect to this review.")
        return None

    def shown(self, *offered: str | None) -> Refusal | None:
        """Why what was offered as a token does not do; None when one of them does or none is needed."""
        given = [item for item in offered if item]
        if not self.token:
            return None
        if any(secrets.compare_digest(_bytes(item), _bytes(self.token)) for item in given):
            return None
        if given:
            return Refusal(403, "That is not the token of this review.")
        return Refusal(401, "This review asks for its token: open the address that `assay serve` printed.")

    def scheme(self, host: str) -> str:
        """How the web socket is reached by a page under a host: `wss` behind HTTPS, else `ws`."""
        return "wss" if f"https://{host.lower()}" in self.origins else "ws"


def own_origins(host: str, port: int, more: tuple[str, ...] = ()) -> frozenset[str]:
    """The origins of a page that is served at a host and port, and those that a proxy gives it."""
    names = [bracketed(host), *(LOOPBACK if is_loopback(host) or is_any(host) else ())]
    origins = {f"http://{name}:{port}" for name in names}
    if port == 80:
        origins |= {f"http://{name}" for name in names}
    return frozenset(origin.lower() for origin in (*origins, *(given.rstrip("/") for given in more)))


def bracketed(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches a host."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_any(host: str) -> bool:
    """Whether a host stands for all addresses of this machine."""
    try:
        return ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
