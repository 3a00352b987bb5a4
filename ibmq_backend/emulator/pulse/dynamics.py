"""Evolution of one transmon under pulses: a Lindblad equation of three levels, sample by sample.

qiskit-dynamics is not used: in version 0.6.0 its solvers step through the smooth envelope and need
8 to 20 s for one relaxing transmon and one pulse. A pulse is constant within each sample, so the
propagator of each sample is known exactly and that of the pulse is their product, which takes
milliseconds.

The frame rotates with the oscillator of the drive channel, phase included. In this frame

    H = (f_q - f_d) n + a/2 n (n - 1) + (r/2) (s b + s* b'),   all times 2 pi,

with the qubit's frequency f_q, the channel's frequency f_d, the anharmonicity a, the drive rate r,
the sample s and the lowering operator b: the Hamiltonian of the device's configuration with the
drive term ``X||D``, D = Re[s exp(i (2 pi f_d t + phase))], in the rotating wave approximation.
A phase change rotates the frame; a frequency change changes f_d from then on, with a continuous
phase. Relaxation (T1, from each level to the next lower one, twice as fast from level 2) and
dephasing (the part of T2 that T1 does not explain) act between groups of samples; the error of this
splitting is below 1e-4 for a pulse.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from ibmq_backend.emulator.pulse.shapes import Samples

__all__ = ["LEVELS", "Transmon", "TransmonParameters", "unitary_of"]

LEVELS = 3
"""Simulated levels of a transmon: the two of the qubit and the next one."""

Matrix = NDArray[np.complex128]

_GROUP = 8
_CHUNK = 4096
_CACHED = 2048
_NUMBER = np.arange(LEVELS)
_LOWER = np.diag(np.sqrt(np.arange(1.0, LEVELS)), 1).astype(complex)
_UNIT = np.eye(LEVELS * LEVELS, dtype=complex)


@dataclass(frozen=True)
class TransmonParameters:
    """The parameters of one transmon.

    Attributes:
        frequency: transition frequency of the qubit in GHz.
        anharmonicity: frequency of the next transition minus ``frequency`` in GHz; negative.
        drive_rate: Rabi frequency of the qubit in GHz at amplitude 1.
        t1: relaxation time in ns.
        t2: dephasing time in ns, at most twice ``t1``.
        dt: length of a sample in ns.
    """

    frequency: float
    anharmonicity: float
    drive_rate: float
    t1: float
    t2: float
    dt: float


class Transmon:
    """Propagators of one transmon, cached for repeated pulses.

    Propagators are matrices of shape (9, 9) that act on a density matrix flattened row by row.

    Args:
        parameters: parameters of the transmon.
    """

    def __init__(self, parameters: TransmonParameters) -> None:
        self.parameters = parameters
        dephasing = max(1 / parameters.t2 - 1 / (2 * parameters.t1), 0.0)
        number = np.diag(_NUMBER).astype(complex)
        self._losses = _dissipator(_LOWER / np.sqrt(parameters.t1)) + _dissipator(
            number * np.sqrt(2 * dephasing)
        )
        self._cache: OrderedDict[tuple[object, ...], Matrix] = OrderedDict()

    def idle(self, samples: float, frequency: float) -> Matrix:
        """Return the propagator of an idle time.

        Args:
            samples: length of the idle time in samples.
            frequency: frequency of the drive channel in GHz.
        """
        if samples == 0:
            return _UNIT
        return self._kept(("idle", samples, frequency), lambda: self._idle(samples, frequency))

    def pulse(self, samples: Samples, frequency: float) -> Matrix:
        """Return the propagator of a pulse.

        Args:
            samples: the pulse.
            frequency: frequency of the drive channel in GHz.
        """
        if len(samples) == 0:
            return _UNIT
        digest = hashlib.sha256(np.ascontiguousarray(samples).tobytes()).digest()
        return self._kept((digest, frequency), lambda: self._pulse(samples, frequency))

    def gate(self, unitary: Matrix, samples: float, frequency: float) -> Matrix:
        """Return the propagator of an ideal gate in the middle of an idle time.

        Args:
            unitary: matrix of shape (2, 2) of the gate; level 2 does not change.
            samples: duration of the gate in samples.
            frequency: frequency of the drive channel in GHz.
        """
        whole = np.eye(LEVELS, dtype=complex)
        # A frame rotates in the opposite direction to a textbook rotation about z. The mirror image
        # of the gate matches the channel phases, and no measurement shows the difference.
        mirror = np.diag([1, -1])
        whole[:2, :2] = mirror @ unitary.conj() @ mirror
        half = self.idle(samples / 2, frequency)
        return half @ np.kron(whole, whole.conj()) @ half

    def phase(self, angle: float) -> Matrix:
        """Return the propagator of a phase change of the drive channel by an angle in radians."""
        turn = np.exp(1j * angle * _NUMBER)
        return np.diag(np.kron(turn, turn.conj()))

    def _idle(self, samples: float, frequency: float) -> Matrix:
        energies = 2 * pi * _energies(frequency, self.parameters)
        coherent = -1j * np.subtract.outer(energies, energies).reshape(-1)
        result: Matrix = expm((np.diag(coherent) + self._losses) * samples * self.parameters.dt)
        return result

    def _pulse(self, samples: Samples, frequency: float) -> Matrix:
        size = LEVELS * LEVELS
        losses = self._losses * self.parameters.dt
        of_sample, of_group, of_half = (expm(losses * n) for n in (1, _GROUP, _GROUP / 2))
        total = _UNIT
        for start in range(0, len(samples), _CHUNK):
            steps = unitary_of(samples[start : start + _CHUNK], frequency, self.parameters)
            whole = len(steps) // _GROUP * _GROUP
            if whole:
                groups = _products(steps[:whole].reshape(-1, _GROUP, LEVELS, LEVELS))
                moves = np.einsum("nij,nkl->nikjl", groups, groups.conj()).reshape(-1, size, size)
                # Each group lies between two halves of its losses; adjacent halves are merged.
                moves[1:] = moves[1:] @ of_group
                total = of_half @ _product(moves) @ of_half @ total
            for step in steps[whole:]:
                total = of_sample @ np.kron(step, step.conj()) @ total
        return total

    def _kept(self, key: tuple[object, ...], make: Callable[[], Matrix]) -> Matrix:
        if key not in self._cache:
            self._cache[key] = make()
            if len(self._cache) > _CACHED:
                self._cache.popitem(last=False)
        self._cache.move_to_end(key)
        return self._cache[key]


def unitary_of(samples: Samples, frequency: float, parameters: TransmonParameters) -> Matrix:
    """Return the propagators of single samples without losses.

    Args:
        samples: amplitudes, shape (n,).
        frequency: frequency of the drive channel in GHz.
        parameters: parameters of the transmon.

    Returns:
        Unitary matrices of shape (n, 3, 3).
    """
    hamiltonian = np.zeros((len(samples), LEVELS, LEVELS), dtype=complex)
    hamiltonian[:, _NUMBER, _NUMBER] = _energies(frequency, parameters)
    coupling = (parameters.drive_rate / 2) * samples
    for level in range(1, LEVELS):
        hamiltonian[:, level - 1, level] = coupling * np.sqrt(level)
        hamiltonian[:, level, level - 1] = coupling.conj() * np.sqrt(level)
    values, vectors = np.linalg.eigh(hamiltonian)
    phases = np.exp(-2j * pi * parameters.dt * values)
    result: Matrix = (vectors * phases[:, None, :]) @ vectors.conj().swapaxes(1, 2)
    return result


def _energies(frequency: float, parameters: TransmonParameters) -> NDArray[np.float64]:
    """Return the energies of the levels in the frame of the drive channel, in GHz."""
    detuning = parameters.frequency - frequency
    return detuning * _NUMBER + parameters.anharmonicity / 2 * _NUMBER * (_NUMBER - 1)


def _dissipator(jump: Matrix) -> Matrix:
    """Return the superoperator of D[jump] on row-flattened density matrices, shape (9, 9)."""
    unit = np.eye(LEVELS)
    decay = jump.conj().T @ jump
    both = np.kron(decay, unit) + np.kron(unit, decay.T)
    return np.asarray(np.kron(jump, jump.conj()) - both / 2, dtype=np.complex128)


def _products(groups: Matrix) -> Matrix:
    """Return products along the second axis, last factor leftmost: (n, g, d, d) to (n, d, d)."""
    result = groups[:, 0]
    for index in range(1, groups.shape[1]):
        result = groups[:, index] @ result
    return result


def _product(factors: Matrix) -> Matrix:
    """Return the product of matrices of shape (n, d, d), n > 0, last factor leftmost."""
    while len(factors) > 1:
        paired = factors[1::2] @ factors[: len(factors) // 2 * 2 : 2]
        factors = np.concatenate([paired, factors[-1:]]) if len(factors) % 2 else paired
    result: Matrix = factors[0]
    return result
