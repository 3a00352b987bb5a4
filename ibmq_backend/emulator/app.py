"""The service over HTTP: an ASGI application made from the route table.

What holds for every operation is here: paths, login, limits, error envelopes, headers.
"""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import anyio
import anyio.to_thread
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route as HttpRoute
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibmq_backend.emulator import errors
from ibmq_backend.emulator._routes import ROUTES, Route
from ibmq_backend.emulator.accounts import Account
from ibmq_backend.emulator.errors import ServiceError
from ibmq_backend.emulator.fault_layer import FaultLayer, route_operations
from ibmq_backend.emulator.fault_plan import FaultPlan
from ibmq_backend.emulator.handlers import HANDLERS, NOT_EMULATED
from ibmq_backend.emulator.http_input import access_token, base_url, read_body
from ibmq_backend.emulator.platform.binding import (
    is_platform_path,
    is_web_page,
    platform_routes,
    split_region,
    unknown_path,
    web_page,
)
from ibmq_backend.emulator.requests import Handler, Reply, Request
from ibmq_backend.emulator.store import POOL_SIZE
from ibmq_backend.emulator.stream import StatusStream
from ibmq_backend.emulator.world import World

_log: Final = logging.getLogger(__name__)

DIALECT: Final = "classic"
MAX_BODY_BYTES: Final = 1_000_000
RATE_LIMIT: Final = 50
_PREFIX: Final = "/api"
_STORAGE: Final = "/storage/"


def create_app(world: World, faults: FaultPlan | None = None) -> ASGIApp:
    """Make the application of a service.

    Args:
        world: The service.
        faults: What shall go wrong; needs a server that is made for it (:class:`Server`).

    Raises:
        EmulatorError: The handlers do not cover the route table exactly.
    """
    routes = [route for route in ROUTES if route.dialect == DIALECT]
    check_coverage(routes)
    limiter = anyio.CapacityLimiter(POOL_SIZE)
    streams = StatusStream(world, limiter)
    classic = [
        HttpRoute(
            route.path,
            _endpoint(world, route, HANDLERS.get(route.operation_id), limiter),
            methods=[route.method],
            name=route.operation_id,
        )
        for route in sorted(routes, key=_specificity)
    ]
    platform = platform_routes(world, limiter)
    application = Starlette(
        routes=[*classic, *platform, WebSocketRoute("/jobs/{job_id}/status/v/1", streams.serve)],
        exception_handlers={404: _unknown, 405: _unknown},
    )
    application.router.redirect_slashes = False
    if faults is None:
        return _Front(application)
    world.announced_as = "ibmq_backend with scripted faults"
    return _Front(
        FaultLayer(application, faults, world, route_operations(classic, platform), limiter)
    )


def check_coverage(routes: list[Route]) -> None:
    """Check that handlers and exceptions make up the route table.

    Raises:
        EmulatorError: They do not.
    """
    described = {route.operation_id for route in routes}
    offered = set(HANDLERS) | NOT_EMULATED
    if described != offered or set(HANDLERS) & NOT_EMULATED:
        raise errors.EmulatorError(
            f"without handler: {sorted(described - offered)}; "
            f"not described: {sorted(offered - described)}; "
            f"both: {sorted(set(HANDLERS) & NOT_EMULATED)}"
        )


def _specificity(route: Route) -> list[bool]:
    """Sorts fixed path segments before parameters, from the left."""
    return [segment.startswith("{") for segment in route.path.split("/")]


def _endpoint(
    world: World, route: Route, handler: Handler | None, limiter: anyio.CapacityLimiter
) -> Callable[[HttpRequest], Any]:
    storing = route.path.startswith(_STORAGE)
    largest = world.settings.max_job_bytes if storing else MAX_BODY_BYTES

    def work(http: HttpRequest, body: bytes) -> Reply:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        account: Account | None = None
        if route.authenticated:
            account = world.accounts.authenticate(access_token(http))
        return handler(world, _request(route, http, body, account))

    async def endpoint(http: HttpRequest) -> Response:
        try:
            body = await read_body(http, largest)
            if body is None:
                raise errors.too_large(largest)
            reply = await anyio.to_thread.run_sync(work, http, body, limiter=limiter)
        except ServiceError as error:
            return _error_response(error)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except OperationalError:
            _log.warning("the database does not answer", exc_info=True)
            return _error_response(errors.unavailable())
        except Exception:
            # A defect must look like the service's own, with the envelope clients can read.
            _log.exception("%s failed", route.operation_id)
            return _error_response(errors.internal_error())
        if isinstance(reply.content, bytes):
            media = "application/json" if reply.content else None
            return Response(reply.content, route.success_status, dict(reply.headers), media)
        return JSONResponse(reply.content, route.success_status, dict(reply.headers))

    return endpoint


def _request(route: Route, http: HttpRequest, body: bytes, account: Account | None) -> Request:
    return Request(
        operation_id=route.operation_id,
        path=dict(http.path_params),
        query=dict(http.query_params),
        headers=dict(http.headers),
        body=body,
        base_url=base_url(http),
        client_address=None if http.client is None else http.client.host,
        signed_in=account,
    )


async def _unknown(http: HttpRequest, _error: Exception) -> Response:
    if is_platform_path(http.url.path):
        return unknown_path(http)
    return _error_response(errors.no_such_method(http.method, http.url.path))


def _error_response(error: ServiceError) -> Response:
    return JSONResponse(error.envelope(), error.status, error.headers)


class _Front:
    """Tidies the path of every request and adds the headers of every reply."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self._second = 0
        self._counts: MutableMapping[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        path = re.sub(r"/{2,}", "/", scope["path"])
        region, path = split_region(path)
        prefix = _PREFIX if path == _PREFIX or path.startswith(f"{_PREFIX}/") else ""
        path = path.removeprefix(prefix)
        if scope["type"] == "http" and is_web_page(path):
            await web_page()(scope, receive, send)
            return
        path = path.rstrip("/") or "/"
        scope = {
            **scope,
            "path": path,
            "raw_path": path.encode(),
            "ibmq.prefix": f"{region}{prefix}",
            "ibmq.region": region.strip("/"),
        }
        if scope["type"] == "websocket":
            await self._application(scope, receive, send)
            return
        added = self._headers(scope)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in added.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._application(scope, receive, send_with_headers)

    def _headers(self, scope: Scope) -> dict[str, str]:
        now = int(time.time())
        if now != self._second:
            self._second, self._counts = now, {}
        client = (scope.get("client") or ("",))[0]
        self._counts[client] = self._counts.get(client, 0) + 1
        return {
            "uber-trace-id": f"{secrets.token_hex(16)}:{secrets.token_hex(8)}:0:1",
            "X-RateLimit-Limit": str(RATE_LIMIT),
            "X-RateLimit-Remaining": str(max(0, RATE_LIMIT - self._counts[client])),
            "X-RateLimit-Reset": str(now + 1),
            "Cache-Control": "no-store",
        }
