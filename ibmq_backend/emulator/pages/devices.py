"""The page of one device."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pages.device_rows import device_rows, slot_row
from ibmq_backend.emulator.pages.qubit_tables import GateRow, QubitRow, pair_rows, qubit_rows
from ibmq_backend.emulator.pages.site import Page, PageRequest, Site
from ibmq_backend.emulator.pages.visible import find_device
from ibmq_backend.visualization.error_rates import rates_of_document
from ibmq_backend.visualization.svg import MAX_COUPLINGS, MAX_QUBITS, map_svg

_SMALL_MAP_QUBITS: Final = 7
"""Number of qubits up to which a map is not as wide as the page."""

_CACHED_DEVICES: Final = 16


@dataclass(frozen=True, slots=True)
class _Calibration:
    """What a page shows of a calibration.

    Attributes:
        map: the map; None for simulators and for devices that are too large.
        qubits: the qubits; empty without calibration.
        pairs: the gates on two qubits; empty without calibration.
    """

    map: Markup | None
    qubits: list[QubitRow]
    pairs: list[GateRow]


def show_device(site: Site, request: PageRequest) -> Response:
    """Show a device: its map, its qubits, its queue and its limits.

    Raises:
        UnknownBackend: the viewer sees no such device.
    """
    viewer = request.known_viewer
    device = find_device(site, viewer, request.http.path_params["name"])
    slots = site.service.reservations.list_for_backend(device.name, None, None)
    state = site.dialects.classic.state
    return site.render(
        request.http,
        "device.html",
        device=device,
        row=device_rows(site, [device])[0],
        slots=[slot_row(site, viewer, slot) for slot in slots],
        job_limit=None if viewer.account is None else state.job_limit(viewer.account, device),
        calibration=_calibration(device),
        is_small=device.num_qubits <= _SMALL_MAP_QUBITS,
    )


@lru_cache(maxsize=_CACHED_DEVICES)  # a map takes 50 ms, and live pages are read again and again
def _calibration(device: Device) -> _Calibration:
    properties = device.properties()
    coupling = sorted(device.coupling or ())
    shown = None
    if not device.simulator and device.num_qubits <= MAX_QUBITS and len(coupling) <= MAX_COUPLINGS:
        rates = None if properties is None else rates_of_document(properties)
        # The map escapes all texts.
        shown = Markup(map_svg(device.name, device.num_qubits, coupling, rates))  # noqa: S704
    if properties is None:
        return _Calibration(shown, [], [])
    return _Calibration(shown, qubit_rows(properties), pair_rows(properties))


PAGES: Final = (Page("/web/devices/{name}", show_device),)
