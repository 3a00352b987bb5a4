"""Implementation of the classic dialect."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.binding import OPERATIONS, bind_routes, error_response
from ibmq_backend.emulator.classic.errors import ServiceError
from ibmq_backend.emulator.classic.jobs.kind import QobjJobs
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.core.clock import milliseconds, parse_moment, wire_time
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.dialect import Dialect, get_phrase
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.exchange import Exchanges
from ibmq_backend.emulator.wire.headers import access_token


class Classic(Dialect):
    """The classic dialect; see :class:`~ibmq_backend.emulator.dialect.Dialect`.

    Args:
        service: the state of the service, shared with the other dialects.

    Attributes:
        state: the state of this dialect.
    """

    name = DIALECT
    operations = OPERATIONS

    def __init__(self, service: ServiceState) -> None:
        self.state = ClassicState(service)
        self.job_kind = QobjJobs(self.state)

    def routes(self, exchanges: Exchanges) -> Mapping[str, Endpoint]:
        """Return the endpoint of every operation by its id."""
        return bind_routes(self.state, exchanges)

    def cancel(self, record: JobRecord) -> None:
        """Cancel a job unless it is final."""
        self.state.service.jobs.cancel(record.id)

    def unknown_path(self, http: HttpRequest) -> Response:
        """Return the reply to an unknown path or method."""
        return error_response(errors.no_such_method(http.method, http.url.path))

    def forbidden(self, message: str) -> Response:
        """Return the reply to a request with a foreign ``Host`` or ``Origin``."""
        return error_response(errors.forbidden(message))

    def error_body(self, status: int, operation_id: str) -> dict[str, Any]:  # noqa: ARG002
        """Return the error body of the service for an HTTP status of at least 400."""
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            error = ServiceError(status, "TOO_MANY_REQUESTS", "Too many requests.")
        elif status == HTTPStatus.UNAUTHORIZED:
            error = errors.not_logged_in()
        elif status == HTTPStatus.SERVICE_UNAVAILABLE:
            error = errors.unavailable()
        elif status == HTTPStatus.INTERNAL_SERVER_ERROR:
            error = errors.internal_error()
        else:
            code = get_phrase(status).upper().replace(" ", "_")
            error = ServiceError(status, code, f"{get_phrase(status)}.")
        return error.envelope()

    def token_of(self, connection: HTTPConnection) -> str | None:
        """Return the access token of a request."""
        return access_token(connection)

    def revoke(self, token: str) -> None:
        """Revoke an access token."""
        self.state.service.accounts.revoke(token)

    def with_clock_ahead(self, content: bytes, operation_id: str, seconds: float) -> bytes:
        """Return a reply with the creation time of its token moved forward."""
        if operation_id != "loginWithToken":
            return content
        document = json.loads(content)
        created = parse_moment(str(document.get("created")))
        if created is not None:
            document["created"] = wire_time(milliseconds(created + timedelta(seconds=seconds)))
        return json.dumps(document).encode()
