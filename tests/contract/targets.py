"""The targets of the contract suite: the emulator, a cassette of it, or a live service.

Tests use the port. For changes that no client can make, such as pausing a device or reserving it,
they use the target. On a cassette these methods do nothing: the change was made for the recording.
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
from ibmq_backend.emulator.platform.state import runs, sessions
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
from tests.support.engines import ConstantTimeEngine

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

_OTHER_USER: Final = "0" * 24
_TIMEOUT_SECONDS: Final = 120.0
_LIVE_TIMEOUT_SECONDS: Final = 3600.0


class NumberedSecrets:
    """A replacement for the module ``secrets`` that counts, to make IDs predictable."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def token_hex(self, size: int) -> str:
        """Return the next number in hexadecimal, with twice as many digits as ``size``."""
        return f"{next(self._numbers):0{2 * size}x}"

    def token_bytes(self, size: int) -> bytes:
        """Return the next number as bytes."""
        return next(self._numbers).to_bytes(size, "big")


class NumberedUuids:
    """A replacement for the module ``uuid`` that counts."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)

    def uuid4(self) -> uuid.UUID:
        """Return the next number as the UUID of a session."""
        return uuid.UUID(int=next(self._numbers), version=4)


@contextmanager
def numbered_ids() -> Iterator[None]:
    """Make the IDs of jobs, reservations and sessions the same in every recording."""
    with ExitStack() as stack:
        for module in (jobs, reservations, runs):
            stack.enter_context(patch.object(module, "secrets", NumberedSecrets()))
        stack.enter_context(patch.object(sessions, "uuid", NumberedUuids()))
        yield


@contextmanager
def emulator(
    catalog: Catalog, engine: Engine, settings: Mapping[str, Any], now: datetime = NOW
) -> Iterator[LocalService]:
    """Run an emulator for one test, with few devices and a clock that stands still."""
    lab = Instance("university", "physics", "lab")
    service = LocalService(
        settings=replace(Settings(open_mode=False), **settings),
        projects=[
            Project(OPEN_INSTANCE, default=True, devices=DEVICES),
            Project(lab, devices=(DEVICE,)),
        ],
        instances=PLATFORM_INSTANCES,
        engine=ConstantTimeEngine(engine),
        prewarm=False,
        clock=ManualClock(now),
        catalog=catalog,
    )
    with service:
        yield service


@dataclass
class Target:
    """A service under test.

    Attributes:
        name: ``emulator``, ``cassette``, ``live``, or ``live-cassette`` for a replay of a live
            service.
        url: login URL.
        api_token: valid token.
        service: the emulator; ``None`` for a cassette and a live service.
        now: time of the service at the start of the test.
        facts: facts about the dialect.
        instance: instance to log in with, if it is not the one in ``facts``.
        unrecorded: context in which requests to a live service are not recorded.
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
        """Log in with the token and URL of the target unless others are given."""
        # With a name, the client has to request the list of instances.
        usual = self.facts.instance.label if self.facts.instance.crn else None
        instance = self.instance or usual
        credentials = Credentials(
            token=api_token or self.api_token, url=url or self.url, instance=instance
        )
        service = connect(credentials)
        self._opened.append(service)
        return service

    def account(self, instance: InstanceId | None = None) -> AccountClient:
        """Log in and open an instance, the default one unless another is given."""
        return self.log_in().open(instance or self.facts.instance)

    def tag(self, number: int) -> str:
        """Return the submission ID of a test; it is unique on a live service, where jobs stay."""
        return f"submission-{number}{self._suffix}"

    def tidy_up(self) -> None:
        """Delete the jobs of a live test."""
        with self.unrecorded():
            for service in self._opened:
                account = service.open(self.facts.instance)
                for job in list(account.jobs(JobQuery(tags=(self.tag(1),)), limit=None)):
                    account.delete(job.job_id)

    def close(self) -> None:
        """Close the connections."""
        for service in self._opened:
            service.close()

    # -- changes that only the emulator allows -------------------------------------------------

    def pause(self, backend_name: str) -> None:
        """Keep the jobs of a backend in its queue."""
        if self.service is not None:
            self.service.service_state.set_device_state(
                backend_name, DeviceState(status="maintenance")
            )

    def resume(self, backend_name: str) -> None:
        """Run the queue of a backend again."""
        if self.service is not None:
            self.service.service_state.set_device_state(backend_name, DeviceState())

    def reserve(
        self, backend_name: str, start: datetime, end: datetime, *, own: bool = True
    ) -> None:
        """Reserve a backend for the account or for another user."""
        if self.service is not None:
            service_state = self.service.service_state
            user = service_state.accounts.user_id(LOCAL_USER) if own else _OTHER_USER
            service_state.reservations.add(user, OPEN_INSTANCE, backend_name, start, end)

    def advance_clock(self, seconds: float) -> None:
        """Move the clock of the service forward."""
        if self.service is not None:
            clock = self.service.service_state.clock
            assert isinstance(clock, ManualClock)
            clock.advance(seconds)

    def wait_for(
        self, account: AccountClient, job_id: str, statuses: Collection[str] = FINAL
    ) -> None:
        """Wait until a job has one of these statuses, if possible without a request."""
        if self.service is not None:
            self._wait_in_emulator(self.service, job_id, statuses)
        elif self.name == "live":
            deadline = time.monotonic() + _LIVE_TIMEOUT_SECONDS
            with self.unrecorded():
                for pause in POLLING.pauses(time.monotonic):
                    if account.job_status(job_id).status in statuses:
                        return
                    assert time.monotonic() < deadline, f"job {job_id} has not ended"
                    time.sleep(pause)

    @staticmethod
    def _wait_in_emulator(service: LocalService, job_id: str, statuses: Collection[str]) -> None:
        changed = threading.Event()
        unsubscribe = service.service_state.changes.subscribe(lambda _job_id: changed.set())
        deadline = time.monotonic() + _TIMEOUT_SECONDS
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
