"""The ASGI application of a service, built from its dialects."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import anyio
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketClose

from ibmq_backend.emulator.core.observer import UNKNOWN_OPERATION
from ibmq_backend.emulator.dialects import Dialects
from ibmq_backend.emulator.faults.layer import FaultLayer
from ibmq_backend.emulator.faults.plan import FaultPlan
from ibmq_backend.emulator.faults.replies import BoundOperation
from ibmq_backend.emulator.http.admin import admin_routes
from ibmq_backend.emulator.http.middleware import Middleware, find_owner
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.database import POOL_SIZE
from ibmq_backend.emulator.wire.body import BodyReader
from ibmq_backend.emulator.wire.endpoints import Endpoint, Endpoints
from ibmq_backend.emulator.wire.exchange import Exchanges
from ibmq_backend.emulator.wire.host_guard import HostGuard
from ibmq_backend.emulator.wire.login_guard import LoginGuard

if TYPE_CHECKING:
    from ibmq_backend.emulator.pages.application import Pages


def create_app(
    service_state: ServiceState,
    dialects: Dialects,
    faults: FaultPlan | None = None,
    *,
    hosts: Iterable[str] = (),
    logins: LoginGuard | None = None,
    pages: type[Pages] | None = None,
    others: Iterable[Endpoint] = (),
) -> ASGIApp:
    """Build the application of a service.

    Args:
        service_state: the service.
        dialects: the dialects of the service.
        faults: faults to inject; the :class:`Server` needs ``faulty=True`` for them.
        hosts: host names of the service in addition to localhost and IP addresses; see
            :class:`~ibmq_backend.emulator.wire.host_guard.HostGuard`.
        logins: slows down guessing of API tokens; default: a new guard.
        pages: the class :class:`~ibmq_backend.emulator.pages.application.Pages`; None for a service
            without pages.
        others: further endpoints, which belong to no dialect.

    Raises:
        EmulatorError: the handlers of a dialect do not match its route table.
    """
    limiter = anyio.CapacityLimiter(POOL_SIZE)
    bodies = BodyReader(service_state.settings.max_bodies_bytes)
    guard, observer = logins or LoginGuard(), service_state.jobs.observer
    exchanges = Exchanges(limiter, bodies, guard, service_state.store, observer)
    bound: list[BoundOperation] = []
    for dialect in dialects:
        described = {one.operation_id: one for one in dialect.operations}
        routes = dialect.routes(exchanges)
        bound += [BoundOperation(routes[name], described[name], dialect) for name in routes]
    admin = admin_routes(service_state, dialects, exchanges)

    async def unknown_path(http: HttpRequest) -> Response:
        """Answer as the dialect of the path does."""
        started = time.monotonic()
        reply = find_owner(http.url.path, dialects).unknown_path(http)
        seconds = time.monotonic() - started
        service_state.jobs.observer.request(UNKNOWN_OPERATION, reply.status_code, seconds)
        return reply

    unknown = Endpoint(UNKNOWN_OPERATION, "", "", unknown_path)
    endpoints = Endpoints([*(one.endpoint for one in bound), *admin, *others])

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request by its endpoint."""
        found = endpoints.find(scope)
        is_websocket = scope["type"] == "websocket"
        if found is None and is_websocket:
            await WebSocketClose()(scope, receive, send)
            return
        endpoint, scope["path_params"] = found or (unknown, {})
        if is_websocket:
            await endpoint.serve(WebSocket(scope, receive, send))
            return
        reply = await endpoint.serve(HttpRequest(scope, receive, send))
        await reply(scope, receive, send)

    served: ASGIApp = application
    if faults is not None:
        service_state.announced_as = "ibmq_backend with scripted faults"
        largest = service_state.settings.max_job_bytes
        served = FaultLayer(application, faults, bound, limiter, largest)
    shown = None if pages is None else pages(service_state, dialects, exchanges)
    return Middleware(served, HostGuard(hosts), dialects, shown)
