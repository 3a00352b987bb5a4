"""The overview: devices with their queues, and the latest jobs."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ibmq_backend.emulator.pages.site import Page, PageRequest, Site
from ibmq_backend.emulator.pages.visible import list_devices


def show_overview(site: Site, request: PageRequest) -> Response:
    """Show the devices and the latest jobs."""
    devices = list_devices(site, request.known_viewer)
    return site.render(request.http, "overview.html", devices=devices)


PAGES: Final = (Page("/", show_overview), Page("/web", show_overview))
