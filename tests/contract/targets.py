"""Where the contract suite runs: the emulator, a cassette of it, or the live service.

A test talks to the port. What no client of the service can do (hold a queue, book a device) it asks
of its target; on a cassette that has been done when it was recorded.
"""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final
from unittest.mock import patch

from ibmq_backend.api.connect import connect
from ibmq_backend.api.port import AccountClient, ServiceClient
from ibmq_backend.credentials import Credentials
from ibmq_backend.emulator.accounts import reservations
from ibmq_backend.emulator.accounts.network import OPEN_INSTANCE, Project
from ibmq_backend.emulator.core.clock import ManualClock
from ibmq_backend.emulator.core.records import Instance
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.engine.engine import Engine
from ibmq_backend.emulator.http.embedded import LOCAL_USER, LocalService
from ibmq_backend.emulator.platform.state import runs
from ibmq_backend.emulator.service_state import DeviceState, Settings
from ibmq_backend.emulator.store import jobs
from ibmq_backend.job.wait import POLLING
from ibmq_backend.records import InstanceId, JobQuery
from tests.contract.facts import (
    DEVICE,
    DEVICES,
    FACTS,
    OPEN,
    OTHER,
    PLATFORM_INSTANCES,
    PULSE_DEVICE,
    SIMULATOR,
    Facts,
    Trait,
)
from tests.support.engines import PunctualEngine

__all__ = [
    "DEVICE",
    "DEVICES",
    "OPEN",
    "OTHER",
    "PULSE_DEVICE",
    "SIMULATOR",
    "Target",
    "Trait",
    "emulator",
    "numbered_ids",
]

NOW: Final = FACTS["classic"].now

FINAL: Final = frozenset({"DONE", "CANCELLED", "ERROR"})

_STRANGER: Final = "0" * 24
_PATIENCE: Final = 120.0
LIVE_PATIENCE: Final = 3600.0


