"""The way of a request to its reply, the same in every dialect.

Requests are authorised before their bodies are read.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Generic, TypeVar, TypeVarTuple, Unpack

import anyio
import anyio.to_thread
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response, StreamingResponse

from ibmq_backend.emulator.core.errors import (
    DomainError,
    InternalError,
    ServiceUnavailable,
    StorageFull,
    WrongLogin,
)
from ibmq_backend.emulator.core.raw_json import RawJson
from ibmq_backend.emulator.store.database import StoreFull, is_full, reason_of
from ibmq_backend.emulator.wire.body import SMALL_BODY_BYTES, Body, BodyReader, has_body
from ibmq_backend.emulator.wire.connections import abort, trust
from ibmq_backend.emulator.wire.login_guard import LoginGuard

_log: Final = logging.getLogger(__name__)
_T = TypeVar("_T")
_Right = TypeVar("_Right")
_Arguments = TypeVarTuple("_Arguments")


_WireError = TypeVar("_WireError", bound=Exception)


@dataclass(frozen=True)
class Wording(Generic[_WireError]):
    """How a dialect says what went wrong with a request.

    Attributes:
        errors: class of its wire errors.
        translate: returns a domain error as a wire error.
        response: returns the reply for a wire error.
    """

    errors: type[_WireError]
    translate: Callable[[DomainError], _WireError]
    response: Callable[[_WireError], Response]


@dataclass(frozen=True)
class Operation(Generic[_Right]):
    """What a server does for one operation; both functions run in a thread.

    Attributes:
        name: operation id.
        largest_body: in bytes.
        anonymous: whether anybody may do it.
        authorize: returns who may do it, by the head of the request alone.
        work: does it, and returns the reply.
        owner: returns the user for whom it is done, whose unfinished bodies are counted.
        reads_whole: whether the work needs the body in memory; large ones go one at a time then.
    """

    name: str
    largest_body: int
    anonymous: bool
    authorize: Callable[[HttpRequest], _Right]
    work: Callable[[HttpRequest, Body, _Right], Response]
    owner: Callable[[_Right], str]
    reads_whole: bool = True


class Exchanges:
    """Answers requests of one server.

    Args:
        limiter: bounds the threads that use the database.
        bodies: reads the bodies.
        logins: slows down guessing of API tokens.
    """

    def __init__(
        self, limiter: anyio.CapacityLimiter, bodies: BodyReader, logins: LoginGuard
    ) -> None:
        self.limiter = limiter
        self._large = anyio.CapacityLimiter(1)
        self._bodies = bodies
        self._logins = logins

    async def answer(
        self, http: HttpRequest, operation: Operation[_Right], wording: Wording[_WireError]
    ) -> Response:
        """Answer a request; an error is answered in the words of the dialect."""
        wrong: Exception
        try:
            return await self._answer(http, operation)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody reads it
        except wording.errors as error:
            wrong, wire_error = error, error
        except (Exception, asyncio.CancelledError) as failure:
            domain_error = _domain_error(failure, operation.name)
            wrong, wire_error = domain_error, wording.translate(domain_error)
        if isinstance(wrong, WrongLogin):
            await self._logins.hold_back(wrong)
        return wording.response(wire_error)

    async def _answer(self, http: HttpRequest, operation: Operation[_Right]) -> Response:
        if not has_body(http):
            response = await self._run(_answer_without_body, http, operation)
            if not operation.anonymous:
                trust(http.scope)  # it may take long to send
            return response
        right = await self._run(operation.authorize, http)
        if not operation.anonymous:
            trust(http.scope)
        owner = operation.owner(right)
        body = await self._bodies.read(http, operation.largest_body, owner)
        try:
            if operation.reads_whole and body.size > SMALL_BODY_BYTES:
                work, one = operation.work, self._large
                return await anyio.to_thread.run_sync(work, http, body, right, limiter=one)
            return await self._run(operation.work, http, body, right)
        finally:
            body.close()

    async def _run(
        self, function: Callable[[Unpack[_Arguments]], _T], *arguments: *_Arguments
    ) -> _T:
        return await anyio.to_thread.run_sync(function, *arguments, limiter=self.limiter)

    def examine(
        self,
        http: HttpRequest,
        function: Callable[[Unpack[_Arguments]], _T],
        *arguments: *_Arguments,
    ) -> _T:
        """Call a function that looks at an API token, slowing down clients that guess; in a thread.

        Raises:
            TooManyLogins: client has to wait; the function was not called.
        """
        address = None if http.client is None else http.client.host
        return self._logins.examine(address, function, *arguments)

    def stream(
        self, http: HttpRequest, content: RawJson, status: int, headers: dict[str, str]
    ) -> Response:
        """Return a reply whose content is read piece by piece, as fast as the client takes it."""
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
            _log.warning("a reply breaks off: %s", reason_of(failure))
            abort(http.scope)
            await anyio.sleep_forever()  # cancelled when the connection has ended


class JsonReply(JSONResponse):
    """JSON in UTF-8; what UTF-8 cannot hold, such as half a surrogate pair, is escaped."""

    def render(self, content: Any) -> bytes:
        """Return the text of a document."""
        try:
            return super().render(content)
        except UnicodeEncodeError:
            return json.dumps(content, separators=(",", ":")).encode()


def _answer_without_body(http: HttpRequest, operation: Operation[_Right]) -> Response:
    return operation.work(http, Body(BytesIO(), 0), operation.authorize(http))


def _domain_error(failure: BaseException, operation: str) -> DomainError:
    if isinstance(failure, DomainError):
        return failure
    if isinstance(failure, asyncio.CancelledError):  # the server stops
        return ServiceUnavailable()
    if isinstance(failure, OperationalError | StoreFull):
        _log.warning("%s: the store cannot be used: %s", operation, reason_of(failure))
        return StorageFull() if is_full(failure) else ServiceUnavailable()
    if isinstance(failure, Exception) and is_full(failure):
        _log.warning("%s: no room for the body: %s", operation, reason_of(failure))
        return StorageFull()
    # A defect must look like the service's own, with the envelope that clients can read.
    _log.error("%s failed", operation, exc_info=failure)
    return InternalError()
