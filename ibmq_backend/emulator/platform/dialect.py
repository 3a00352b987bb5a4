"""Implementation of the platform dialect."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.dialect import Dialect, get_phrase
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform._routes import ROUTES
from ibmq_backend.emulator.platform.binding import bind_routes, error_response
from ibmq_backend.emulator.platform.errors import IdentityError, PlatformError
from ibmq_backend.emulator.platform.jobs.kind import ProgramJobs
from ibmq_backend.emulator.platform.state.instances import REGIONS, ServiceInstance
from ibmq_backend.emulator.platform.state.runs import DIALECT
from ibmq_backend.emulator.platform.state.state import PlatformState
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.exchange import Exchanges

_LOGIN: Final = "exchangeToken"
# The real service has no host for such a region; here the region has no instances.
_UNKNOWN_REGION: Final = re.compile(r"(/[a-z]{2}-[a-z]{2,4})/api/v1/")


class Platform(Dialect):
    """The platform dialect; see :class:`~ibmq_backend.emulator.dialect.Dialect`.

    Args:
        service: the state of the service, shared with the other dialects.
        instances: the service instances; default: one of each plan.
        engine: inspects large requests; default: a new engine, started when needed.

    Attributes:
        state: the state of this dialect.

    Raises:
        EmulatorError: the instances are invalid or have an unknown device.
    """

    name = DIALECT
    operations = ROUTES

    def __init__(
        self,
        service: ServiceState,
        instances: Sequence[ServiceInstance] | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.state = PlatformState(service, instances, engine)
        self.job_kind = ProgramJobs(self.state)

    def routes(self, exchanges: Exchanges) -> Mapping[str, Endpoint]:
        """Return the endpoint of every operation by its id."""
        return bind_routes(self.state, exchanges)

    def cancel(self, record: JobRecord) -> None:
        """Cancel a job unless it is final, and charge its run time so far."""
        self.state.runs.end(record)

    def split_prefix(self, path: str) -> tuple[str, str]:
        """Split a path into its region prefix and the rest.

        Returns:
            ``("/eu-de", "/api/v1/jobs")`` for ``/eu-de/api/v1/jobs``; the prefix is empty for a
            path without region. Unknown regions are split off as well if a path of the quantum
            service follows.
        """
        for region in REGIONS:
            if path == f"/{region}" or path.startswith(f"/{region}/"):
                return f"/{region}", path.removeprefix(f"/{region}") or "/"
        if unknown := _UNKNOWN_REGION.match(path):
            return unknown[1], path.removeprefix(unknown[1])
        return "", path

    def owns(self, path: str) -> bool:
        """Return whether a path belongs to this dialect only."""
        return path == "/v1" or path.startswith(("/v1/", "/identity/", "/v3/"))

    def web_page(self, path: str) -> Response | None:
        """Return the web page at a path with an empty id; None for other paths."""
        if path.startswith("/v1/") and path.endswith("/"):
            return HTMLResponse("<!doctype html><title>Quantum platform</title>")
        return None

    def unknown_path(self, http: HttpRequest) -> Response:
        """Return the reply to an unknown path or method."""
        return error_response(errors.no_such_path(http.method, http.url.path))

    def forbidden(self, message: str) -> Response:
        """Return the reply to a request with a foreign ``Host`` or ``Origin``."""
        return error_response(PlatformError(403, None, message))

    def error_body(self, status: int, operation_id: str) -> dict[str, Any]:
        """Return the error body of the service for an HTTP status of at least 400."""
        error: PlatformError
        if operation_id == _LOGIN:
            error = IdentityError(status, "BXNIM0000E", get_phrase(status))
        elif status == HTTPStatus.TOO_MANY_REQUESTS:
            error = errors.too_many_requests(1)
        elif status == HTTPStatus.UNAUTHORIZED:
            error = errors.unauthorized()
        elif status == HTTPStatus.SERVICE_UNAVAILABLE:
            error = errors.unavailable()
        elif status == HTTPStatus.INTERNAL_SERVER_ERROR:
            error = errors.internal()
        else:
            error = PlatformError(status, None, f"{get_phrase(status)}.")
        return error.body(errors.new_trace())

    def token_of(self, connection: HTTPConnection) -> str | None:
        """Return the ``Authorization`` header of a request; None without one."""
        return connection.headers.get("authorization")

    def revoke(self, token: str) -> None:
        """Revoke the bearer token in a header; an API key stays valid."""
        self.state.tokens.revoke(token)

    def with_clock_ahead(self, content: bytes, operation_id: str, seconds: float) -> bytes:
        """Return a reply with the times of its token moved forward."""
        if operation_id != _LOGIN:
            return content
        document = json.loads(content)
        if "expiration" in document:
            ahead = round(seconds)
            document["expiration"] += ahead
            document["access_token"] = self.state.tokens.shifted(document["access_token"], ahead)
        return json.dumps(document).encode()
