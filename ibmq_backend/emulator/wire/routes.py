"""The operations of a dialect as its generated table lists them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import NamedTuple

from ibmq_backend.emulator.core.errors import EmulatorError


class Route(NamedTuple):
    """One operation.

    Attributes:
        operation_id: as in the description, for example ``getJob``.
        dialect: name of the description.
        method: upper case.
        path: with ``{names}`` for the path parameters.
        success_status: status of the usual success reply.
        authenticated: whether the request must carry a token.
        retry_safe: whether sending it twice cannot create or change anything twice.
        stream: whether it is a websocket.
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
        """``dialect:operation_id``."""
        return f"{self.dialect}:{self.operation_id}"


def check_coverage(
    routes: Iterable[Route], handlers: Collection[str], not_emulated: Collection[str]
) -> None:
    """Check that handlers and exceptions make up a table.

    Args:
        routes: the table.
        handlers: operation ids that have a handler.
        not_emulated: operation ids that have none on purpose.

    Raises:
        EmulatorError: an operation has neither or both, or is not described.
    """
    described = {route.operation_id for route in routes}
    offered = {*handlers, *not_emulated}
    both = sorted(set(handlers) & set(not_emulated))
    if described != offered or both:
        raise EmulatorError(
            f"without handler: {sorted(described - offered)}; "
            f"not described: {sorted(offered - described)}; both: {both}"
        )


def matching_order(path: str) -> list[bool]:
    """Return a key that sorts fixed path segments before parameters, from the left."""
    return [segment.startswith("{") for segment in path.split("/")]
