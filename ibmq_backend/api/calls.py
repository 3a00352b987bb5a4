"""The requests of an account: sending one and reading its reply; the same for both dialects."""

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
    """What a function of the generated bindings returns, as far as it is used here."""

    @property
    def status_code(self) -> int:
        """HTTP status."""
        ...

    @property
    def parsed(self) -> Model_co | None:
        """The model, ``None`` for a status that is not described."""
        ...


class HttpCalls:
    """Requests through one HTTP client; raises :class:`ApiError` and nothing else.

    Args:
        http: the client.
        operations: the operations of the service.
        add_hint: lets an error tell what to do about it.
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
        """Send a request by a function of the bindings, and return the model of its reply.

        Args:
            operation: which request this is.
            function: the ``sync_detailed`` of the operation.
            *args: for the function.
            **kwargs: for the function.

        Raises:
            ApiProtocolError: the reply is not as described.
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
        """Send a request as :meth:`call` does, and return what a reader makes of the model.

        What the reader cannot understand is an ``ApiProtocolError`` of this request.
        """

        def described(reply: BindingReply[Model]) -> Value:
            if reply.parsed is None and reply.status_code != operation.success_status:
                raise self.unexpected(
                    operation, f"has the status {reply.status_code}, not described."
                )
            return reader(cast(Model, reply.parsed))  # null is the whole of a free document

        return self.exchange(operation, described, function, *args, **kwargs)

    def exchange(
        self,
        operation: DescribedOperation | Operation,
        reader: Callable[[Reply], Value],
        function: Callable[P, Reply],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> Value:
        """Send a request, and return what a reader makes of the reply whatever its status.

        Raises:
            ApiError: as :meth:`call`.
        """
        known = self._known(operation)
        if self._http.is_closed:
            closed = ApiConnectionError(
                f"{known.id} cannot be sent: the connection of this account is closed.",
                operation=known.id,
                method=known.method,
                path=known.path,
                accepted=False,
            )
            closed.temporary = False  # it will not be opened again
            raise closed
        try:
            return call(known, lambda: reader(function(*args, **kwargs)))
        except ApiError as error:
            if self._add_hint is not None:
                self._add_hint(error)
            raise

    def unexpected(self, operation: DescribedOperation, what: str) -> ApiProtocolError:
        """Return the error for a reply that reads well but says something not described."""
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


def client_headers(version: str) -> dict[str, str]:
    """Return the headers that say which program is asking."""
    name = f"ibmq-backend/{version}"
    custom = os.environ.get(CUSTOM_CLIENT_VARIABLE, "")
    printable = "".join(c for c in custom if c.isascii() and c.isprintable())
    return {
        CLIENT_HEADER: f"{name}/{printable}" if printable else name,
        "User-Agent": name,
    }


def path_part(what: str, value: str) -> str:
    """Return a name that is about to become part of a path.

    Raises:
        ApiNotFound: nothing can have this name; asking for it would ask for something else.
    """
    if not isinstance(value, str) or not value.strip(". "):
        raise ApiNotFound(f"{value!r} is not a {what}.", accepted=False)
    return value


def wire_text(value: str) -> str:
    """Return a value that has to be text.

    Raises:
        TypeError: it is not, or it is empty.
    """
    if not isinstance(value, str) or not value:
        raise TypeError(f"{type(value).__name__} instead of text")
    return value
