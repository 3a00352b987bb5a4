"""Options of a job that say how a device is emulated: its noise, and when instructions start."""

from __future__ import annotations

from reprlib import Repr
from typing import Any, Final, Literal, get_args

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.options import Noise

__all__ = ["Method", "check_noise_options", "noise_of", "scheduling_method_of"]

Method = Literal["alap", "asap"]

_METHODS: Final[dict[str, Method]] = {
    "alap": "alap",
    "as_late_as_possible": "alap",
    "asap": "asap",
    "as_soon_as_possible": "asap",
}
_SHORT: Final = Repr()
_SHORT.maxstring = _SHORT.maxother = 60


def check_noise_options(device: Device, qobj: dict[str, Any]) -> None:
    """Check ``noise`` and ``scheduling_method`` of a job.

    Args:
        device: device of the job.
        qobj: a Qobj whose outer form was checked.

    Raises:
        JobRefused: if an option has an unknown value, or no meaning for this job.
    """
    config = qobj["config"]
    noise, method = config.get("noise"), config.get("scheduling_method")
    if noise is not None:
        if device.simulator:
            raise JobRefused(
                f"{device.name} is a simulator without noise of its own: noise_model sets one, "
                "noise does not",
                ErrorCode.NOT_VALID,
            )
        if not isinstance(noise, str) or noise not in get_args(Noise):
            raise JobRefused(
                f"The option noise is {_SHORT.repr(noise)}; it must be one of "
                f"{', '.join(get_args(Noise))}",
                ErrorCode.NOT_VALID,
            )
    if method is not None:
        if not isinstance(method, str) or method not in _METHODS:
            raise JobRefused(
                f"The option scheduling_method is {_SHORT.repr(method)}; it must be alap "
                "(as_late_as_possible) or asap (as_soon_as_possible)",
                ErrorCode.NOT_VALID,
            )
        if device.simulator or qobj["type"] == "PULSE":
            reason = (
                f"on {device.name}, a simulator, instructions take no time"
                if device.simulator
                else "a schedule states its own times"
            )
            raise JobRefused(
                f"The option scheduling_method has no meaning here: {reason}", ErrorCode.NOT_VALID
            )


def noise_of(config: dict[str, Any], default: Noise) -> Noise:
    """Return the noise that a checked job on a device asks for."""
    noise: Noise = config.get("noise") or default
    return noise


def scheduling_method_of(config: dict[str, Any]) -> Method:
    """Return the scheduling method that a checked job on a device asks for."""
    return _METHODS[config.get("scheduling_method") or "alap"]
