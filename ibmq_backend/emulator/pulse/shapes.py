"""Samples of the pulses of a job, computed with Terra's pulse classes."""

from __future__ import annotations

import cmath
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.exceptions import QiskitError
from qiskit.pulse import library

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.pulse_instructions import AMPLITUDE_LIMIT
from ibmq_backend.emulator.core.error_codes import ErrorCode

__all__ = ["Samples", "samples_of"]

Samples = NDArray[np.complex128]
"""One pulse: complex amplitudes of absolute value up to 1, one per ``dt``."""

# All shapes are linear in the amplitude. Scaled down by this factor, a pulse above 1 does not raise
# an exception of Terra and is refused here with the service's error.
_SCALE = 1e-3

_SHAPES = {
    "gaussian": library.Gaussian,
    "gaussian_square": library.GaussianSquare,
    "drag": library.Drag,
    "constant": library.Constant,
}
_USED = {
    "gaussian": ("sigma",),
    "gaussian_square": ("sigma", "width"),
    "drag": ("sigma", "beta"),
    "constant": (),
}


def samples_of(
    instruction: Mapping[str, Any], library: Mapping[str, Sequence[Sequence[float]]], label: str
) -> Samples:
    """Return the samples that a checked instruction plays.

    Args:
        instruction: a ``parametric_pulse``, or one named after a pulse of the library.
        library: samples ``[re, im]`` by pulse name.
        label: name of the schedule for messages.

    Raises:
        JobRefused: if the parameters give no valid pulse or amplitudes above 1.
    """
    if instruction["name"] in library:
        pairs = np.asarray(library[instruction["name"]], dtype=float)
        return np.asarray(pairs[:, 0] + 1j * pairs[:, 1], dtype=np.complex128)
    shape, parameters = instruction["pulse_shape"], instruction["parameters"]
    given = parameters["amp"]
    amplitude = complex(*given) if isinstance(given, list) else complex(given)
    where = f"The pulse {shape} (on {instruction['ch']}, at {instruction['t0']} dt) of {label}"
    try:
        pulse = _SHAPES[shape](
            duration=parameters["duration"],
            amp=abs(amplitude) * _SCALE,
            angle=cmath.phase(amplitude),
            **{key: parameters[key] for key in _USED[shape]},
        )
        samples = np.asarray(pulse.get_waveform().samples, dtype=np.complex128) / _SCALE
    except (QiskitError, ValueError, ZeroDivisionError, OverflowError) as error:
        raise JobRefused(
            f"{where} cannot be played: {error}", ErrorCode.PULSE_PARAMETERS
        ) from error
    greatest = float(np.abs(samples).max())
    if not greatest <= AMPLITUDE_LIMIT:
        raise JobRefused(
            f"{where} reaches the amplitude {greatest:.6g}; none can exceed 1",
            ErrorCode.PULSE_AMPLITUDE,
        )
    return samples
