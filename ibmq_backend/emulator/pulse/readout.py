"""Reading levels of transmons as bits, or as points in the IQ plane.

The snapshots contain readout errors, but not the positions of a device's readout signals. Points in
the IQ plane are therefore synthetic, and every result says so: a Gaussian cloud per level, with
centres chosen by the emulator and a width for which the best line between the clouds of levels 0
and 1 gives the readout errors of the snapshot.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.pulse.model import ReadoutErrors

__all__ = ["IqClouds", "read_bits", "sample_levels"]

Levels = NDArray[np.int64]

# Programs of that time expect values of this size: they multiply them by 1e-14 before fitting.
_CENTRE_0 = complex(-15e14, -4e14)
_SEPARATION = 6e14  # along the real axis, from level 0 to level 1
_LEVEL_2_ASIDE = 8e14  # along the imaginary axis, from level 1 to level 2
_MIN_ERROR = 1e-6
_MIN_CONTRAST = 1e-3


def sample_levels(
    links: Sequence[NDArray[np.float64]], shots: int, generator: np.random.Generator
) -> list[Levels]:
    """Draw the levels that the measurements of a qubit find.

    Args:
        links: for each measurement the probabilities [j, k] of level j given level k before.
        shots: number of shots.
        generator: source of random numbers.

    Returns:
        For each measurement the level found in each shot, shape (shots,).
    """
    levels: Levels = np.zeros(shots, dtype=np.int64)
    found = []
    for link in links:
        bounds = np.cumsum(link[:-1, levels], axis=0)
        levels = (generator.random(shots) >= bounds).sum(axis=0)
        found.append(levels)
    return found


def read_bits(levels: Levels, errors: ReadoutErrors, generator: np.random.Generator) -> Levels:
    """Read levels as bits, with the qubit's readout errors; level 2 is read like level 1.

    Args:
        levels: levels found, shape (shots,).
        errors: readout errors of the qubit.
        generator: source of random numbers.
    """
    of_one = np.where(levels == 0, errors.one_for_zero, 1 - errors.zero_for_one)
    return (generator.random(len(levels)) < of_one).astype(np.int64)


@dataclass(frozen=True)
class IqClouds:
    """Synthetic readout signals of one qubit.

    Attributes:
        centres: centres of the clouds of levels 0, 1, 2 in the IQ plane.
        sigma: standard deviation of each cloud along any direction.
    """

    centres: tuple[complex, complex, complex]
    sigma: float

    @classmethod
    def of(cls, errors: ReadoutErrors) -> IqClouds:
        """Return clouds that give a qubit's readout errors when the best line separates them.

        The line is perpendicular to the axis from centre 0 to centre 1. Level 2 lies on the same
        side as level 1 and at the same distance, so it is read as 1 equally often.
        """
        normal = NormalDist()
        reach = [
            normal.inv_cdf(1 - min(max(error, _MIN_ERROR), 1 - _MIN_ERROR))
            for error in (errors.one_for_zero, errors.zero_for_one)
        ]
        # Without any contrast the clouds become very wide; this avoids a division by zero.
        sigma = _SEPARATION / max(sum(reach), _MIN_CONTRAST)
        one = _CENTRE_0 + _SEPARATION
        return cls((_CENTRE_0, one, one + complex(0, _LEVEL_2_ASIDE)), sigma)

    def points(self, levels: Levels, generator: np.random.Generator) -> NDArray[np.complex128]:
        """Draw a point for each level found, shape (shots,)."""
        noise = generator.normal(scale=self.sigma, size=(len(levels), 2))
        centres = np.asarray(self.centres)
        result: NDArray[np.complex128] = centres[levels] + noise[:, 0] + 1j * noise[:, 1]
        return result

    def description(self) -> dict[str, Any]:
        """Return the clouds as JSON values for the result."""
        return {
            "centres": [[centre.real, centre.imag] for centre in self.centres],
            "sigma": self.sigma,
        }
