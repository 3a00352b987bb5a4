"""The one place where scripted faults happen: an ASGI layer around the whole service.

Requests come in with their path in order; the layer finds the operation, has the plan count the
call, and lets happen what the plan says. What the service itself does is not touched: where a
fault says that a request was handled, the service has handled it.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from email.utils import formatdate
from typing import IO, Final

import anyio
import anyio.to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibmq_backend.emulator.faults.connections import Connection, Hold, connection_of, until_gone
from ibmq_backend.emulator.faults.operations import OPERATIONS, STREAM, Operation
from ibmq_backend.emulator.faults.plan import Call, FaultPlan
from ibmq_backend.emulator.faults.replies import FAULTS_HEADER, FAULTS_ON, reply_of, shifted
from ibmq_backend.emulator.faults.script import Fault
from ibmq_backend.emulator.faults.stream import FaultyStream
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.body import PIECE_BYTES, SMALL_BODY_BYTES
from ibmq_backend.emulator.wire.headers import access_token

_Happening = Callable[["_Exchange"], Awaitable[None]]


def route_operations(
    classic: Iterable[Route], platform: Iterable[Route]
) -> list[tuple[Route, Operation]]:
    """Find the operations of the routes of the classic dialect and of today's."""
    found = {(one.dialect == STREAM.dialect, one.name): one for one in OPERATIONS}
    return [
        *((route, found[True, route.name]) for route in classic),
        *((route, found[False, route.name]) for route in platform),
    ]


