"""Observables: their shapes, and the bases in which they are measured together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.sampler.observables import (
    MAX_ESTIMATES,
    broadcast,
    group,
    read_observables,
)


@pytest.mark.parametrize(
    ("content", "shape"),
    [
        ("ZZ", []),
        ({"ZZ": 1, "XX": 2.5}, []),
        ([], [0]),
        (["ZZ"], [1]),
        (["ZZ", {"IX": 2}], [2]),
        ([["ZZ", "IZ", "XI"], ["IX", "IY", "IZ"]], [2, 3]),
        ([[["ZZ"]]], [1, 1, 1]),
        ([[], []], [2, 0]),
    ],
)
def test_the_shape_of_observables(content: Any, shape: list[int]) -> None:
    found, observables = read_observables(content, 2, "circuit 0")
    assert found == shape
    assert len(observables) == np.prod(shape, dtype=int)
    assert all(len(pauli) == 2 for one in observables for pauli in one)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (["ZZ", ["ZZ"]], 3211),
        ([["ZZ"], ["ZZ", "XX"]], 3211),
        ("ZZZ", 1501),
        ([["ZZ"], [{"ZZ": 1, "Z": 2}]], 1501),
    ],
)
def test_observables_that_do_not_fit(content: Any, code: int) -> None:
    with pytest.raises(JobRefused) as caught:
        read_observables(content, 2, "circuit 0")
    assert caught.value.code == code
    assert "circuit 0" in caught.value.message


@pytest.mark.parametrize(
    ("values", "observables", "shape"),
    [
        ([], [], []),
        ([4], [], [4]),
        ([], [3], [3]),
        ([2], [2], [2]),
        ([3], [2, 1], [2, 3]),
        ([2, 1], [3], [2, 3]),
        ([0], [1], [0]),
    ],
)
def test_values_and_observables_are_combined_as_by_numpy(
    values: list[int], observables: list[int], shape: list[int]
) -> None:
    found, pairs = broadcast(values, observables, "circuit 0")
    assert found == shape
    numbers = [np.arange(np.prod(one, dtype=int)).reshape(one) for one in (values, observables)]
    rows = [one.ravel().tolist() for one in np.broadcast_arrays(*numbers)]
    assert list(pairs) == list(zip(*rows, strict=True))


@pytest.mark.parametrize(
    ("values", "observables", "code"),
    [
        ([3], [2], 3211),
        ([MAX_ESTIMATES], [2, 1], 1520),
        ([10**9, 1], [10**9], 1520),
        ([2 * MAX_ESTIMATES, 0], [1], 1520),
    ],
)
def test_combinations_that_are_refused(
    values: list[int], observables: list[int], code: int
) -> None:
    with pytest.raises(JobRefused) as caught:
        broadcast(values, observables, "circuit 0")
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("paulis", "bases"),
    [
        (["III"], []),
        (["ZZI", "IZZ", "ZIZ"], [{0: "Z", 1: "Z", 2: "Z"}]),
        (["XII", "IYI", "IIZ", "XYZ"], [{2: "X", 1: "Y", 0: "Z"}]),
        (["ZZI", "XXI", "ZIZ", "IXX"], [{2: "Z", 1: "Z", 0: "Z"}, {2: "X", 1: "X", 0: "X"}]),
        (["IIX", "IIY", "IIZ"], [{0: "X"}, {0: "Y"}, {0: "Z"}]),
        (["IIZ", "IIZ"], [{0: "Z"}]),
    ],
)
def test_strings_are_measured_together_qubit_by_qubit(
    paulis: list[str], bases: list[dict[int, str]]
) -> None:
    groups = group(paulis)
    assert [basis for basis, _ in groups] == bases
    assert sorted(one for _, members in groups for one in members) == sorted(
        {one for one in paulis if set(one) != {"I"}}
    )
