"""Names for requests: which operation of a service description a request belongs to."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import Enum

import httpx
from attrs import field, frozen


class Content(Enum):
    """What the body of a successful reply holds."""

    JSON = "JSON"
    TEXT = "text"
    """Any text, JSON among it."""

    NOTHING = "nothing"


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

    @_patterns.default
    def _sorted_patterns(self) -> tuple[tuple[re.Pattern[str], Operation], ...]:
        # Fewer variable parts first, so that /Jobs/status/v/1 is not taken for /Jobs/{id}/v/1.
        ordered = sorted(self.operations, key=lambda operation: operation.path.count("{"))
        return tuple((_pattern(operation.path), operation) for operation in ordered)

    @classmethod
    def of(cls, operations: Iterable[Operation]) -> OperationTable:
        """Return the table of these operations."""
        return cls(tuple(operations))

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
