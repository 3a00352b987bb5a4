"""Checks that circuit jobs and pulse jobs share; they do not import Qiskit."""

from __future__ import annotations

from math import isfinite
from typing import Any, TypeGuard

from ibmq_backend.emulator.checks.instructions import JobRefused, shortened
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device

__all__ = [
    "DEFAULT_SHOTS",
    "check_config",
    "check_repetition",
    "experiment_label",
    "failed_circuits",
    "is_integer",
    "is_number",
    "json_kind",
    "object_of",
    "stated_count",
]

DEFAULT_SHOTS = 1024
"""Shots of a job whose Qobj does not state a number."""


def experiment_label(experiment: object, index: int, noun: str = "circuit") -> str:
    """Name an experiment for messages, as in "circuit 'bell' (index 0)"."""
    header = experiment.get("header") if isinstance(experiment, dict) else None
    name = header.get("name") if isinstance(header, dict) else None
    return f"{noun} {name!r} (index {index})" if isinstance(name, str) else f"{noun} {index}"


def failed_circuits(total: int, failed: int, first: str) -> dict[str, Any]:
    """Return the error of a job with failed circuits.

    Args:
        total: number of circuits.
        failed: number of failed ones.
        first: label of the first one and the reason.
    """
    message = f"{failed} of {total} circuits failed; the first, {first}"
    return {"message": shortened(message), "code": ErrorCode.RUN_FAILED}


def object_of(experiment: object, label: str) -> dict[str, Any]:
    """Check the outer form of an experiment and return its config.

    Raises:
        JobRefused: if it is not an object with a list of instructions, or if its header or config
            is not an object.
    """
    if not isinstance(experiment, dict):
        raise JobRefused(
            f"The Qobj does not fit the schema: {label} is not an object", ErrorCode.SCHEMA
        )
    if not isinstance(experiment.get("instructions"), list):
        raise JobRefused(
            f"The Qobj does not fit the schema: {label} has no list of instructions",
            ErrorCode.SCHEMA,
        )
    header, own = experiment.get("header", {}), experiment.get("config", {})
    if not isinstance(header, dict | None) or not isinstance(own, dict | None):
        raise JobRefused(
            f"The Qobj does not fit the schema: header and config of {label} must be objects",
            ErrorCode.SCHEMA,
        )
    return own or {}


def check_config(device: Device, config: dict[str, Any]) -> None:
    """Check shots, memory and seed of a job.

    Raises:
        JobRefused: if one is invalid or the device does not accept it.
    """
    shots = config.get("shots", DEFAULT_SHOTS)
    if not is_integer(shots):
        raise JobRefused(
            f"The number of shots must be an integer, not {json_kind(shots)}", ErrorCode.SCHEMA
        )
    if shots < 1:
        raise JobRefused(
            f"The number of shots must be at least 1, not {shots}", ErrorCode.TOO_FEW_SHOTS
        )
    if shots > device.max_shots:
        raise JobRefused(
            f"The number of shots {shots} is greater than the maximum of {device.name}, "
            f"{device.max_shots}",
            ErrorCode.TOO_MANY_SHOTS,
        )
    memory = config.get("memory", False)
    if not isinstance(memory, bool | None):
        raise JobRefused(
            "The Qobj does not fit the schema: 'memory' must be a boolean", ErrorCode.SCHEMA
        )
    if memory and not device.memory:
        raise JobRefused(
            f"The backend {device.name} does not support 'memory'", ErrorCode.NO_MEMORY
        )
    seed = config.get("seed_simulator")
    if seed is not None and not is_integer(seed):
        raise JobRefused(
            "The Qobj does not fit the schema: 'seed_simulator' is not an integer", ErrorCode.SCHEMA
        )


def check_repetition(device: Device, config: dict[str, Any], where: str) -> None:
    """Check the delay between two shots.

    Args:
        device: a device, not a simulator.
        config: configuration of a job or of one experiment.
        where: start of error messages: "The job" or the name of the experiment.

    Raises:
        JobRefused: if the device does not accept it.
    """
    delay = config.get("rep_delay")
    if delay is None:
        return
    allowed = device.rep_delay_range
    if not is_number(delay) or allowed is None or not allowed[0] <= delay <= allowed[1]:
        span = "none" if allowed is None else f"{allowed[0]} to {allowed[1]} µs"
        raise JobRefused(
            f"{where} sets rep_delay to {delay!r}; {device.name} allows {span}",
            ErrorCode.REPETITION_DELAY,
        )


def stated_count(mapping: dict[str, Any], key: str, label: str) -> int | None:
    """Return a count that a document states; None if it is missing.

    Raises:
        JobRefused: if it is negative or not an integer.
    """
    value = mapping.get(key)
    if value is None:
        return None
    if not is_integer(value) or value < 0:
        raise JobRefused(
            f"The Qobj does not fit the schema: {key!r} of {label} must be an integer of at least "
            f"0, not {value!r}",
            ErrorCode.SCHEMA,
        )
    return int(value)


def is_integer(value: object) -> TypeGuard[int]:
    """Return whether a value is a JSON integer; booleans are not."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> TypeGuard[float]:
    """Return whether a value is a finite JSON number; booleans are not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value)
    except OverflowError:
        return False


def json_kind(value: object) -> str:
    """Return the type of a JSON value in words, for messages."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    if value is None:
        return "null"
    return names.get(type(value), "a number")
