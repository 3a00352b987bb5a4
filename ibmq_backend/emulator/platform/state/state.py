"""The state of the platform dialect: instances, tokens, runs, sessions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ibmq_backend.emulator.core.errors import EmulatorError
from ibmq_backend.emulator.devices.catalog import Catalog, Device, UnknownDevice
from ibmq_backend.emulator.engine.engine import Engine, ProcessEngine
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.state.instances import (
    DEFAULT_INSTANCES,
    Instances,
    ServiceInstance,
)
from ibmq_backend.emulator.platform.state.runs import Runs
from ibmq_backend.emulator.platform.state.sessions import Sessions
from ibmq_backend.emulator.platform.state.tokens import Tokens
from ibmq_backend.emulator.service_state import ServiceState

_OFFERED_PREFIX: Final = "ibm_"
_USER_ORIGIN: Final = "snapshot in "


class PlatformState:
    """The state of the platform dialect of one service.

    Args:
        service: the state of the service, shared with the other dialects.
        instances: the instances; default: one of the open plan, one without limits, and one in
            another region.
        engine: inspects large requests; default: a new engine, started when needed.

    Attributes:
        service: the state of the service.
        engine: inspects large requests.
        instances: the present instances.

    Raises:
        EmulatorError: the instances are invalid or have an unknown device.
    """

    def __init__(
        self,
        service: ServiceState,
        instances: Sequence[ServiceInstance] | None = None,
        engine: Engine | None = None,
    ) -> None:
        self.service = service
        self.engine = engine or ProcessEngine(0)
        self._offered = _offered(service.catalog, service.settings.platform_devices)
        self.instances = self.create_instances(
            DEFAULT_INSTANCES if instances is None else instances
        )
        self.tokens = Tokens(
            service.store, service.clock, service.accounts, service.settings.bearer_seconds
        )
        self.runs = Runs(service.jobs)
        self.sessions = Sessions(service.jobs, self.runs)

    def create_instances(self, instances: Sequence[ServiceInstance]) -> Instances:
        """Return instances that can replace :attr:`instances` while the service runs.

        Raises:
            EmulatorError: the instances are invalid or have an unknown device.
        """
        created = Instances(instances)
        created.check_devices(self._offered)
        return created

    def list_devices(self, instance: ServiceInstance) -> list[Device]:
        """Return the devices of an instance, sorted by name."""
        names = self._offered if instance.devices is None else sorted(instance.devices)
        return [self.service.catalog.get(name) for name in names]

    def device(self, instance: ServiceInstance, name: str) -> Device:
        """Return a device of an instance.

        Raises:
            PlatformError: 404, the instance has no such device.
        """
        found = next((one for one in self.list_devices(instance) if one.name == name), None)
        if found is None:
            raise errors.backend_not_found(name)
        return found


def _offered(catalog: Catalog, devices: Sequence[str] | None) -> tuple[str, ...]:
    if devices is None:
        return tuple(
            device.name
            for device in catalog
            if not device.simulator
            and (device.name.startswith(_OFFERED_PREFIX) or device.origin.startswith(_USER_ORIGIN))
        )
    try:
        chosen = {catalog.get(name).name: catalog.get(name) for name in devices}
    except UnknownDevice as error:
        raise EmulatorError(str(error)) from error
    for device in chosen.values():
        if device.simulator:
            raise EmulatorError(
                f"{device.name} is a simulator, which the platform dialect does not offer"
            )
    return tuple(sorted(chosen))
