"""Handlers for devices: configuration, calibration and status."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.classic import errors
from ibmq_backend.emulator.classic.filters.loopback import parse_filter
from ibmq_backend.emulator.classic.requests import Handler, Reply, Request
from ibmq_backend.emulator.classic.state.state import DIALECT, ClassicState
from ibmq_backend.emulator.devices.catalog import Device


def list_backends(state: ClassicState, request: Request) -> Reply:
    """Handle ``listBackends``: return the configurations of all devices of the project."""
    project = state.service.network.project(request.account, request.instance)
    return Reply(state.configurations(tuple(state.service.network.devices(project))))


def get_backend_status(state: ClassicState, request: Request) -> Reply:
    """Handle ``getBackendStatus``."""
    device = _device(state, request)
    device_state = state.service.device_state(device.name)
    return Reply(
        {
            "state": device_state.operational,
            "status": device_state.status,
            "message": device_state.message,
            "lengthQueue": state.service.queue_length(device),
            "backend_version": device.version,
        }
    )


def get_backend_properties(state: ClassicState, request: Request) -> Reply:
    """Handle ``getBackendProperties``: return the newest calibration that matches the filter.

    Raises:
        ServiceError: 400/2400, the version or the filter is not valid.
    """
    device = _device(state, request)
    if request.query.get("version", "1") != "1":
        raise errors.wrong_data("The only version of the properties is 1.")
    text = request.query.get("filter")
    if not text:
        return Reply(device.prepared_properties)
    matching = filter(parse_filter(text).matches, device.published())
    return Reply(next(matching, {}))


def get_backend_defaults(state: ClassicState, request: Request) -> Reply:
    """Handle ``getBackendDefaults``: return an empty object for devices without pulse access."""
    return Reply(_device(state, request).defaults() or {})


def get_jobs_limit(state: ClassicState, request: Request) -> Reply:
    """Handle ``getJobsLimit`` for the user, the device and the project.

    A limit of the user counts the jobs in all projects, that of the service those in this one.
    """
    device = _device(state, request)
    running = state.service.jobs.unfinished(
        request.account.user_id,
        DIALECT,
        request.instance,
        device.name,
        in_all=request.account.job_limit(device) is not None,
    )
    return Reply({"maximumJobs": state.job_limit(request.account, device), "runningJobs": running})


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
