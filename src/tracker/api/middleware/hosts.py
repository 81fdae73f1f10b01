"""Names that the server answers to. Plain ASGI, for speed."""

from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Receive, Scope, Send

from tracker.api.clients import PROBE_PATHS
from tracker.api.problems import refuse
from tracker.settings import Settings

LOOPBACK_NAMES = ("localhost", "127.0.0.1", "[::1]")
ANY = "*"


class AllowedHosts:
    """Refuse requests to other names, so that no page of another site reads a server that only this machine reaches."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str]) -> None:
        self.app = app
        self._hosts = frozenset(host.lower() for host in hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and ANY not in self._hosts and scope["path"] not in PROBE_PATHS:
            host = next((value for name, value in scope["headers"] if name == b"host"), b"")
            name = host.decode("latin-1").lower()
            if name not in self._hosts and _without_port(name) not in self._hosts:
                detail = f"this server does not answer to {name[:200]!r}: the setting allowed_hosts lists its names"
                await refuse(scope, receive, send, HTTPStatus.MISDIRECTED_REQUEST, detail)
                return
        await self.app(scope, receive, send)


def allowed_hosts(settings: Settings) -> tuple[str, ...]:
    """The names that a server answers to: those of the settings, else those of loopback if it listens there only."""
    if settings.allowed_hosts:
        return settings.allowed_hosts
    if not listens_on_loopback(settings):
        return (ANY,)
    public = urlsplit(settings.public_url or "").netloc
    return (*LOOPBACK_NAMES, settings.host, *([public] if public else []))


def listens_on_loopback(settings: Settings) -> bool:
    """Whether only this machine reaches the server."""
    return settings.host in ("localhost", "::1") or settings.host.startswith("127.")


def _without_port(host: str) -> str:
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdigit() else host
