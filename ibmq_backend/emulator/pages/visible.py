"""The devices that the viewer of a page may see."""

from __future__ import annotations

from ibmq_backend.emulator.core.errors import UnknownBackend
from ibmq_backend.emulator.devices.catalog import Device, UnknownDevice
from ibmq_backend.emulator.pages.site import Site, Viewer


def list_devices(site: Site, viewer: Viewer) -> list[Device]:
    """Return the devices of the viewer's projects and instances, sorted by name.

    The teacher sees all devices.
    """
    catalog, account = site.service.catalog, viewer.account
    if account is None:
        return list(catalog)
    network, platform = site.service.network, site.dialects.platform.state
    names = {
        device.name for project in network.projects(account) for device in network.devices(project)
    }
    for instance in platform.instances.visible(account):
        names |= {device.name for device in platform.list_devices(instance)}
    return [catalog.get(name) for name in sorted(names)]


def find_device(site: Site, viewer: Viewer, name: str) -> Device:
    """Return the device with a name or alias that the viewer may see.

    Raises:
        UnknownBackend: there is none.
    """
    try:
        device = site.service.catalog.get(name)
    except UnknownDevice as error:
        raise UnknownBackend(name) from error
    if device not in list_devices(site, viewer):
        raise UnknownBackend(name)
    return device
