"""HTTP routes of the platform dialect.

Paths start with ``/v1``, as below ``https://quantum.cloud.ibm.com/api``; the account services
(tokens, search, catalog) have separate paths on the same port. The region of a request is a leading
``/eu-de`` of the path or ``eu-de.`` of the host, and us-east otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.core.prepared import Prepared
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
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.exchange import (
    ErrorFormat,
    Exchanges,
    JsonReply,
    Operation,
    prepared_reply,
)
from ibmq_backend.emulator.wire.headers import base_url
from ibmq_backend.emulator.wire.routes import Route, check_coverage

_Authorization = tuple[str, Account | None, ServiceInstance | None]

_QUANTUM: Final = "platform"
MAX_PROGRAM_BYTES: Final = 64_000_000
"""Maximum size of a request, from older documentation of the service."""

_JOB_DATA: Final = "createJob"
_LOGIN: Final = "exchangeToken"
_TRACE: Final = "ibmq.trace"
_CATALOG: Final = "/v1/{entry_id}"


def bind_routes(state: PlatformState, exchanges: Exchanges) -> dict[str, Endpoint]:
    """Return the endpoints by operation id.

    Raises:
        EmulatorError: the handlers do not match the route table.
    """
    check_coverage(ROUTES, HANDLERS, NOT_EMULATED)
    return {
        route.operation_id: Endpoint(
            route.operation_id,
            route.method,
            _local_path(route),
            _endpoint(state, route, HANDLERS.get(route.operation_id), exchanges),
        )
        for route in ROUTES
    }


def error_response(error: PlatformError, trace: str | None = None) -> Response:
    """Return the reply for an error.

    Args:
        error: the error.
        trace: the id of the request; default: a new one.
    """
    trace = trace or errors.new_trace()
    headers = {"uber-trace-id": _trace_header(trace), **error.headers}
    return JsonReply(error.body(trace), error.status, headers)


ERROR_FORMAT: Final = ErrorFormat(
    errors=PlatformError,
    translate=errors.wire_error,
    response=error_response,
)


def _local_path(route: Route) -> str:
    path = route.path.removeprefix("/api")
    # Otherwise every unknown path of this form would be a catalog entry.
    return "/v1/{entry_id:uuid}" if path == _CATALOG else path


def _endpoint(
    state: PlatformState, route: Route, handler: Handler | None, exchanges: Exchanges
) -> Callable[[HttpRequest], Any]:
    def authorize(http: HttpRequest) -> _Authorization:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        account: Account | None = None
        instance: ServiceInstance | None = None
        region = _region(http)
        if route.authenticated:
            header = http.headers.get("authorization")
            authenticate = state.tokens.authenticate
            if is_api_key(header):
                account = exchanges.check_login(http, _QUANTUM, authenticate, header)
            else:
                account = authenticate(header)
            if route.dialect == _QUANTUM:
                crn = http.headers.get("service-crn")
                instance = state.instances.find(crn, region, account)
        return region, account, instance

    def run(http: HttpRequest, body: Body, authorization: _Authorization) -> Response:
        assert handler is not None
        request = _request(route, http, body, *authorization)
        if route.operation_id == _LOGIN:
            reply = exchanges.check_login(http, _QUANTUM, handler, state, request)
            exchanges.report_login(http, _QUANTUM, reply.user_id)
        else:
            reply = handler(state, request)
        return _response(reply, route.success_status, http, exchanges)

    max_body_bytes = SMALL_BODY_BYTES if route.authenticated else ANONYMOUS_BODY_BYTES
    if route.operation_id == _JOB_DATA:
        max_body_bytes = min(state.service.settings.max_job_bytes, MAX_PROGRAM_BYTES)
    anonymous = not route.authenticated
    operation = Operation(route.operation_id, max_body_bytes, anonymous, authorize, run, _owner)
    base_format = ERROR_FORMAT
    if route.operation_id == _LOGIN:
        base_format = replace(base_format, translate=errors.identity_error)

    async def endpoint(http: HttpRequest) -> Response:
        trace = http.scope[_TRACE] = errors.new_trace()
        error_format = replace(base_format, response=lambda error: error_response(error, trace))
        return await exchanges.answer(http, operation, error_format)

    return endpoint


def _owner(authorization: _Authorization) -> str:
    _, account, _ = authorization
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
        path=http.path_params,
        query=query,
        headers=http.headers,
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
    if isinstance(reply.content, Prepared):
        return prepared_reply(http, reply.content, status, headers)
    if isinstance(reply.content, bytes | str):
        usual = "text/plain" if isinstance(reply.content, str) else "application/json"
        return Response(reply.content, status, headers, reply.media_type or usual)
    return JsonReply(reply.content, status, headers)


def _trace_header(trace: str) -> str:
    plain = trace.replace("-", "")
    return f"{plain}:{plain[:16]}:0:1"
