"""Names for requests: which operation of a service description a request belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from enum import Enum
from typing import Protocol

import httpx
from attrs import field, frozen


class Content(Enum):
    """What the body of a successful reply holds."""

    JSON = "JSON"
    TEXT = "text"
    """Any text, JSON among it."""

    NOTHING = "nothing"


class DescribedOperation(Protocol):
    """An entry of the table that is generated from a service description."""

    @property
    def operation_id(self) -> str:
        """Id, unique in the description."""
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
        """Status of the usual success reply."""
        ...

    @property
    def authenticated(self) -> bool:
        """Whether it needs the account's token."""
        ...

    @property
    def retry_safe(self) -> bool:
        """Whether sending it twice does no harm."""
        ...

    @property
    def content(self) -> str:
        """What the usual success reply holds; a value of :class:`Content`."""
        ...


@frozen
class Operation:
    """One operation of a service description.

    Attributes:
        id: operation id.
        method: HTTP method in capitals.
        path: path with ``{names}`` for its variable parts.
        retry_safe: sending it twice does no harm.
        authenticated: it needs the account's token.
        resend_after_renewal: a request refused for its token may be sent again with a new one
            without asking anybody.
        paced: who asks waits by itself where the service takes no more of them (429), so that
            nothing is waited for twice.
        content: what a successful reply holds.
        is_transfer: request or reply carries the circuits or the result of a job, which may be
            large, and gets more time.
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


FindOperation = Callable[[httpx.Request], Operation | None]
"""Returns the operation of a request, ``None`` for one that is not described."""


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]*\})", path)
    return re.compile(
        "".join("[^/]+" if part.startswith("{") else re.escape(part) for part in parts) + "$"
    )


@frozen
class OperationTable:
    """Finds the operation of a request, whatever path the base address has."""

    operations: tuple[Operation, ...]
    _patterns: tuple[tuple[re.Pattern[str], Operation], ...] = field(init=False, repr=False)
    _by_id: dict[str, Operation] = field(init=False, repr=False)

    @_patterns.default
    def _sorted_patterns(self) -> tuple[tuple[re.Pattern[str], Operation], ...]:
        # Fewer variable parts first, so that /Jobs/status/v/1 is not taken for /Jobs/{id}/v/1.
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
        """Return the table of a service description, with what the transport needs besides.

        Args:
            operations: the generated table.
            transfers: ids of the operations with ``is_transfer``.
            not_resent: ids of the operations without ``resend_after_renewal``.
            paced: ids of the operations with ``paced``.
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
        """Return the operation of this id."""
        return self._by_id[operation_id]

    def find(self, request: httpx.Request) -> Operation | None:
        """Return the operation of a request, ``None`` for one that is not described."""
        path = request.url.raw_path.decode("ascii").partition("?")[0]
        for pattern, operation in self._patterns:
            if operation.method == request.method and pattern.search(path):
                return operation
        return None

    def needs_token(self, request: httpx.Request) -> bool:
        """Return whether a request goes out with the account's token; unknown ones do not."""
        operation = self.find(request)
        return operation is not None and operation.authenticated

    def may_resend(self, request: httpx.Request) -> bool:
        """Return whether a request refused for its token may be repeated with a new one."""
        operation = self.find(request)
        return operation is not None and operation.resend_after_renewal
