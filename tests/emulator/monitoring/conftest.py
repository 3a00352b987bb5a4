"""A server with its monitoring in this process; the engine simulates nothing."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from ibmq_backend.emulator.accounts.accounts import User
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.dialects import create_dialects, job_kinds
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.http.app import create_app
from ibmq_backend.emulator.http.server import Server
from ibmq_backend.emulator.monitoring.journal import LogFormat
from ibmq_backend.emulator.monitoring.monitor import Monitor
from ibmq_backend.emulator.service_state import ServiceState, Settings
from tests.support.emulator import PATIENCE, PLAIN_HTTP, Client
from tests.support.engines import FakeEngine

FORGER = "ada\n2026-05-04T10:00:00Z login user=eve\x1b[2K\u202e outcome=ok"
TOKENS = {"ada": "canary-of-ada", FORGER: "canary-of-forger"}


class WatchedServer:
    """A running server.

    Attributes:
        url: its URL.
        service_state: the service.
        engine: its engine.
        dispatcher: its dispatcher.
        stream: its log.
    """

    def __init__(self, store: str, catalog: Catalog, log_format: LogFormat) -> None:
        self.stream = io.StringIO()
        self.engine = FakeEngine()
        users = [User(name, token) for name, token in TOKENS.items()]
        self.service_state = ServiceState(
            store, Settings(lease_seconds=1), catalog=catalog, users=users
        )
        dialects = create_dialects(self.service_state, engine=self.engine)
        self.monitor = Monitor(self.service_state, self.stream, log_format)
        self.dispatcher = Dispatcher(self.service_state, self.engine, job_kinds(dialects))
        application = create_app(
            self.service_state,
            dialects,
            others=self.monitor.routes(self.engine, self.dispatcher),
        )
        self.crn = dialects.platform.state.instances.default.crn
        self._listening = threading.Event()
        self._server = Server(application, "127.0.0.1", 0, self._report)
        self._thread = threading.Thread(target=self._server.run)
        self.dispatcher.start()
        self._thread.start()
        assert self._listening.wait(PATIENCE)

    def _report(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._listening.set()

    def get(self, path: str, **options: Any) -> httpx.Response:
        return httpx.get(f"{self.url}{path}", **options, **PLAIN_HTTP)

    def client(self, name: str = "ada") -> Client:
        return Client(self.url, TOKENS[name])

    def lines(self) -> list[str]:
        return self.stream.getvalue().splitlines()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines()]

    def stop(self) -> None:
        self.engine.release()
        self._server.should_exit = True
        self._thread.join(PATIENCE)
        self.dispatcher.stop()
        self.service_state.close()


Watch = Callable[..., WatchedServer]


@pytest.fixture
def watch(catalog: Catalog, tmp_path: Path) -> Iterator[Watch]:
    """Start watched servers; all stop at the end of the test."""
    running: list[WatchedServer] = []

    def make(store: str | None = None, log_format: LogFormat = "json") -> WatchedServer:
        server = WatchedServer(store or str(tmp_path / "s.sqlite"), catalog, log_format)
        running.append(server)
        return server

    yield make
    for server in running:
        server.stop()


@contextmanager
def captured(server: WatchedServer) -> Iterator[None]:
    """Write warnings to the log of a server too, as ``serve`` does."""
    with server.monitor.journal.capture_warnings():
        yield
