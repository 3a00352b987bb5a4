"""The one place where scripted faults happen: an ASGI layer around the whole service.

Requests come in with their path in order; the layer finds the operation, has the plan count the
call, and lets happen what the plan says. What the service itself does is not touched: where a
fault says that a request was handled, the service has handled it.
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
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.faults.connections import Connection, Hold, connection_of, until_gone
from ibmq_backend.emulator.faults.plan import Call, FaultPlan
from ibmq_backend.emulator.faults.replies import FAULTS_HEADER, FAULTS_ON, BoundOperation, reply_of
from ibmq_backend.emulator.faults.script import Fault
from ibmq_backend.emulator.faults.stream import FaultyStream
from ibmq_backend.emulator.wire.body import PIECE_BYTES, SMALL_BODY_BYTES

_Happening = Callable[["_Exchange"], Awaitable[None]]


class FaultLayer:
    """Lets the faults of a plan happen to the requests of an application.

    Args:
        application: the service, with routing.
        plan: what goes wrong.
        operations: the operations of the service, in matching order.
        limiter: bounds the threads that use the database.
        largest_body: how much of a body that nobody reads is taken, in bytes.
        wall_time: seconds since 1970, for the header ``Date``.
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
        self._operations = tuple(operations)
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
        happening = _HAPPENINGS[call.fault.kind] if call.fault else _Exchange.pass_on
        await happening(exchange)

    async def revoke_shown(self, connection: HTTPConnection) -> None:
        """Let the token that a request shows hold no longer, whichever dialect it is of."""
        for dialect in self._dialects:
            if (token := dialect.token_of(connection)) is not None:
                await self.revoke(dialect, token)

    async def revoke(self, dialect: Dialect, token: str) -> None:
        """Let an access token of a dialect hold no longer."""
        await anyio.to_thread.run_sync(dialect.revoke, token, limiter=self._limiter)

    def _operation(self, scope: Scope) -> BoundOperation | None:
        for bound in self._operations:
            if bound.route.matches(scope)[0] is Match.FULL:
                return bound
        return None


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
        """What happens."""
        assert self.call.fault is not None
        return self.call.fault

    @property
    def bound(self) -> BoundOperation:
        """What was asked for."""
        assert self._bound is not None
        return self._bound

    @property
    def connection(self) -> Connection:
        """Where it came in."""
        return connection_of(self.scope)

    # -- what can happen --------------------------------------------------------------------

    async def pass_on(self) -> None:
        """Let the service answer."""
        await self.layer.application(self.scope, self._receive, self._answer)

    async def replace(self) -> None:
        """Send another reply than that of the service; the request is handled only if asked for."""
        if self.fault.handled:
            await self._handled()
        else:
            await self._drop()
        reply = reply_of(self.fault, self.bound, self.layer.wall_time())
        await reply(self.scope, self._receive, self._answer)

    async def delay(self) -> None:
        """Send the true reply later; a request that is handled late needs a client that waits."""
        hold, seconds = self._hold(), self.fault.seconds
        if self.fault.handled is False:
            with tempfile.SpooledTemporaryFile(max_size=SMALL_BODY_BYTES) as kept:
                await self._drop(keep=kept)
                if not await hold.wait(seconds, self._receive):
                    await self._end("close")
                    return
                kept.seek(0)
                self._receive = _again(kept, self._receive)
                await self.pass_on()
            return
        start, body = await self._handled()
        if await hold.wait(seconds, self._receive):
            await self._answer(start)
            await self._answer({"type": "http.response.body", "body": body})
        else:
            await self._end("close")

    async def refuse(self) -> None:
        """End the connection once it is known what is asked for, and close the port for a while."""
        self.connection.refuse(self.fault.how, self.fault.seconds, self.layer.plan.on_release)
        await until_gone(self._receive)

    async def reset_before(self) -> None:
        """Reset after the request, or a part of it, and before anything is done."""
        await self._drop(self.fault.after_bytes)
        await self._end("reset")

    async def reset_during(self) -> None:
        """Send a part of the true reply, then reset."""
        await self._begin(await self._handled())
        await self.connection.drain()
        await self._end("reset")

    async def truncate(self) -> None:
        """Send a part of the true reply, then end the connection in order."""
        await self._begin(await self._handled())
        await self._end("close")

    async def lose(self) -> None:
        """Let the service handle the request, and send no reply."""
        await self._handled()
        await self._end(self.fault.how or "close")

    async def stall(self) -> None:
        """Send a part of the true reply, wait, then send the rest."""
        hold = self._hold()
        rest = await self._begin(await self._handled())
        if await hold.wait(self.fault.seconds, self._receive):
            await self._answer({"type": "http.response.body", "body": rest})
        else:
            await self._end("close")

    async def expire_token(self) -> None:
        """Revoke the token, then let the service answer."""
        await self.layer.revoke_shown(HTTPConnection(self.scope))
        await self.pass_on()

    async def skew_clock(self) -> None:
        """Send the true reply as of a service whose clock is wrong."""
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

    # -- inside -----------------------------------------------------------------------------

    async def _answer(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.call.answered(message["status"])
            headers = MutableHeaders(scope=message)
            headers.setdefault("date", formatdate(self.layer.wall_time(), usegmt=True))
            headers[FAULTS_HEADER] = FAULTS_ON
        await self._send(message)

    async def _handled(self) -> tuple[Message, bytes]:
        """Let the service answer, and keep the answer."""
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
        """Send the first part of a reply, never all of it; gives the rest."""
        start, body = reply
        if not body:
            # Something must be missing: a body is promised where there is none.
            MutableHeaders(scope=start)["content-length"] = "1"
            body = b"\n"
        wanted = len(body) // 2 if self.fault.after_bytes is None else self.fault.after_bytes
        count = min(wanted, len(body) - 1)
        await self._answer(start)
        part = {"type": "http.response.body", "body": body[:count], "more_body": True}
        await self._answer(part)
        return body[count:]

    async def _drop(self, count: int | None = None, keep: IO[bytes] | None = None) -> None:
        """Read ``count`` bytes of the request's body, or all that a job may have."""
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
    """Give a request's body that has been read already, then what else comes."""
    ended = False

    async def again() -> Message:
        nonlocal ended
        if ended:
            return await receive()
        piece = content.read(PIECE_BYTES)
        ended = not piece
        return {"type": "http.request", "body": piece, "more_body": bool(piece)}

    return again


_HAPPENINGS: Final[dict[str, _Happening]] = {
    "status": _Exchange.replace,
    "delay": _Exchange.delay,
    "refuse": _Exchange.refuse,
    "reset_before": _Exchange.reset_before,
    "reset_during": _Exchange.reset_during,
    "lost_response": _Exchange.lose,
    "truncate": _Exchange.truncate,
    "stall": _Exchange.stall,
    "expired_token": _Exchange.expire_token,
    "wrong_json": _Exchange.replace,
    "html": _Exchange.replace,
    "rate_limit": _Exchange.replace,
    "clock_skew": _Exchange.skew_clock,
}
