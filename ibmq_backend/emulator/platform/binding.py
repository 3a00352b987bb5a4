"""Today's dialect over HTTP: routes made from the route table, and what holds for all of them.

Paths start with ``/v1``, as behind ``https://quantum.cloud.ibm.com/api``; the services of the
account (tokens, search, catalog) have their own paths on the same port. The region of a request
is that of its address: a leading ``/eu-de`` of the path or ``eu-de.`` of the host, else us-east.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route as HttpRoute

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic._routes import Route
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform._routes import PLATFORM_ROUTES
from ibmq_backend.emulator.platform.documents.versions import selected_version
from ibmq_backend.emulator.platform.errors import PlatformError
from ibmq_backend.emulator.platform.handlers import HANDLERS, NOT_EMULATED
from ibmq_backend.emulator.platform.requests import (
    PlatformHandler,
    PlatformReply,
    PlatformRequest,
)
from ibmq_backend.emulator.platform.state.instances import DEFAULT_REGION, REGIONS, ServiceInstance
from ibmq_backend.emulator.platform.state.tokens import is_api_key
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.body import ANONYMOUS_BODY_BYTES, SMALL_BODY_BYTES, Body
from ibmq_backend.emulator.wire.exchange import Exchanges, JsonReply, Operation, Wording
from ibmq_backend.emulator.wire.headers import base_url

_Right = tuple[str, Account | None, ServiceInstance | None]

DIALECTS: Final = ("platform", "cloud")
_QUANTUM: Final = "platform"
MAX_PROGRAM_BYTES: Final = 64_000_000
"""The largest request, as an older document of the service states it."""

_JOB_DATA: Final = "createJob"
_LOGIN: Final = "exchangeToken"
_TRACE: Final = "ibmq.trace"
_UNKNOWN_REGION: Final = re.compile(r"(/[a-z]{2}-[a-z]{2,4})/api/v1/")
# The real service has no host for such a region; here no instance of any CRN lives in it.
_CATALOG: Final = "/v1/{entry_id}"


def platform_routes(service_state: ServiceState, exchanges: Exchanges) -> list[HttpRoute]:
    """The routes of today's dialect, in matching order.

    Raises:
        EmulatorError: The handlers do not cover the route table exactly.
    """
    routes = [route for route in PLATFORM_ROUTES if route.dialect in DIALECTS]
    check_coverage(routes)
    bound = [
        HttpRoute(
            _local_path(route),
            _endpoint(service_state, route, HANDLERS.get(route.operation_id), exchanges),
            methods=[route.method],
            name=route.operation_id,
        )
        for route in routes
    ]
    return sorted(bound, key=lambda one: [part.startswith("{") for part in one.path.split("/")])


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


def is_platform_path(path: str) -> bool:
    """Whether a path belongs to this dialect."""
    return path == "/v1" or path.startswith(("/v1/", "/identity/", "/v3/"))


def split_region(path: str) -> tuple[str, str]:
    """Split a leading region off a path.

    Returns:
        ``("/eu-de", "/api/v1/jobs")`` for ``/eu-de/api/v1/jobs``; without a region an empty text
        and the path.
        A region that does not exist is split off too, before a path of the quantum service.
    """
    for region in REGIONS:
        if path == f"/{region}" or path.startswith(f"/{region}/"):
            return f"/{region}", path.removeprefix(f"/{region}") or "/"
    if unknown := _UNKNOWN_REGION.match(path):
        return unknown[1], path.removeprefix(unknown[1])
    return "", path


def is_web_page(path: str) -> bool:
    """Whether a path of the real service leads to its web application instead: an empty id."""
    return path.startswith("/v1/") and path.endswith("/")


def web_page() -> Response:
    """What the real service answers there: no error, but no JSON either."""
    return HTMLResponse("<!doctype html><title>Quantum platform</title>")


def refused_host(message: str) -> Response:
    """The reply to a request for another host, or from the page of another site."""
    return _error_response(errors.PlatformError(403, None, message), errors.new_trace())


def unknown_path(http: HttpRequest) -> Response:
    """The reply for a path, or a method on it, that is not described."""
    return _error_response(errors.no_such_path(http.method, http.url.path), errors.new_trace())


def _local_path(route: Route) -> str:
    path = route.path.removeprefix("/api")
    # Else every unknown path of the same shape would be a catalog entry.
    return "/v1/{entry_id:uuid}" if path == _CATALOG else path


def _endpoint(
    service_state: ServiceState, route: Route, handler: PlatformHandler | None, exchanges: Exchanges
) -> Callable[[HttpRequest], Any]:
    def authorize(http: HttpRequest) -> _Right:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        account: Account | None = None
        instance: ServiceInstance | None = None
        region = _region(http)
        if route.authenticated:
            header = http.headers.get("authorization")
            authenticate = service_state.platform.tokens.authenticate
            if is_api_key(header):
                account = exchanges.examine(http, authenticate, header)
            else:
                account = authenticate(header)
            if route.dialect == _QUANTUM:
                crn = http.headers.get("service-crn")
                instance = service_state.platform.instances.find(crn, region, account)
        return region, account, instance

    def work(http: HttpRequest, body: Body, right: _Right) -> Response:
        assert handler is not None
        request = _request(route, http, body, *right)
        if route.operation_id == _LOGIN:
            reply = exchanges.examine(http, handler, service_state, request)
        else:
            reply = handler(service_state, request)
        return _response(reply, route.success_status, http, exchanges)

    largest = SMALL_BODY_BYTES if route.authenticated else ANONYMOUS_BODY_BYTES
    if route.operation_id == _JOB_DATA:
        largest = min(service_state.settings.max_job_bytes, MAX_PROGRAM_BYTES)
    anonymous = not route.authenticated
    operation = Operation(route.operation_id, largest, anonymous, authorize, work, _owner)
    own = WORDING
    if route.operation_id == _LOGIN:
        own = replace(own, translate=errors.identity_error)

    async def endpoint(http: HttpRequest) -> Response:
        trace = http.scope[_TRACE] = errors.new_trace()
        wording = replace(own, response=lambda error: _error_response(error, trace))
        return await exchanges.answer(http, operation, wording)

    return endpoint


def _owner(right: _Right) -> str:
    _, account, _ = right
    return "" if account is None else account.user_id


def _request(
    route: Route,
    http: HttpRequest,
    body: Body,
    region: str,
    account: Account | None,
    instance: ServiceInstance | None,
) -> PlatformRequest:
    query: dict[str, list[str]] = {}
    for name, value in http.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return PlatformRequest(
        operation_id=route.operation_id,
        path={name: str(value) for name, value in http.path_params.items()},
        query=query,
        headers=dict(http.headers),
        body=body,
        base_url=base_url(http),
        region=region,
        version=selected_version(http.headers.get("ibm-api-version")),
        signed_in=account,
        named_instance=instance,
    )


def _region(http: HttpRequest) -> str:
    named = str(http.scope.get("ibmq.region") or "")
    if named:
        return named
    host = http.headers.get("host", "").removeprefix("private.")
    return next((one for one in REGIONS if host.startswith(f"{one}.")), DEFAULT_REGION)


def _response(
    reply: PlatformReply, success: int, http: HttpRequest, exchanges: Exchanges
) -> Response:
    status = reply.status or success
    headers = {"uber-trace-id": _trace_header(http.scope[_TRACE]), **reply.headers}
    if status == 204:
        return Response(status_code=204, headers=headers)
    if isinstance(reply.content, RawJson):
        return exchanges.stream(http, reply.content, status, headers)
    if isinstance(reply.content, bytes | str):
        usual = "text/plain" if isinstance(reply.content, str) else "application/json"
        return Response(reply.content, status, headers, reply.media_type or usual)
    return JsonReply(reply.content, status, headers)


def _error_response(error: PlatformError, trace: str) -> Response:
    headers = {"uber-trace-id": _trace_header(trace), **error.headers}
    return JsonReply(error.body(trace), error.status, headers)


def _trace_header(trace: str) -> str:
    plain = trace.replace("-", "")
    return f"{plain}:{plain[:16]}:0:1"


WORDING: Final = Wording(
    errors=PlatformError,
    translate=errors.wire_error,
    response=lambda error: _error_response(error, errors.new_trace()),
)
