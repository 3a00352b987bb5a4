"""The events on one qubit in a schedule or in a circuit with pulses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ibmq_backend.emulator.checks.gate_calibrations import Calibrations
from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.gates import GATES, translate
from ibmq_backend.emulator.pulse.dynamics import LEVELS, Transmon
from ibmq_backend.emulator.pulse.model import DeviceModel
from ibmq_backend.emulator.pulse.shapes import Samples, samples_of

__all__ = [
    "Event",
    "chain",
    "duration_of",
    "events_of_circuit",
    "events_of_schedule",
    "propagator",
]


_PULSED_GATES = frozenset({"x", "sx", "id", "u2", "u3"})
_FRAME_GATES = frozenset({"rz", "u1", "p"})
_CHANGES = frozenset({"fc", "shiftp", "setp", "setf", "shiftf"})
_SILENT = frozenset({"delay", "snapshot", "acquire", *_CHANGES})
_UNIT = np.eye(LEVELS * LEVELS, dtype=complex)
Library: TypeAlias = Mapping[str, Sequence[Sequence[float]]]


@dataclass(frozen=True)
class Event:
    """An event on a qubit.

    Attributes:
        start: time in samples.
        kind: ``play``, ``gate``, ``measure``, or one of ``fc``, ``setp``, ``setf``, ``shiftf``.
        value: angle in radians or frequency in GHz of a change, otherwise 0.
        slot: memory slot of a measurement.
        samples: samples of a pulse.
        unitary: matrix of shape (2, 2) of a gate.
        length: duration of a gate in samples.
    """

    start: float
    kind: str
    value: float = 0.0
    slot: int = 0
    samples: Samples | None = None
    unitary: NDArray[np.complex128] | None = None
    length: float = 0.0


def events_of_schedule(
    instructions: Iterable[dict[str, Any]], qubit: int, library: Library, label: str
) -> list[Event]:
    """Return the events of a checked schedule on one qubit, in order.

    Pulses on other channels are ignored. A pulse during which the qubit is measured is split.

    Args:
        instructions: instructions in Qobj form.
        qubit: the qubit.
        library: samples ``[re, im]`` of the job's pulses by name.
        label: name of the schedule for messages.

    Raises:
        JobRefused: if a pulse cannot be played.
    """
    channel = f"d{qubit}"
    events = []
    for instruction in instructions:
        name, start = instruction["name"], instruction["t0"]
        if name == "acquire":
            if qubit in instruction["qubits"]:
                slot = instruction["memory_slot"][instruction["qubits"].index(qubit)]
                events.append(Event(start, "measure", slot=slot))
        elif instruction.get("ch") != channel:
            continue
        elif name in _CHANGES and name not in library:
            value = instruction["frequency" if name.endswith("f") else "phase"]
            events.append(Event(start, "fc" if name == "shiftp" else name, value=float(value)))
        elif name not in _SILENT or name in library:
            samples = samples_of(instruction, library, label)
            events.append(Event(start, "play", samples=samples, length=len(samples)))
    return _cut(sorted(events, key=lambda event: (event.start, event.length > 0)))


def events_of_circuit(
    experiment: dict[str, Any],
    qubit: int,
    calibrations: Calibrations,
    library: Library,
    model: DeviceModel,
    basis: str | None,
) -> list[Event]:
    """Return the events of a checked circuit on one qubit, gate by gate.

    Gates for which the job defines pulses become these pulses. The others are ideal gates with the
    device's relaxation during their duration.

    Args:
        experiment: the circuit in Qobj form.
        qubit: the qubit.
        calibrations: pulses that the job defines for gates.
        library: samples ``[re, im]`` of the job's pulses by name.
        model: the device.
        basis: calibrated basis, as for ``translate``.

    Raises:
        JobRefused: if a pulse cannot be played or a gate is not calibrated.
    """
    events: list[Event] = []
    now = 0.0
    for instruction in experiment["instructions"]:
        name, qubits = instruction["name"], instruction.get("qubits") or []
        if qubit not in qubits or name == "barrier":
            continue
        pulses = calibrations.find(instruction)
        if pulses is not None:
            slots = instruction.get("memory") or []
            found = events_of_schedule(pulses, qubit, library, f"the gate {name}")
            for event in found:
                slot = slots[qubits.index(qubit)] if slots else event.slot
                if event.kind != "measure" or name == "measure":
                    events.append(_moved(event, now, slot))
            now += duration_of(pulses, library)
        elif name == "measure":
            events.append(Event(now, "measure", slot=instruction["memory"][qubits.index(qubit)]))
        elif name == "delay":
            now += round(_real(instruction["params"][0]))
        else:
            params = [_real(value) for value in instruction.get("params") or ()]
            for step, angles in translate(name, [] if name == "id" else params, basis):
                events.append(_gate(step, angles, now, qubit, model))
                now += events[-1].length
    return _cut(sorted(events, key=lambda event: (event.start, event.length > 0)))


def chain(
    transmon: Transmon, events: Iterable[Event], frequency: float
) -> list[tuple[int, NDArray[np.float64]]]:
    """Return the transition probabilities of a qubit from one measurement to the next.

    A measurement leaves the qubit in the measured level, so the measured levels form a Markov chain
    that starts in level 0.

    Args:
        transmon: the qubit.
        events: events of the qubit, in order.
        frequency: initial frequency of its drive channel in GHz.

    Returns:
        For each measurement its memory slot and the matrix of shape (3, 3) whose entry [j, k] is
        the probability of measuring level j if the previous measurement found k.
    """
    links = []
    diagonal = np.arange(LEVELS) * (LEVELS + 1)
    evolution = _Evolution(transmon, frequency)
    for event in events:
        evolution.add(event)
        if event.kind == "measure":
            total = evolution.total
            links.append((event.slot, total[np.ix_(diagonal, diagonal)].real.clip(0, 1)))
            evolution.total = _UNIT
    return links


def propagator(
    transmon: Transmon, events: Iterable[Event], frequency: float, samples: float
) -> NDArray[np.complex128]:
    """Return the propagator of a time with some events, as a matrix of shape (9, 9).

    Args:
        transmon: the qubit.
        events: events of the qubit, in order; measurements are ignored.
        frequency: frequency of its drive channel in GHz at the start.
        samples: length of the time in samples.
    """
    evolution = _Evolution(transmon, frequency)
    for event in events:
        evolution.add(event)
    evolution.wait(samples)
    return evolution.total


class _Evolution:
    """Propagator from a start to the end of the last event."""

    def __init__(self, transmon: Transmon, frequency: float) -> None:
        self.total = _UNIT
        self._transmon, self._frequency = transmon, frequency
        self._now, self._phase = 0.0, 0.0

    def wait(self, until: float) -> None:
        self.total = self._transmon.idle(until - self._now, self._frequency) @ self.total
        self._now = until

    def add(self, event: Event) -> None:
        self.wait(event.start)
        self._now += event.length
        if event.samples is not None:
            self.total = self._transmon.pulse(event.samples, self._frequency) @ self.total
        elif event.unitary is not None:
            gate = self._transmon.gate(event.unitary, event.length, self._frequency)
            self.total = gate @ self.total
        elif event.kind == "setf":
            self._frequency = event.value
        elif event.kind == "shiftf":
            self._frequency += event.value
        elif event.kind != "measure":
            angle = event.value - (self._phase if event.kind == "setp" else 0.0)
            self._phase += angle
            self.total = self._transmon.phase(angle) @ self.total


def _gate(name: str, angles: Sequence[float], now: float, qubit: int, model: DeviceModel) -> Event:
    if name in _FRAME_GATES:
        return Event(now, "fc", value=-angles[0])
    if name not in _PULSED_GATES:
        raise JobRefused(
            f"The gate {name} on qubit {qubit} cannot be simulated in a circuit with pulses; "
            f"{', '.join(sorted(_PULSED_GATES | _FRAME_GATES))} and gates with their pulses can",
            ErrorCode.NO_PULSE_EXPERIMENTS,
        )
    matrix = np.asarray(GATES[name].load_class()(*angles).to_matrix(), dtype=complex)
    return Event(now, "gate", unitary=matrix, length=model.gate_samples(name, qubit))


def _cut(events: list[Event]) -> list[Event]:
    """Split pulses during which the qubit is measured."""
    measured = [event.start for event in events if event.kind == "measure"]
    pieces = []
    for event in events:
        start, samples = event.start, event.samples
        if samples is not None:
            for time in measured:
                if start < time < start + len(samples):
                    first = round(time - start)
                    pieces.append(Event(start, "play", samples=samples[:first], length=first))
                    start, samples = start + first, samples[first:]
            event = Event(start, "play", samples=samples, length=len(samples))
        pieces.append(event)
    return sorted(pieces, key=lambda event: (event.start, event.length > 0))


def _moved(event: Event, by: float, slot: int) -> Event:
    return Event(
        event.start + by, event.kind, event.value, slot, event.samples, event.unitary, event.length
    )


def duration_of(pulses: Iterable[dict[str, Any]], library: Library) -> int:
    """Return the end of the last instruction of a gate's pulses, in samples."""
    ends = [0]
    for instruction in pulses:
        if instruction["name"] in library:
            length = len(library[instruction["name"]])
        elif instruction["name"] == "parametric_pulse":
            length = instruction["parameters"]["duration"]
        else:
            length = instruction.get("duration") or 0
        ends.append(instruction["t0"] + length)
    return max(ends)


def _real(value: Any) -> float:
    return float(value[0] if isinstance(value, list) else value)
