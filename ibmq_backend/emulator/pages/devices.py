"""The page of one device."""

from __future__ import annotations

from typing import Any, Final

from markupsafe import Markup
from starlette.responses import Response

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pages.device_rows import device_rows, slot_for
from ibmq_backend.emulator.pages.qubit_tables import pair_rows, qubit_rows
from ibmq_backend.emulator.pages.site import Page, PageRequest, Site
from ibmq_backend.emulator.pages.visible import find_device
from ibmq_backend.visualization.error_rates import rates_of_document
from ibmq_backend.visualization.svg import MAX_COUPLINGS, MAX_QUBITS, map_svg

_SMALL_MAP_QUBITS: Final = 7
"""Number of qubits up to which a map is drawn at its natural size."""


def show_device(site: Site, request: PageRequest) -> Response:
    """Show a device: its map, its qubits, its queue and its limits.

    Raises:
        UnknownBackend: the viewer sees no such device.
    """
    viewer = request.known_viewer
    device = find_device(site, viewer, request.http.path_params["name"])
    properties = device.properties()
    slots = site.service.reservations.list_for_backend(device.name, None, None)
    state = site.dialects.classic.state
    return site.render(
        request.http,
        "device.html",
        device=device,
        row=device_rows(site, [device])[0],
        slots=[slot_for(site, viewer, slot) for slot in slots],
        job_limit=None if viewer.account is None else state.job_limit(viewer.account, device),
        map=_map(device, properties),
        is_small=device.num_qubits <= _SMALL_MAP_QUBITS,
        qubits=[] if properties is None else qubit_rows(properties),
        pairs=[] if properties is None else pair_rows(properties),
    )


def _map(device: Device, properties: dict[str, Any] | None) -> Markup | None:
    """Return the map of a device; None for simulators and for devices that are too large."""
    coupling = sorted(device.coupling or ())
    if device.simulator or device.num_qubits > MAX_QUBITS or len(coupling) > MAX_COUPLINGS:
        return None
    rates = None if properties is None else rates_of_document(properties)
    # The map escapes all texts.
    return Markup(map_svg(device.name, device.num_qubits, coupling, rates))  # noqa: S704


PAGES: Final = (Page("/web/devices/{name}", show_device),)
