"""The websocket with the status of a job until the job is final."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

import anyio
import anyio.to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic.documents.jobs import queued_status_document
from ibmq_backend.emulator.classic.state.state import ClassicState
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.errors import NotLoggedIn, UnknownJob
from ibmq_backend.emulator.wire.connections import trust

_log: Final = logging.getLogger(__name__)

JOB_DONE: Final = 4002
JOB_NOT_FOUND: Final = 4003
REFUSED: Final = 1008
TRY_LATER: Final = 1013
ABNORMAL_CLOSE: Final = 1006
MAX_STREAMS_PER_USER: Final = 200
_LOGIN_SECONDS: Final = 10.0
_POLL_SECONDS: Final = 0.5


class StatusStream:
    """Handler for ``/jobs/{job_id}/status/v/1``.

    Args:
        state: the state of the dialect.
        limiter: limits the number of threads that use the database.
    """

    def __init__(self, state: ClassicState, limiter: anyio.CapacityLimiter) -> None:
        self._state = state
        self._limiter = limiter
        self._open: Counter[str] = Counter()

    async def serve(self, socket: WebSocket) -> None:
        """Authenticate with the first frame, then send the status after every change.

        Frames are binary, which older clients need. The close code is 4002 after the final status,
        4003 for an unknown job, 1008 for an invalid token, and 1013 when the user has too many
        streams.
        """
        await socket.accept()
        try:
            account = await self._login(socket)
            if account is None:
                await _send(socket, {"type": "authentication-failed"})
                await socket.close(REFUSED)
                return
            if self._open[account.user_id] >= MAX_STREAMS_PER_USER:
                await socket.close(TRY_LATER)
                return
            self._open[account.user_id] += 1
            trust(socket.scope)
            try:
                await self._stream(socket, account)
            finally:
                self._open[account.user_id] -= 1
                self._open = +self._open
        except* WebSocketDisconnect:
            _log.debug("the client of a status stream has disconnected")

    async def _stream(self, socket: WebSocket, account: Account) -> None:
        await _send(socket, {"type": "authenticated"})
        async with anyio.create_task_group() as group:
            group.start_soon(_wait_for_disconnect, socket, group.cancel_scope)
            code = await self._follow(socket, account, socket.path_params["job_id"])
            group.cancel_scope.cancel()
            if code is not None:
                with anyio.CancelScope(shield=True), _disconnects_recognized():
                    await socket.close(code)

    async def _login(self, socket: WebSocket) -> Account | None:
        with anyio.move_on_after(_LOGIN_SECONDS):
            frame = await socket.receive()
            if frame["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(frame.get("code", 1006))
            try:
                message = json.loads(frame.get("text") or frame.get("bytes") or b"")
            except (ValueError, RecursionError):
                return None
            if not isinstance(message, dict) or message.get("type") != "authentication":
                return None
            token = message.get("data")
            if not isinstance(token, str):
                return None
            try:
                return await anyio.to_thread.run_sync(
                    self._state.service.accounts.authenticate, token, limiter=self._limiter
                )
            except NotLoggedIn:
                return None
        return None

    async def _follow(self, socket: WebSocket, account: Account, job_id: str) -> int | None:
        """Send every new status and return the close code."""
        loop = asyncio.get_running_loop()
        changed = asyncio.Event()

        def on_change(changed_id: str) -> None:
            if changed_id == job_id:
                with contextlib.suppress(RuntimeError):  # the loop is closed
                    loop.call_soon_threadsafe(changed.set)

        def get_status() -> dict[str, Any]:
            if self._state.service.accounts.account(account.user_id) is None:
                raise NotLoggedIn
            record = self._state.job(account, None, job_id)
            return queued_status_document(record, self._state.service.queue_position(record))

        unsubscribe = self._state.service.changes.subscribe(on_change)
        last: dict[str, Any] | None = None
        try:
            while True:
                changed.clear()
                try:
                    status = await anyio.to_thread.run_sync(get_status, limiter=self._limiter)
                except UnknownJob:
                    return JOB_NOT_FOUND
                except NotLoggedIn:  # the user has been removed
                    return REFUSED
                if status != last:
                    await _send(socket, {"type": "job-status", "data": status})
                    last = status
                if status["status"] in lifecycle.FINAL:
                    return JOB_DONE
                # Poll for changes by other processes and for queue positions, which depend on time.
                with anyio.move_on_after(_POLL_SECONDS):
                    await changed.wait()
        finally:
            unsubscribe()


async def _wait_for_disconnect(socket: WebSocket, scope: anyio.CancelScope) -> None:
    """Discard frames of the client, and cancel the scope when it disconnects."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
    scope.cancel()


async def _send(socket: WebSocket, message: dict[str, Any]) -> None:
    with _disconnects_recognized():
        await socket.send_bytes(json.dumps(message, separators=(",", ":")).encode())


@contextlib.contextmanager
def _disconnects_recognized() -> Iterator[None]:
    """Raise the usual error where uvicorn has closed the connection, as pings were not answered."""
    try:
        yield
    except RuntimeError as error:
        raise WebSocketDisconnect(ABNORMAL_CLOSE) from error
