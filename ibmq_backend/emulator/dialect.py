"""The interface of a wire dialect of the service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.engine.job_kind import JobKind
from ibmq_backend.emulator.wire.endpoints import Endpoint
from ibmq_backend.emulator.wire.exchange import Exchanges
from ibmq_backend.emulator.wire.routes import Route


class Dialect(Protocol):
    """A wire dialect of one service.

    Attributes:
        name: name of the dialect, stored in the column ``dialect`` of its jobs.
        operations: all operations that clients can call.
        job_kind: validates and runs the jobs of the dialect.
    """

    name: ClassVar[str]
    operations: ClassVar[Sequence[Route]]
    job_kind: JobKind

    def routes(self, exchanges: Exchanges) -> Mapping[str, Endpoint]:
        """Return the endpoint of every operation by its id.

        Args:
            exchanges: answers the HTTP requests.

        Raises:
            EmulatorError: the handlers do not cover the operations exactly.
        """
        ...

    def cancel(self, record: JobRecord) -> None:
        """Cancel a job of this dialect on behalf of its owner, unless it is final."""
        ...

    # -- addresses --------------------------------------------------------------------------

    def split_prefix(self, path: str) -> tuple[str, str]:
        """Split a path into the prefix of the dialect and the path within the service."""
        return "", path

    def owns(self, path: str) -> bool:  # noqa: ARG002
        """Return whether a path belongs to this dialect only."""
        return False

    def web_page(self, path: str) -> Response | None:  # noqa: ARG002
        """Return the web page at a path outside the API; None for other paths."""
        return None

    def unknown_path(self, http: HttpRequest) -> Response:
        """Return the reply to an unknown path or method."""
        ...

    def forbidden(self, message: str) -> Response:
        """Return the reply to a request with a foreign ``Host`` or ``Origin``."""
        ...

    # -- faults -----------------------------------------------------------------------------

    def error_body(self, status: int, operation_id: str) -> dict[str, Any]:
        """Return the error body of the service for an HTTP status of at least 400."""
        ...

    def token_of(self, connection: HTTPConnection) -> str | None:
        """Return the access token of a request; None without one."""
        ...

    def revoke(self, token: str) -> None:
        """Revoke an access token."""
        ...

    def with_clock_ahead(self, content: bytes, operation_id: str, seconds: float) -> bytes:
        """Return a reply with the times of its token moved forward, as if the clock were ahead."""
        ...


def get_phrase(status: int) -> str:
    """Return the standard phrase of an HTTP status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
