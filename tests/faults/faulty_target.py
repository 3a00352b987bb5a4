"""An emulator with scripted faults, and the documented classes connected to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from qiskit import QuantumCircuit
from sqlalchemy import select

from ibmq_backend._http.settings import NetworkSettings
from ibmq_backend.account.provider import AccountProvider
from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.api.platform.auth import PlatformServiceClient
from ibmq_backend.backend.backend import IBMQBackend
from ibmq_backend.credentials import Credentials
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.store.schema import jobs
from tests.support.engines import FakeEngine
from tests.support.small_service import FewDevices

DIALECTS = ("classic", "platform")
DEVICE = {"classic": "ibmq_vigo", "platform": "ibm_lagos"}
READ_TIMEOUT_SECONDS = 1.0  # the cost of a stalled reply; a busy machine answers sooner
QUICK = NetworkSettings(trust_env=False, connect_timeout=2.0, read_timeout=READ_TIMEOUT_SECONDS)
PATIENT = NetworkSettings(trust_env=False)
"""Timeouts of a minute, as they are by default."""


@dataclass
class FaultyTarget:
    """An emulated service of one dialect and an account on it.

    Attributes:
        dialect: ``classic`` or ``platform``.
        service: the emulator; ``service.faults`` accepts scripts.
        engine: runs the jobs; ``hold()`` keeps them running.
        account: the account, logged in.
        backend: a device, ready to run :func:`circuit`.
        slept: seconds of every wait of the client; the waits took no time.
    """

    dialect: str
    service: LocalService
    engine: FakeEngine
    account: Any
    provider: AccountProvider
    backend: IBMQBackend
    slept: list[float]

    def jobs_with(self, tag: str) -> dict[str, str]:
        """Return the status by id of the jobs on the server that have a tag and are not deleted."""
        query = select(jobs.c.id, jobs.c.status, jobs.c.tags).where(jobs.c.deleted.is_(False))
        with self.service.service_state.jobs.store.read() as connection:
            rows = connection.execute(query).all()
        return {job_id: status for job_id, status, tags in rows if tag in tags}

    def statuses(self) -> set[str]:
        """Return the statuses of all jobs on the server."""
        with self.service.service_state.jobs.store.read() as connection:
            return set(connection.execute(select(jobs.c.status)).scalars())


def circuit() -> QuantumCircuit:
    """Return a circuit of two qubits in the basis gates of either device."""
    bell = QuantumCircuit(2, 2, name="bell")
    bell.sx(0)
    bell.cx(0, 1)
    bell.measure([0, 1], [0, 1])
    return bell


def open_account(
    dialect: str,
    service: LocalService,
    settings: NetworkSettings = PATIENT,
    **options: Any,
) -> tuple[Any, AccountProvider]:
    """Log in and return the account and its first provider."""
    if dialect == "classic":
        account: Any = ClassicServiceClient(service.url, service.api_token, settings, **options)
        credentials = Credentials(service.api_token, service.url)
    else:
        account = PlatformServiceClient(
            service.platform_url, service.api_key, service.crn, settings, **options
        )
        credentials = Credentials(
            service.api_key, service.platform_url, instance=service.crn, channel="ibm_cloud"
        )
    account.log_in()
    return account, AccountProvider(credentials, account.open(account.instances()[0].id))


@contextmanager
def faulty_target(
    dialect: str,
    *,
    settings: NetworkSettings = PATIENT,
    sleep: Callable[[float], None] | None = None,
    clock: Callable[[], float] | None = None,
    service_clock: Any = None,
    **service_settings: Any,
) -> Iterator[FaultyTarget]:
    """Start a service of a dialect and log in; by default the waits of the client take no time."""
    slept: list[float] = []
    engine = FakeEngine()
    behaviour = Settings(device_job_limit=-1, any_instance=True, **service_settings)
    options: dict[str, Any] = {"sleep": sleep or slept.append}
    if clock is not None:
        options["clock"] = clock
    with LocalService(
        settings=behaviour,
        catalog=FewDevices([DEVICE[dialect]]),
        engine=engine,
        prewarm=False,
        faults=[],
        clock=service_clock,
    ) as service:
        account, provider = open_account(dialect, service, settings, **options)
        backend = provider.get_backend(DEVICE[dialect])
        try:
            yield FaultyTarget(dialect, service, engine, account, provider, backend, slept)
        finally:
            engine.release()
            account.close()
