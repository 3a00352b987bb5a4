"""ASGI middleware that injects scripted faults into requests.

For each request the layer finds the operation, lets the plan count the call, and injects the fault
that the plan picks. The service itself is unchanged: when a fault says that a request was handled,
the service has handled it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from email.utils import formatdate
from typing import IO, Final

import anyio
import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.faults.connections import Connection, Hold, connection_of, until_gone
from ibmq_backend.emulator.faults.plan import Call, FaultPlan
from ibmq_backend.emulator.faults.replies import FAULTS_HEADER, FAULTS_ON, BoundOperation, reply_of
from ibmq_backend.emulator.faults.script import Fault
from ibmq_backend.emulator.faults.stream import FaultyStream
from ibmq_backend.emulator.wire.body import PIECE_BYTES, SMALL_BODY_BYTES
from ibmq_backend.emulator.wire.endpoints import Endpoints

_Handler = Callable[["_Exchange"], Awaitable[None]]


class FaultLayer:
    """Injects the faults of a plan into the requests of an application.

    Args:
        application: the service, with routing.
        plan: the faults.
        operations: the operations of the service.
        limiter: bounds the threads that use the database.
        largest_body: maximum number of bytes that are read of an unused request body.
        wall_time: returns seconds since 1970, for the header ``Date``.
    """

    def __init__(
        self,
        application: ASGIApp,
        plan: FaultPlan,
        operations: Sequence[BoundOperation],
        limiter: anyio.CapacityLimiter,
        largest_body: int,
        wall_time: Callable[[], float] = time.time,
    ) -> None:
        self.application = application
        self.plan = plan
        self._operations = {one.endpoint: one for one in operations}
        self._endpoints = Endpoints(self._operations)
        self._dialects = tuple(dict.fromkeys(one.dialect for one in operations))
        self._limiter = limiter
        self.largest_body = largest_body
        self.wall_time = wall_time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one status stream."""
        bound = self._operation(scope)
        call = self.plan.call(None if bound is None else bound.operation)
        if scope["type"] == "websocket":
            stream = FaultyStream(
                self.application, self.plan, call, bound, self.revoke, self.wall_time
            )
            await stream.serve(scope, receive, send)
            return
        exchange = _Exchange(self, call, bound, scope, receive, send)
        handler = _HANDLERS[call.fault.kind] if call.fault else _Exchange.pass_through
        await handler(exchange)

    async def revoke_token_of(self, connection: HTTPConnection) -> None:
        """Revoke the token that a request carries, in whichever dialect."""
        for dialect in self._dialects:
            if (token := dialect.token_of(connection)) is not None:
                await self.revoke(dialect, token)

    async def revoke(self, dialect: Dialect, token: str) -> None:
        """Revoke an access token of a dialect."""
        await anyio.to_thread.run_sync(dialect.revoke, token, limiter=self._limiter)

    def _operation(self, scope: Scope) -> BoundOperation | None:
        found = self._endpoints.find(scope)
        return None if found is None else self._operations[found[0]]


