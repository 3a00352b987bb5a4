"""Checks of a submitted Qobj against a device, before anything is simulated.

The service first accepted a job and then refused it with a message and a code, which clients show
as ``<message>. Error code: <code>.`` For any input the only exception raised here is
:class:`JobRefused`. Qiskit is not imported.
"""

from __future__ import annotations

from typing import Any

from ibmq_backend.emulator.checks.document import (
    DEFAULT_SHOTS,
    check_config,
    check_repetition,
    experiment_label,
    json_kind,
    object_of,
    stated_count,
)
from ibmq_backend.emulator.checks.gate_calibrations import mentions_pulses
from ibmq_backend.emulator.checks.instructions import CircuitChecker, JobRefused
from ibmq_backend.emulator.checks.noise_options import check_noise_options
from ibmq_backend.emulator.checks.pulse import PulseChecker, check_schedules
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device

__all__ = ["DEFAULT_SHOTS", "JobRefused", "validate"]


_TOP_LEVEL = {
    "qobj_id": str,
    "type": str,
    "schema_version": str,
    "header": dict,
    "config": dict,
    "experiments": list,
}


def validate(device: Device, qobj: object) -> None:
    """Check a Qobj document as the service did before it queued a job.

    Args:
        device: device that is to run it.
        qobj: the uploaded document, of any shape.

    Raises:
        JobRefused: with the reason and the service's error code, if the device would not have run
            it, or if it needs something that is not emulated.
    """
    document = _checked_top(qobj)
    kind = document["type"]
    if kind == "PULSE" and not device.open_pulse:
        raise JobRefused(
            f"The backend {device.name} does not support OpenPulse", ErrorCode.NO_PULSE
        )
    if kind not in ("QASM", "PULSE"):
        raise JobRefused(f"The Qobj type {kind!r} is neither QASM nor PULSE", ErrorCode.SCHEMA)
    config, experiments = document["config"], document["experiments"]
    if not experiments:
        raise JobRefused("The job contains no circuits", ErrorCode.EMPTY)
    if len(experiments) > device.max_circuits:
        raise JobRefused(
            f"The job contains {len(experiments)} circuits; {device.name} accepts at most "
            f"{device.max_circuits}",
            ErrorCode.TOO_MANY_CIRCUITS,
        )
    check_config(device, config)
    check_noise_options(device, document)
    if not device.simulator:
        _check_hardware_options(device, config, "The job")
    if kind == "PULSE":
        check_schedules(device, document)
        return
    pulses = None
    if device.open_pulse and mentions_pulses(document):
        pulses = PulseChecker(device, config)
    for index, experiment in enumerate(experiments):
        _check_experiment(device, config, pulses, experiment, index)


def _checked_top(qobj: object) -> dict[str, Any]:
    if not isinstance(qobj, dict):
        raise JobRefused(
            f"The Qobj does not fit the schema: an object is needed, not {json_kind(qobj)}",
            ErrorCode.SCHEMA,
        )
    for key, kind in _TOP_LEVEL.items():
        if key not in qobj:
            raise JobRefused(
                f"The Qobj does not fit the schema: {key!r} is missing", ErrorCode.SCHEMA
            )
        if not isinstance(qobj[key], kind):
            raise JobRefused(
                f"The Qobj does not fit the schema: {key!r} is {json_kind(qobj[key])}",
                ErrorCode.SCHEMA,
            )
    return qobj


def _check_hardware_options(device: Device, config: dict[str, Any], where: str) -> None:
    check_repetition(device, config, where)
    if device.open_pulse:
        return  # PulseChecker checks the options of pulses
    level = config.get("meas_level", 2)
    if level not in (2, None):
        raise JobRefused(
            f"{where} asks for meas_level {level!r}: without pulses, {device.name} has only "
            "classified measurements (meas_level 2)",
            ErrorCode.MEASUREMENT_LEVEL,
        )
    if config.get("calibrations"):
        raise JobRefused(
            f"{where} defines pulses for its gates (calibrations): {device.name} has no pulses",
            ErrorCode.NO_PULSE_EXPERIMENTS,
        )


def _check_experiment(
    device: Device, config: dict[str, Any], pulses: PulseChecker | None, experiment: Any, index: int
) -> None:
    label = experiment_label(experiment, index)
    own = object_of(experiment, label)
    if not device.simulator:
        _check_hardware_options(device, own, label.capitalize())
    width = stated_count(own, "n_qubits", label)
    if width is not None and width > device.num_qubits:
        raise JobRefused(
            f"{label.capitalize()} needs {width} qubits, {device.name} has {device.num_qubits}",
            ErrorCode.TOO_WIDE,
        )
    slots = stated_count(own, "memory_slots", label)
    if slots is None:
        slots = stated_count(config, "memory_slots", "the Qobj")
    if pulses is None:
        CircuitChecker(device, label, slots).check(experiment["instructions"])
        return
    calibrations = pulses.calibrations(experiment, label)
    CircuitChecker(device, label, slots, calibrations).check(experiment["instructions"])
    pulses.check_circuit(experiment, label)
