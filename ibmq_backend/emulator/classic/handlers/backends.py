"""Devices: what they are, how they are calibrated, how busy they are."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.filters.loopback import parse_filter
from ibmq_backend.emulator.classic.requests import Handler, Reply, Request
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.devices.catalog import Device


def list_backends(state: ClassicState, request: Request) -> Reply:
    """``listBackends``: the configuration of every device of the project."""
    project = state.service.network.project(request.account, request.instance)
    return Reply([device.configuration() for device in state.service.network.devices(project)])


def get_backend_status(state: ClassicState, request: Request) -> Reply:
    """``getBackendStatus``."""
    device = _device(state, request)
    condition = state.service.device_state(device.name)
    return Reply(
        {
            "state": condition.operational,
            "status": condition.status,
            "message": condition.message,
            "lengthQueue": state.service.queue_length(device),
            "backend_version": device.version,
        }
    )


def get_backend_properties(state: ClassicState, request: Request) -> Reply:
    """``getBackendProperties``: the one snapshot there is, if it fits the filter.

    Raises:
        ServiceError: 400/2400, the version or the filter is not valid.
    """
    device = _device(state, request)
    if request.query.get("version", "1") != "1":
        raise errors.wrong_data("The only version of the properties is 1.")
    wanted = parse_filter(request.query.get("filter"))
    document = device.properties()
    if document is None or not wanted.matches(document):
        return Reply({})
    return Reply(document)


def get_backend_defaults(state: ClassicState, request: Request) -> Reply:
    """``getBackendDefaults``: an empty object without pulse access."""
    return Reply(_device(state, request).defaults() or {})


def get_jobs_limit(state: ClassicState, request: Request) -> Reply:
    """``getJobsLimit``: for this user, device and project."""
    device = _device(state, request)
    running = state.service.jobs.unfinished(
        request.account.user_id, DIALECT, request.instance, device.name
    )
    return Reply({"maximumJobs": state.job_limit(device), "runningJobs": running})


def _device(state: ClassicState, request: Request) -> Device:
    project = state.service.network.project(request.account, request.instance)
    return state.service.network.device(project, request.path["backend_name"])


HANDLERS: Final[dict[str, Handler]] = {
    "listBackends": list_backends,
    "getBackendStatus": get_backend_status,
    "getBackendProperties": get_backend_properties,
    "getBackendDefaults": get_backend_defaults,
    "getJobsLimit": get_jobs_limit,
}
