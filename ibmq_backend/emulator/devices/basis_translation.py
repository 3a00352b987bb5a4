"""Gates of one era of the service in terms of the other.

Until late 2020 devices were programmed in `u1, u2, u3`, afterwards in `rz, sx, x`. A snapshot
carries calibration for the gates of its own era only. Circuits of the other era are rewritten
exactly (up to a global phase) onto the calibrated gates, so that they meet the device's noise.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi

__all__ = ["Step", "translate"]

Step = tuple[str, tuple[float, ...]]
"""One gate: name and angles in radians."""


def translate(name: str, params: Sequence[float], era: str | None) -> tuple[Step, ...]:
    """Rewrite a single-qubit gate onto the calibrated gates of a device.

    A `u3` costs two `sx` pulses, a `u2` one, a `u1` none, whatever the angles: as on the devices.

    Args:
        name: gate name; anything but `u1, u2, u3, rz, sx, x` is handed back unchanged.
        params: its angles in radians.
        era: "rz" for devices calibrated in `rz, sx, x`; "u" for `u1, u2, u3`; None for neither.

    Returns:
        The gates to apply, first to last, equal to the given one up to a global phase.
    """
    angles = tuple(params)
    if era == "rz":
        if name == "u1":
            return (("rz", angles),)
        if name == "u2":
            phi, lam = angles
            return (("rz", (lam - pi / 2,)), ("sx", ()), ("rz", (phi + pi / 2,)))
        if name == "u3":
            theta, phi, lam = angles
            return (
                ("rz", (lam,)),
                ("sx", ()),
                ("rz", (theta + pi,)),
                ("sx", ()),
                ("rz", (phi + pi,)),
            )
    elif era == "u":
        if name == "rz":
            return (("u1", angles),)
        if name == "sx":
            return (("u2", (-pi / 2, pi / 2)),)
        if name == "x":
            return (("u3", (pi, 0.0, pi)),)
    return ((name, angles),)
