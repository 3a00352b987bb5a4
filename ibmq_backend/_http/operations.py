"""Names for requests: which operation of a service description a request belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable

import httpx
from attrs import field, frozen


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
    """

    id: str
    method: str
    path: str
    retry_safe: bool
    authenticated: bool = True
    resend_after_renewal: bool = True
    paced: bool = False


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

    def is_safe(self, request: httpx.Request) -> bool:
        """Return whether a request may be sent twice; unknown ones may not."""
        operation = self.find(request)
        return operation is not None and operation.retry_safe

    def needs_token(self, request: httpx.Request) -> bool:
        """Return whether a request goes out with the account's token; unknown ones do not."""
        operation = self.find(request)
        return operation is not None and operation.authenticated

    def may_resend(self, request: httpx.Request) -> bool:
        """Return whether a request refused for its token may be repeated with a new one."""
        operation = self.find(request)
        return operation is not None and operation.resend_after_renewal

    def is_paced(self, request: httpx.Request) -> bool:
        """Return whether who asks waits by itself after a 429; for unknown ones nobody does."""
        operation = self.find(request)
        return operation is not None and operation.paced
