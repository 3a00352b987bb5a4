"""The page of one device."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ibmq_backend.emulator.pages.site import Page, PageRequest, Site
from ibmq_backend.emulator.pages.visible import find_device


def show_device(site: Site, request: PageRequest) -> Response:
    """Show a device: its map, its qubits, its queue and its limits.

    Raises:
        UnknownBackend: the viewer sees no such device.
    """
    device = find_device(site, request.known_viewer, request.http.path_params["name"])
    return site.render(request.http, "device.html", device=device)


PAGES: Final = (Page("/web/devices/{name}", show_device),)
