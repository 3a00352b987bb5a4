"""Checks of a submitted Qobj against a device, before anything is simulated.

The service accepted a job first and refused it afterwards with a message and a number; clients
show them as `<message>. Error code: <code>.` Whatever is sent, the only exception that leaves this
module is `JobRefused`. Needs no qiskit, so a server may call it in its own process.
"""

from __future__ import annotations

from math import isfinite
from typing import Any

from .devices import Device
from .instruction_checks import CircuitChecker, JobRefused

__all__ = ["DEFAULT_SHOTS", "JobRefused", "validate"]

DEFAULT_SHOTS = 1024
"""Shots of a job whose Qobj states none."""

SCHEMA = 1101
TOO_MANY_CIRCUITS = 1102
SHOTS = 1103
NO_MEMORY = 1104
NO_PULSE = 1108
TOO_WIDE = 1109
EMPTY = 3236
NOT_EMULATED = 8000
REP_DELAY = 8030

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
        device: the device that shall run it.
        qobj: the uploaded document, of any shape.

    Raises:
        JobRefused: with the reason and the service's error number, if the device would not have
            run it, or if it asks for something that this emulator does not emulate.
    """
    document = _checked_top(qobj)
    kind = document["type"]
    if kind == "PULSE":
        _refuse_pulse(device)
    if kind != "QASM":
        raise JobRefused(f"The Qobj type {kind!r} is neither QASM nor PULSE", SCHEMA)
    config, experiments = document["config"], document["experiments"]
    if not experiments:
        raise JobRefused("The job holds no circuits", EMPTY)
    if len(experiments) > device.max_circuits:
        raise JobRefused(
            f"The job holds {len(experiments)} circuits, {device.name} takes at most "
            f"{device.max_circuits}",
            TOO_MANY_CIRCUITS,
        )
    _check_config(device, config)
    for index, experiment in enumerate(experiments):
        _check_experiment(device, config, experiment, index)


def circuit_label(experiment: object, index: int) -> str:
    """Name a circuit for messages, as in "circuit 'bell' (index 0)"."""
    header = experiment.get("header") if isinstance(experiment, dict) else None
    name = header.get("name") if isinstance(header, dict) else None
    return f"circuit {name!r} (index {index})" if isinstance(name, str) else f"circuit {index}"


def _checked_top(qobj: object) -> dict[str, Any]:
    if not isinstance(qobj, dict):
        raise JobRefused(
            f"The Qobj does not fit the schema: an object is needed, not {_json_kind(qobj)}", SCHEMA
        )
    for key, kind in _TOP_LEVEL.items():
        if key not in qobj:
            raise JobRefused(f"The Qobj does not fit the schema: {key!r} is missing", SCHEMA)
        if not isinstance(qobj[key], kind):
            raise JobRefused(
                f"The Qobj does not fit the schema: {key!r} is {_json_kind(qobj[key])}", SCHEMA
            )
    return qobj


def _refuse_pulse(device: Device) -> None:
    if not device.open_pulse:
        raise JobRefused(f"The backend {device.name} does not support OpenPulse", NO_PULSE)
    raise JobRefused(
        f"Pulse jobs are not emulated: the emulator of {device.name} simulates circuits of gates "
        "only",
        NOT_EMULATED,
    )


def _check_config(device: Device, config: dict[str, Any]) -> None:
    shots = config.get("shots", DEFAULT_SHOTS)
    if not is_integer(shots):
        raise JobRefused(f"The number of shots must be an integer, not {_json_kind(shots)}", SHOTS)
    if shots < 1:
        raise JobRefused(f"The number of shots must be at least 1, not {shots}", SHOTS)
    if shots > device.max_shots:
        raise JobRefused(
            f"The number of shots {shots} is greater than the maximum of {device.name}, "
            f"{device.max_shots}",
            SHOTS,
        )
    memory = config.get("memory", False)
    if not isinstance(memory, bool | None):
        raise JobRefused("The Qobj does not fit the schema: 'memory' must be a boolean", SCHEMA)
    if memory and not device.memory:
        raise JobRefused(f"The backend {device.name} does not support 'memory'", NO_MEMORY)
    seed = config.get("seed_simulator")
    if seed is not None and not is_integer(seed):
        raise JobRefused("The Qobj does not fit the schema: 'seed_simulator' is no integer", SCHEMA)
    if not device.simulator:
        _check_hardware_options(device, config, "The job")


def _check_hardware_options(device: Device, config: dict[str, Any], where: str) -> None:
    level = config.get("meas_level", 2)
    if level not in (2, None):
        raise JobRefused(
            f"{where} asks for meas_level {level!r}: only classified measurements "
            "(meas_level 2) are emulated",
            NOT_EMULATED,
        )
    if config.get("calibrations"):
        raise JobRefused(
            f"{where} defines pulses for its gates (calibrations): pulses are not emulated",
            NOT_EMULATED,
        )
    if config.get("init_qubits") is False:
        raise JobRefused(
            f"{where} sets init_qubits to false: runs without initialised qubits are not emulated",
            NOT_EMULATED,
        )
    delay = config.get("rep_delay")
    if delay is None:
        return
    allowed = device.rep_delay_range
    if not is_number(delay) or allowed is None or not allowed[0] <= delay <= allowed[1]:
        span = "none" if allowed is None else f"{allowed[0]} to {allowed[1]} µs"
        raise JobRefused(
            f"{where} sets rep_delay to {delay!r}; {device.name} allows {span}", REP_DELAY
        )


def _check_experiment(
    device: Device, config: dict[str, Any], experiment: object, index: int
) -> None:
    label = circuit_label(experiment, index)
    if not isinstance(experiment, dict):
        raise JobRefused(f"The Qobj does not fit the schema: {label} is no object", SCHEMA)
    instructions = experiment.get("instructions")
    if not isinstance(instructions, list):
        raise JobRefused(
            f"The Qobj does not fit the schema: {label} has no list of instructions", SCHEMA
        )
    header, own = experiment.get("header", {}), experiment.get("config", {})
    if not isinstance(header, dict | None) or not isinstance(own, dict | None):
        raise JobRefused(
            f"The Qobj does not fit the schema: header and config of {label} must be objects",
            SCHEMA,
        )
    own = own or {}
    if not device.simulator:
        _check_hardware_options(device, own, label.capitalize())
    width = _stated(own, "n_qubits", label)
    if width is not None and width > device.num_qubits:
        raise JobRefused(
            f"{label.capitalize()} needs {width} qubits, {device.name} has {device.num_qubits}",
            TOO_WIDE,
        )
    slots = _stated(own, "memory_slots", label)
    if slots is None:
        slots = _stated(config, "memory_slots", "the Qobj")
    CircuitChecker(device, label, slots).check(instructions)


def _stated(mapping: dict[str, Any], key: str, label: str) -> int | None:
    value = mapping.get(key)
    if value is None:
        return None
    if not is_integer(value) or value < 0:
        raise JobRefused(
            f"The Qobj does not fit the schema: {key!r} of {label} must be a count, not {value!r}",
            SCHEMA,
        )
    return int(value)


def is_integer(value: object) -> bool:
    """True for JSON integers; booleans are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """True for finite JSON numbers; booleans are none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False


def _json_kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a boolean"}
    if value is None:
        return "null"
    return names.get(type(value), "a number")
