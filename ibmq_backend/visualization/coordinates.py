"""Coordinates of the qubits of a device, computed from its coupling map."""

from __future__ import annotations

import math
from bisect import bisect, insort
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

Cell = tuple[int, int]
Point = tuple[float, float]

RIGHT: Final = (0, 1)
DOWN: Final = (1, 0)
LEFT: Final = (0, -1)
UP: Final = (-1, 0)
DIAGONALS: Final = ((-1, 1), (1, -1), (1, 1), (-1, -1))
CLEARANCE: Final = 0.45
"""Distance between a qubit on a circle and the couplings that pass it."""

MAX_HEIGHT: Final = 1.2
"""Height of a map in widths above which it is turned to landscape."""

MAX_PLACEMENTS: Final = 5_000
"""Number of placements after which one search is given up; the largest devices need 500."""


def qubit_coordinates(num_qubits: int, coupling_map: Iterable[Sequence[int]]) -> list[Point]:
    """Return the row and column of each qubit, at least 1 apart.

    Coupled qubits are neighbours on a square grid if the coupling map allows it, as on all devices
    of IBM. Otherwise the qubits are on a circle, where no coupling passes through another qubit.

    Args:
        num_qubits: number of qubits of the device.
        coupling_map: pairs of coupled qubits, in either direction or in both.
    """
    neighbours: dict[int, set[int]] = {qubit: set() for qubit in range(num_qubits)}
    for first, second in coupling_map:
        if first != second:
            neighbours[first].add(second)
            neighbours[second].add(first)
    placed: dict[int, Point] = {}
    left = 0.0
    for part in _parts(neighbours):
        points = _place({qubit: sorted(neighbours[qubit]) for qubit in part})
        rows, columns = zip(*points.values(), strict=True)
        if max(rows) - min(rows) > MAX_HEIGHT * (max(columns) - min(columns)):
            points = {qubit: (column, row) for qubit, (row, column) in points.items()}
            rows, columns = columns, rows
        for qubit, (row, column) in points.items():
            placed[qubit] = (row - min(rows), left + column - min(columns))
        left += max(columns) - min(columns) + 1
    return [placed[qubit] for qubit in range(num_qubits)]


def _parts(neighbours: Mapping[int, set[int]]) -> list[list[int]]:
    """Return the connected parts of a coupling map, each in ascending order."""
    parts, seen = [], set[int]()
    for start in neighbours:
        if start in seen:
            continue
        part, waiting = {start}, [start]
        while waiting:
            new = neighbours[waiting.pop()] - part
            part |= new
            waiting.extend(new)
        seen |= part
        parts.append(sorted(part))
    return parts


def _place(neighbours: Mapping[int, list[int]]) -> Mapping[int, Point]:
    for apart in (True, False):
        found = [
            cells
            for steps in ((RIGHT, DOWN), (DOWN, RIGHT))
            if (cells := _embed(neighbours, steps, ordered=True, apart=apart))
        ]
        if found:
            return max(found, key=_symmetry)
    straight = (RIGHT, DOWN, LEFT, UP)
    return (
        _embed(neighbours, straight, ordered=False, apart=True)
        or _embed(neighbours, straight, ordered=False, apart=False)
        or _rows(neighbours)
        or _embed(neighbours, (LEFT, UP, RIGHT, DOWN, *DIAGONALS), ordered=False, apart=False)
        or _circle(list(neighbours))
    )


