"""One transmon under pulses, compared with results that can be computed by hand."""

from __future__ import annotations

from dataclasses import replace
from math import cos, exp, pi, sin, sqrt
from typing import Any

import numpy as np
import pytest
from scipy.linalg import expm

from ibmq_backend.emulator.pulse.dynamics import Transmon, TransmonParameters, unitary_of

DT = 2 / 9
FOREVER = 1e15
PLAIN = TransmonParameters(
    frequency=5.0, anharmonicity=-0.34, drive_rate=0.01, t1=FOREVER, t2=FOREVER, dt=DT
)
# The third level is so far away that the qubit has two levels.
TWO_LEVELS = replace(PLAIN, anharmonicity=-400.0)
HALF_TURN = 0.25


def populations(propagator: np.ndarray[Any, Any], level: int = 0) -> np.ndarray[Any, Any]:
    """Populations after a propagator has acted on a level."""
    start = np.zeros((3, 3), dtype=complex)
    start[level, level] = 1
    return np.diag((propagator @ start.reshape(-1)).reshape(3, 3)).real


def square(duration: int, amplitude: complex) -> np.ndarray[Any, Any]:
    return np.full(duration, amplitude, dtype=complex)


@pytest.mark.slow
@pytest.mark.parametrize("duration", [1, 7, 8, 90, 225, 450, 4096, 5003])
@pytest.mark.parametrize("amplitude", [0.1, -0.5, 0.7j, 1.0])
def test_a_resonant_square_pulse_makes_rabi_oscillations(duration: int, amplitude: complex) -> None:
    angle = 2 * pi * TWO_LEVELS.drive_rate * abs(amplitude) * duration * DT
    found = populations(Transmon(TWO_LEVELS).pulse(square(duration, amplitude), 5.0))
    assert found[1] == pytest.approx(sin(angle / 2) ** 2, abs=2e-3)
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("detuning", [-0.02, -0.003, 0.001, 0.01])
def test_a_detuned_square_pulse_follows_the_rabi_formula(detuning: float) -> None:
    rate, duration = TWO_LEVELS.drive_rate * 0.8, 300
    whole = sqrt(rate**2 + detuning**2)
    expected = (rate / whole) ** 2 * sin(pi * whole * duration * DT) ** 2
    found = populations(Transmon(TWO_LEVELS).pulse(square(duration, 0.8), 5.0 - detuning))
    assert found[1] == pytest.approx(expected, abs=2e-3)


def test_the_second_transition_lies_lower_by_the_anharmonicity() -> None:
    """From level 1, at f + a, with sqrt(2) of the drive rate."""
    transmon = Transmon(replace(PLAIN, drive_rate=0.001))
    duration = round(0.5 / (0.001 * sqrt(2)) / DT)
    found = populations(transmon.pulse(square(duration, 1.0), 5.0 - 0.34), level=1)
    assert found[2] == pytest.approx(1, abs=1e-3)
    assert populations(transmon.pulse(square(duration, 1.0), 5.0), level=1)[2] < 1e-4


def test_propagators_agree_with_the_equation_solved_at_once() -> None:
    """A square pulse with all losses: the exponential of its whole Liouvillian."""
    parameters = replace(PLAIN, t1=40_000.0, t2=30_000.0)
    lower = np.diag(np.sqrt([1.0, 2.0]), 1)
    number = lower.T @ lower
    detuning = 0.002
    hamiltonian = (
        2
        * pi
        * (
            detuning * number
            + parameters.anharmonicity / 2 * number @ (number - np.eye(3))
            + parameters.drive_rate / 2 * (0.6j * lower - 0.6j * lower.T)
        )
    )
    dephasing = 1 / parameters.t2 - 1 / (2 * parameters.t1)
    unit = np.eye(3)
    generator = -1j * (np.kron(hamiltonian, unit) - np.kron(unit, hamiltonian.T))
    for jump in (lower / sqrt(parameters.t1), number * sqrt(2 * dephasing)):
        decay = jump.T @ jump
        generator = generator + np.kron(jump, jump) - np.kron(decay, unit) / 2
        generator = generator - np.kron(unit, decay) / 2
    for duration in (5, 803):
        wanted = expm(generator * duration * DT)
        found = Transmon(parameters).pulse(square(duration, 0.6j), 5.0 - detuning)
        assert np.abs(found - wanted).max() < 1e-4


