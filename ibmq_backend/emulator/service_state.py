"""The state of one emulated service, which its wire dialects share.

A :class:`ServiceState` does not depend on the dialects. Nothing in the emulator is global, so one
process can run several services.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ibmq_backend.emulator.accounts.accounts import TOKEN_SECONDS, Accounts, User
from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Network, Project
from ibmq_backend.emulator.accounts.reservations import Reservations
from ibmq_backend.emulator.core import lifecycle
from ibmq_backend.emulator.core.clock import Clock, SystemClock
from ibmq_backend.emulator.core.job_events import Changes, Work
from ibmq_backend.emulator.core.records import JobRecord
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice
from ibmq_backend.emulator.devices.timing_model import speed_model
from ibmq_backend.emulator.store.database import Store
from ibmq_backend.emulator.store.jobs import JobStore
from ibmq_backend.emulator.store.leases import Leases
from ibmq_backend.emulator.store.queue import JobQueue
from ibmq_backend.emulator.store.quotas import Quota
from ibmq_backend.emulator.store.retention import Retention
from ibmq_backend.emulator.store.seeds import JobSeeds

DEVICE_JOB_LIMIT: Final = 5
PAGE_CAP: Final = 50
URL_SECONDS: Final = 604_800
BEARER_SECONDS: Final = 3600
MAX_JOB_BYTES: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Settings:
    """How a service behaves.

    Attributes:
        seed: determines, with the number of a job, the seed of its simulation.
        speed: ``instant`` or ``realistic``; see :mod:`ibmq_backend.emulator.devices.timing_model`.
        open_mode: whether any API token logs in, as a separate user.
        any_instance: whether every hub, group and project exists.
        device_job_limit: maximum number of unfinished jobs of a user on a real device in one
            project; -1 for no limit.
        simulator_job_limit: maximum number of unfinished jobs of a user on a simulator in one
            project; -1 for no limit.
        job_limits: job limits that differ from these two, by device name.
        page_cap: maximum number of jobs in one reply of the job lists. The limit of the real
            service is not known.
        token_seconds: lifetime of an access token.
        url_seconds: lifetime of a presigned storage URL.
        max_job_bytes: maximum size of an upload.
        creation_seconds: time after which a job without data fails.
        lease_seconds: time without a heartbeat after which other servers take over the jobs of a
            server.
        max_attempts: number of times that a run is started before the job fails, when servers
            stop during the run.
        bearer_seconds: lifetime of a bearer token of the platform dialect.
        max_bodies_bytes: maximum total size of the bodies of unfinished requests.
        max_user_jobs: maximum number of jobs of a user, including finished ones.
        max_user_bytes: maximum total size of the data and results of a user's jobs.
        max_result_bytes: maximum size of a result.
        job_seconds: maximum simulation time of a job, over all attempts.
        platform_devices: devices of the platform dialect; None for those named ``ibm_...`` and
            those from the user's folders.
        runs_own_jobs: whether the service leaves the unfinished jobs of other services to them
            until they have stopped. The seeds of its jobs do not depend on stored jobs.
        retention: which finished jobs are kept; None for all.
        searched: where unknown jobs were searched, written in errors after "not found".
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
    runs_own_jobs: bool = False
    retention: Retention | None = None
    searched: str = ""


@dataclass(frozen=True, slots=True)
class DeviceState:
    """The state of a device in ``getBackendStatus``.

    Attributes:
        operational: whether the device is in operation; if not, jobs are accepted but wait.
        status: ``active``, or ``internal`` or ``maintenance``, in which jobs wait.
        message: free text.
    """

    operational: bool = True
    status: str = "active"
    message: str = ""

    @property
    def runs_jobs(self) -> bool:
        """Whether the device runs the jobs in its queue."""
        return self.operational and self.status == "active"


_IN_OPERATION: Final = DeviceState()


@dataclass(frozen=True, slots=True)
class QueuePosition:
    """The position of a job in the queue, with estimated times.

    Attributes:
        position: position in the queue; 1 for the next job.
        start_ms: estimated start, in milliseconds since 1970.
        complete_ms: estimated end, in milliseconds since 1970.
    """

    position: int
    start_ms: int
    complete_ms: int


