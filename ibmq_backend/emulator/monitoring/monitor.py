"""The monitoring of one server: its log, its metrics and its state of health.

``GET /healthz`` and ``GET /metrics`` are open to everybody who reaches the server.
"""

from __future__ import annotations

from functools import partial
from typing import Final, TextIO

import anyio
import anyio.to_thread
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response

from ibmq_backend.emulator.core.observer import LoginAttempt, Observer
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.monitoring.health import DATABASE_SILENT, Health, check_health
from ibmq_backend.emulator.monitoring.journal import Journal, LogFormat
from ibmq_backend.emulator.monitoring.metrics import MEDIA_TYPE, Metrics
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.wire.endpoints import Endpoint

HEALTH_PATH: Final = "/healthz"
METRICS_PATH: Final = "/metrics"
ANSWER_SECONDS: Final = 5.0
"""Time after which a database that does not answer counts as lost."""


class Monitor(Observer):
    """Watches a service.

    Args:
        service_state: the service; it reports to this object from now on.
        stream: where to write the log.
        log_format: ``text`` or ``json``.

    Attributes:
        journal: the log.
    """

    def __init__(
        self, service_state: ServiceState, stream: TextIO, log_format: LogFormat = "text"
    ) -> None:
        self.journal = Journal(stream, log_format, self._name_of)
        self._metrics = Metrics()
        self._service_state = service_state
        service_state.jobs.observer = self

    def routes(self, engine: Engine, dispatcher: Dispatcher | None) -> list[Endpoint]:
        """Return the endpoints of the state of health and the metrics.

        Args:
            engine: the engine of the jobs.
            dispatcher: the dispatcher; None for a server that leaves its jobs to others.
        """
        self._metrics.watch(self._service_state, engine, dispatcher)
        check = partial(check_health, self._service_state, engine, dispatcher)
        one = anyio.CapacityLimiter(1)  # however many ask

        async def report_health(_http: HttpRequest) -> Response:
            """Answer 200 or 503, with what is wrong."""
            health = Health(False, (DATABASE_SILENT,))
            with anyio.move_on_after(ANSWER_SECONDS):
                health = await anyio.to_thread.run_sync(check, abandon_on_cancel=True, limiter=one)
            status = "ok" if health.works else "failing"
            document = {"status": status, "problems": list(health.problems)}
            return JSONResponse(document, 200 if health.works else 503)

        async def report_metrics(_http: HttpRequest) -> Response:
            """Answer with the figures in the text format of Prometheus."""
            content = await anyio.to_thread.run_sync(self._metrics.render, limiter=one)
            return Response(content, media_type=MEDIA_TYPE)

        return [
            Endpoint("health", "GET", HEALTH_PATH, report_health),
            Endpoint("metrics", "GET", METRICS_PATH, report_metrics),
        ]

    def login(self, attempt: LoginAttempt) -> None:
        """Write and count a login."""
        self.journal.login(attempt)
        self._metrics.login(attempt)

    def job(self, record: JobRecord) -> None:
        """Write and count a job."""
        self.journal.job(record)
        self._metrics.job(record)

    def request(self, operation: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._metrics.request(operation, status, seconds)

    def simulation(self, device: str, seconds: float) -> None:
        """Count the time of a simulation."""
        self._metrics.simulation(device, seconds)

    def _name_of(self, user_id: str) -> str:
        account = self._service_state.accounts.account(user_id)
        return user_id if account is None else account.name
