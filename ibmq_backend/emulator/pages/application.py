"""The ASGI application of the pages."""

from __future__ import annotations

import re
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

from ibmq_backend.emulator.dialects import Dialects
from ibmq_backend.emulator.pages import connect, devices, job, jobs, overview, session
from ibmq_backend.emulator.pages.site import FOLDER, Page, PageError, PageRequest, Site
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.exchange import Exchanges

PAGES: Final[tuple[Page, ...]] = (
    *session.PAGES,
    *overview.PAGES,
    *devices.PAGES,
    *jobs.PAGES,
    *job.PAGES,
    *connect.PAGES,
)
"""All pages."""

HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": the Origin of forms would be "null" then.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Headers of every reply."""

_STATIC_PATH: Final = "/web/static"


def _show_no_page(_site: Site, request: PageRequest) -> Response:
    message = f"There is no page at {request.http.url.path}."
    raise PageError(404, "No such page", message)


def _show_no_action(_site: Site, request: PageRequest) -> Response:
    http = request.http
    message = f"The page at {http.url.path} does not accept {http.method}."
    raise PageError(405, "No such action", message)


_NO_PAGE: Final = Page("/web/{unknown}", _show_no_page)
_NO_ACTION: Final = Page("/web/{unknown}", _show_no_action)


class Pages:
    """The pages of one server, an ASGI application.

    Args:
        service: the state of the service.
        dialects: the dialects of the service.
        exchanges: answers the requests.
    """

    def __init__(self, service: ServiceState, dialects: Dialects, exchanges: Exchanges) -> None:
        site = Site(service, dialects, exchanges)

        no_page, no_action = map(site.handler, (_NO_PAGE, _NO_ACTION))

        async def show_no_page(http: HttpRequest, _error: Exception) -> Response:
            return await no_page(http)

        async def show_no_action(http: HttpRequest, _error: Exception) -> Response:
            return await no_action(http)

        self._site = site
        self._application = Starlette(
            routes=[
                Mount(_STATIC_PATH, StaticFiles(directory=FOLDER / "static")),
                *map(site.route, PAGES),
            ],
            exception_handlers={404: show_no_page, 405: show_no_action},
        )
        self._application.router.redirect_slashes = False

    @staticmethod
    def owns(path: str) -> bool:
        """Return whether a path belongs to the pages."""
        path = re.sub(r"/{2,}", "/", path)
        return path in ("/", "/web") or path.startswith("/web/")

    def forbidden(self, scope: Scope, message: str) -> Response:
        """Return the reply to a request with a foreign ``Host`` or ``Origin``."""
        reply = PageError(403, "Not accepted", message).respond(self._site, HttpRequest(scope))
        reply.headers.update(HEADERS)
        return reply

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        path = re.sub(r"/{2,}", "/", scope["path"]).rstrip("/") or "/"

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if path.startswith(f"{_STATIC_PATH}/") and message["status"] in (200, 304):
                    headers["Cache-Control"] = "no-cache"  # compared by ETag
            await send(message)

        scope = {**scope, "path": path, "raw_path": path.encode()}
        await self._application(scope, receive, send_with_headers)
