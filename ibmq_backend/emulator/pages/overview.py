"""The overview: the latest jobs, bookings, and the devices with their queues."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ibmq_backend.emulator.pages.device_rows import device_rows, upcoming_slot_rows
from ibmq_backend.emulator.pages.jobs import latest_jobs
from ibmq_backend.emulator.pages.site import Page, PageRequest, Site
from ibmq_backend.emulator.pages.visible import list_devices

_SLOTS: Final = 10
"""Number of bookings that are shown."""


def show_overview(site: Site, request: PageRequest) -> Response:
    """Show the devices and the latest jobs."""
    viewer = request.known_viewer
    return site.render(
        request.http,
        "overview.html",
        devices=device_rows(site, list_devices(site, viewer)),
        slots=upcoming_slot_rows(site, viewer)[:_SLOTS],
        latest=latest_jobs(site, viewer),
    )


PAGES: Final = (Page("/", show_overview), Page("/web", show_overview))
