"""What the service knows beside what both dialects share: instances, tokens, runs, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ibmq_backend.emulator.accounts.accounts import Accounts
from ibmq_backend.emulator.core.clock import Clock
from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import (
    DEFAULT_INSTANCES,
    Instances,
    ServiceInstance,
)
from ibmq_backend.emulator.platform.state.runs import Runs
from ibmq_backend.emulator.platform.state.sessions import Sessions
from ibmq_backend.emulator.platform.state.tokens import TOKEN_SECONDS, Tokens
from ibmq_backend.emulator.store.jobs import JobStore

_MODERN: Final = "ibm_"
_OWN: Final = "snapshot in "


class Platform:
    """Today's dialect of one service.

    Args:
        jobs: The jobs of both dialects.
        clock: The clock of the service.
        accounts: The users.
        catalog: All devices.
        instances: The instances; default: one of the open plan, one without limits, and one in
            another region.
        devices: The names of the devices that are offered; default: those called ``ibm_...``
            and the user's own. Retired devices of the classic service may be among them, its
            simulators not.
        token_seconds: How long a bearer token holds.

    Raises:
        EmulatorError: The instances contradict themselves or name an unknown device.
    """

    def __init__(
        self,
        jobs: JobStore,
        clock: Clock,
        accounts: Accounts,
        catalog: Catalog,
        *,
        instances: Sequence[ServiceInstance] = DEFAULT_INSTANCES,
        devices: Sequence[str] | None = None,
        token_seconds: int = TOKEN_SECONDS,
    ) -> None:
        self._catalog = catalog
        self._offered = _offered(catalog, devices)
        self.instances = Instances(instances)
        self.instances.check_devices(self._offered)
        self.tokens = Tokens(jobs.store, clock, accounts, token_seconds)
        self.runs = Runs(jobs)
        self.sessions = Sessions(jobs, self.runs)

    def devices_of(self, instance: ServiceInstance) -> list[Device]:
        """The devices of an instance, sorted by name."""
        names = self._offered if instance.devices is None else sorted(instance.devices)
        return [self._catalog.get(name) for name in names]

    def device(self, instance: ServiceInstance, name: str) -> Device:
        """A device of an instance.

        Raises:
            PlatformError: 404, the instance has no such device.
        """
        found = next((one for one in self.devices_of(instance) if one.name == name), None)
        if found is None:
            raise errors.backend_not_found(name)
        return found


def _offered(catalog: Catalog, devices: Sequence[str] | None) -> tuple[str, ...]:
    if devices is None:
        return tuple(
            device.name
            for device in catalog
            if not device.simulator
            and (device.name.startswith(_MODERN) or device.origin.startswith(_OWN))
        )
    try:
        chosen = {catalog.get(name).name: catalog.get(name) for name in devices}
    except UnknownDevice as error:
        raise EmulatorError(str(error)) from error
    for device in chosen.values():
        if device.simulator:
            raise EmulatorError(f"{device.name} is a simulator; today's service offers none")
    return tuple(sorted(chosen))