class Numbered:
    """Stands for the module ``secrets`` where ids are made: 1, 2, 3 in hexadecimal."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def token_hex(self, size: int) -> str:
        """The next number, in twice as many digits as ``size``."""
        return f"{next(self._numbers):0{2 * size}x}"

    def token_bytes(self, size: int) -> bytes:
        """The next number in so many bytes."""
        return next(self._numbers).to_bytes(size, "big")


@contextmanager
def numbered_ids() -> Iterator[None]:
    """Have the emulator number jobs and bookings, so that two recordings can be compared."""
    with ExitStack() as stack:
        for module in (jobs, reservations, runs):
            stack.enter_context(patch.object(module, "secrets", Numbered()))
        yield


@contextmanager
def emulator(
    catalog: Catalog, engine: Engine, settings: Mapping[str, Any], now: datetime = NOW
) -> Iterator[LocalService]:
    """A service of its own for one test, with few devices and a clock that stands still."""
    lab = Instance("university", "physics", "lab")
    service = LocalService(
        settings=replace(Settings(open_mode=False), **settings),
        projects=[
            Project(OPEN_INSTANCE, default=True, devices=DEVICES),
            Project(lab, devices=(DEVICE,)),
        ],
        instances=PLATFORM_INSTANCES,
        engine=PunctualEngine(engine),
        prewarm=False,
        clock=ManualClock(now),
        catalog=catalog,
    )
    with service:
        yield service


@dataclass
class Target:
    """A service to hold to the contract.

    Attributes:
        name: ``emulator``, ``cassette``, ``live``, or ``live-cassette`` for a replay of it.
        url: login address.
        api_token: accepted by the service.
        service: the emulator behind it; ``None`` on a cassette or live.
        now: the service's time at the beginning of the test.
        facts: what is particular to the dialect.
        instance: to log in with, where it is not the name of the one in ``facts``.
        unrecorded: live, what is asked inside of it is no part of the recording.
    """

    name: str
    url: str
    api_token: str = field(repr=False)
    service: LocalService | None = None
    now: datetime = NOW
    facts: Facts = FACTS["classic"]
    instance: str = field(default="", repr=False)
    unrecorded: Callable[[], AbstractContextManager[None]] = nullcontext
    _opened: list[ServiceClient] = field(default_factory=list, repr=False)
    _suffix: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._suffix = f"-{uuid.uuid4()}" if self.name.startswith("live") else ""

    def log_in(self, api_token: str | None = None, url: str | None = None) -> ServiceClient:
        """Log in with the target's own token and address unless others are given."""
        # By name, so that the service is asked which instances there are.
        usual = self.facts.instance.label if self.facts.instance.crn else None
        instance = self.instance or usual
        credentials = Credentials(
            token=api_token or self.api_token, url=url or self.url, instance=instance
        )
        service = connect(credentials)
        self._opened.append(service)
        return service

    def account(self, instance: InstanceId | None = None) -> AccountClient:
        """Log in and open one instance, the default one unless another is given."""
        return self.log_in().open(instance or self.facts.instance)

    def tag(self, number: int) -> str:
        """The id of a test's submission; live, where jobs stay, no other test has it."""
        return f"submission-{number}{self._suffix}"

    def tidy_up(self) -> None:
        """Delete the jobs of a live test."""
        with self.unrecorded():
            for service in self._opened:
                account = service.open(self.facts.instance)
                for job in list(account.jobs(JobQuery(tags=(self.tag(1),)), limit=None)):
                    account.delete(job.job_id)

    def close(self) -> None:
        """Close what has been opened."""
        for service in self._opened:
            service.close()

    # -- what only the emulator can be asked for ----------------------------------------------

    def hold(self, backend_name: str) -> None:
        """Keep jobs of a backend in its queue."""
        if self.service is not None:
            self.service.service_state.set_device_state(
                backend_name, DeviceState(status="maintenance")
            )

    def release(self, backend_name: str) -> None:
        """Let the queue of a backend run again."""
        if self.service is not None:
            self.service.service_state.set_device_state(backend_name, DeviceState())

    def book(self, backend_name: str, start: datetime, end: datetime, *, own: bool = True) -> None:
        """Book a backend, for the account itself or for somebody else."""
        if self.service is not None:
            service_state = self.service.service_state
            user = service_state.accounts.user_id(LOCAL_USER) if own else _STRANGER
            service_state.reservations.add(user, OPEN_INSTANCE, backend_name, start, end)

    def advance(self, seconds: float) -> None:
        """Move the clock of the service forward."""
        if self.service is not None:
            clock = self.service.service_state.clock
            assert isinstance(clock, ManualClock)
            clock.advance(seconds)

    def settle(
        self, account: AccountClient, job_id: str, statuses: Collection[str] = FINAL
    ) -> None:
        """Wait until a job has one of these statuses, without a request where that is possible."""
        if self.service is not None:
            self._settle_in(self.service, job_id, statuses)
        elif self.name == "live":
            deadline = time.monotonic() + LIVE_PATIENCE
            with self.unrecorded():
                for pause in POLLING.pauses():
                    if account.job_status(job_id).status in statuses:
                        return
                    assert time.monotonic() < deadline, f"job {job_id} still waits"
                    time.sleep(pause)

    @staticmethod
    def _settle_in(service: LocalService, job_id: str, statuses: Collection[str]) -> None:
        changed = threading.Event()
        unsubscribe = service.service_state.changes.subscribe(lambda _job_id: changed.set())
        deadline = time.monotonic() + _PATIENCE
        try:
            while _status(_stored(service, job_id)) not in statuses:
                assert time.monotonic() < deadline, f"job {job_id}: not {sorted(statuses)}"
                changed.wait(deadline - time.monotonic())
                changed.clear()
        finally:
            unsubscribe()


def _stored(service: LocalService, job_id: str) -> str:
    todays = service.dialects.platform.state.runs.load([job_id])
    return (
        todays[0][0].status if todays else service.service_state.jobs.get(job_id, None, None).status
    )


def _status(word: str) -> str:
    if word.startswith("ERROR"):
        return "ERROR"
    return {"COMPLETED": "DONE"}.get(word, word)
