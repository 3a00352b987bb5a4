"""Sends the requests of an account and reads the replies; used by both adapters."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, ParamSpec, Protocol, TypeVar, cast

import httpx

from ibmq_backend._http.errors import call, unexpected_reply
from ibmq_backend._http.operations import DescribedOperation, Operation, OperationTable
from ibmq_backend.exceptions import ApiConnectionError, ApiError, ApiNotFound, ApiProtocolError

P = ParamSpec("P")
Reply = TypeVar("Reply")
Model = TypeVar("Model")
Model_co = TypeVar("Model_co", covariant=True)
Value = TypeVar("Value")

CLIENT_HEADER: Final = "X-Qx-Client-Application"
CUSTOM_CLIENT_VARIABLE: Final = "QE_CUSTOM_CLIENT_APP_HEADER"


class BindingReply(Protocol[Model_co]):
    """The part of a generated reply that is used here."""

    @property
    def status_code(self) -> int:
        """HTTP status."""
        ...

    @property
    def parsed(self) -> Model_co | None:
        """The model, or ``None`` for a status that the specification does not describe."""
        ...


class HttpCalls:
    """Sends requests through one HTTP client; raises :class:`ApiError` only.

    Args:
        http: the client.
        operations: the operations of the service.
        add_hint: adds to an error what the user can do about it.
    """

    def __init__(
        self,
        http: httpx.Client,
        operations: OperationTable,
        add_hint: Callable[[ApiError], None] | None = None,
    ) -> None:
        self._http = http
        self._operations = operations
        self._add_hint = add_hint

    def call(
        self,
        operation: DescribedOperation,
        function: Callable[P, BindingReply[Model]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Model:
        """Send a request with a function of the bindings and return the model of its reply.

        Args:
            operation: the operation of the request.
            function: the ``sync_detailed`` of the operation.
            *args: positional arguments of the function.
            **kwargs: keyword arguments of the function.

        Raises:
            ApiProtocolError: the reply does not match the specification.
            ApiError: any other failure.
        """
        return self.read(operation, _unchanged, function, *args, **kwargs)

    def read(
        self,
        operation: DescribedOperation,
        reader: Callable[[Model], Value],
        function: Callable[P, BindingReply[Model]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Value:
        """Send a request as :meth:`call` does and convert the model with a reader.

        If the reader raises, the request fails with an ``ApiProtocolError``.
        """

        def described(reply: BindingReply[Model]) -> Value:
            if reply.parsed is None and reply.status_code != operation.success_status:
                raise self.unexpected(
                    operation, f"has the undocumented status {reply.status_code}."
                )
            return reader(cast(Model, reply.parsed))  # the document may be null

        return self.exchange(operation, described, function, *args, **kwargs)

    def exchange(
        self,
        operation: DescribedOperation | Operation,
        reader: Callable[[Reply], Value],
        function: Callable[P, Reply],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Value:
        """Send a request and convert the reply, whatever its status, with a reader.

        Raises:
            ApiError: the request failed, or the reply cannot be read.
        """
        known = self._known(operation)
        if self._http.is_closed:
            closed = ApiConnectionError(
                f"{known.id} cannot be sent: the connection of this account is closed. Load the "
                "account again: IBMQ.load_account().",
                operation=known.id,
                method=known.method,
                path=known.path,
                accepted=False,
            )
            closed.temporary = False  # retrying does not help
            raise closed
        try:
            return call(known, lambda: reader(function(*args, **kwargs)))
        except ApiError as error:
            if self._add_hint is not None:
                self._add_hint(error)
            raise

    def unexpected(self, operation: DescribedOperation, what: str) -> ApiProtocolError:
        """Return the error for a readable reply that does not match the specification."""
        return unexpected_reply(self._known(operation), what)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _known(self, operation: DescribedOperation | Operation) -> Operation:
        if isinstance(operation, Operation):
            return operation
        return self._operations[operation.operation_id]


def _unchanged(model: Model) -> Model:
    return model


def user_agent(version: str) -> dict[str, str]:
    """Return the header that identifies this package."""
    return {"User-Agent": f"ibmq-backend/{version}"}


def client_headers(version: str) -> dict[str, str]:
    """Return the headers that identify the client program to a quantum service."""
    agent = user_agent(version)
    name = agent["User-Agent"]
    custom = os.environ.get(CUSTOM_CLIENT_VARIABLE, "")
    printable = "".join(c for c in custom if c.isascii() and c.isprintable())
    return {CLIENT_HEADER: f"{name}/{printable}" if printable else name, **agent}


def path_part(what: str, value: str) -> str:
    """Return a name for use as a part of a path, after checking it.

    Raises:
        ApiNotFound: the name is empty or consists of dots, which would change the path.
    """
    if not isinstance(value, str) or not value.strip(". "):
        raise ApiNotFound(f"{value!r} is not a {what}.", accepted=False)
    return value


def wire_text(value: str) -> str:
    """Return a value of a reply that must be text.

    Raises:
        TypeError: the value is not text, or is empty.
    """
    if not isinstance(value, str) or not value:
        raise TypeError(f"{type(value).__name__} instead of text")
    return value
