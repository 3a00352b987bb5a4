"""Answering of requests, shared by the dialects.

A request is authorized before its body is read.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Generic, TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from ibmq_backend.emulator.core.errors import (
    DomainError,
    InternalError,
    ServiceUnavailable,
    StorageFull,
    TooManyLogins,
    WrongLogin,
)
from ibmq_backend.emulator.core.observer import (
    LOGGED_IN,
    REFUSED,
    THROTTLED,
    LoginAttempt,
    Observer,
)
from ibmq_backend.emulator.core.prepared import Prepared
from ibmq_backend.emulator.core.raw_json import RawJson, compact_json
from ibmq_backend.emulator.store.database import Store, is_full, is_outage, reason_of
from ibmq_backend.emulator.wire.body import SMALL_BODY_BYTES, Body, BodyReader, has_body
from ibmq_backend.emulator.wire.connections import abort, trust
from ibmq_backend.emulator.wire.login_guard import LoginGuard

_log: Final = logging.getLogger(__name__)
_T = TypeVar("_T")
_Authorization = TypeVar("_Authorization")
_Arguments = TypeVarTuple("_Arguments")


_WireError = TypeVar("_WireError", bound=Exception)


@dataclass(frozen=True)
class ErrorFormat(Generic[_WireError]):
    """The error replies of a dialect.

    Attributes:
        errors: base class of its wire errors.
        translate: converts a domain error into a wire error.
        response: returns the reply for a wire error.
    """

    errors: type[_WireError]
    translate: Callable[[DomainError], _WireError]
    response: Callable[[_WireError], Response]


@dataclass(frozen=True)
class Operation(Generic[_Authorization]):
    """How a server runs one operation; ``authorize`` and ``run`` are called in a thread.

    Attributes:
        name: operation id.
        max_body_bytes: maximum size of the body.
        anonymous: whether the operation needs no token or signature.
        authorize: checks the head of a request and returns the authorization.
        run: runs the operation and returns the reply.
        owner: returns the user of an authorization, whose unfinished bodies are counted.
        reads_whole: whether ``run`` reads the body into memory; then large bodies are processed one
            at a time.
    """

    name: str
    max_body_bytes: int
    anonymous: bool
    authorize: Callable[[HttpRequest], _Authorization]
    run: Callable[[HttpRequest, Body, _Authorization], Response]
    owner: Callable[[_Authorization], str]
    reads_whole: bool = True


class Exchanges:
    """Request handling of one server.

    Args:
        limiter: limits the number of threads that use the database.
        bodies: reads the bodies.
        logins: slows down guessing of API tokens.
        store: the database; the reads of a request without a body are one transaction.
        observer: receives the logins and the requests.
    """

    def __init__(
        self,
        limiter: anyio.CapacityLimiter,
        bodies: BodyReader,
        logins: LoginGuard,
        store: Store,
        observer: Observer,
    ) -> None:
        self.limiter = limiter
        self._large = anyio.CapacityLimiter(1)
        self._bodies = bodies
        self._logins = logins
        self._store = store
        self.observer = observer

    async def answer(
        self,
        http: HttpRequest,
        operation: Operation[_Authorization],
        error_format: ErrorFormat[_WireError],
    ) -> Response:
        """Answer a request, with an error of the dialect if it fails."""
        failed: Exception
        started = time.monotonic()
        try:
            response = await self._answer(http, operation)
            self.observer.request(operation.name, response.status_code, time.monotonic() - started)
            return response
        except ClientDisconnect:
            return Response(status_code=400)  # the client has disconnected
        except error_format.errors as error:
            failed, wire_error = error, error
        except (Exception, asyncio.CancelledError) as failure:
            domain_error = _domain_error(failure, operation.name)
            failed, wire_error = domain_error, error_format.translate(domain_error)
        response = error_format.response(wire_error)
        self.observer.request(operation.name, response.status_code, time.monotonic() - started)
        if isinstance(failed, WrongLogin):
            await self._logins.delay_reply(failed)
        return response

    async def _answer(self, http: HttpRequest, operation: Operation[_Authorization]) -> Response:
        if not has_body(http):
            response = await self._run(self._answer_without_body, http, operation)
            if not operation.anonymous:
                trust(http.scope)  # sending the reply may take long
            return response
        authorization = await self._run(operation.authorize, http)
        if not operation.anonymous:
            trust(http.scope)
        owner = operation.owner(authorization)
        body = await self._bodies.read(http, operation.max_body_bytes, owner)
        try:
            if operation.reads_whole and body.size > SMALL_BODY_BYTES:
                run, one = operation.run, self._large
                return await anyio.to_thread.run_sync(run, http, body, authorization, limiter=one)
            return await self._run(operation.run, http, body, authorization)
        finally:
            body.close()

    def _answer_without_body(
        self, http: HttpRequest, operation: Operation[_Authorization]
    ) -> Response:
        with self._store.shared_read():
            return operation.run(http, Body(BytesIO(), 0), operation.authorize(http))

    async def _run(
        self, function: Callable[[Unpack[_Arguments]], _T], *arguments: *_Arguments
    ) -> _T:
        return await anyio.to_thread.run_sync(function, *arguments, limiter=self.limiter)

    def check_login(
        self,
        http: HttpRequest,
        dialect: str,
        function: Callable[[Unpack[_Arguments]], _T],
        *arguments: *_Arguments,
    ) -> _T:
        """Call a function that checks an API token, unless the client has guessed too often.

        Args:
            http: the request.
            dialect: see :class:`~ibmq_backend.emulator.core.observer.LoginAttempt`.
            function: raises an error for a wrong token.
            *arguments: arguments of the function.

        Raises:
            TooManyLogins: the client has to wait; the function was not called.
        """
        address = _address(http)
        try:
            return self._logins.check_login(address, function, *arguments)
        except (DomainError, WrongLogin) as error:
            outcome = THROTTLED if isinstance(error, TooManyLogins) else REFUSED
            self.observer.login(LoginAttempt(dialect, address, outcome))
            raise

    def report_login(self, http: HttpRequest, dialect: str, user_id: str) -> None:
        """Tell the observer that a user has logged in."""
        self.observer.login(LoginAttempt(dialect, _address(http), LOGGED_IN, user_id))

    def stream(
        self, http: HttpRequest, content: RawJson, status: int, headers: dict[str, str]
    ) -> Response:
        """Return a reply whose content is read in pieces while the client receives it."""
        return StreamingResponse(
            self._pieces(http, content.pieces()),
            status,
            {**headers, "Content-Length": str(content.size)},
            "application/json",
        )

    async def _pieces(self, http: HttpRequest, pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
        try:
            while piece := await self._run(next, pieces, b""):
                yield piece
        except (OSError, SQLAlchemyError) as failure:
            _log.warning("a reply is incomplete: %s", reason_of(failure))
            abort(http.scope)
            await anyio.sleep_forever()  # cancelled when the connection has ended


def prepared_reply(
    http: HttpRequest, document: Prepared, status: int, headers: dict[str, str]
) -> Response:
    """Return a document with its entity tag, or 304 to a client that has it already."""
    headers = {**headers, "ETag": document.etag, "Cache-Control": "private, no-cache"}
    if document.is_known(http.headers.get("if-none-match")):
        return Response(status_code=304, headers=headers)
    return Response(document.content, status, headers, "application/json")


class JsonReply(JSONResponse):
    """JSON in UTF-8; in ASCII if the document contains unpaired surrogates."""

    def render(self, content: Any) -> bytes:
        """Return the bytes of a document."""
        return compact_json(content)


def _address(http: HttpRequest) -> str | None:
    return None if http.client is None else http.client.host


def _fields(operation: str, status: int) -> dict[str, Any]:
    return {"operation": operation, "status": status}


def _domain_error(failure: BaseException, operation: str) -> DomainError:
    if isinstance(failure, ServiceUnavailable):
        reason = failure.__cause__ or "too many bodies at a time"
        extra = _fields(operation, 503)
        _log.warning("%s is not available: %s", operation, reason, extra=extra)
    if isinstance(failure, DomainError):
        return failure
    if isinstance(failure, asyncio.CancelledError):  # the server shuts down
        return ServiceUnavailable()
    if isinstance(failure, SQLAlchemyError) and is_outage(failure):
        return StorageFull() if is_full(failure) else ServiceUnavailable()
    if isinstance(failure, Exception) and is_full(failure):
        reason = reason_of(failure)
        extra = _fields(operation, 507)
        _log.warning("%s: no disk space for the body: %s", operation, reason, extra=extra)
        return StorageFull()
    # Clients can read only the error format of the service.
    _log.error("%s failed", operation, exc_info=failure, extra=_fields(operation, 500))
    return InternalError()