class ServiceState:
    """The state of one emulated service, shared by its wire dialects.

    Args:
        store: the database, or its URL or path.
        settings: how the service behaves.
        catalog: the devices; default: those of the package.
        users: the configured users; the open mode accepts further ones.
        projects: further hubs, groups and projects; ``ibm-q/open/main`` always exists and is the
            default project unless another one is.
        clock: the clock; default: the system clock.

    Raises:
        EmulatorError: the arguments contradict each other, or the database cannot be used.
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
        self.network = self.create_network(projects)
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
            JobSeeds(self.settings.seed, per_service=self.settings.runs_own_jobs),
            Leases(
                f"{os.getpid()}-{secrets.token_hex(8)}",
                self.settings.lease_seconds,
                from_creation=self.settings.runs_own_jobs,
            ),
            Quota(self.settings.max_user_jobs, self.settings.max_user_bytes),
            self.settings.searched,
        )
        self.queue = JobQueue(self.jobs, one_at_a_time=self.speed.one_job_at_a_time)
        self.announced_as = "ibmq_backend"
        self._states: dict[str, DeviceState] = {}

    def create_network(self, projects: Sequence[Project]) -> Network:
        """Return projects that can replace ``network`` while the service runs.

        Args:
            projects: the projects; ``ibm-q/open/main`` is added.

        Raises:
            EmulatorError: a project is configured twice or has an unknown device.
        """
        return Network(
            self.catalog, _with_open_project(projects), any_instance=self.settings.any_instance
        )

    # -- devices ----------------------------------------------------------------------------

    def device_state(self, name: str) -> DeviceState:
        """Return the state of a device; ``dedicated`` while the device is booked."""
        return self.device_states([name])[name]

    def device_states(self, names: Iterable[str]) -> dict[str, DeviceState]:
        """Return the states of devices by name."""
        booked = self.reservations.booked_now()
        states = {name: self._states.get(name, _IN_OPERATION) for name in names}
        for name in booked & states.keys():
            if states[name].runs_jobs:
                states[name] = replace(states[name], status="dedicated")
        return states

    def set_device_state(self, name: str, state: DeviceState) -> None:
        """Set the state of a device, in memory only.

        Raises:
            UnknownDevice: no device has this name.
        """
        self._states[self.catalog.get(name).name] = state
        self.changes.publish("", Work.RUN)

    def paused_devices(self) -> list[str]:
        """Return the names of the devices that do not run jobs."""
        return [name for name, state in self._states.items() if not state.runs_jobs]

    def queue_length(self, device: Device) -> int:
        """Return how many jobs wait for a device, including simulated jobs of other users."""
        return self.queue.queue_length(device.name) + self.speed.others(device, self.jobs.now())

    def queue_lengths(self, devices: Iterable[Device]) -> dict[str, int]:
        """Return how many jobs wait for devices, as :meth:`queue_length`, by name."""
        waiting, now = self.queue.queue_lengths(), self.jobs.now()
        return {one.name: waiting.get(one.name, 0) + self.speed.others(one, now) for one in devices}

    def properties_json(self, backend_name: str) -> bytes | None:
        """Return the calibration of a device; None if the device has none or was removed.

        Raises:
            SnapshotError: its file is damaged.
        """
        try:
            device = self.catalog.get(backend_name)
        except UnknownDevice:
            return None
        return device.properties_json if device.calibrations else None

    # -- jobs -------------------------------------------------------------------------------

    def queue_position(self, record: JobRecord) -> QueuePosition | None:
        """Return the position of a job in the queue; None unless it is QUEUED."""
        return self.queue_positions([record]).get(record.id)

    def queue_positions(self, records: Iterable[JobRecord]) -> dict[str, QueuePosition]:
        """Return the positions of those jobs that are QUEUED, by job id."""
        queued: dict[str, list[JobRecord]] = {}
        for record in records:
            if record.status == lifecycle.QUEUED:
                queued.setdefault(record.backend_name, []).append(record)
        found: dict[str, QueuePosition] = {}
        for name, chosen in queued.items():
            try:
                found |= self._positions_on(self.catalog.get(name), chosen)
            except UnknownDevice:  # created by a server with other snapshots
                continue
        return found

    def _positions_on(
        self, device: Device, records: Iterable[JobRecord]
    ) -> dict[str, QueuePosition]:
        now, cost = self.jobs.now(), self.speed.estimate_ms(device)
        bookings = self.reservations.list_for_backend(device.name, now, None)
        booked_by = next((one.user_id for one in bookings if one.start_ms <= now), None)
        waiting = self.queue.waiting(device.name, booked_by=booked_by, unknown_run_ms=cost)
        positions = {}
        for record in records:
            place = waiting.places.get(record.creation_ms)
            if place is None:  # no longer queued
                continue
            # Simulated jobs of other users fill the time until the planned start.
            opens = max(record.planned_start_ms or now, now)
            if booked_by == record.user_id:
                opens = now
            position = 1 + place.ahead + math.ceil((opens - now) / cost)
            start, ahead_ms = max(opens, waiting.busy_until_ms or now), place.ahead_ms
            for booking in bookings:
                if booking.start_ms > start + ahead_ms:
                    break
                if booking.user_id != record.user_id:
                    ahead_ms -= max(0, booking.start_ms - start)
                    start = max(start, booking.end_ms)
            start += ahead_ms
            positions[record.id] = QueuePosition(position, start, start + place.run_ms)
        return positions

    def close(self) -> None:
        """Close the database."""
        self.store.close()


def _with_open_project(projects: Sequence[Project]) -> list[Project]:
    listed = list(projects)
    if all(project.instance != OPEN_INSTANCE for project in listed):
        default = not any(project.default for project in listed)
        listed.insert(0, Project(OPEN_INSTANCE, default=default))
    return listed
