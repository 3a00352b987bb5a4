"""The service over HTTP: an ASGI application made from the route table.

What holds for every operation is here: paths, login, limits, error envelopes, headers.
"""

from __future__ import annotations

import re
import secrets
import time
from collections.abc import Callable, Iterable, MutableMapping
from io import BytesIO
from typing import Any, Final

import anyio
from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import Route as HttpRoute
from starlette.routing import WebSocketRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic._routes import ROUTES, Route
from ibmq_backend.emulator.classic.errors import ServiceError
from ibmq_backend.emulator.classic.handlers import HANDLERS, HEAD_CHECKS, NOT_EMULATED
from ibmq_backend.emulator.classic.handlers.stream import REFUSED, StatusStream
from ibmq_backend.emulator.classic.requests import Handler, Request
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.faults.layer import FaultLayer, route_operations
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.http.admin import admin_routes
from ibmq_backend.emulator.platform.binding import (
    is_platform_path,
    is_web_page,
    platform_routes,
    refused_host,
    split_region,
    unknown_path,
    web_page,
)
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.database import POOL_SIZE
from ibmq_backend.emulator.wire.body import (
    ANONYMOUS_BODY_BYTES,
    SMALL_BODY_BYTES,
    Body,
    BodyReader,
)
from ibmq_backend.emulator.wire.exchange import Exchanges, JsonReply, Operation, Wording
from ibmq_backend.emulator.wire.headers import access_token, base_url
from ibmq_backend.emulator.wire.host_guard import HostGuard
from ibmq_backend.emulator.wire.login_guard import LoginGuard

DIALECT: Final = "classic"
RATE_LIMIT: Final = 50
_PREFIX: Final = "/api"
_UPLOAD: Final = "putStoredObject"
_LOGIN: Final = "loginWithToken"


def create_app(
    service_state: ServiceState,
    faults: FaultPlan | None = None,
    *,
    hosts: Iterable[str] = (),
    logins: LoginGuard | None = None,
) -> ASGIApp:
    """Make the application of a service.

    Args:
        service_state: The service.
        faults: What shall go wrong; needs a server that is made for it (:class:`Server`).
        hosts: Names under which the service is reached beside localhost and IP addresses; see
            :class:`~ibmq_backend.emulator.wire.host_guard.HostGuard`.
        logins: Slows down guessing of API tokens; default: one of its own.

    Raises:
        EmulatorError: The handlers do not cover the route table exactly.
    """
    routes = [route for route in ROUTES if route.dialect == DIALECT]
    check_coverage(routes)
    limiter = anyio.CapacityLimiter(POOL_SIZE)
    bodies = BodyReader(service_state.settings.max_bodies_bytes)
    exchanges = Exchanges(limiter, bodies, logins or LoginGuard())
    guard = HostGuard(hosts)
    streams = StatusStream(service_state, limiter)
    classic = [
        HttpRoute(
            route.path,
            _endpoint(service_state, route, HANDLERS.get(route.operation_id), exchanges),
            methods=[route.method],
            name=route.operation_id,
        )
        for route in sorted(routes, key=_specificity)
    ]
    platform = platform_routes(service_state, exchanges)
    admin = admin_routes(service_state, exchanges, WORDING)
    stream = WebSocketRoute("/jobs/{job_id}/status/v/1", streams.serve)
    application = Starlette(
        routes=[*classic, *platform, *admin, stream],
        exception_handlers={404: _unknown, 405: _unknown},
    )
    application.router.redirect_slashes = False
    if faults is None:
        return _Front(application, guard)
    service_state.announced_as = "ibmq_backend with scripted faults"
    return _Front(
        FaultLayer(
            application, faults, service_state, route_operations(classic, platform), limiter
        ),
        guard,
    )


def check_coverage(routes: list[Route]) -> None:
    """Check that handlers and exceptions make up the route table.

    Raises:
        EmulatorError: They do not.
    """
    described = {route.operation_id for route in routes}
    offered = set(HANDLERS) | NOT_EMULATED
    if described != offered or set(HANDLERS) & NOT_EMULATED:
        raise EmulatorError(
            f"without handler: {sorted(described - offered)}; "
            f"not described: {sorted(offered - described)}; "
            f"both: {sorted(set(HANDLERS) & NOT_EMULATED)}"
        )


def _specificity(route: Route) -> list[bool]:
    """Sorts fixed path segments before parameters, from the left."""
    return [segment.startswith("{") for segment in route.path.split("/")]


def _endpoint(
    service_state: ServiceState, route: Route, handler: Handler | None, exchanges: Exchanges
) -> Callable[[HttpRequest], Any]:
    check = HEAD_CHECKS.get(route.operation_id)

    def authorize(http: HttpRequest) -> Account | str | None:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        if check is not None:
            return check(service_state, _request(route, http, Body(BytesIO(), 0), None))
        return (
            service_state.accounts.authenticate(access_token(http)) if route.authenticated else None
        )

    def owner(right: Account | str | None) -> str:
        return right.user_id if isinstance(right, Account) else right or ""

    def work(http: HttpRequest, body: Body, right: Account | str | None) -> Response:
        assert handler is not None
        account = right if isinstance(right, Account) else None
        request = _request(route, http, body, account)
        if route.operation_id == _LOGIN:
            reply = exchanges.examine(http, handler, service_state, request)
        else:
            reply = handler(service_state, request)
        headers = dict(reply.headers)
        if isinstance(reply.content, RawJson):
            return exchanges.stream(http, reply.content, route.success_status, headers)
        if isinstance(reply.content, bytes):
            media = "application/json" if reply.content else None
            return Response(reply.content, route.success_status, headers, media)
        return JsonReply(reply.content, route.success_status, headers)

    largest = SMALL_BODY_BYTES if route.authenticated else ANONYMOUS_BODY_BYTES
    if route.operation_id == _UPLOAD:
        largest = service_state.settings.max_job_bytes
    anonymous = not route.authenticated and check is None
    operation = Operation(
        route.operation_id,
        largest,
        anonymous,
        authorize,
        work,
        owner,
        reads_whole=route.operation_id != _UPLOAD,
    )

    async def endpoint(http: HttpRequest) -> Response:
        return await exchanges.answer(http, operation, WORDING)

    return endpoint


def _request(route: Route, http: HttpRequest, body: Body, account: Account | None) -> Request:
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


def _refused(scope: Scope, message: str) -> ASGIApp:
    if scope["type"] == "websocket":
        return WebSocketClose(REFUSED, message)
    if is_platform_path(scope["path"].removeprefix(_PREFIX)):
        return refused_host(message)
    return _error_response(errors.forbidden(message))


def _error_response(error: ServiceError) -> Response:
    return JsonReply(error.envelope(), error.status, error.headers)


WORDING: Final = Wording(
    errors=ServiceError,
    translate=errors.wire_error,
    response=_error_response,
)


class _Front:
    """Refuses foreign hosts and origins, tidies paths, and adds the headers of every reply."""

    def __init__(self, application: ASGIApp, guard: HostGuard) -> None:
        self._application = application
        self._guard = guard
        self._second = 0
        self._counts: MutableMapping[str, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._application(scope, receive, send)
            return
        refusal = self._guard.refusal(HTTPConnection(scope))
        if refusal is not None:
            await _refused(scope, refusal)(scope, receive, send)
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
