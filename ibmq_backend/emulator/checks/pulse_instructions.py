"""Checks of the instructions of a schedule against the pulse interface of a device.

Every refusal names the schedule, the instruction, its position, channel and time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from math import hypot
from typing import Any, TypeGuard

from ibmq_backend.emulator.checks.document import is_integer, is_number
from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.pulse_setup import PulseSetup
from ibmq_backend.emulator.core.error_codes import ErrorCode

__all__ = [
    "AMPLITUDE_LIMIT",
    "MAX_SLOTS",
    "ChannelUse",
    "ScheduleChecker",
    "is_complex_pair",
]


AMPLITUDE_LIMIT = 1 + 1e-6
"""Largest absolute value of a sample, with a margin for rounding in clients."""

MAX_SLOTS = 1000
"""Maximum number of memory slots of an experiment with pulses; each has a point per shot."""

_MAX_SAMPLES = 4_000_000  # of all pulses of a schedule: about half a minute of simulation
_MAX_TIME_DT = 10**13  # samples; more than half an hour
_ABSURD = 1e15  # radians or GHz; a float this large has no precise angle
_MICROSECONDS = 1e6

_PHASES = frozenset({"fc", "shiftp", "setp"})
_FREQUENCIES = frozenset({"setf", "shiftf"})
_OTHERS = frozenset({"parametric_pulse", "delay", "acquire", "snapshot"})
_KNOWN = _PHASES | _FREQUENCIES | _OTHERS
# Parameters of the shapes besides duration and amp: name and exclusive minimum (None: no minimum).
_SHAPE_PARAMETERS: Mapping[str, Mapping[str, float | None]] = {
    "gaussian": {"sigma": 0.0},
    "gaussian_square": {"sigma": 0.0, "width": None},
    "drag": {"sigma": 0.0, "beta": None},
    "constant": {},
}


@dataclass
class ChannelUse:
    """The channels that a schedule uses.

    Attributes:
        driven: qubits whose drive channel plays a pulse that is not zero.
        controls: control channels that play a pulse that is not zero.
        acquired: measured qubits.
        end: end of the last instruction in samples.
    """

    driven: set[int] = field(default_factory=set)
    controls: set[str] = field(default_factory=set)
    acquired: set[int] = field(default_factory=set)
    end: int = 0


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    where: str


class ScheduleChecker:
    """Checks the instructions of one schedule, or of the pulses of one gate.

    Args:
        setup: the pulse interface of the device.
        label: name of the schedule for messages.
        library: for each pulse of the job whether all samples are zero, and their number.
        slots: number of memory slots, None if the document does not state it.
        repetition: repetition time in µs that the schedule must not exceed; None for no limit.
        frequencies: initial frequency of each drive channel in GHz.
    """

    def __init__(
        self,
        setup: PulseSetup,
        label: str,
        library: Mapping[str, tuple[bool, int]],
        slots: int | None,
        repetition: float | None,
        frequencies: tuple[float, ...],
    ) -> None:
        self._setup = setup
        self._label = label
        self._library = library
        self._slots = slots
        self._repetition = repetition
        self._frequencies = dict(enumerate(frequencies))
        self._busy: dict[str, list[_Span]] = {}
        self._changes: list[tuple[int, str, str, float, str]] = []
        self._acquire_length: int | None = None
        self._samples = 0
        self._use = ChannelUse()

    def check(self, instructions: list[Any]) -> ChannelUse:
        """Check all instructions and return what they use.

        Raises:
            JobRefused: at the first instruction that the device would not have run.
        """
        for position, instruction in enumerate(instructions):
            self._check_one(instruction, position)
        self._check_overlaps()
        self._check_frequencies()
        if self._samples > _MAX_SAMPLES:
            raise JobRefused(
                f"{self._start} plays {self._samples} samples; at most {_MAX_SAMPLES} are "
                "simulated",
                ErrorCode.TOO_MANY_SAMPLES,
            )
        lasts = self._use.end * self._setup.dt * _MICROSECONDS
        if self._repetition is not None and lasts > self._repetition:
            raise JobRefused(
                f"{self._start} lasts {lasts:.1f} µs, longer than the repetition time of "
                f"{self._repetition:g} µs",
                ErrorCode.TOO_LONG,
            )
        return self._use

    @property
    def _start(self) -> str:
        return self._label[:1].upper() + self._label[1:]

    def _check_one(self, instruction: Any, position: int) -> None:
        if not isinstance(instruction, dict) or not isinstance(instruction.get("name"), str):
            raise JobRefused(
                f"The Qobj does not fit the schema: instruction {position} of {self._label} has "
                "no name",
                ErrorCode.SCHEMA,
            )
        name, start = instruction["name"], instruction.get("t0")
        where = f"Instruction {name} (number {position}"
        if isinstance(instruction.get("ch"), str):
            where += f", on {instruction['ch']}"
        if not is_integer(start) or not 0 <= start <= _MAX_TIME_DT:
            raise JobRefused(
                f"{where}) of {self._label} needs its time 't0' as a whole number of samples, not "
                f"{start!r}",
                ErrorCode.SCHEMA,
            )
        where += f", at {start} dt) of {self._label}"
        if instruction.get("conditional") is not None:
            raise JobRefused(
                f"{where} depends on a measured value; {self._setup.name} does not support "
                "conditional pulses",
                ErrorCode.CONDITIONAL,
            )
        if name in self._library:
            is_zero, length = self._library[name]
            self._play(instruction, where, length, is_zero)
        elif name not in _KNOWN:
            raise JobRefused(
                f"{where} is neither a pulse of the job's pulse library nor one of "
                f"{', '.join(sorted(_KNOWN))}",
                ErrorCode.NOT_UNDERSTOOD,
            )
        elif name == "acquire":
            self._check_acquire(instruction, where)
        elif name == "parametric_pulse":
            self._check_parametric(instruction, where)
        elif name == "delay":
            channel = self._channel(instruction, where, "dmua")
            length = self._length(instruction.get("duration"), where, least=0)
            self._check_alignment(length, f"{where} lasts {length} dt")
            self._occupy(channel, start, length, where)
        elif name != "snapshot":
            self._check_frame(instruction, where)

    def _channel(self, instruction: dict[str, Any], where: str, kinds: str) -> str:
        channel = instruction.get("ch")
        if not isinstance(channel, str) or not self._setup.has_channel(channel):
            raise JobRefused(
                f"{where} acts on the channel {channel!r}, which {self._setup.name} does not have",
                ErrorCode.CHANNEL,
            )
        if channel[0] not in kinds:
            raise JobRefused(f"{where} cannot act on the channel {channel}", ErrorCode.CHANNEL)
        return channel

    def _length(self, value: object, where: str, least: int = 1) -> int:
        if not is_integer(value) or not least <= value <= _MAX_TIME_DT:
            raise JobRefused(
                f"{where} has the duration {value!r}; a whole number of samples of at least "
                f"{least} is needed",
                ErrorCode.NOT_POSITIVE,
            )
        return value

    def _play(self, instruction: dict[str, Any], where: str, length: int, is_zero: bool) -> None:
        channel = self._channel(instruction, where, "dmu")
        if length < self._setup.shortest:
            raise JobRefused(
                f"{where} has {length} samples; {self._setup.name} needs at least "
                f"{self._setup.shortest}",
                ErrorCode.TOO_FEW_SAMPLES,
            )
        if length % self._setup.granularity:
            raise JobRefused(
                f"{where} has {length} samples; {self._setup.name} needs a multiple of "
                f"{self._setup.granularity}",
                ErrorCode.GRANULARITY,
            )
        self._check_alignment(instruction["t0"], where)
        self._occupy(channel, instruction["t0"], length, where)
        if not is_zero and channel[0] == "d":
            self._use.driven.add(int(channel[1:]))
            self._samples += length
        elif not is_zero and channel[0] == "u":
            self._use.controls.add(channel)

    def _check_alignment(self, time: int, where: str) -> None:
        alignment = self._setup.pulse_alignment
        if time % alignment:
            raise JobRefused(
                f"{where}: delays, and the starts of pulses, must be a multiple of {alignment} dt "
                f"on {self._setup.name}",
                ErrorCode.DELAY_ALIGNMENT,
            )

    def _check_parametric(self, instruction: dict[str, Any], where: str) -> None:
        shape, parameters = instruction.get("pulse_shape"), instruction.get("parameters")
        if not isinstance(shape, str) or shape not in self._setup.shapes & _SHAPE_PARAMETERS.keys():
            known = ", ".join(sorted(self._setup.shapes & _SHAPE_PARAMETERS.keys())) or "none"
            raise JobRefused(
                f"{where} has the shape {shape!r}; {self._setup.name} accepts {known}. Send any "
                "other pulse as samples",
                ErrorCode.PULSE_PARAMETERS,
            )
        if not isinstance(parameters, dict):
            raise JobRefused(f"{where} has no object of parameters", ErrorCode.PULSE_PARAMETERS)
        length = self._length(parameters.get("duration"), where)
        amplitude = parameters.get("amp")
        if is_number(amplitude):
            amplitude = [amplitude, 0]
        if not is_complex_pair(amplitude):
            raise JobRefused(f"{where} needs its 'amp' as [re, im]", ErrorCode.PULSE_PARAMETERS)
        size = hypot(*amplitude)
        if size > AMPLITUDE_LIMIT:
            raise JobRefused(
                f"{where} has the amplitude {size:.6g}; its absolute value cannot exceed 1",
                ErrorCode.PULSE_AMPLITUDE,
            )
        for key, least in _SHAPE_PARAMETERS[shape].items():
            value = parameters.get(key)
            if not is_number(value) or (least is not None and value <= least):
                wanted = "a number" if least is None else f"a number above {least:g}"
                raise JobRefused(f"{where} needs {key!r} as {wanted}", ErrorCode.PULSE_PARAMETERS)
        if shape == "gaussian_square" and not 0 <= parameters["width"] <= length:
            raise JobRefused(
                f"{where} has the width {parameters['width']!r}; it must be between 0 and the "
                f"duration {length}",
                ErrorCode.PULSE_PARAMETERS,
            )
        self._play(instruction, where, length, size == 0)

    def _check_frame(self, instruction: dict[str, Any], where: str) -> None:
        channel = self._channel(instruction, where, "dmu")
        key = "frequency" if instruction["name"] in _FREQUENCIES else "phase"
        value = instruction.get(key)
        if not is_number(value) or abs(value) > _ABSURD:
            unit = "GHz" if key == "frequency" else "radians"
            raise JobRefused(f"{where} needs its {key!r} as a number of {unit}", ErrorCode.SCHEMA)
        start = instruction["t0"]
        self._use.end = max(self._use.end, start)
        self._changes.append((start, channel, instruction["name"], value, where))

    def _check_acquire(self, instruction: dict[str, Any], where: str) -> None:
        setup, start = self._setup, instruction["t0"]
        length = self._length(instruction.get("duration"), where)
        qubits, slots = instruction.get("qubits"), instruction.get("memory_slot")
        if not _counts(qubits) or not qubits or max(qubits) >= setup.num_qubits:
            raise JobRefused(
                f"{where} acquires the qubits {qubits!r}; {setup.name} has 0 to "
                f"{setup.num_qubits - 1}",
                ErrorCode.ACQUIRE_QUBITS,
            )
        if not _counts(slots) or len(slots) != len(qubits):
            raise JobRefused(
                f"{where} must name one memory slot for each qubit", ErrorCode.NOT_MAPPED
            )
        limit = MAX_SLOTS if self._slots is None else self._slots
        if max(slots) >= limit:
            raise JobRefused(
                f"{where} writes memory slot {max(slots)}, but there are {limit} memory slots",
                ErrorCode.SCHEMA,
            )
        if self._acquire_length not in (None, length):
            raise JobRefused(
                f"{where} lasts {length} samples, an earlier one {self._acquire_length}: all "
                "acquisitions of a schedule must be equally long",
                ErrorCode.ACQUIRE_LENGTHS,
            )
        if start % setup.acquire_alignment:
            raise JobRefused(
                f"{where} must start at a multiple of {setup.acquire_alignment} dt",
                ErrorCode.ALIGNMENT,
            )
        self._acquire_length = length
        for qubit in qubits:
            if qubit in self._use.acquired and not setup.repeated_acquisition:
                raise JobRefused(
                    f"{where} acquires qubit {qubit} again; {setup.name} acquires a qubit once in "
                    "a schedule",
                    ErrorCode.ACQUIRED_TWICE,
                )
            self._use.acquired.add(qubit)
            self._occupy(f"a{qubit}", start, length, where)

    def _occupy(self, channel: str, start: int, length: int, where: str) -> None:
        self._busy.setdefault(channel, []).append(_Span(start, start + length, where))
        self._use.end = max(self._use.end, start + length)

    def _check_overlaps(self) -> None:
        for channel, spans in self._busy.items():
            spans.sort(key=lambda span: (span.start, span.end))
            for before, after in pairwise(spans):
                if after.start < before.end:
                    raise JobRefused(
                        f"{after.where} overlaps with {_lower(before.where)}: nothing else can "
                        f"happen on {channel} until {before.end} dt",
                        ErrorCode.OVERLAP,
                    )

    def _check_frequencies(self) -> None:
        """Check that phases and frequencies change only between pulses, and stay in range."""
        for start, channel, name, value, where in sorted(self._changes, key=lambda one: one[0]):
            for span in self._busy.get(channel, ()):
                if span.start < start < span.end:
                    raise JobRefused(
                        f"{where} happens during {_lower(span.where)}", ErrorCode.OVERLAP
                    )
            if channel[0] != "d" or name not in _FREQUENCIES:
                continue
            qubit = int(channel[1:])
            moved = value if name == "setf" else self._frequencies.get(qubit, 0.0) + value
            self._frequencies[qubit] = moved
            if self._setup.drive_ranges:
                low, high = self._setup.drive_ranges[qubit]
                if not low <= moved <= high:
                    raise JobRefused(
                        f"{where} sets {moved:.6f} GHz; {channel} works from {low:.6f} to "
                        f"{high:.6f} GHz",
                        ErrorCode.FREQUENCY_RANGE,
                    )


def is_complex_pair(value: object) -> TypeGuard[list[float]]:
    """Return whether a value is a complex number in JSON: ``[re, im]``, both finite."""
    return isinstance(value, list) and len(value) == 2 and all(is_number(part) for part in value)


def _counts(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(is_integer(one) and one >= 0 for one in value)


def _lower(where: str) -> str:
    return where[:1].lower() + where[1:]
