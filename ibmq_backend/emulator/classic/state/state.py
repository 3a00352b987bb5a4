"""What the classic service knows beside what all dialects share: addresses and job limits."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic.state.signing import Signer
from ibmq_backend.emulator.core.records import Instance, JobRecord
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.service_state import ServiceState

DIALECT: Final = "classic"


class ClassicState:
    """The classic dialect of one service.

    Args:
        service: the state that it shares with the other dialects.

    Attributes:
        service: the same.
        signer: makes and checks the addresses of the object storage.
    """

    def __init__(self, service: ServiceState) -> None:
        self.service = service
        self.signer = Signer(service.store, service.clock, service.settings.url_seconds)

    def job(self, account: Account, instance: Instance | None, job_id: str) -> JobRecord:
        """Return a job of a user in a project, or in any of them.

        Raises:
            UnknownJob: there is none.
        """
        return self.service.jobs.get(job_id, account.user_id, instance, DIALECT)

    def job_limit(self, device: Device) -> int:
        """Return how many unfinished jobs a user may have on a device; -1 for any number."""
        settings = self.service.settings
        usual = settings.simulator_job_limit if device.simulator else settings.device_job_limit
        return settings.job_limits.get(device.name, usual)
