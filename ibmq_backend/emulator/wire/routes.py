"""Descriptions of operations, as in the generated tables of the dialects."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from ibmq_backend.emulator.core.errors import EmulatorError


class Route(NamedTuple):
    """One operation.

    Attributes:
        operation_id: operation id of the specification, for example ``getJob``.
        dialect: name of the specification.
        method: HTTP method in upper case.
        path: path with ``{names}`` for the path parameters.
        success_status: usual HTTP status of a successful reply.
        authenticated: whether a request needs a token.
        retry_safe: whether repeating a request has no further effect.
        stream: whether the operation is a websocket.
    """

    operation_id: str
    dialect: str
    method: str
    path: str
    success_status: int
    authenticated: bool
    retry_safe: bool
    stream: bool = False

    @property
    def qualified(self) -> str:
        """The qualified name, ``dialect:operation_id``."""
        return f"{self.dialect}:{self.operation_id}"


def check_coverage(
    routes: Iterable[Route], handlers: Collection[str], not_emulated: Collection[str]
) -> None:
    """Check that every operation has a handler or is declared as not emulated.

    Args:
        routes: the operations.
        handlers: ids of the operations with a handler.
        not_emulated: ids of the operations that are deliberately missing.

    Raises:
        EmulatorError: an operation is in neither or both of the lists, or is unknown.
    """
    described = {route.operation_id for route in routes}
    offered = {*handlers, *not_emulated}
    both = sorted(set(handlers) & set(not_emulated))
    if described != offered or both:
        raise EmulatorError(
            f"without handler: {sorted(described - offered)}; "
            f"not described: {sorted(offered - described)}; both: {both}"
        )
