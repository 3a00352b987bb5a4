"""The state of one emulated service, which its wire dialects share.

A :class:`ServiceState` knows none of them: each is handed the state and keeps beside it what only
the dialect has. Nothing of the emulator is global, so several services live side by side in one
process.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ibmq_backend.emulator.accounts.accounts import TOKEN_SECONDS, Accounts, User
from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Network, Project
from ibmq_backend.emulator.accounts.reservations import Reservations
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import Clock, SystemClock
from ibmq_backend.emulator.core.job_events import Changes
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice
from ibmq_backend.emulator.devices.timing_model import speed_model
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.jobs import JobStore
from ibmq_backend.emulator.store.queue import JobQueue
from ibmq_backend.emulator.store.quotas import Quota

DEVICE_JOB_LIMIT: Final = 5
PAGE_CAP: Final = 50
URL_SECONDS: Final = 604_800
BEARER_SECONDS: Final = 3600
MAX_JOB_BYTES: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a service behaves.

    Attributes:
        seed: with the number of a job it makes the seed of its run.
        speed: ``instant`` or ``realistic``; see :mod:`ibmq_backend.emulator.devices.timing_model`.
        open_mode: whether any API token logs in, as a user of its own; else only those of users do.
        any_instance: whether every hub, group and project exists.
        device_job_limit: unfinished jobs a user may have on a real device in one project; -1
            for any number.
        simulator_job_limit: the same for simulators.
        job_limits: exceptions from the two, by device name.
        page_cap: the most jobs in one reply of the lists. The real number is not known.
        token_seconds: how long an access token holds.
        url_seconds: how long a storage address holds.
        max_job_bytes: the largest upload.
        creation_seconds: how long a job may wait for its data before it fails.
        lease_seconds: after how long without a sign of life a server's jobs are taken over.
        max_attempts: how often a run is begun before it counts as failed, when servers keep
            dying over it.
        bearer_seconds: how long a bearer token of today's dialect holds.
        max_bodies_bytes: total size of the bodies of unfinished requests, in bytes.
        max_user_jobs: jobs that a user may have, finished ones included.
        max_user_bytes: total size of the data and results of a user's jobs.
        max_result_bytes: size of the largest result of a job.
        job_seconds: how long a job may be simulated, over all attempts, in seconds.
        platform_devices: the devices that today's dialect offers; None for those called
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
        message: free text.
    """

    operational: bool = True
    status: str = "active"
    message: str = ""

    @property
    def runs_jobs(self) -> bool:
        """Whether the device takes jobs from its queue."""
        return self.operational and self.status == "active"


@dataclass(frozen=True, slots=True)
class PlaceInQueue:
    """Where a queued job stands.

    Attributes:
        position: 1 for the next job.
        start_ms: when it is expected to start, in milliseconds since 1970.
        complete_ms: when it is expected to end.
    """

    position: int
    start_ms: int
    complete_ms: int


class ServiceState:
    """The state of one emulated service, the same for all its wire dialects.

    Args:
        store: the database, or its URL or path.
        settings: how the service behaves.
        catalog: the devices; default: those shipped.
        users: the configured users, beside those that the open mode lets in.
        projects: further hubs, groups and projects; ``ibm-q/open/main`` is always there and is
            the default unless another project is.
        clock: default: the time of this machine.

    Raises:
        EmulatorError: the set-up contradicts itself or the database cannot be used.
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
        self.announced_as = "ibmq_backend"
        self._states: dict[str, DeviceState] = {}

    # -- devices ----------------------------------------------------------------------------

    def device_state(self, name: str) -> DeviceState:
        """Return what a device says of itself; ``dedicated`` while it is booked."""
        state = self._states.get(name, DeviceState())
        if state.runs_jobs and self.reservations.active(name) is not None:
            return replace(state, status="dedicated")
        return state

    def set_device_state(self, name: str, state: DeviceState) -> None:
        """Take a device out of service, or back in; kept in memory only.

        Raises:
            UnknownDevice: there is no such device.
        """
        self._states[self.catalog.get(name).name] = state
        self.changes.publish("")

    def paused_devices(self) -> list[str]:
        """Return the devices whose queue is held."""
        return [name for name, state in self._states.items() if not state.runs_jobs]

    def queue_length(self, device: Device) -> int:
        """Return jobs waiting for a device: those of this service and those of imagined others."""
        return self.queue.queue_length(device.name) + self.speed.others(device, self.jobs.now())

    def properties_of(self, backend_name: str) -> dict[str, Any]:
        """Return the calibration of a device; empty without one and for a removed device."""
        try:
            return self.catalog.get(backend_name).properties() or {}
        except UnknownDevice:
            return {}

    # -- jobs -------------------------------------------------------------------------------

    def place_in_queue(self, record: JobRecord) -> PlaceInQueue | None:
        """Return where a job stands; None unless it is QUEUED for a device that is offered."""
        if record.status != lifecycle.QUEUED:
            return None
        try:
            device = self.catalog.get(record.backend_name)
        except UnknownDevice:  # kept by a server with other snapshots; it will not start here
            return None
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
        return PlaceInQueue(position, start, max(record.planned_end_ms or 0, start + cost))

    def close(self) -> None:
        """Close the database."""
        self.store.close()


def _with_open_project(projects: Sequence[Project]) -> list[Project]:
    listed = list(projects)
    if all(project.instance != OPEN_INSTANCE for project in listed):
        default = not any(project.default for project in listed)
        listed.insert(0, Project(OPEN_INSTANCE, default=default))
    return listed
