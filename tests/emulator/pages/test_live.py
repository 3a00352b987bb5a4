"""Open pages hear of the changes that their viewer may see, and keep nothing from ending."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import anyio
import httpx
import pytest
from starlette.requests import Request

from ibmq_backend.emulator.core.records import Instance, JobRequest
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.dialects import create_dialects
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.http.server import Server
from ibmq_backend.emulator.pages import live
from ibmq_backend.emulator.pages.application import Pages
from ibmq_backend.emulator.pages.live import LiveChanges
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.connections import STOPPING
from tests.emulator.pages.conftest import ADA, Browser
from tests.support.emulator import PLAIN_HTTP

MARY, JOHN = "a" * 24, "b" * 24
PATIENCE = 60


class Streams:
    """A server with streams, and another one with the same database.

    Attributes:
        here: the service of the streams.
        elsewhere: the other service.
        stopping: set when the server begins to stop.
        logged_in: whether the viewers still are.
    """

    def __init__(self, here: ServiceState, elsewhere: ServiceState) -> None:
        self.here, self.elsewhere = here, elsewhere
        self.changes = LiveChanges(here, anyio.CapacityLimiter(4))
        self.stopping = asyncio.Event()
        self.logged_in = True

    def open(self, user_id: str | None) -> AsyncGenerator[bytes]:
        http = Request({"type": "http", "state": {STOPPING: self.stopping}})
        response = self.changes.reply(http, user_id, lambda _http: self.logged_in or None)
        stream: AsyncGenerator[bytes] = response.body_iterator  # type: ignore[attr-defined]
        return stream


@pytest.fixture
def states(tmp_path: Path, catalog: Catalog) -> Iterator[tuple[ServiceState, ServiceState]]:
    made = [ServiceState(str(tmp_path / "s.sqlite"), catalog=catalog) for _ in range(2)]
    yield made[0], made[1]
    for state in made:
        state.close()


def run(states: Any, check: Callable[[Streams], Any]) -> None:
    async def checked() -> None:
        async with asyncio.timeout(PATIENCE):
            await check(Streams(*states))

    asyncio.run(checked())


def create(state: ServiceState, user_id: str) -> str:
    instance = Instance("ibm-q", "open", "main")
    return state.jobs.create(JobRequest(user_id, "classic", instance, "ibmq_lima", "1"), -1).id


async def next_jobs(stream: AsyncGenerator[bytes]) -> dict[str, str]:
    async for message in stream:
        if message.startswith(b"data: "):
            found: dict[str, str] = json.loads(message.removeprefix(b"data: "))
            return found
    raise AssertionError("the stream has ended")


def test_viewers_hear_of_their_jobs_only(states: Any) -> None:
    async def check(streams: Streams) -> None:
        async with (
            aclosing(streams.open(MARY)) as mary,
            aclosing(streams.open(JOHN)) as john,
            aclosing(streams.open(None)) as teacher,
        ):
            for stream in (mary, john, teacher):
                assert await anext(stream) == b": connected\n\n"
            assert len(streams.here.changes._callbacks) == 1  # one task for all streams
            for state in (streams.here, streams.elsewhere):
                job_id = await asyncio.to_thread(create, state, MARY)
                assert await next_jobs(mary) == {job_id: "waiting"}
                assert await next_jobs(john) == {}
                assert await next_jobs(teacher) == {job_id: "waiting"}
            await asyncio.to_thread(streams.elsewhere.jobs.cancel, job_id)
            assert await next_jobs(mary) == {job_id: "cancelled"}
        await asyncio.sleep(0)
        assert streams.here.changes._callbacks == []

    run(states, check)


def test_a_stream_ends_with_the_session(states: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.01)

    async def check(streams: Streams) -> None:
        stream = streams.open(MARY)
        assert [await anext(stream) for _ in range(2)] == [b": connected\n\n", b": still here\n\n"]
        streams.logged_in = False
        assert {message async for message in stream} <= {b": still here\n\n"}

    run(states, check)


def test_streams_end_with_the_server(states: Any) -> None:
    async def check(streams: Streams) -> None:
        stream = streams.open(MARY)
        await anext(stream)
        streams.stopping.set()
        assert [message async for message in stream] == []

    run(states, check)


def test_streams_are_bounded(states: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "MAX_STREAMS_OF_VIEWER", 1)
    monkeypatch.setattr(live, "MAX_STREAMS", 2)

    async def check(streams: Streams) -> None:
        mary, john = streams.open(MARY), streams.open(JOHN)
        async with aclosing(mary), aclosing(john):
            await anext(mary)
            assert [message async for message in streams.open(MARY)] == [b"retry: 60000\n\n"]
            await anext(john)
            assert [message async for message in streams.open(None)] == [b"retry: 60000\n\n"]

    run(states, check)


@contextmanager
def serving(state: ServiceState, port: int = 0) -> Iterator[tuple[Server, int]]:
    """Serve the pages from this process; the port is chosen if it is 0."""
    listening: SimpleQueue[int] = SimpleQueue()
    application = create_app(state, create_dialects(state), pages=Pages)
    server = Server(application, "127.0.0.1", port, listening.put)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield server, listening.get(timeout=PATIENCE)
    finally:
        server.should_exit = True
        thread.join(PATIENCE)


def test_stopping_the_server_completes_its_streams(state: ServiceState) -> None:
    with (
        serving(state) as (server, port),
        httpx.Client(base_url=f"http://127.0.0.1:{port}", **PLAIN_HTTP) as client,
    ):
        client.post("/web/login", data={"token": ADA})
        with client.stream("GET", "/web/events") as reply:
            assert reply.headers["content-type"].startswith("text/event-stream")
            assert reply.headers["cache-control"] == "no-store"
            lines = reply.iter_lines()
            assert next(lines) == ": connected"
            server.should_exit = True
            assert list(lines) == [""]  # an aborted reply would raise an error


def test_a_page_says_that_the_server_does_not_answer(browser: Browser, state: ServiceState) -> None:
    with serving(state) as (_, port):
        browser.server = replace(browser.server, url=f"http://127.0.0.1:{port}")
        page = browser.open("/", ADA, base_url=browser.server.url)
    notice = page.get_by_role("status").filter(has_text="The server does not answer.")
    notice.wait_for()
    with serving(state, port):
        notice.wait_for(state="hidden")
        assert page.get_by_role("heading", name="Overview").is_visible()
    page.close()
    browser.complaints.clear()  # the console names the failed requests
