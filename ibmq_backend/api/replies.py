"""Reading what the generated bindings return; the same for both dialects."""

from __future__ import annotations

import os
from typing import Any, Final, Protocol, TypeVar

import httpx

from ibmq_backend._http.errors import unexpected_reply
from ibmq_backend._http.operations import Operation
from ibmq_backend.exceptions import ApiNotFound

Model = TypeVar("Model")
Parsed = TypeVar("Parsed", covariant=True)

CLIENT_HEADER: Final = "X-Qx-Client-Application"
CUSTOM_CLIENT_VARIABLE: Final = "QE_CUSTOM_CLIENT_APP_HEADER"


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


def client_headers(version: str) -> dict[str, str]:
    """Return the headers that say which program is asking."""
    name = f"ibmq-backend/{version}"
    custom = os.environ.get(CUSTOM_CLIENT_VARIABLE, "")
    printable = "".join(c for c in custom if c.isascii() and c.isprintable())
    return {
        CLIENT_HEADER: f"{name}/{printable}" if printable else name,
        "User-Agent": name,
    }


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


def path_part(what: str, value: str) -> str:
    """Return a name that is about to become part of a path.

    Raises:
        ApiNotFound: nothing can have this name; asking for it would ask for something else.
    """
    if not isinstance(value, str) or not value.strip(". "):
        raise ApiNotFound(f"{value!r} is not a {what}.", accepted=False)
    return value


def wire_text(value: Any) -> str:
    """Return a value that has to be text.

    Raises:
        TypeError: it is not, or it is empty.
    """
    if not isinstance(value, str) or not value:
        raise TypeError(f"{type(value).__name__} instead of text")
    return value