def test_populations_decay_with_t1_and_coherence_with_t2() -> None:
    transmon = Transmon(replace(PLAIN, t1=50_000.0, t2=60_000.0))
    for samples in (1_000, 90_000, 900_000):
        time = samples * DT
        idle = transmon.idle(samples, 5.0)
        assert populations(idle, 1)[1] == pytest.approx(exp(-time / 50_000))
        assert populations(idle, 2)[2] == pytest.approx(exp(-2 * time / 50_000))
        assert abs(idle[1, 1]) == pytest.approx(exp(-time / 60_000))


def test_the_qubit_rotates_in_the_frame_of_a_detuned_channel() -> None:
    idle = Transmon(PLAIN).idle(1_000, 4.999)
    assert np.angle(idle[1, 1]) == pytest.approx(
        np.angle(np.exp(2j * pi * 0.001 * 1_000 * DT)), abs=1e-9
    )


def test_two_half_pulses_with_a_phase_between_them() -> None:
    """Ramsey fringes: the excitation varies as the cosine of the channel's phase."""
    transmon = Transmon(TWO_LEVELS)
    half = transmon.pulse(square(225, HALF_TURN / (TWO_LEVELS.drive_rate * 225 * DT)), 5.0)
    for phase in np.linspace(-3, 3, 7):
        found = populations(half @ transmon.phase(phase) @ half)
        assert found[1] == pytest.approx((1 + cos(phase)) / 2, abs=2e-3)


def test_a_phase_of_the_channel_is_a_phase_of_the_samples() -> None:
    transmon = Transmon(PLAIN)
    samples = np.random.default_rng(1).normal(size=(100, 2)).dot([0.1, 0.1j])
    for angle in (0.3, -2.0):
        turned = transmon.phase(-angle) @ transmon.pulse(samples, 4.99) @ transmon.phase(angle)
        direct = transmon.pulse(samples * np.exp(1j * angle), 4.99)
        assert np.abs(turned - direct).max() < 1e-9


def test_a_moved_channel_is_a_modulation_of_the_samples() -> None:
    """Carrier and samples multiply: s exp(2 pi i (f + g) t) is s exp(2 pi i g t) at f."""
    transmon = Transmon(PLAIN)
    samples, moved = square(400, 0.5), 0.004
    middle = (np.arange(400) + 0.5) * DT
    modulated = samples * np.exp(2j * pi * moved * middle)
    found = populations(transmon.pulse(modulated, 4.999))
    assert found == pytest.approx(populations(transmon.pulse(samples, 4.999 + moved)), abs=1e-4)


def test_ideal_gates_act_in_the_middle_of_their_time() -> None:
    flip = np.array([[0, 1], [1, 0]], dtype=complex)
    transmon = Transmon(replace(PLAIN, t1=1_000.0, t2=2_000.0))
    time = 900 * DT
    found = populations(transmon.gate(flip, 900, 5.0))
    assert found[1] == pytest.approx(exp(-time / 2 / 1_000))
    assert populations(transmon.gate(flip, 0, 5.0), 2)[2] == pytest.approx(1)


def test_unitaries_of_single_samples_are_unitary() -> None:
    steps = unitary_of(np.array([0, 1, 1j, -0.3 + 0.2j]), 4.9, PLAIN)
    assert steps @ steps.conj().swapaxes(1, 2) == pytest.approx(np.tile(np.eye(3), (4, 1, 1)))


def test_a_repeated_pulse_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    transmon = Transmon(PLAIN)
    first = transmon.pulse(square(80, 0.1), 5.0)
    monkeypatch.setattr(
        "ibmq_backend.emulator.pulse.dynamics.unitary_of",
        lambda *_: pytest.fail("computed again"),
    )
    assert transmon.pulse(square(80, 0.1), 5.0) is first
    with pytest.raises(pytest.fail.Exception):
        transmon.pulse(square(80, 0.1), 5.1)
