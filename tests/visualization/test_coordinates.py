"""Coordinates of qubits: coupled ones are neighbours, and no two are in the same place."""

import math
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.visualization.coordinates import qubit_coordinates
from ibmq_backend.visualization.svg import RADIUS_CELLS

CROSSED_ON_TOKYO = 4


def coupling_maps():
    """Return the coupling maps of all devices, each once."""
    found = {}
    for device in Catalog():
        configuration = device.configuration()
        if not configuration["simulator"]:
            pairs = {tuple(sorted(pair)) for pair in configuration["coupling_map"] or ()}
            key = (configuration["n_qubits"], tuple(sorted(pairs)))
            found.setdefault(key, configuration["backend_name"])
    return [pytest.param(*key, id=name) for key, name in found.items()]


def turn(origin, first, second):
    return (first[0] - origin[0]) * (second[1] - origin[1]) - (first[1] - origin[1]) * (
        second[0] - origin[0]
    )


def cross(first, second):
    """Return whether two lines cross between their ends."""
    (a, b), (c, d) = first, second
    return turn(a, b, c) * turn(a, b, d) < 0 and turn(c, d, a) * turn(c, d, b) < 0


def distance_to_line(point, line):
    start, end = line
    length = math.dist(start, end)
    along = sum((p - s) * (e - s) for p, s, e in zip(point, start, end, strict=True)) / length**2
    nearest = [s + min(1, max(0, along)) * (e - s) for s, e in zip(start, end, strict=True)]
    return math.dist(point, nearest)


def assert_clear(points, pairs):
    """Check that qubits are apart, and that no coupling passes through another qubit."""
    assert min((math.dist(*each) for each in combinations(points, 2)), default=1) > 0.999
    for pair in pairs:
        line = [points[qubit] for qubit in pair]
        others = [point for qubit, point in enumerate(points) if qubit not in pair]
        assert all(distance_to_line(point, line) > RADIUS_CELLS for point in others), pair


def drawn(num_qubits, pairs):
    """Return the numbers of the qubits on their grid, row by row."""
    at = {point: str(qubit) for qubit, point in enumerate(qubit_coordinates(num_qubits, pairs))}
    rows, columns = (1 + int(max(each)) for each in zip(*at, strict=True))
    return [[at.get((row, column), ".") for column in range(columns)] for row in range(rows)]


@pytest.mark.parametrize(("num_qubits", "pairs"), coupling_maps())
def test_every_device_is_on_a_grid(num_qubits, pairs):
    points = qubit_coordinates(num_qubits, pairs)
    assert len(points) == num_qubits
    assert_clear(points, pairs)
    diagonal = [pair for pair in pairs if math.dist(*(points[qubit] for qubit in pair)) > 1]
    lines = [[points[qubit] for qubit in pair] for pair in pairs]
    crossings = sum(cross(*each) for each in combinations(lines, 2))
    if (num_qubits, len(pairs)) == (20, 35):  # Tokyo couples qubits across some squares
        assert (len(diagonal), crossings) == (10, CROSSED_ON_TOKYO)
    else:
        triangles = num_qubits == 5 and len(pairs) == 6
        assert (len(diagonal), crossings) == (2 if triangles else 0, 0)
    rows, columns = (max(each) for each in zip(*points, strict=True))
    assert rows <= 1.2 * columns or num_qubits <= 5


MAPS = {
    "ibmqx2": """
         .  1  .
         0  2  3
         .  4  .
        """,
    "ibmq_vigo": """
         0  1  2
         .  3  .
         .  4  .
        """,
    "ibmq_rome": """
         0  1  2  3  4
        """,
    "ibmq_casablanca": """
         0  1  2
         .  3  .
         4  5  6
        """,
    "ibmq_guadalupe": """
         .  .  .  6  .  .  .
         0  1  4  7 10 12 15
         .  2  .  .  . 13  .
         .  3  5  8 11 14  .
         .  .  .  9  .  .  .
        """,
    "ibmqx5": """
         0 15 14 13 12 11 10  9
         1  2  3  4  5  6  7  8
        """,
    "ibmq_16_melbourne": """
         0  1  2  3  4  5  6  .
        14 13 12 11 10  9  8  7
        """,
    "ibmq_cambridge": """
         .  .  0  1  2  3  4  .  .
         .  .  5  .  .  .  6  .  .
         7  8  9 10 11 12 13 14 15
        16  .  .  . 17  .  .  . 18
        19 20 21 22 23 24 25 26 27
        """,
}


@pytest.mark.parametrize("name", MAPS)
def test_maps_of_known_devices(name):
    configuration = Catalog().get(name).configuration()
    got = drawn(configuration["n_qubits"], configuration["coupling_map"])
    assert got == [line.split() for line in MAPS[name].strip().splitlines()]


def test_missing_couplings_do_not_move_qubits():
    whole, incomplete = (
        Catalog().get(name).configuration() for name in ("ibm_sherbrooke", "ibm_washington")
    )
    assert qubit_coordinates(127, whole["coupling_map"]) == qubit_coordinates(
        127, incomplete["coupling_map"]
    )


@pytest.mark.parametrize("num_qubits", [3, 8, 11, 24])
def test_coupled_with_all_others(num_qubits):
    pairs = list(combinations(range(num_qubits), 2))
    points = qubit_coordinates(num_qubits, pairs)
    assert_clear(points, pairs)


def test_lattice_of_today():
    pairs = [
        (row * 12 + column, row * 12 + column + 1) for row in range(10) for column in range(11)
    ]
    pairs += [(qubit, qubit + 12) for qubit in range(108)]
    assert qubit_coordinates(120, pairs) == [divmod(qubit, 12) for qubit in range(120)]


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 16).flatmap(
        lambda n: st.tuples(
            st.just(n),
            st.sets(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=30),
        )
    )
)
def test_any_coupling_map(device):
    num_qubits, pairs = device
    points = qubit_coordinates(num_qubits, pairs)
    assert len(points) == num_qubits
    assert_clear(points, [pair for pair in pairs if pair[0] != pair[1]])
