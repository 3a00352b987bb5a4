"""Figures about a server in the format of Prometheus.

Labels are devices, states, operations and the like, never users, jobs or addresses: the number of
time series is bounded.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Iterable
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.observer import LoginAttempt, Observer
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.engine.dispatcher import Dispatcher
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.service_state import ServiceState
from ibmq_backend.emulator.store.schema import jobs

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

_REQUEST_SECONDS: Final = (0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1.0, 5.0)
_JOB_SECONDS: Final = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 60.0, 300.0, 600.0, 1800.0, 3600.0, 14400.0)


class Metrics(Observer):
    """Collects the figures of one server in a registry of its own."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        self._logins = Counter(
            "ibmq_backend_logins",
            "Logins by dialect and outcome.",
            ("dialect", "outcome"),
            registry=registry,
        )
        self._finished = Counter(
            "ibmq_backend_jobs_finished",
            "Jobs that ended on this server since its start.",
            ("device", "state"),
            registry=registry,
        )
        self._wait, self._run, self._simulation = (
            Histogram(
                f"ibmq_backend_{name}_seconds",
                text,
                ("device",),
                buckets=_JOB_SECONDS,
                registry=registry,
            )
            for name, text in (
                ("job_wait", "Time from the acceptance of a job to its start, or its end without."),
                ("job_run", "Time from the start of a job to its end."),
                ("simulation", "Time that an attempt to run a job took in the engine."),
            )
        )
        self._requests = Histogram(
            "ibmq_backend_request_seconds",
            "Time to answer a request by operation and class of the HTTP status.",
            ("operation", "status"),
            buckets=_REQUEST_SECONDS,
            registry=registry,
        )

    def watch(
        self, service_state: ServiceState, engine: Engine, dispatcher: Dispatcher | None
    ) -> None:
        """Add the figures that are read at the time of the request."""
        self._registry.register(_State(service_state, engine, dispatcher))

    def render(self) -> bytes:
        """Return all figures; this reads the database."""
        return generate_latest(self._registry)

    def login(self, attempt: LoginAttempt) -> None:
        """Count a login."""
        self._logins.labels(attempt.dialect, attempt.outcome).inc()

    def job(self, record: JobRecord) -> None:
        """Count a job that has ended."""
        if not record.final:
            return
        self._finished.labels(record.backend_name, record.status).inc()
        wait, run = lifecycle.wait_and_run_seconds(record.steps)
        for histogram, seconds in ((self._wait, wait), (self._run, run)):
            if seconds is not None:
                histogram.labels(record.backend_name).observe(seconds)

    def request(self, operation: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(operation, f"{status // 100}xx").observe(seconds)

    def simulation(self, device: str, seconds: float) -> None:
        """Count the time of a simulation."""
        self._simulation.labels(device).observe(seconds)


class _State(Collector):
    """What is counted when the figures are asked for: unfinished jobs, workers, the database."""

    def __init__(
        self, service_state: ServiceState, engine: Engine, dispatcher: Dispatcher | None
    ) -> None:
        self._service_state = service_state
        self._engine = engine
        self._dispatcher = dispatcher

    def describe(self) -> Iterable[Metric]:
        """Return nothing, so that registration does not read the database."""
        return ()

    def collect(self) -> Iterable[Metric]:
        """Yield the figures; those of the database only if it can be used."""
        workers = GaugeMetricFamily(
            "ibmq_backend_workers", "Simulator processes or workers by state.", labels=("state",)
        )
        busy = 0 if self._dispatcher is None else self._dispatcher.simulating
        workers.add_metric(("busy",), busy)
        workers.add_metric(("idle",), max(0, self._engine.health().workers - busy))
        yield workers
        store = self._service_state.store
        try:
            unfinished = self._count_unfinished()
            size = store.used_bytes()
        except SQLAlchemyError:
            yield GaugeMetricFamily("ibmq_backend_database_up", _DATABASE_UP, 0)
            return
        yield GaugeMetricFamily("ibmq_backend_database_up", _DATABASE_UP, 1)
        yield GaugeMetricFamily("ibmq_backend_store_bytes", "Size of the database in bytes.", size)
        by_state = GaugeMetricFamily(
            "ibmq_backend_jobs", "Unfinished jobs by device and state.", labels=("device", "state")
        )
        waiting: Count[str] = Count(dict.fromkeys(self._service_state.catalog.names(), 0))
        for (device, state), count in sorted(unfinished.items()):
            by_state.add_metric((device, state), count)
            waiting[device] += count if state in lifecycle.WAITING else 0
        yield by_state
        queue = GaugeMetricFamily(
            "ibmq_backend_queue_length", "Accepted jobs that wait for a device.", labels=("device",)
        )
        for device, count in waiting.items():
            queue.add_metric((device,), count)
        yield queue

    def _count_unfinished(self) -> dict[tuple[str, str], int]:
        row = jobs.c
        query = (
            select(row.backend_name, row.status, func.count().label("number"))
            .where(row.final.is_(False))
            .group_by(row.backend_name, row.status)
        )
        with self._service_state.store.read() as connection:
            return {
                (found.backend_name, found.status): found.number
                for found in connection.execute(query)
            }


_DATABASE_UP: Final = "Whether the database can be used."
