"""Running one request of an account; the same for both dialects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import httpx

from ibmq_backend._http.errors import call
from ibmq_backend._http.operations import Operation
from ibmq_backend.exceptions import ApiConnectionError

T = TypeVar("T")


class HttpCalls:
    """Requests through one HTTP client.

    Args:
        http: the client.
        unreadable: further exceptions of the bindings that mean "the reply is not as described".
    """

    def __init__(self, http: httpx.Client, unreadable: tuple[type[Exception], ...] = ()) -> None:
        self._http = http
        self._unreadable = unreadable

    def run(self, operation: Operation, send: Callable[[], T]) -> T:
        """Run a request and the reading of its reply; raises ``ApiError`` and nothing else."""
        if self._http.is_closed:
            closed = ApiConnectionError(
                f"{operation.id} cannot be sent: the connection of this account is closed.",
                operation=operation.id,
                method=operation.method,
                path=operation.path,
                accepted=False,
            )
            closed.temporary = False  # it will not be opened again
            raise closed
        return call(operation, send, unreadable=self._unreadable)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()