class FaultLayer:
    """Lets the faults of a plan happen to the requests of an application.

    Args:
        application: The service, with routing.
        plan: What goes wrong.
        service_state: Issues and revokes the tokens.
        routes: The routes of the service in matching order, with their operations.
        limiter: Bounds the threads that use the database.
        wall_time: Seconds since 1970, for the header ``Date``.
    """

    def __init__(
        self,
        application: ASGIApp,
        plan: FaultPlan,
        service_state: ServiceState,
        routes: Sequence[tuple[Route, Operation]],
        limiter: anyio.CapacityLimiter,
        wall_time: Callable[[], float] = time.time,
    ) -> None:
        self.application = application
        self.plan = plan
        self.service_state = service_state
        self._routes = tuple(routes)
        self._limiter = limiter
        self.wall_time = wall_time

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or one status stream."""
        operation = self._operation(scope)
        call = self.plan.call(operation)
        if scope["type"] == "websocket":
            stream = FaultyStream(self.application, self.plan, call, self.revoke, self.wall_time)
            await stream.serve(scope, receive, send)
            return
        exchange = _Exchange(self, call, operation, scope, receive, send)
        happening = _HAPPENINGS[call.fault.kind] if call.fault else _Exchange.nothing
        await happening(exchange)

    async def revoke(self, token: str | None, authorization: str | None = None) -> None:
        """Let the token of a request hold no longer, whichever dialect it is of."""
        if authorization is not None:
            self.service_state.platform.tokens.revoke(authorization)
        if token is not None:
            revoke = self.service_state.accounts.revoke
            await anyio.to_thread.run_sync(revoke, token, limiter=self._limiter)

    def _operation(self, scope: Scope) -> Operation | None:
        if scope["type"] == "websocket":
            parts = scope["path"].split("/")
            fits = len(parts) == 6 and parts[1] == "jobs" and parts[3:] == ["status", "v", "1"]
            return STREAM if fits else None
        for route, operation in self._routes:
            if route.matches(scope)[0] is Match.FULL:
                return operation
        return None


class _Exchange:
    """One request and its reply."""

    def __init__(
        self,
        layer: FaultLayer,
        call: Call,
        operation: Operation | None,
        scope: Scope,
        receive: Receive,
        send: Send,
    ) -> None:
        self.layer = layer
        self.call = call
        self.scope = scope
        self._operation = operation
        self._receive = receive
        self._send = send

    @property
    def fault(self) -> Fault:
        """What happens."""
        assert self.call.fault is not None
        return self.call.fault

    @property
    def operation(self) -> Operation:
        """What was asked for."""
        assert self._operation is not None
        return self._operation

    @property
    def connection(self) -> Connection:
        """Where it came in."""
        return connection_of(self.scope)

    # -- what can happen --------------------------------------------------------------------

    async def nothing(self) -> None:
        """The service answers."""
        await self.layer.application(self.scope, self._receive, self._answer)

    async def replaced(self) -> None:
        """Another reply than that of the service; the request is handled only if asked for."""
        if self.fault.handled:
            await self._handled()
        else:
            await self._drop()
        reply = reply_of(self.fault, self.operation, self.layer.wall_time())
        await reply(self.scope, self._receive, self._answer)

    async def delayed(self) -> None:
        """The true reply, later; what is not handled before is not handled for who has left."""
        hold, seconds = self._hold(), self.fault.seconds
        if self.fault.handled is False:
            with tempfile.SpooledTemporaryFile(max_size=SMALL_BODY_BYTES) as kept:
                await self._drop(keep=kept)
                if not await hold.wait(seconds, self._receive):
                    await self._end("close")
                    return
                kept.seek(0)
                self._receive = _again(kept, self._receive)
                await self.nothing()
            return
        start, body = await self._handled()
        if await hold.wait(seconds, self._receive):
            await self._answer(start)
            await self._answer({"type": "http.response.body", "body": body})
        else:
            await self._end("close")

    async def refused(self) -> None:
        """The end as soon as it is known what is asked for; then nobody listens for a while."""
        self.connection.refuse(self.fault.how, self.fault.seconds, self.layer.plan.on_release)
        await until_gone(self._receive)

    async def reset_before(self) -> None:
        """A reset after the request, or a part of it, and before anything is done."""
        await self._drop(self.fault.after_bytes)
        await self._end("reset")

    async def reset_during(self) -> None:
        """A part of the true reply, then a reset."""
        await self._begin(await self._handled())
        await self.connection.drain()
        await self._end("reset")

    async def truncated(self) -> None:
        """A part of the true reply, then an orderly end."""
        await self._begin(await self._handled())
        await self._end("close")

    async def lost(self) -> None:
        """Everything is done as asked, and nothing said about it."""
        await self._handled()
        await self._end(self.fault.how or "close")

    async def stalled(self) -> None:
        """A part of the true reply, silence, then the rest."""
        hold = self._hold()
        rest = await self._begin(await self._handled())
        if await hold.wait(self.fault.seconds, self._receive):
            await self._answer({"type": "http.response.body", "body": rest})
        else:
            await self._end("close")

    async def expired(self) -> None:
        """The token is revoked; the service answers."""
        connection = HTTPConnection(self.scope)
        await self.layer.revoke(access_token(connection), connection.headers.get("authorization"))
        await self.nothing()

    async def skewed(self) -> None:
        """The true reply of a service whose clock is wrong."""
        seconds = self.fault.seconds or 0.0
        start, body = await self._handled()
        headers = MutableHeaders(scope=start)
        if start["status"] < 400:
            tokens = self.layer.service_state.platform.tokens
            body = shifted(body, self.operation, seconds, tokens)
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
        most = self.layer.service_state.settings.max_job_bytes if count is None else count
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
    "status": _Exchange.replaced,
    "delay": _Exchange.delayed,
    "refuse": _Exchange.refused,
    "reset_before": _Exchange.reset_before,
    "reset_during": _Exchange.reset_during,
    "lost_response": _Exchange.lost,
    "truncate": _Exchange.truncated,
    "stall": _Exchange.stalled,
    "expired_token": _Exchange.expired,
    "wrong_json": _Exchange.replaced,
    "html": _Exchange.replaced,
    "rate_limit": _Exchange.replaced,
    "clock_skew": _Exchange.skewed,
}
