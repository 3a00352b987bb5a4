"""What a wire dialect of the service is: the interface that each of them implements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Protocol

from starlette.requests import HTTPConnection
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute

from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.engine.job_kind import JobKind
from ibmq_backend.emulator.wire.exchange import Exchanges
from ibmq_backend.emulator.wire.routes import Route


class Dialect(Protocol):
    """One wire dialect of one service.

    Attributes:
        name: stands in the column ``dialect`` of its jobs.
        operations: everything that clients can ask for.
        job_kind: what its jobs are.
    """

    name: ClassVar[str]
    operations: ClassVar[Sequence[Route]]
    job_kind: JobKind

    def routes(self, exchanges: Exchanges) -> Mapping[str, BaseRoute]:
        """Return the route of every operation by its id, in matching order.

        Args:
            exchanges: answers the requests.

        Raises:
            EmulatorError: the handlers do not cover the operations exactly.
        """
        ...

    def cancel(self, record: JobRecord) -> None:
        """Cancel a job of this dialect as its owner would, unless it is final."""
        ...

    # -- addresses --------------------------------------------------------------------------

    def split_prefix(self, path: str) -> tuple[str, str]:
        """Split a path into what stands before the paths of the service, and the rest."""
        return "", path

    def owns(self, path: str) -> bool:  # noqa: ARG002
        """Return whether a path belongs to this dialect and to no other."""
        return False

    def web_page(self, path: str) -> Response | None:  # noqa: ARG002
        """Return the reply to a path that leads out of the API; None where it does not."""
        return None

    def unknown_path(self, http: HttpRequest) -> Response:
        """Return the reply to a path, or a method on it, that is not described."""
        ...

    def forbidden(self, message: str) -> Response:
        """Return the reply to a request for another host, or from the page of another site."""
        ...

    # -- faults -----------------------------------------------------------------------------

    def error_body(self, status: int, operation_id: str) -> dict[str, Any]:
        """Return an error of this status, from 400, as the service would word it."""
        ...

    def token_of(self, connection: HTTPConnection) -> str | None:
        """Return what a request shows as its access token; None without one."""
        ...

    def revoke(self, token: str) -> None:
        """Let an access token hold no longer."""
        ...

    def with_clock_ahead(self, content: bytes, operation_id: str, seconds: float) -> bytes:
        """Return a reply as a service sends it whose clock is ahead: the times of its token."""
        ...


def phrase_of(status: int) -> str:
    """Return the usual words for an HTTP status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"
