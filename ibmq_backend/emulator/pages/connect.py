"""How to connect, ready to copy."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ibmq_backend.emulator.pages.site import Page, PageRequest, Site


def show_connect(site: Site, request: PageRequest) -> Response:
    """Show how to connect to this server."""
    return site.render(request.http, "connect.html")


PAGES: Final = (Page("/web/connect", show_connect),)
