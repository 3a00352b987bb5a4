"""HTTP routes of the classic dialect."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic._routes import ROUTES
from ibmq_backend.emulator.classic.errors import ServiceError
from ibmq_backend.emulator.classic.handlers import HANDLERS, HEAD_CHECKS, NOT_EMULATED
from ibmq_backend.emulator.classic.handlers.stream import StatusStream
from ibmq_backend.emulator.classic.requests import Handler, Request
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core.prepared import Prepared
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.wire.body import ANONYMOUS_BODY_BYTES, SMALL_BODY_BYTES, Body
from ibmq_backend.emulator.wire.endpoints import WEBSOCKET, Endpoint
from ibmq_backend.emulator.wire.exchange import (
    ErrorFormat,
    Exchanges,
    JsonReply,
    Operation,
    prepared_reply,
)
from ibmq_backend.emulator.wire.headers import access_token, base_url
from ibmq_backend.emulator.wire.routes import Route, check_coverage

STREAM: Final = Route(
    operation_id="jobStatusStream",
    dialect="classic",
    method="GET",
    path="/jobs/{job_id}/status/v/1",
    success_status=101,
    authenticated=True,
    retry_safe=True,
    stream=True,
)
OPERATIONS: Final = (*ROUTES, STREAM)
_UPLOAD: Final = "putStoredObject"
_LOGIN: Final = "loginWithToken"


def bind_routes(state: ClassicState, exchanges: Exchanges) -> dict[str, Endpoint]:
    """Return the endpoints by operation id.

    Raises:
        EmulatorError: the handlers do not match the route table.
    """
    check_coverage(ROUTES, HANDLERS, NOT_EMULATED)
    bound = {
        route.operation_id: Endpoint(
            route.operation_id,
            route.method,
            route.path,
            _endpoint(state, route, HANDLERS.get(route.operation_id), exchanges),
        )
        for route in ROUTES
    }
    streams = StatusStream(state, exchanges.limiter)
    name = STREAM.operation_id
    bound[name] = Endpoint(name, WEBSOCKET, STREAM.path, streams.serve)
    return bound


def error_response(error: ServiceError) -> Response:
    """Return the reply for an error."""
    return JsonReply(error.envelope(), error.status, error.headers)


ERROR_FORMAT: Final = ErrorFormat(
    errors=ServiceError,
    translate=errors.wire_error,
    response=error_response,
)


def _endpoint(
    state: ClassicState, route: Route, handler: Handler | None, exchanges: Exchanges
) -> Callable[[HttpRequest], Any]:
    check = HEAD_CHECKS.get(route.operation_id)

    def authorize(http: HttpRequest) -> Account | str | None:
        if handler is None:
            raise errors.not_emulated(route.operation_id)
        if check is not None:
            return check(state, _request(route, http, Body(BytesIO(), 0), None))
        if not route.authenticated:
            return None
        return state.service.accounts.authenticate(access_token(http))

    def owner(authorization: Account | str | None) -> str:
        return authorization.user_id if isinstance(authorization, Account) else authorization or ""

    def run(http: HttpRequest, body: Body, authorization: Account | str | None) -> Response:
        assert handler is not None
        account = authorization if isinstance(authorization, Account) else None
        request = _request(route, http, body, account)
        if route.operation_id == _LOGIN:
            reply = exchanges.check_login(http, route.dialect, handler, state, request)
            exchanges.report_login(http, route.dialect, reply.content["userId"])
        else:
            reply = handler(state, request)
        headers = dict(reply.headers)
        if isinstance(reply.content, RawJson):
            return exchanges.stream(http, reply.content, route.success_status, headers)
        if isinstance(reply.content, Prepared):
            return prepared_reply(http, reply.content, route.success_status, headers)
        if isinstance(reply.content, bytes):
            media = "application/json" if reply.content else None
            return Response(reply.content, route.success_status, headers, media)
        return JsonReply(reply.content, route.success_status, headers)

    max_body_bytes = SMALL_BODY_BYTES if route.authenticated else ANONYMOUS_BODY_BYTES
    if route.operation_id == _UPLOAD:
        max_body_bytes = state.service.settings.max_job_bytes
    anonymous = not route.authenticated and check is None
    operation = Operation(
        route.operation_id,
        max_body_bytes,
        anonymous,
        authorize,
        run,
        owner,
        reads_whole=route.operation_id != _UPLOAD,
    )

    async def endpoint(http: HttpRequest) -> Response:
        return await exchanges.answer(http, operation, ERROR_FORMAT)

    return endpoint


def _request(route: Route, http: HttpRequest, body: Body, account: Account | None) -> Request:
    return Request(
        operation_id=route.operation_id,
        path=http.path_params,
        query=dict(http.query_params),
        headers=http.headers,
        body=body,
        base_url=base_url(http),
        client_address=None if http.client is None else http.client.host,
        signed_in=account,
    )
