"""Handlers for devices: configuration, calibration and status."""

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
    """Handle ``listBackends``: return names for the oldest API version, otherwise objects."""
    devices = state.list_devices(request.instance)
    if request.version == NAMES_ONLY:
        return Reply({"devices": [device.name for device in devices]})
    requested = {part.strip() for text in request.texts("fields") for part in text.split(",")}
    timed = "wait_time_seconds" in requested and request.instance.plan.name != OPEN_PLAN.name
    states = state.service.device_states(device.name for device in devices)
    lengths = state.service.queue_lengths(devices)
    entries = []
    for device in devices:
        device_state, waiting = states[device.name], lengths[device.name]
        entries.append(
            device_documents.list_entry(
                device,
                version=request.version,
                state="online" if device_state.runs_jobs else "paused",
                reason="available" if device_state.runs_jobs else device_state.status,
                queue_length=waiting,
                wait_seconds=waiting * state.service.speed.estimate_ms(device) // 1000
                if timed
                else None,
            )
        )
    return Reply({"devices": entries})


def get_backend_configuration(state: PlatformState, request: Request) -> Reply:
    """Handle ``getBackendConfiguration``."""
    device = _device(state, request)
    return Reply(device_documents.prepared_configuration(device))


def get_backend_properties(state: PlatformState, request: Request) -> Reply:
    """Handle ``getBackendProperties``: return an empty object if no calibration matches."""
    device = _device(state, request)
    before_ms = request.moment("updated_before")
    if before_ms is None:
        return Reply(device_documents.prepared_properties(device))
    return Reply(device_documents.properties(device, before_ms) or {})


def get_backend_status(state: PlatformState, request: Request) -> Reply:
    """Handle ``getBackendStatus``; the version is empty for a device out of service."""
    device = _device(state, request)
    device_state = state.service.device_state(device.name)
    return Reply(
        {
            "state": device_state.operational,
            "status": device_state.status,
            "message": device_state.message
            or ("" if device_state.operational else device_state.status),
            "length_queue": state.service.queue_length(device),
            "backend_version": device.version if device_state.operational else "",
        }
    )


def get_backend_defaults(state: PlatformState, request: Request) -> Reply:
    """Handle ``getBackendDefaults``: return ``null``, since pulse access was removed."""
    _device(state, request)
    return Reply(None)


def _device(state: PlatformState, request: Request) -> Device:
    device = state.device(request.instance, request.path["backend_name"])
    calibration = request.text("calibration_id")
    if calibration is not None:
        if request.instance.plan.name == OPEN_PLAN.name:
            raise errors.plan_without("the choice of a calibration")
        if calibration != device_documents.calibration_id(device):
            raise errors.backend_not_found(f"{device.name}, calibration {calibration}")
    return device


HANDLERS: Final[dict[str, Handler]] = {
    "listBackends": list_backends,
    "getBackendConfiguration": get_backend_configuration,
    "getBackendProperties": get_backend_properties,
    "getBackendStatus": get_backend_status,
    "getBackendDefaults": get_backend_defaults,
}
