"""The state of the classic dialect: presigned URLs and job limits."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from ibmq_backend.emulator.accounts.accounts import Account
from ibmq_backend.emulator.classic.state.signing import Signer
from ibmq_backend.emulator.core.prepared import Prepared
from ibmq_backend.emulator.core.records import Instance, JobRecord
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.service_state import ServiceState

DIALECT: Final = "classic"
_MAX_LISTS: Final = 8
"""Each takes about a megabyte."""


class ClassicState:
    """The state of the classic dialect of one service.

    Args:
        service: the state of the service, shared with the other dialects.

    Attributes:
        service: the state of the service.
        configurations: returns the document of ``listBackends`` for devices.
        signer: signs and checks the URLs of the object storage.
    """

    def __init__(self, service: ServiceState) -> None:
        self.service = service
        self.configurations = lru_cache(_MAX_LISTS)(_configurations)
        self.signer = Signer(service.store, service.clock, service.settings.url_seconds)

    def job(self, account: Account, instance: Instance | None, job_id: str) -> JobRecord:
        """Return a job of a user in a project, or in any project.

        Raises:
            UnknownJob: the user has no such job.
        """
        return self.service.jobs.get(job_id, account.user_id, instance, DIALECT)

    def job_limit(self, account: Account, device: Device) -> int:
        """Return the maximum number of unfinished jobs of a user on a device; -1 for no limit."""
        limit = account.job_limit(device)
        if limit is not None:
            return limit
        settings = self.service.settings
        default = settings.simulator_job_limit if device.simulator else settings.device_job_limit
        return settings.job_limits.get(device.name, default)


def _configurations(devices: tuple[Device, ...]) -> Prepared:
    return Prepared(b"[%b]" % b",".join(device.configuration_json for device in devices))
