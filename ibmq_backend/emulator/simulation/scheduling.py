"""Schedules of circuits: when each instruction starts, and how long qubits wait for it.

A circuit is scheduled as a whole, because barriers and measurements also tie the times of qubits
that no gate connects. Both methods take one pass over the instructions.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ibmq_backend.emulator.checks.noise_options import Method

__all__ = [
    "TIME_DIGITS",
    "WAIT",
    "Entry",
    "Schedule",
    "Timetable",
    "insert_waits",
    "replace_delays",
    "timetable_of",
]

WAIT: Final = "wait"
"""Name of an instruction in which a qubit relaxes for a time, ``seconds``."""

TIME_DIGITS: Final = 12
"""Digits of a time in seconds: picoseconds, far below the length of a sample."""

_TIMELESS: Final = frozenset({"barrier", "bfunc"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One instruction of a circuit.

    Attributes:
        resources: qubits and classical bits; instructions with a common one do not overlap.
        seconds: its duration.
    """

    resources: tuple[Hashable, ...]
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Timetable:
    """The times of a circuit.

    Attributes:
        starts: start of each instruction in seconds.
        seconds: duration of the circuit.
    """

    starts: list[float]
    seconds: float


@dataclass(frozen=True, slots=True)
class Schedule:
    """A circuit with the waiting times of its qubits.

    Attributes:
        instructions: instructions in Qobj form, with ``WAIT`` in place of delays.
        seconds: duration of the circuit.
    """

    instructions: list[dict[str, Any]]
    seconds: float


def timetable_of(entries: Sequence[Entry], method: Method) -> Timetable:
    """Return when each instruction starts.

    Args:
        entries: the instructions in the order of the circuit.
        method: ``alap``, as late as possible, or ``asap``, as soon as possible.
    """
    late = method == "alap"
    free: dict[Hashable, float] = {}
    starts: list[float] = []
    total = 0.0
    # As late as possible is as soon as possible for the reversed circuit.
    for entry in reversed(entries) if late else entries:
        start = max((free.get(one, 0.0) for one in entry.resources), default=0.0)
        end = start + entry.seconds
        for one in entry.resources:
            free[one] = end
        starts.append(end if late else start)
        total = max(total, end)
    if late:
        starts = [total - end for end in reversed(starts)]
    return Timetable(starts, total)


def insert_waits(
    instructions: Sequence[dict[str, Any]],
    seconds_of: Callable[[dict[str, Any]], float],
    method: Method,
    *,
    initialized: bool = True,
) -> Schedule:
    """Return a circuit in which a ``WAIT`` precedes each instruction for which a qubit waited.

    Args:
        instructions: instructions in Qobj form.
        seconds_of: returns the duration of an instruction; not used for barriers.
        method: ``alap`` or ``asap``.
        initialized: whether a qubit starts in its ground state, in which waiting has no effect, and
            is not used after its last instruction. Otherwise a qubit with an instruction also waits
            from the start of the circuit and until its end.
    """
    entries = [
        Entry(tuple(_resources(one)), 0.0 if one["name"] in _TIMELESS else seconds_of(one))
        for one in instructions
    ]
    times = timetable_of(entries, method)
    found: list[dict[str, Any]] = []
    free: dict[int, float] = {}
    for instruction, entry, start in zip(instructions, entries, times.starts, strict=True):
        if instruction["name"] == "delay":
            continue
        if instruction["name"] not in _TIMELESS:
            for qubit in instruction["qubits"]:
                if qubit in free or not initialized:
                    _wait(found, qubit, start - free.get(qubit, 0.0))
                free[qubit] = start + entry.seconds
        found.append(instruction)
    if not initialized:
        for qubit, end in free.items():
            _wait(found, qubit, times.seconds - end)
    return Schedule(found, times.seconds)


def replace_delays(
    instructions: Sequence[dict[str, Any]],
    seconds_of: Callable[[dict[str, Any]], float],
    *,
    initialized: bool = True,
) -> Schedule:
    """Return a circuit in which qubits wait in its delays only, as if gates took no time.

    Args:
        instructions: instructions in Qobj form.
        seconds_of: returns the duration of a delay.
        initialized: as for :func:`insert_waits`.
    """
    found: list[dict[str, Any]] = []
    waiting: dict[int, float] = {}
    used: set[int] = set()
    for instruction in instructions:
        name, qubits = instruction["name"], instruction.get("qubits") or ()
        if name == "delay":
            for qubit in qubits:
                if qubit in used or not initialized:
                    waiting[qubit] = waiting.get(qubit, 0.0) + seconds_of(instruction)
            continue
        if name not in _TIMELESS:
            used.update(qubits)
            for qubit in qubits:
                _wait(found, qubit, waiting.pop(qubit, 0.0))
        found.append(instruction)
    if not initialized:
        for qubit, seconds in waiting.items():
            _wait(found, qubit, seconds)
    return Schedule(found, 0.0)


def _wait(found: list[dict[str, Any]], qubit: int, seconds: float) -> None:
    seconds = round(seconds, TIME_DIGITS)
    if seconds > 0:
        found.append({"name": WAIT, "qubits": [qubit], "seconds": seconds})


def _resources(instruction: dict[str, Any]) -> Iterable[Hashable]:
    yield from instruction.get("qubits") or ()
    for slot in instruction.get("memory") or ():
        yield "slot", slot
    if instruction["name"] == "bfunc":
        mask = int(instruction["mask"], 16)
        yield from (("slot", slot) for slot in range(mask.bit_length()) if mask >> slot & 1)
        yield "register", instruction["register"]
    elif instruction.get("conditional") is not None:
        yield "register", instruction["conditional"]
