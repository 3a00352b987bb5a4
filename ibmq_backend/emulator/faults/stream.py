"""Faults of the status stream, the only websocket of the service."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ibmq_backend.emulator.dialect import Dialect
from ibmq_backend.emulator.faults.connections import Connection, Hold, connection_of, until_gone
from ibmq_backend.emulator.faults.plan import Call, FaultPlan
from ibmq_backend.emulator.faults.replies import (
    FAULTS_HEADER,
    FAULTS_ON,
    BoundOperation,
    reply_of,
    wrong_frame,
)
from ibmq_backend.emulator.faults.script import Fault

_SWITCHING: Final = 101
_REFUSED: Final = 403
_REPLIES: Final = ("status", "html", "rate_limit")
_END_SECONDS: Final = 1.0
_BACKLOG: Final = 100
_SMALL_FRAME: Final = 126


class FaultyStream:
    """Serves one websocket with its fault.

    Args:
        application: the service.
        plan: the fault plan.
        call: the call of this stream.
        bound: the requested operation; None for a stream that does not exist.
        revoke: revokes an access token.
        wall_time: returns seconds since 1970.
    """

    def __init__(
        self,
        application: ASGIApp,
        plan: FaultPlan,
        call: Call,
        bound: BoundOperation | None,
        revoke: Callable[[Dialect, str], Awaitable[None]],
        wall_time: Callable[[], float],
    ) -> None:
        self._application = application
        self._plan = plan
        self._call = call
        self._bound = bound
        self._revoke = revoke
        self._wall_time = wall_time

    async def serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream and inject its fault."""
        fault, connection = self._call.fault, connection_of(scope)
        if fault is None:
            await self._application(scope, receive, self._logging(send))
        elif fault.kind in _REPLIES:
            await self._refuse(fault, receive, send)
        elif fault.kind == "refuse":
            connection.refuse(fault.how, fault.seconds, self._plan.on_release)
            await until_gone(receive)
        elif fault.kind == "reset_before":
            connection.reset()
            await until_gone(receive)
        elif fault.kind == "expired_token":
            await self._application(scope, self._revoking(receive), self._logging(send))
        else:
            frames = _Frames(self._plan, fault, connection, receive, self._logging(send))
            await frames.run(self._application, scope)

    async def _refuse(self, fault: Fault, receive: Receive, send: Send) -> None:
        assert self._bound is not None  # an unknown operation has no fault
        reply = reply_of(fault, self._bound, self._wall_time())
        reply.headers[FAULTS_HEADER] = FAULTS_ON
        self._call.answered(reply.status_code)
        await receive()
        start = {"status": reply.status_code, "headers": reply.raw_headers}
        await send({"type": "websocket.http.response.start", **start})
        await send({"type": "websocket.http.response.body", "body": bytes(reply.body)})
        await until_gone(receive)
        # The first disconnect only says that the reply was sent. uvicorn logs an incomplete
        # handshake if the application returns before the client really disconnects.
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(until_gone(receive), _END_SECONDS)

    def _logging(self, send: Send) -> Send:
        async def logged(message: Message) -> None:
            if message["type"] == "websocket.accept":
                MutableHeaders(scope=message)[FAULTS_HEADER] = FAULTS_ON
                self._call.answered(_SWITCHING)
            elif message["type"] == "websocket.close" and self._call.entry.status is None:
                self._call.answered(_REFUSED)  # the status of a refused handshake
            await send(message)

        return logged

    def _revoking(self, receive: Receive) -> Receive:
        first = True

        async def revoked() -> Message:
            nonlocal first
            message = await receive()
            if first and message["type"] == "websocket.receive":
                first = False
                token = _token(message)
                if token is not None and self._bound is not None:
                    await self._revoke(self._bound.dialect, token)
            return message

        return revoked


class _Frames:
    """Counts the frames of the service in a stream, and cuts, delays or replaces them."""

    def __init__(
        self,
        plan: FaultPlan,
        fault: Fault,
        connection: Connection,
        receive: Receive,
        send: Send,
    ) -> None:
        self._plan = plan
        self._fault = fault
        self._connection = connection
        self._receive = receive
        self._send = send
        self._before = 1 if fault.after_frames is None else fault.after_frames
        self._sent = 0
        self._over = False
        self._said: asyncio.Queue[Message] = asyncio.Queue(_BACKLOG)
        self._gone = asyncio.Event()
        self._held = self._hold() if fault.kind == "delay" else None

    async def run(self, application: ASGIApp, scope: Scope) -> None:
        """Serve the stream."""
        # The service reads only occasionally, but a disconnect must be noticed at once.
        listening = asyncio.create_task(self._listen())
        try:
            if self._held is not None and not await self._wait(self._held):
                self._connection.close()
                await self._gone.wait()
            await application(scope, self._said.get, self._say)
            if self._over:
                await self._gone.wait()
        finally:
            listening.cancel()
            if self._held is not None:
                self._held.forget()

    async def _listen(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._gone.set()
                await self._said.put(message)
                return
            await self._said.put(message)

    async def _say(self, message: Message) -> None:
        if self._over:
            return
        kind, due = self._fault.kind, self._sent == self._before
        frame = message["type"] == "websocket.send"
        if kind == "stall" and self._held is None and self._sent + frame == self._before:
            self._held = self._hold()  # before the client can see that the stall begins
        elif kind == "stall" and self._held is not None and due:
            self._before = -1
            if not await self._wait(self._held):
                self._over = True
                self._connection.close()
                return
        if kind == "wrong_json" and due and frame:
            message = {"type": "websocket.send", "bytes": wrong_frame(self._fault)}
        if kind == "truncate" and due and frame:
            self._connection.write(_half_frame(message))
            await self._break("close")
            return
        await self._send(message)
        self._sent += frame
        if self._sent == self._before and kind in ("reset_during", "lost_response"):
            await self._break("reset" if kind == "reset_during" else self._fault.how or "close")

    async def _break(self, how: str) -> None:
        self._over = True
        await self._connection.drain()
        self._connection.end(how)

    def _hold(self) -> Hold:
        return Hold(self._connection, self._plan.on_release)

    async def _wait(self, hold: Hold) -> bool:
        async def gone() -> Message:
            await self._gone.wait()
            return {"type": "websocket.disconnect"}

        return await hold.wait(self._fault.seconds, gone)


def _half_frame(message: Message) -> bytes:
    """Return the first half of a binary frame whose header announces all of it."""
    content: bytes = message.get("bytes") or message["text"].encode()
    size = len(content)
    head = bytes((size,)) if size < _SMALL_FRAME else bytes((126,)) + size.to_bytes(2, "big")
    return b"\x82" + head + content[: size // 2]


def _token(message: Message) -> str | None:
    try:
        content = json.loads(message.get("text") or message.get("bytes") or b"")
    except (ValueError, RecursionError):
        return None
    token = content.get("data") if isinstance(content, dict) else None
    return token if isinstance(token, str) else None
