"""Pulses of one gate as a channel of a qubit, for circuits that are simulated gate by gate."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.pulse.dynamics import LEVELS, Transmon
from ibmq_backend.emulator.pulse.timeline import Event, propagator

__all__ = ["kraus_operators"]

_QUBIT = [row * LEVELS + column for row in (0, 1) for column in (0, 1)]
_TWO = 2 * LEVELS + 2
_NEGLIGIBLE = 1e-12


def kraus_operators(
    transmon: Transmon, events: Iterable[Event], frequency: float, samples: float
) -> list[NDArray[np.complex128]]:
    """Return the Kraus operators of the events during a gate on its two lower levels.

    What leaks to level 2 is moved to level 1, as which it is read.

    Args:
        transmon: the qubit.
        events: events of the qubit, in order; measurements are ignored.
        frequency: frequency of its drive channel in GHz at the start and at the end.
        samples: length of the gate in samples.

    Returns:
        Matrices of shape (2, 2) in the convention of circuits, see :meth:`Transmon.gate`.
    """
    whole = propagator(transmon, events, frequency, samples)
    channel = whole[np.ix_(_QUBIT, _QUBIT)]
    channel[3] += whole[_TWO, _QUBIT]
    mirror = np.array([1, -1, -1, 1])
    channel = mirror[:, None] * channel.conj() * mirror
    choi = channel.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    values, vectors = np.linalg.eigh((choi + choi.conj().T) / 2)
    found = [
        np.sqrt(value) * vector.reshape(2, 2)
        for value, vector in zip(values, vectors.T, strict=True)
        if value > _NEGLIGIBLE
    ]
    # The propagators are exact to 1e-4; Aer wants operators that keep the trace.
    weights, basis = np.linalg.eigh(sum(one.conj().T @ one for one in found))
    root = basis @ np.diag(weights**-0.5) @ basis.conj().T
    return [one @ root for one in found]
