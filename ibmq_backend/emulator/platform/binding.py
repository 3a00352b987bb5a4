"""Today's dialect over HTTP: its routes, and what holds for all of them.

Paths start with ``/v1``, as behind ``https://quantum.cloud.ibm.com/api``; the services of the
account (tokens, search, catalog) have their own paths on the same port. The region of a request
is that of its address: a leading ``/eu-de`` of the path or ``eu-de.`` of the host, else us-east.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.routing import Route as HttpRoute

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform._routes import ROUTES
from ibmq_backend.emulator.platform.documents.versions import selected_version
from ibmq_backend.emulator.platform.errors import PlatformError
from ibmq_backend.emulator.platform.handlers import HANDLERS, NOT_EMULATED
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.instances import DEFAULT_REGION, REGIONS, ServiceInstance
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.platform.state.tokens import is_api_key
from ibmq_backend.emulator.wire.body import ANONYMOUS_BODY_BYTES, SMALL_BODY_BYTES, Body
from ibmq_backend.emulator.wire.exchange import Exchanges, JsonReply, Operation, Wording
from ibmq_backend.emulator.wire.headers import base_url
from ibmq_backend.emulator.wire.routes import Route, check_coverage, matching_order

_Right = tuple[str, Account | None, ServiceInstance | None]

_QUANTUM: Final = "platform"
MAX_PROGRAM_BYTES: Final = 64_000_000
"""The largest request, as an older document of the service states it."""

_JOB_DATA: Final = "createJob"
_LOGIN: Final = "exchangeToken"
_TRACE: Final = "ibmq.trace"
_CATALOG: Final = "/v1/{entry_id}"


def bound_routes(state: PlatformState, exchanges: Exchanges) -> dict[str, BaseRoute]:
    """Return the routes by operation id, in matching order.

    Raises:
        EmulatorError: the handlers do not cover the route table exactly.
    """
    check_coverage(ROUTES, HANDLERS, NOT_EMULATED)
    bound = [
        HttpRoute(
            _local_path(route),
            _endpoint(state, route, HANDLERS.get(route.operation_id), exchanges),
            methods=[route.method],
            name=route.operation_id,
        )
        for route in ROUTES
    ]
    return {one.name: one for one in sorted(bound, key=lambda one: matching_order(one.path))}


def error_response(error: PlatformError, trace: str | None = None) -> Response:
    """Return the reply for an error.

    Args:
        error: the error.
        trace: the id of the request; default: a new one.
    """
    trace = trace or errors.new_trace()
    headers = {"uber-trace-id": _trace_header(trace), **error.headers}
    return JsonReply(error.body(trace), error.status, headers)


WORDING: Final = Wording(
    errors=PlatformError,
    translate=errors.wire_error,
    response=error_response,
)


def _local_path(route: Route) -> str:
    path = route.path.removeprefix("/api")
    # Else every unknown path of the same shape would be a catalog entry.
    return "/v1/{entry_id:uuid}" if path == _CATALOG else path


def _endpoint(
    state: PlatformState, route: Route, handler: Handler | None, exchanges: Exchanges
) -> Callable[[HttpRequest], Any]:
    def authorize(http: HttpRequest) -> _Right:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        account: Account | None = None
        instance: ServiceInstance | None = None
        region = _region(http)
        if route.authenticated:
            header = http.headers.get("authorization")
            authenticate = state.tokens.authenticate
            if is_api_key(header):
                account = exchanges.examine(http, authenticate, header)
            else:
                account = authenticate(header)
            if route.dialect == _QUANTUM:
                crn = http.headers.get("service-crn")
                instance = state.instances.find(crn, region, account)
        return region, account, instance

    def work(http: HttpRequest, body: Body, right: _Right) -> Response:
        assert handler is not None
        request = _request(route, http, body, *right)
        if route.operation_id == _LOGIN:
            reply = exchanges.examine(http, handler, state, request)
        else:
            reply = handler(state, request)
        return _response(reply, route.success_status, http, exchanges)

    largest = SMALL_BODY_BYTES if route.authenticated else ANONYMOUS_BODY_BYTES
    if route.operation_id == _JOB_DATA:
        largest = min(state.service.settings.max_job_bytes, MAX_PROGRAM_BYTES)
    anonymous = not route.authenticated
    operation = Operation(route.operation_id, largest, anonymous, authorize, work, _owner)
    own = WORDING
    if route.operation_id == _LOGIN:
        own = replace(own, translate=errors.identity_error)

    async def endpoint(http: HttpRequest) -> Response:
        trace = http.scope[_TRACE] = errors.new_trace()
        wording = replace(own, response=lambda error: error_response(error, trace))
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
) -> Request:
    query: dict[str, list[str]] = {}
    for name, value in http.query_params.multi_items():
        query.setdefault(name, []).append(value)
    return Request(
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
    prefix: str = http.scope.get("ibmq.prefix", "")
    if named := prefix.removesuffix("/api").strip("/"):
        return named
    host = http.headers.get("host", "").removeprefix("private.")
    return next((one for one in REGIONS if host.startswith(f"{one}.")), DEFAULT_REGION)


def _response(reply: Reply, success: int, http: HttpRequest, exchanges: Exchanges) -> Response:
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


def _trace_header(trace: str) -> str:
    plain = trace.replace("-", "")
    return f"{plain}:{plain[:16]}:0:1"
