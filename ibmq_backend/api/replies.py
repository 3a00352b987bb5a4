"""Reading what the generated bindings return; the same for both dialects."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

import httpx

from ibmq_backend._http.errors import unexpected_reply
from ibmq_backend._http.operations import Operation

Model = TypeVar("Model")
Parsed = TypeVar("Parsed", covariant=True)


class Reply(Protocol[Parsed]):
    """What the bindings return, as far as it is used here."""

    @property
    def status_code(self) -> int:
        """HTTP status."""
        ...

    @property
    def content(self) -> bytes:
        """The body."""
        ...

    @property
    def parsed(self) -> Parsed | None:
        """The model, ``None`` for a status that is not described."""
        ...


def expect(operation: Operation, reply: Reply[Any], model: type[Model]) -> Model:
    """Return the model of a reply.

    Raises:
        ApiProtocolError: the status is a success that the description does not know.
    """
    if not isinstance(reply.parsed, model):
        raise unexpected_reply(operation, f"has the status {reply.status_code}, not described.")
    return reply.parsed


def expect_any(operation: Operation, reply: Reply[Any]) -> Any:
    """Return the free document of a reply, null included.

    Raises:
        ApiProtocolError: the status is a success that the description does not know.
    """
    if reply.status_code != httpx.codes.OK:
        raise unexpected_reply(operation, f"has the status {reply.status_code}, not described.")
    return reply.parsed