def _embed(
    neighbours: Mapping[int, list[int]], steps: Sequence[Cell], *, ordered: bool, apart: bool
) -> dict[int, Cell] | None:
    """Return cells of a grid where coupled qubits are one step apart, if a search finds them.

    Args:
        neighbours: the coupled qubits of each qubit; the qubits are connected.
        steps: differences allowed between the cells of coupled qubits, the preferred ones first;
            if ``ordered``, from the lower to the higher number.
        ordered: whether the qubits must be numbered row by row, each from left to right.
        apart: whether neighbouring cells must hold coupled qubits.
    """
    cells: dict[int, Cell] = {}
    taken: dict[Cell, int] = {}
    ascending: list[int] = []  # the qubits in cells

    def fits(qubit: int, cell: Cell) -> bool:
        if cell in taken:
            return False
        if ordered:
            place = bisect(ascending, qubit)
            lower, higher = ascending[:place][-1:], ascending[place : place + 1]
            if any(cells[each] > cell for each in lower) or any(
                cells[each] < cell for each in higher
            ):
                return False
        return not apart or all(
            taken.get(_moved(cell, step), qubit) in {qubit, *neighbours[qubit]}
            for step in (RIGHT, DOWN, LEFT, UP)
        )

    def candidates(qubit: int) -> list[Cell]:
        first, *others = [
            [_moved(cells[other], step, -1 if ordered and qubit < other else 1) for step in steps]
            for other in order[: len(cells)]
            if other in neighbours[qubit]
        ] or [[(0, 0)]]
        return [
            cell for cell in first if all(cell in each for each in others) and fits(qubit, cell)
        ]

    diagonal = len(steps) > len((RIGHT, DOWN, LEFT, UP))
    start = (
        max(neighbours, key=lambda qubit: len(neighbours[qubit])) if diagonal else min(neighbours)
    )
    order = _search_order(neighbours, start)
    untried: list[list[Cell]] = []  # of each qubit in cells, the preferred cell last
    for _ in range(MAX_PLACEMENTS):
        if len(cells) == len(order):
            return cells
        untried.append(candidates(order[len(cells)])[::-1])
        while not untried[-1]:
            untried.pop()
            if not untried:
                return None
            last = order[len(untried) - 1]
            del taken[cells.pop(last)]
            ascending.remove(last)
        qubit, cell = order[len(cells)], untried[-1].pop()
        cells[qubit] = cell
        taken[cell] = qubit
        insort(ascending, qubit)
    return None


def _moved(cell: Cell, step: Cell, sign: int = 1) -> Cell:
    return cell[0] + sign * step[0], cell[1] + sign * step[1]


def _search_order(neighbours: Mapping[int, list[int]], start: int) -> list[int]:
    """Return the connected qubits, next always the one with most neighbours before it."""
    order: list[int] = []
    known = dict.fromkeys(neighbours, 0)
    known[start] = 1
    while known:
        qubit = max(known, key=lambda each: (known[each], -each))
        del known[qubit]
        order.append(qubit)
        for other in neighbours[qubit]:
            if other in known:
                known[other] += 1
    return order


def _symmetry(cells: Mapping[int, Cell]) -> int:
    """Return how many qubits lie on others in the best of three reflections."""
    rows, columns = zip(*cells.values(), strict=True)
    height, width = min(rows) + max(rows), min(columns) + max(columns)
    occupied = set(cells.values())
    return max(
        len(occupied & {(height - row, column) for row, column in occupied}),
        len(occupied & {(row, width - column) for row, column in occupied}),
        len(occupied & {(height - row, width - column) for row, column in occupied}),
    )


def _rows(neighbours: Mapping[int, list[int]]) -> dict[int, Cell] | None:
    """Return cells of a rectangle that is numbered row by row, with diagonal couplings."""
    qubits = list(neighbours)
    for width in range(math.isqrt(len(qubits)), len(qubits)):
        if len(qubits) % width:
            continue
        cells = {qubit: divmod(index, width) for index, qubit in enumerate(qubits)}
        if all(
            math.dist(cells[qubit], cells[other]) < 2
            for qubit in qubits
            for other in neighbours[qubit]
        ):
            return cells
    return None


def _circle(qubits: Sequence[int]) -> dict[int, Point]:
    angle = 2 * math.pi / len(qubits)
    apart = 0.5 / math.sin(angle / 2)
    clear = CLEARANCE / (1 - math.cos(angle))  # of the qubit between two coupled ones
    radius = max(apart, min(clear, len(qubits) / 2))
    return {
        qubit: (-radius * math.cos(index * angle), radius * math.sin(index * angle))
        for index, qubit in enumerate(qubits)
    }
