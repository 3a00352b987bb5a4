"""Middleware of all dialects: rejects foreign hosts, normalizes paths, adds headers."""

from __future__ import annotations

import re
import secrets
import time
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.wire.host_guard import HostGuard

if TYPE_CHECKING:
    from ibmq_backend.emulator.pages.application import Pages

RATE_LIMIT: Final = 50
_SLASHES: Final = re.compile("/{2,}")
_CONSTANT_HEADERS: Final = [
    (b"x-ratelimit-limit", str(RATE_LIMIT).encode()),
    (b"cache-control", b"no-store"),
]
_PREFIX: Final = "/api"
_POLICY_VIOLATION: Final = 1008


class Middleware:
    """ASGI middleware of one server.

    Args:
        application: the application.
        guard: rejects foreign hosts and origins.
        dialects: the dialects; the first one answers requests that belong to none.
        pages: the pages for people; None for none.
    """

    def __init__(
        self,
        application: ASGIApp,
        guard: HostGuard,
        dialects: Sequence[Dialect],
        pages: Pages | None = None,
    ) -> None:
        self._application = application
        self._guard = guard
        self._dialects = dialects
        self._pages = pages
        self._second = 0
        self._counts: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        error = self._guard.find_error(HTTPConnection(scope))
        pages = self._pages
        if pages is not None and scope["type"] == "http" and pages.owns(scope["path"]):
            shown = pages if error is None else pages.forbidden(scope, error)
            await shown(scope, receive, send)
            return
        if error is not None:
            await self._forbidden(scope, error)(scope, receive, send)
            return
        path = _SLASHES.sub("/", scope["path"])
        region_prefix = ""
        for dialect in self._dialects:
            own, path = dialect.split_prefix(path)
            region_prefix += own
        prefix = _PREFIX if path == _PREFIX or path.startswith(f"{_PREFIX}/") else ""
        path = path.removeprefix(prefix)
        if scope["type"] == "http":
            page = next(filter(None, (one.web_page(path) for one in self._dialects)), None)
            if page is not None:
                await page(scope, receive, send)
                return
        path = path.rstrip("/") or "/"
        scope = {
            **scope,
            "path": path,
            "raw_path": path.encode(),
            "ibmq.prefix": f"{region_prefix}{prefix}",
        }
        if scope["type"] == "websocket":
            await self._application(scope, receive, send)
            return
        added = self._headers(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = list(message["headers"])
                names = {name for name, _ in headers}
                message["headers"] = headers + [one for one in added if one[0] not in names]
            await send(message)

        await self._application(scope, receive, send_with_headers)

    def _forbidden(self, scope: Scope, message: str) -> ASGIApp:
        if scope["type"] == "websocket":
            return WebSocketClose(_POLICY_VIOLATION, message)
        return find_owner(scope["path"].removeprefix(_PREFIX), self._dialects).forbidden(message)

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        now = int(time.time())
        if now != self._second:
            self._second, self._counts = now, Counter()
        client = (scope.get("client") or ("",))[0]
        self._counts[client] += 1
        left, trace = max(0, RATE_LIMIT - self._counts[client]), secrets.token_hex(24)
        return [
            *_CONSTANT_HEADERS,
            (b"uber-trace-id", f"{trace[:32]}:{trace[32:]}:0:1".encode()),
            (b"x-ratelimit-remaining", str(left).encode()),
            (b"x-ratelimit-reset", str(now + 1).encode()),
        ]


def find_owner(path: str, dialects: Sequence[Dialect]) -> Dialect:
    """Return the dialect of a path; the first dialect if the path belongs to none."""
    return next((one for one in dialects if one.owns(path)), dialects[0])
