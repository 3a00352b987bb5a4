"""How to connect to this server, as lines to copy."""

from __future__ import annotations

import ipaddress
import json
import shlex
from typing import Final

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.pages.site import Page, PageRequest, Site, Viewer
from ibmq_backend.emulator.wire.headers import base_url

TOKEN: Final = "<your API token>"  # noqa: S105
"""What people replace by their token."""


def show_connect(site: Site, request: PageRequest) -> Response:
    """Show how to connect to this server, with the URL that the browser uses."""
    http, viewer = request.http, request.known_viewer
    url = f"{base_url(http)}/api"
    token, address = json.dumps(TOKEN), json.dumps(url)
    return site.render(
        http,
        "connect.html",
        url=url,
        program=_PROGRAM.format(token, address, json.dumps(_device(site, viewer))),
        save=_SAVE.format(token, address),
        load="from qiskit import IBMQ\n\nprovider = IBMQ.load_account()",
        environment=_environment(site, viewer, url),
        encrypted=http.url.scheme == "https",
        local=_is_loopback(http),
    )


_PROGRAM: Final = """\
from qiskit import IBMQ, QuantumCircuit, execute

provider = IBMQ.enable_account({}, url={})
backend = provider.get_backend({})

bell = QuantumCircuit(2, 2)
bell.h(0)
bell.cx(0, 1)
bell.measure([0, 1], [0, 1])

job = execute(bell, backend, shots=1024, job_name="my first job")
print(job.result().get_counts())"""

_SAVE: Final = """\
from qiskit import IBMQ

IBMQ.save_account({}, url={}, overwrite=True)"""


def _device(site: Site, viewer: Viewer) -> str:
    """Return the name of a small device of the viewer's default project."""
    network, account = site.service.network, viewer.account
    devices = list(site.service.catalog)
    if account is not None and (projects := network.projects(account)):
        devices = network.devices(next((one for one in projects if one.default), projects[0]))

    def suitability(device: Device) -> tuple[bool, bool, int]:
        return device.num_qubits < 2, device.simulator, device.num_qubits

    return min(devices, key=suitability).name if devices else ""


def _environment(site: Site, viewer: Viewer, url: str) -> str:
    """Return the lines for the platform's interface; empty if the viewer has no instance."""
    instances = site.dialects.platform.state.instances
    account = viewer.account
    visible = [instances.default] if account is None else instances.visible(account)
    if not visible:
        return ""
    chosen = instances.default if instances.default in visible else visible[0]
    values = {"TOKEN": TOKEN, "URL": url, "INSTANCE": chosen.crn}
    return "\n".join(
        f"export QISKIT_IBM_{name}={shlex.quote(value)}" for name, value in values.items()
    )


def _is_loopback(http: HttpRequest) -> bool:
    """Return whether the browser reached the server by an address of this machine."""
    host = http.url.hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


PAGES: Final = (Page("/web/connect", show_connect),)
