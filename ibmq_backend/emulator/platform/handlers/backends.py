"""Devices: what they are, how they are calibrated, how busy they are."""

from __future__ import annotations

from typing import Final

from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.platform import errors
from ibmq_backend.emulator.platform.documents import devices as device_documents
from ibmq_backend.emulator.platform.documents.versions import NAMES_ONLY
from ibmq_backend.emulator.platform.requests import (
    PlatformHandler,
    PlatformReply,
    PlatformRequest,
)
from ibmq_backend.emulator.platform.state.instances import OPEN_PLAN
from ibmq_backend.emulator.service_state import ServiceState


def list_backends(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``listBackends``: names in the oldest shape, else objects."""
    devices = service_state.platform.devices_of(request.instance)
    if request.version == NAMES_ONLY:
        return PlatformReply({"devices": [device.name for device in devices]})
    wanted = {part.strip() for text in request.texts("fields") for part in text.split(",")}
    timed = "wait_time_seconds" in wanted and request.instance.plan.name != OPEN_PLAN.name
    entries = []
    for device in devices:
        state = service_state.device_state(device.name)
        waiting = service_state.queue_length(device)
        entries.append(
            device_documents.list_entry(
                device,
                version=request.version,
                state="online" if state.runs_jobs else "paused",
                reason="available" if state.runs_jobs else state.status,
                queue_length=waiting,
                wait_seconds=waiting * service_state.speed.estimate_ms(device) // 1000
                if timed
                else None,
            )
        )
    return PlatformReply({"devices": entries})


def get_backend_configuration(
    service_state: ServiceState, request: PlatformRequest
) -> PlatformReply:
    """``getBackendConfiguration``."""
    device = _device(service_state, request)
    return PlatformReply(device_documents.configuration(device))


def get_backend_properties(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getBackendProperties``: an empty object where no calibration fits."""
    device = _device(service_state, request)
    found = device_documents.properties(device, request.moment("updated_before"))
    return PlatformReply(found or {})


def get_backend_status(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getBackendStatus``; a device out of service does not tell its version."""
    device = _device(service_state, request)
    state = service_state.device_state(device.name)
    return PlatformReply(
        {
            "state": state.operational,
            "status": state.status,
            "message": state.message or ("" if state.operational else state.status),
            "length_queue": service_state.queue_length(device),
            "backend_version": device.version if state.operational else "",
        }
    )


def get_backend_defaults(service_state: ServiceState, request: PlatformRequest) -> PlatformReply:
    """``getBackendDefaults``: ``null``, since pulse access is gone."""
    _device(service_state, request)
    return PlatformReply(None)


def _device(service_state: ServiceState, request: PlatformRequest) -> Device:
    device = service_state.platform.device(request.instance, request.path["backend_name"])
    wanted = request.text("calibration_id")
    if wanted is not None:
        if request.instance.plan.name == OPEN_PLAN.name:
            raise errors.plan_without("calibrations of one's choice")
        if wanted != device_documents.calibration_id(device):
            raise errors.backend_not_found(f"{device.name}, calibration {wanted}")
    return device


HANDLERS: Final[dict[str, PlatformHandler]] = {
    "listBackends": list_backends,
    "getBackendConfiguration": get_backend_configuration,
    "getBackendProperties": get_backend_properties,
    "getBackendStatus": get_backend_status,
    "getBackendDefaults": get_backend_defaults,
}
