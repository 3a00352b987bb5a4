"""Devices: what they are, how they are calibrated, how busy they are."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents import devices as device_documents
from ibmq_backend.emulator.platform.documents.versions import NAMES_ONLY
from ibmq_backend.emulator.platform.requests import Handler, Reply, Request
from ibmq_backend.emulator.platform.state.instances import OPEN_PLAN
from ibmq_backend.emulator.platform.state.state import PlatformState


def list_backends(state: PlatformState, request: Request) -> Reply:
    """``listBackends``: names in the oldest shape, else objects."""
    devices = state.devices_of(request.instance)
    if request.version == NAMES_ONLY:
        return Reply({"devices": [device.name for device in devices]})
    wanted = {part.strip() for text in request.texts("fields") for part in text.split(",")}
    timed = "wait_time_seconds" in wanted and request.instance.plan.name != OPEN_PLAN.name
    entries = []
    for device in devices:
        condition = state.service.device_state(device.name)
        waiting = state.service.queue_length(device)
        entries.append(
            device_documents.list_entry(
                device,
                version=request.version,
                state="online" if condition.runs_jobs else "paused",
                reason="available" if condition.runs_jobs else condition.status,
                queue_length=waiting,
                wait_seconds=waiting * state.service.speed.estimate_ms(device) // 1000
                if timed
                else None,
            )
        )
    return Reply({"devices": entries})


def get_backend_configuration(state: PlatformState, request: Request) -> Reply:
    """``getBackendConfiguration``."""
    device = _device(state, request)
    return Reply(device_documents.configuration(device))


def get_backend_properties(state: PlatformState, request: Request) -> Reply:
    """``getBackendProperties``: an empty object where no calibration fits."""
    device = _device(state, request)
    found = device_documents.properties(device, request.moment("updated_before"))
    return Reply(found or {})


def get_backend_status(state: PlatformState, request: Request) -> Reply:
    """``getBackendStatus``; a device out of service does not tell its version."""
    device = _device(state, request)
    condition = state.service.device_state(device.name)
    return Reply(
        {
            "state": condition.operational,
            "status": condition.status,
            "message": condition.message or ("" if condition.operational else condition.status),
            "length_queue": state.service.queue_length(device),
            "backend_version": device.version if condition.operational else "",
        }
    )


def get_backend_defaults(state: PlatformState, request: Request) -> Reply:
    """``getBackendDefaults``: ``null``, since pulse access is gone."""
    _device(state, request)
    return Reply(None)


def _device(state: PlatformState, request: Request) -> Device:
    device = state.device(request.instance, request.path["backend_name"])
    wanted = request.text("calibration_id")
    if wanted is not None:
        if request.instance.plan.name == OPEN_PLAN.name:
            raise errors.plan_without("calibrations of one's choice")
        if wanted != device_documents.calibration_id(device):
            raise errors.backend_not_found(f"{device.name}, calibration {wanted}")
    return device


HANDLERS: Final[dict[str, Handler]] = {
    "listBackends": list_backends,
    "getBackendConfiguration": get_backend_configuration,
    "getBackendProperties": get_backend_properties,
    "getBackendStatus": get_backend_status,
    "getBackendDefaults": get_backend_defaults,
}
