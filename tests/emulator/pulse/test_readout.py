"""Levels become bits and points with exactly the readout errors of the snapshot."""

from __future__ import annotations

import numpy as np
import pytest

from ibmq_backend.emulator.pulse.model import ReadoutErrors
from ibmq_backend.emulator.pulse.readout import IqClouds, read_bits, sample_levels

SHOTS = 200_000
ERRORS = ReadoutErrors(one_for_zero=0.02, zero_for_one=0.08)


def levels_of(level: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.full(SHOTS, level, dtype=np.int64)


@pytest.mark.parametrize(("level", "ones"), [(0, 0.02), (1, 0.92), (2, 0.92)])
def test_bits_have_the_readout_errors(level: int, ones: float) -> None:
    bits = read_bits(levels_of(level), ERRORS, np.random.default_rng(5))
    assert bits.mean() == pytest.approx(ones, abs=4e-3)


@pytest.mark.parametrize(("level", "ones"), [(0, 0.02), (1, 0.92), (2, 0.92)])
def test_the_best_line_between_the_clouds_has_the_readout_errors(level: int, ones: float) -> None:
    clouds = IqClouds.of(ERRORS)
    points = clouds.points(levels_of(level), np.random.default_rng(6))
    zero, one = clouds.centres[0], clouds.centres[1]
    along = ((points - zero) / (one - zero)).real * abs(one - zero)
    reach = 2.0537489 * clouds.sigma  # 2 % of a normal distribution lie above it
    assert (along > reach).mean() == pytest.approx(ones, abs=4e-3)
    assert np.abs(points.mean() - clouds.centres[level]) < clouds.sigma / 100


def test_levels_follow_each_other_as_a_chain() -> None:
    flip = np.array([[0.25, 0.5, 0.0], [0.75, 0.0, 0.0], [0.0, 0.5, 1.0]])
    first, second, third = sample_levels([flip] * 3, SHOTS, np.random.default_rng(7))
    assert np.bincount(first, minlength=3) / SHOTS == pytest.approx([0.25, 0.75, 0], abs=5e-3)
    after_one = second[first == 1]
    assert np.bincount(after_one, minlength=3) / len(after_one) == pytest.approx(
        [0.5, 0, 0.5], abs=5e-3
    )
    assert (third[second == 2] == 2).all()


def test_certain_levels_are_certain() -> None:
    (found,) = sample_levels([np.eye(3)], SHOTS, np.random.default_rng(8))
    assert not found.any()


@pytest.mark.parametrize(
    "errors", [ReadoutErrors(0.0, 0.0), ReadoutErrors(0.5, 0.5), ReadoutErrors(1.0, 1.0)]
)
def test_extreme_errors_still_give_points(errors: ReadoutErrors) -> None:
    points = IqClouds.of(errors).points(levels_of(1), np.random.default_rng(9))
    assert np.isfinite(points).all()
