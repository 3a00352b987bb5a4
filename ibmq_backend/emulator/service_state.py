"""The whole state of one emulated service.

A :class:`ServiceState` holds everything; nothing of the emulator is global, so several services
live side by side in one process.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import TOKEN_SECONDS, Account, Accounts, User
from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Network, Project
from ibmq_backend.emulator.accounts.reservations import Reservations
from ibmq_backend.emulator.classic.documents.jobs import (
    job_document,
    queue_document,
    status_document,
)
from ibmq_backend.emulator.classic.filters.loopback import Filter, sort_documents
from ibmq_backend.emulator.classic.state.signing import URL_SECONDS, Signer
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import Clock, SystemClock
from ibmq_backend.emulator.core.job_events import Changes
from ibmq_backend.emulator.core.records import Instance, JobRecord
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice
from ibmq_backend.emulator.devices.timing_model import speed_model
from ibmq_backend.emulator.platform.state.instances import DEFAULT_INSTANCES, ServiceInstance
from ibmq_backend.emulator.platform.state.state import Platform
from ibmq_backend.emulator.platform.state.tokens import TOKEN_SECONDS as BEARER_SECONDS
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.jobs import JobStore
from ibmq_backend.emulator.store.queue import JobQueue
from ibmq_backend.emulator.store.quotas import Quota

DEVICE_JOB_LIMIT: Final = 5
PAGE_CAP: Final = 50
MAX_JOB_BYTES: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a service behaves.

    Attributes:
        seed: With the number of a job it makes the seed of its run.
        speed: ``instant`` or ``realistic``; see :mod:`ibmq_backend.emulator.devices.timing_model`.
        open_mode: Whether any API token logs in, as a user of its own; else only those of users do.
        any_instance: Whether every hub, group and project exists.
        device_job_limit: Unfinished jobs a user may have on a real device in one project; -1
            for any number.
        simulator_job_limit: The same for simulators.
        job_limits: Exceptions from the two, by device name.
        page_cap: The most jobs in one reply of the lists. The real number is not known.
        token_seconds: How long an access token holds.
        url_seconds: How long a storage address holds.
        max_job_bytes: The largest upload.
        creation_seconds: How long a job may wait for its data before it fails.
        lease_seconds: After how long without a sign of life a server's jobs are taken over.
        max_attempts: How often a run is begun before it counts as failed, when servers keep
            dying over it.
        bearer_seconds: How long a bearer token of today's dialect holds.
        max_bodies_bytes: Total size of the bodies of unfinished requests, in bytes.
        max_user_jobs: Jobs that a user may have, finished ones included.
        max_user_bytes: Total size of the data and results of a user's jobs.
        max_result_bytes: Size of the largest result of a job.
        job_seconds: How long a job may be simulated, over all attempts, in seconds.
        platform_devices: The devices that today's dialect offers; None for those called
            ``ibm_...`` and the user's own.
    """

    seed: int = 0
    speed: str = "instant"
    open_mode: bool = False
    any_instance: bool = False
    device_job_limit: int = DEVICE_JOB_LIMIT
    simulator_job_limit: int = -1
    job_limits: Mapping[str, int] = field(default_factory=dict)
    page_cap: int = PAGE_CAP
    token_seconds: int = TOKEN_SECONDS
    url_seconds: int = URL_SECONDS
    max_job_bytes: int = MAX_JOB_BYTES
    creation_seconds: float = 3600.0
    lease_seconds: float = 10.0
    max_attempts: int = 3
    bearer_seconds: int = BEARER_SECONDS
    max_bodies_bytes: int = 1_000_000_000
    max_user_jobs: int = 50_000
    max_user_bytes: int = 10_000_000_000
    max_result_bytes: int = 100_000_000
    job_seconds: float = 3600.0
    platform_devices: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What ``getBackendStatus`` says of a device beside its queue.

    Attributes:
        operational: False also holds the queue: jobs are accepted and wait.
        status: ``active``, or ``internal`` or ``maintenance``, which hold the queue too.
        message: Free text.
    """

    operational: bool = True
    status: str = "active"
    message: str = ""

    @property
    def runs_jobs(self) -> bool:
        """Whether the device takes jobs from its queue."""
        return self.operational and self.status == "active"


class ServiceState:
    """One emulated service.

    Args:
        store: The database, or its URL or path.
        settings: How the service behaves.
        catalog: The devices; default: those shipped.
        users: The configured users, beside those that the open mode lets in.
        projects: Further hubs, groups and projects; ``ibm-q/open/main`` is always there and is
            the default unless another project is.
        clock: Default: the time of this machine.
        instances: The instances of today's dialect.

    Raises:
        EmulatorError: The set-up contradicts itself or the database cannot be used.
    """

    def __init__(
        self,
        store: Store | str,
        settings: Settings | None = None,
        *,
        catalog: Catalog | None = None,
        users: Iterable[User] = (),
        projects: Sequence[Project] = (),
        clock: Clock | None = None,
        instances: Sequence[ServiceInstance] = DEFAULT_INSTANCES,
    ) -> None:
        self.settings = settings or Settings()
        self.speed = speed_model(self.settings.speed, self.settings.seed)
        self.clock: Clock = clock or SystemClock()
        self.catalog = catalog or Catalog()
        self.store = store if isinstance(store, Store) else Store(store)
        self.changes = Changes()
        self.network = Network(
            self.catalog, _with_open_project(projects), any_instance=self.settings.any_instance
        )
        known_users = list(users)
        self.network.check_users(known_users)
        self.accounts = Accounts(
            self.store,
            self.clock,
            known_users,
            open_mode=self.settings.open_mode,
            ttl_seconds=self.settings.token_seconds,
        )
        self.reservations = Reservations(self.store, self.clock)
        self.signer = Signer(self.store, self.clock, self.settings.url_seconds)
        self.jobs = JobStore(
            self.store,
            self.clock,
            self.changes,
            self.settings.seed,
            Quota(self.settings.max_user_jobs, self.settings.max_user_bytes),
        )
        self.queue = JobQueue(
            self.jobs,
            owner=f"{os.getpid()}-{secrets.token_hex(8)}",
            lease_seconds=self.settings.lease_seconds,
        )
        self.platform = Platform(
            self.jobs,
            self.clock,
            self.accounts,
            self.catalog,
            instances=instances,
            devices=self.settings.platform_devices,
            token_seconds=self.settings.bearer_seconds,
        )
        self.announced_as = "ibmq_backend"
        self._states: dict[str, DeviceState] = {}

    # -- devices ----------------------------------------------------------------------------

    def device_state(self, name: str) -> DeviceState:
        """What a device says of itself; ``dedicated`` while it is booked."""
        state = self._states.get(name, DeviceState())
        if state.runs_jobs and self.reservations.active(name) is not None:
            return replace(state, status="dedicated")
        return state

    def set_device_state(self, name: str, state: DeviceState) -> None:
        """Take a device out of service, or back in; kept in memory only.

        Raises:
            UnknownDevice: There is no such device.
        """
        self._states[self.catalog.get(name).name] = state
        self.changes.publish("")

    def paused_devices(self) -> list[str]:
        """The devices whose queue is held."""
        return [name for name, state in self._states.items() if not state.runs_jobs]

    def queue_length(self, device: Device) -> int:
        """Jobs waiting for a device: those of this service and those of imagined others."""
        return self.queue.queue_length(device.name) + self.speed.others(device, self.jobs.now())

    def job_limit(self, device: Device) -> int:
        """Unfinished jobs that a user may have on a device; -1 for any number."""
        settings = self.settings
        usual = settings.simulator_job_limit if device.simulator else settings.device_job_limit
        return settings.job_limits.get(device.name, usual)

    def properties_of(self, backend_name: str) -> dict[str, Any]:
        """The calibration of a device; empty without one and for a device no longer offered."""
        try:
            return self.catalog.get(backend_name).properties() or {}
        except UnknownDevice:
            return {}

    # -- jobs -------------------------------------------------------------------------------

    def job(self, account: Account, instance: Instance, job_id: str) -> JobRecord:
        """A job of a user in a project.

        Raises:
            ServiceError: 404/3250, there is none.
        """
        return self.jobs.get(job_id, account.user_id, instance, "classic")

    def job_status(self, record: JobRecord) -> dict[str, Any]:
        """The status document of a job, with its place in the queue while it is QUEUED."""
        return self._with_queue(record, status_document(record))

    def job_details(self, record: JobRecord) -> dict[str, Any]:
        """The full document of a job."""
        return self._with_queue(record, job_document(record))

    def list_jobs(
        self, account: Account, instance: Instance, wanted: Filter, *, details: bool
    ) -> list[dict[str, Any]]:
        """One page of a user's jobs in a project.

        Args:
            account: The user.
            instance: The project.
            wanted: The filter. It sees the full documents, without ``infoQueue``.
            details: Whether to list full documents or status documents.
        """
        limit = min(wanted.limit or self.settings.page_cap, self.settings.page_cap)
        by_creation = len(wanted.order) <= 1 and all(
            path == "creationDate" for path, _ in wanted.order
        )
        ascending = bool(wanted.order) and by_creation and not wanted.order[0][1]
        records: dict[str, JobRecord] = {}
        fitting: list[dict[str, Any]] = []
        for record in self.jobs.scan(
            account.user_id,
            "classic",
            instance,
            ascending=ascending,
            earliest=wanted.earliest,
            latest=wanted.latest,
        ):
            document = job_document(record)
            if wanted.matches(document):
                records[record.id] = record
                fitting.append(document)
            if by_creation and len(fitting) >= wanted.skip + limit:
                break
        if not by_creation:
            fitting = sort_documents(fitting, wanted.order)
        make = self.job_details if details else self.job_status
        page = fitting[wanted.skip : wanted.skip + limit]
        return [wanted.fields(make(records[document["id"]])) for document in page]

    def close(self) -> None:
        """Close the database."""
        self.store.close()

    def _with_queue(self, record: JobRecord, document: dict[str, Any]) -> dict[str, Any]:
        if record.status != lifecycle.QUEUED:
            return document
        try:
            device = self.catalog.get(record.backend_name)
        except UnknownDevice:  # kept by a server with other snapshots; it will not start here
            return document
        now, cost = self.jobs.now(), self.speed.estimate_ms(device)
        ahead = self.queue.jobs_ahead(record)
        start = max(record.planned_start_ms or now, now)
        # The jobs of imagined others fill the time until the planned start; a booking does not.
        position = 1 + max(ahead, math.ceil((start - now) / cost))
        booking = self.reservations.active(device.name)
        if booking is not None and booking.user_id != record.user_id:
            start = max(start, booking.end_ms)
        if record.planned_end_ms is None:
            start += ahead * cost
        complete = max(record.planned_end_ms or 0, start + cost)
        document["infoQueue"] = queue_document(position, start, complete)
        return document


def _with_open_project(projects: Sequence[Project]) -> list[Project]:
    listed = list(projects)
    if all(project.instance != OPEN_INSTANCE for project in listed):
        default = not any(project.default for project in listed)
        listed.insert(0, Project(OPEN_INSTANCE, default=default))
    return listed