class _Exchange:
    """One request and its reply."""

    def __init__(
        self,
        layer: FaultLayer,
        call: Call,
        bound: BoundOperation | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self.layer = layer
        self.call = call
        self.scope = scope
        self._bound = bound
        self._receive = receive
        self._send = send

    @property
    def fault(self) -> Fault:
        """The fault of this request."""
        assert self.call.fault is not None
        return self.call.fault

    @property
    def bound(self) -> BoundOperation:
        """The requested operation."""
        assert self._bound is not None
        return self._bound

    @property
    def connection(self) -> Connection:
        """The connection of the request."""
        return connection_of(self.scope)

    # -- handlers of the kinds --------------------------------------------------------------

    async def pass_through(self) -> None:
        """Let the service answer."""
        await self.layer.application(self.scope, self._receive, self._answer)

    async def replace(self) -> None:
        """Send another reply; the service handles the request only with ``handled``."""
        if self.fault.handled:
            await self._handled()
        else:
            await self._drop()
        reply = reply_of(self.fault, self.bound, self.layer.wall_time())
        await reply(self.scope, self._receive, self._answer)

    async def delay(self) -> None:
        """Send the true reply later.

        With ``handled = false`` the service handles the request after the delay, and only if the
        client is still connected.
        """
        hold, seconds = self._hold(), self.fault.seconds
        if self.fault.handled is False:
            with tempfile.SpooledTemporaryFile(max_size=SMALL_BODY_BYTES) as kept:
                await self._drop(keep=kept)
                if not await hold.wait(seconds, self._receive):
                    await self._end("close")
                    return
                kept.seek(0)
                self._receive = _again(kept, self._receive)
                await self.pass_through()
            return
        start, body = await self._handled()
        if await hold.wait(seconds, self._receive):
            await self._answer(start)
            await self._answer({"type": "http.response.body", "body": body})
        else:
            await self._end("close")

    async def refuse(self) -> None:
        """End the connection once the operation is known, and close the port for a while."""
        self.connection.refuse(self.fault.how, self.fault.seconds, self.layer.plan.on_release)
        await until_gone(self._receive)

    async def reset_before(self) -> None:
        """Reset after the request or a part of it, before the service handles it."""
        await self._drop(self.fault.after_bytes)
        await self._end("reset")

    async def reset_during(self) -> None:
        """Send part of the true reply, then reset the connection."""
        await self._begin(await self._handled())
        await self.connection.drain()
        await self._end("reset")

    async def truncate(self) -> None:
        """Send part of the true reply, then close the connection."""
        await self._begin(await self._handled())
        await self._end("close")

    async def lose_response(self) -> None:
        """Let the service handle the request and send no reply."""
        await self._handled()
        await self._end(self.fault.how or "close")

    async def stall(self) -> None:
        """Send part of the true reply, wait, then send the rest."""
        hold = self._hold()
        rest = await self._begin(await self._handled())
        if await hold.wait(self.fault.seconds, self._receive):
            await self._answer({"type": "http.response.body", "body": rest})
        else:
            await self._end("close")

    async def expire_token(self) -> None:
        """Revoke the token, then let the service answer."""
        await self.layer.revoke_token_of(HTTPConnection(self.scope))
        await self.pass_through()

    async def skew_clock(self) -> None:
        """Send the true reply with the times of a wrong clock."""
        seconds = self.fault.seconds or 0.0
        start, body = await self._handled()
        headers = MutableHeaders(scope=start)
        if start["status"] < 400:
            operation_id = self.bound.operation.operation_id
            body = self.bound.dialect.with_clock_ahead(body, operation_id, seconds)
            if "content-length" in headers:
                headers["content-length"] = str(len(body))
        headers["date"] = formatdate(self.layer.wall_time() + seconds, usegmt=True)
        await self._answer(start)
        await self._answer({"type": "http.response.body", "body": body})

    # -- helpers ----------------------------------------------------------------------------

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.call.answered(message["status"])
            headers = MutableHeaders(scope=message)
            headers.setdefault("date", formatdate(self.layer.wall_time(), usegmt=True))
            headers[FAULTS_HEADER] = FAULTS_ON
        await self._send(message)

    async def _handled(self) -> tuple[Message, bytes]:
        """Return the reply of the service: its start message and its body."""
        starts: list[Message] = []
        body = bytearray()

        async def keep(message: Message) -> None:
            if message["type"] == "http.response.start":
                starts.append(message)
            else:
                body.extend(message.get("body", b""))

        await self.layer.application(self.scope, self._receive, keep)
        return starts[0], bytes(body)

    async def _begin(self, reply: tuple[Message, bytes]) -> bytes:
        """Send the first part of a reply, never all of it, and return the rest."""
        start, body = reply
        if not body:
            # An empty body cannot be cut short, so one byte is announced.
            MutableHeaders(scope=start)["content-length"] = "1"
            body = b"\n"
        wanted = len(body) // 2 if self.fault.after_bytes is None else self.fault.after_bytes
        count = min(wanted, len(body) - 1)
        await self._answer(start)
        part = {"type": "http.response.body", "body": body[:count], "more_body": True}
        await self._answer(part)
        return body[count:]

    async def _drop(self, count: int | None = None, keep: IO[bytes] | None = None) -> None:
        """Read ``count`` bytes of the request body; by default up to ``largest_body``."""
        most = self.layer.largest_body if count is None else count
        size = 0
        while size < most:
            message = await self._receive()
            body = message.get("body", b"")
            size += len(body)
            if keep is not None:
                keep.write(body)
            if message["type"] == "http.disconnect" or not message.get("more_body", False):
                break

    def _hold(self) -> Hold:
        return Hold(self.connection, self.layer.plan.on_release)

    async def _end(self, how: str) -> None:
        self.connection.end(how)
        await until_gone(self._receive)


def _again(content: IO[bytes], receive: Receive) -> Receive:
    """Receive a request body that has been read already, then further messages."""
    ended = False

    async def again() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        piece = content.read(PIECE_BYTES)
        ended = not piece
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    return again


_HANDLERS: Final[dict[str, _Handler]] = {
    "status": _Exchange.replace,
    "delay": _Exchange.delay,
    "refuse": _Exchange.refuse,
    "reset_before": _Exchange.reset_before,
    "reset_during": _Exchange.reset_during,
    "lost_response": _Exchange.lose_response,
    "truncate": _Exchange.truncate,
    "stall": _Exchange.stall,
    "expired_token": _Exchange.expire_token,
    "wrong_json": _Exchange.replace,
    "html": _Exchange.replace,
    "rate_limit": _Exchange.replace,
    "clock_skew": _Exchange.skew_clock,
}
