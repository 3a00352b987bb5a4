"""The stream of changes that keeps open pages up to date (server-sent events).

Each message is a JSON object: for each job that has changed and that the viewer may see its state,
by id. An empty object says that other jobs have changed, and with them the queues.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from ibmq_backend.emulator.pages.job_states import state_of
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.database import reason_of
from ibmq_backend.emulator.store.job_lists import Change, JobLists
from ibmq_backend.emulator.wire.connections import stopping_of, trust

_log: Final = logging.getLogger(__name__)
_T = TypeVar("_T")

MAX_STREAMS: Final = 400
MAX_STREAMS_OF_VIEWER: Final = 12
POLL_SECONDS: Final = 1.0
"""Interval of polling the database for changes by other processes, for all streams together."""

HEARTBEAT_SECONDS: Final = 15.0
"""Interval of checking whether the viewer is still there and logged in."""

_GATHER_SECONDS: Final = 0.1
_OVERLAP: Final = 100
"""Transactions of other servers may commit in another order than that of their numbers."""

_MAX_JOBS: Final = 200
_FULL: Final = b"retry: 60000\n\n"


@dataclass(eq=False)
class _Stream:
    """One open stream, with the changes that have not been sent."""

    user_id: str | None
    jobs: dict[str, str] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, changes: Iterable[Change]) -> None:
        for change in changes:
            if self.user_id in (None, change.user_id) and len(self.jobs) < _MAX_JOBS:
                self.jobs[change.job_id] = state_of(change.status)
        self.changed.set()

    def take(self) -> bytes:
        jobs, self.jobs = self.jobs, {}
        self.changed.clear()
        return f"data: {json.dumps(jobs)}\n\n".encode()


class LiveChanges:
    """The streams of one server. One task looks for changes while there are streams.

    Args:
        service: the service.
        limiter: limits the number of threads that use the database.
    """

    def __init__(
        self,
        service: ServiceState,
        limiter: anyio.CapacityLimiter,
    ) -> None:
        self._service = service
        self._lists = JobLists(service.store)
        self._limiter = limiter
        self._streams: set[_Stream] = set()
        self._poller: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def reply(
        self, http: HttpRequest, user_id: str | None, find_viewer: Callable[[HttpRequest], object]
    ) -> Response:
        """Return the stream of a viewer; it ends with the session and with the server.

        Args:
            http: the request.
            user_id: the user whose jobs the viewer may see; None for all.
            find_viewer: returns None when the viewer is no longer logged in.
        """
        stream = self._stream(http, user_id, find_viewer)
        return StreamingResponse(stream, media_type="text/event-stream")

    async def _stream(
        self, http: HttpRequest, user_id: str | None, find_viewer: Callable[[HttpRequest], object]
    ) -> AsyncIterator[bytes]:
        open_streams = Counter(stream.user_id for stream in self._streams)
        if len(self._streams) >= MAX_STREAMS or open_streams[user_id] >= MAX_STREAMS_OF_VIEWER:
            yield _FULL
            return
        trust(http.scope)
        stream, stopping = _Stream(user_id), stopping_of(http.scope)
        self._streams.add(stream)
        if self._poller is None or self._poller.done():
            self._ready = asyncio.Event()
            self._poller = asyncio.create_task(self._poll(self._ready))
        try:
            await self._ready.wait()
            yield b": connected\n\n"
            while not stopping.is_set():
                if await _first_of(stream.changed, stopping, HEARTBEAT_SECONDS):
                    if not stopping.is_set():
                        yield stream.take()
                elif await self._in_thread(find_viewer, http) is None:
                    return
                else:
                    yield b": still here\n\n"
        finally:
            self._streams.discard(stream)
            if not self._streams and self._poller is not None:
                self._poller.cancel()

    async def _poll(self, ready: asyncio.Event) -> None:
        loop, woken = asyncio.get_running_loop(), asyncio.Event()

        def wake(_job_id: str) -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(woken.set)

        unsubscribe = self._service.changes.subscribe(wake)
        last: int | None = None
        sent: set[int] = set()
        try:
            while True:
                try:
                    if last is None:
                        last = await self._in_thread(self._lists.last_change)
                        before = await self._in_thread(self._lists.changes_after, last - _OVERLAP)
                        sent = {change.sequence for change in before}
                        ready.set()
                    found = await self._in_thread(self._lists.changes_after, last - _OVERLAP)
                    fresh = [change for change in found if change.sequence not in sent]
                    if fresh:
                        last = max(last, fresh[-1].sequence)
                        sent = {change.sequence for change in found}
                        for stream in self._streams:
                            stream.add(fresh)
                except SQLAlchemyError as error:
                    _log.warning("the database cannot be used: %s", reason_of(error))
                with anyio.move_on_after(POLL_SECONDS):
                    await woken.wait()
                await asyncio.sleep(_GATHER_SECONDS)
                woken.clear()
        finally:
            unsubscribe()

    async def _in_thread(self, function: Callable[..., _T], *arguments: Any) -> _T:
        return await anyio.to_thread.run_sync(
            lambda: function(*arguments), limiter=self._limiter, abandon_on_cancel=True
        )


async def _first_of(one: asyncio.Event, other: asyncio.Event, seconds: float) -> bool:
    """Wait until one of two events is set; return False if the time passes before."""
    waits = [asyncio.ensure_future(event.wait()) for event in (one, other)]
    try:
        done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
    return bool(done)
