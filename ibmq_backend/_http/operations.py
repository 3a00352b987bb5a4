"""Finds the operation of a service description to which a request belongs."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from contextvars import ContextVar
from enum import Enum
from typing import Final, Protocol

import httpx
from attrs import define, field, frozen


class Content(Enum):
    """Kind of the body of a successful reply."""

    JSON = "JSON"
    TEXT = "text"
    """Any text, including JSON."""

    NOTHING = "nothing"


class DescribedOperation(Protocol):
    """An entry of the generated table of a service description."""

    @property
    def operation_id(self) -> str:
        """Operation id, unique in the description."""
        ...

    @property
    def method(self) -> str:
        """HTTP method in capitals."""
        ...

    @property
    def path(self) -> str:
        """Path with ``{names}`` for its variable parts."""
        ...

    @property
    def success_status(self) -> int:
        """Status of a successful reply."""
        ...

    @property
    def authenticated(self) -> bool:
        """Whether the request needs the account's token."""
        ...

    @property
    def retry_safe(self) -> bool:
        """Whether the request may be sent twice."""
        ...

    @property
    def content(self) -> str:
        """Kind of the body of a successful reply; a value of :class:`Content`."""
        ...


@frozen
class Operation:
    """One operation of a service description.

    Attributes:
        id: operation id.
        method: HTTP method in capitals.
        path: path with ``{names}`` for its variable parts.
        retry_safe: True if the request may be sent twice.
        authenticated: True if the request needs the account's token.
        resend_after_renewal: True if a request that was refused because of its token may be sent
            again with a new token.
        paced: True if the caller handles 429 itself, so that the transport does not wait too.
        content: kind of the body of a successful reply.
        is_transfer: True if the request or reply contains the circuits or the result of a job,
            which may be large and get more time.
    """

    id: str
    method: str
    path: str
    retry_safe: bool
    authenticated: bool = True
    resend_after_renewal: bool = True
    paced: bool = False
    content: Content = Content.JSON
    is_transfer: bool = False


@define
class Exchange:
    """An operation that is being called, and the reply once there is one."""

    operation: Operation
    response: httpx.Response | None = None


current_exchange: Final[ContextVar[Exchange | None]] = ContextVar(
    "ibmq_backend_exchange", default=None
)

FindOperation = Callable[[httpx.Request], Operation | None]
"""Returns the operation of a request, ``None`` for a request without a description."""


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts) + "$"
    )


@frozen
class OperationTable:
    """Finds the operation of a request, independent of the path of the base URL."""

    operations: tuple[Operation, ...]
    _patterns: tuple[tuple[re.Pattern[str], Operation], ...] = field(init=False, repr=False)
    _by_id: dict[str, Operation] = field(init=False, repr=False)

    @_patterns.default
    def _sorted_patterns(self) -> tuple[tuple[re.Pattern[str], Operation], ...]:
        # Fewer variable parts first, so that /Jobs/status/v/1 does not match /Jobs/{id}/v/1.
        ordered = sorted(self.operations, key=lambda operation: operation.path.count("{"))
        return tuple((_pattern(operation.path), operation) for operation in ordered)

    @_by_id.default
    def _operations_by_id(self) -> dict[str, Operation]:
        return {operation.id: operation for operation in self.operations}

    @classmethod
    def described(
        cls,
        operations: Iterable[DescribedOperation],
        *,
        transfers: Collection[str] = (),
        not_resent: Collection[str] = (),
        paced: Collection[str] = (),
    ) -> OperationTable:
        """Return the generated table of a service description with the transport's attributes.

        The other arguments are ids of the operations with ``is_transfer``, without
        ``resend_after_renewal`` and with ``paced``.
        """
        return cls(
            tuple(
                Operation(
                    each.operation_id,
                    each.method,
                    each.path,
                    retry_safe=each.retry_safe,
                    authenticated=each.authenticated,
                    resend_after_renewal=each.operation_id not in not_resent,
                    paced=each.operation_id in paced,
                    content=Content(each.content),
                    is_transfer=each.operation_id in transfers,
                )
                for each in operations
            )
        )

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> OperationTable:
        """Return the table of these operations."""
        return cls(tuple(operations))

    def __getitem__(self, operation_id: str) -> Operation:
        """Return the operation with this id."""
        return self._by_id[operation_id]

    def find(self, request: httpx.Request) -> Operation | None:
        """Return the operation of a request, ``None`` for a request without a description."""
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        for pattern, operation in self._patterns:
            if operation.method == request.method and pattern.search(path):
                return operation
        return None

    def operation_of(self, request: httpx.Request) -> Operation | None:
        """Return the operation that is being called, otherwise that of the request."""
        exchange = current_exchange.get()
        if exchange is not None and self._by_id.get(exchange.operation.id) is exchange.operation:
            return exchange.operation
        return self.find(request)
