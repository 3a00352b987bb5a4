"""Checks of one circuit's instructions against a device.

Every refusal names the circuit, the instruction, its position and its qubits.
"""

from __future__ import annotations

from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeGuard

from ibmq_backend.emulator.checks.gate_calibrations import Calibrations
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.devices.gates import NOT_GATES, shape_of

__all__ = ["CircuitChecker", "JobRefused", "shortened"]

MAX_MEMORY_SLOTS = 100_000
_LARGEST_PARAMETER = 1e15
_MAX_MESSAGE_LENGTH = 4000  # characters
_MOST_LISTED = 12  # instructions; those of a device, but not of a simulator
_LONGEST_COMPARED = 64  # characters of a name from a client

_ONE_PER_QUBIT = frozenset({"measure", "reset", "id"})
_RELATIONS = frozenset({"==", "!="})


def shortened(message: str) -> str:
    """Return a message, with its middle left out if it is too long to read."""
    if len(message) <= _MAX_MESSAGE_LENGTH:
        return message
    half = _MAX_MESSAGE_LENGTH // 2
    return f"{message[:half]} ... {message[-half:]}"


class JobRefused(Exception):
    """The service refuses to run this job.

    Attributes:
        message: the reason, without a full stop at the end; very long messages are shortened.
        code: error code of the service.
    """

    def __init__(self, message: str, code: ErrorCode) -> None:
        self.message = shortened(message)
        super().__init__(self.message)
        self.code = code

    def __str__(self) -> str:
        return f"{self.message}. Error code: {self.code}."


class CircuitChecker:
    """Checks the instructions of one circuit.

    Args:
        device: device that is to run the circuit.
        label: the circuit's name for messages.
        memory_slots: number of classical bits, None if the document does not state it.
        calibrations: pulses that the job defines for gates; the device need not have these gates.
    """

    def __init__(
        self,
        device: Device,
        label: str,
        memory_slots: int | None,
        calibrations: Calibrations | None = None,
    ) -> None:
        self._device = device
        self._calibrations = calibrations
        self._label = label
        self._slots = memory_slots
        self._written: set[int] = set()  # registers that a bfunc has set so far
        self._used: set[int] = set()  # qubits that an instruction other than barrier acted on
        self._measured = False

    def check(self, instructions: list[Any]) -> None:
        """Check all instructions in order.

        Raises:
            JobRefused: at the first instruction that the device would not have run.
        """
        if self._slots is not None and self._slots > MAX_MEMORY_SLOTS:
            raise JobRefused(
                f"{self._start} has {self._slots} memory slots, far too many", ErrorCode.TOO_LARGE
            )
        for position, instruction in enumerate(instructions):
            self._check_one(instruction, position)
        if not self._measured and not self._device.simulator:
            raise JobRefused(
                f"{self._start} has no measurement; {self._device.name} can only return what is "
                "measured: add measurements, for example with measure_all()",
                ErrorCode.NOT_VALID,
            )

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
        name = instruction["name"]
        if name == "bfunc" or instruction.get("conditional") is not None:
            self._check_condition(instruction, position)
        if name == "bfunc":
            return
        qubits = self._checked_qubits(instruction, position)
        where = f"Instruction {name} (number {position}, qubits {qubits}) of {self._label}"
        # Has no effect; initialize() begins with it, and transpile() once left it out.
        first_reset = name == "reset" and self._used.isdisjoint(qubits)
        if name != "barrier":
            self._used.update(qubits)
        if self._calibrations and self._calibrations.find(instruction) is not None:
            if name == "measure":
                self._check_measure(instruction, qubits, where)
            return
        if name not in self._device.accepted_instructions and not first_reset:
            accepted = sorted(self._device.accepted_instructions)
            named = ", ".join(accepted)
            if len(accepted) > _MOST_LISTED:
                near = get_close_matches(name[:_LONGEST_COMPARED], accepted, n=5, cutoff=0)
                named = f"{', '.join(near)} and others"
            raise JobRefused(
                f"{where} is not supported by {self._device.name}, which accepts {named}",
                ErrorCode.NOT_SUPPORTED,
            )
        self._check_shape(instruction, qubits, where)
        if name == "measure":
            self._check_measure(instruction, qubits, where)
        if not self._device.simulator and name not in NOT_GATES:
            self._check_hardware_gate(name, qubits, where)

    def _checked_qubits(self, instruction: dict[str, Any], position: int) -> list[int]:
        name = instruction["name"]
        qubits = instruction.get("qubits")
        if not _integers(qubits) or (not qubits and name not in {"barrier", "snapshot"}):
            if qubits is None and name == "snapshot":
                return []
            raise JobRefused(
                f"The Qobj does not fit the schema: instruction {name} (number {position}) of "
                f"{self._label} needs a list of qubits",
                ErrorCode.SCHEMA,
            )
        for qubit in qubits:
            if not 0 <= qubit < self._device.num_qubits:
                raise JobRefused(
                    f"Instruction {name} (number {position}) of {self._label} acts on qubit "
                    f"{qubit}; {self._device.name} has qubits 0 to {self._device.num_qubits - 1}",
                    ErrorCode.TOO_WIDE,
                )
        if len(set(qubits)) != len(qubits):
            raise JobRefused(
                f"Instruction {name} (number {position}) of {self._label} names a qubit twice: "
                f"{qubits}",
                ErrorCode.SCHEMA,
            )
        return qubits

    def _check_shape(self, instruction: dict[str, Any], qubits: list[int], where: str) -> None:
        name, params = instruction["name"], instruction.get("params")
        if params is not None and not isinstance(params, list):
            raise JobRefused(f"{where} has parameters that are not a list", ErrorCode.SCHEMA)
        shape = shape_of(name)
        if shape is None:
            return
        wanted_qubits, wanted_params = shape
        # The instruction reset takes several qubits at once in documents of early clients.
        if len(qubits) != wanted_qubits and name not in _ONE_PER_QUBIT:
            raise JobRefused(f"{where} must act on {wanted_qubits} qubits", ErrorCode.SCHEMA)
        values = params or []
        if name in {"id", "reset"}:
            return
        if len(values) != wanted_params:
            raise JobRefused(
                f"{where} needs {wanted_params} parameters, {len(values)} are given",
                ErrorCode.SCHEMA,
            )
        for value in values:
            if not _real(value):
                raise JobRefused(
                    f"{where} has a parameter that is not a real number below "
                    f"{_LARGEST_PARAMETER:g}",
                    ErrorCode.SCHEMA,
                )
        if name == "delay":
            self._check_delay(_value(values[0]), where)

    def _check_delay(self, duration: float, where: str) -> None:
        if duration < 0:
            raise JobRefused(f"{where} has a negative duration", ErrorCode.SCHEMA)
        alignment = self._device.pulse_alignment
        if round(duration) % alignment:
            raise JobRefused(
                f"{where} lasts {duration:g} dt; delays must be a multiple of {alignment} dt on "
                f"{self._device.name}",
                ErrorCode.DELAY_ALIGNMENT,
            )

    def _check_measure(self, instruction: dict[str, Any], qubits: list[int], where: str) -> None:
        memory = instruction.get("memory")
        if not _integers(memory) or len(memory) != len(qubits):
            raise JobRefused(f"{where} must name one memory slot for each qubit", ErrorCode.SCHEMA)
        register = instruction.get("register")
        if register is not None and (not _integers(register) or len(register) != len(qubits)):
            raise JobRefused(
                f"{where} must name one register for each qubit or none", ErrorCode.SCHEMA
            )
        for slot in memory:
            limit = MAX_MEMORY_SLOTS if self._slots is None else self._slots
            if not 0 <= slot < limit:
                raise JobRefused(
                    f"{where} writes memory slot {slot}, but the circuit has {limit} memory slots",
                    ErrorCode.SCHEMA,
                )
        self._measured = True

    def _check_hardware_gate(self, name: str, qubits: list[int], where: str) -> None:
        device = self._device
        if (name, tuple(qubits)) in device.broken_gates:
            date = device.snapshot_date
            day = "the snapshot" if date is None else f"{date.date().isoformat()}"
            reverse = (name, tuple(reversed(qubits)))
            other = (
                f"; {name} on {list(reversed(qubits))} works"
                if len(qubits) == 2 and reverse not in device.broken_gates
                else ""
            )
            raise JobRefused(
                f"{where} is broken on {device.name}: its calibration of {day} reports error 1. "
                f"Choose other qubits, for example with initial_layout{other}",
                ErrorCode.NOT_IN_BASIS,
            )
        if len(qubits) == 2 and device.coupling is not None:
            pair = (qubits[0], qubits[1])
            if pair not in device.coupling:
                hint = (
                    f"; only the direction {[pair[1], pair[0]]} exists"
                    if (pair[1], pair[0]) in device.coupling
                    else ""
                )
                raise JobRefused(
                    f"{where} acts on qubits that are not coupled on {device.name}{hint}",
                    ErrorCode.NOT_COUPLED,
                )

    def _check_condition(self, instruction: dict[str, Any], position: int) -> None:
        name = instruction["name"]
        where = f"Instruction {name} (number {position}) of {self._label}"
        if not self._device.conditional:
            raise JobRefused(
                f"{where} depends on a measured value; {self._device.name} does not support "
                "conditional instructions",
                ErrorCode.CONDITIONAL,
            )
        if name != "bfunc":
            register = instruction["conditional"]
            if not _integer(register) or register not in self._written:
                raise JobRefused(
                    f"{where} depends on a register that no bfunc has set", ErrorCode.SCHEMA
                )
            return
        register = instruction.get("register")
        if not _integer(register):
            raise JobRefused(f"{where} must name its register", ErrorCode.SCHEMA)
        if instruction.get("relation") not in _RELATIONS:
            raise JobRefused(
                f"{where} has a relation other than == and !=", ErrorCode.WRONG_INSTRUCTION
            )
        mask, value = _hexadecimal(instruction.get("mask")), _hexadecimal(instruction.get("val"))
        if mask is None or value is None or mask == 0:
            raise JobRefused(
                f"{where} needs 'mask' and 'val' as hexadecimal text", ErrorCode.SCHEMA
            )
        limit = MAX_MEMORY_SLOTS if self._slots is None else self._slots
        if mask.bit_length() > limit:
            raise JobRefused(
                f"{where} reads memory slot {mask.bit_length() - 1}, but the circuit has {limit} "
                "memory slots",
                ErrorCode.SCHEMA,
            )
        self._written.add(register)


def _integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _integers(value: object) -> TypeGuard[list[int]]:
    return isinstance(value, list) and all(_integer(entry) for entry in value)


def _hexadecimal(value: object) -> int | None:
    if not isinstance(value, str) or not value.lower().startswith("0x"):
        return None
    try:
        number = int(value, 16)
    except ValueError:
        return None
    return number if number >= 0 else None


def _real(value: object) -> bool:
    """Return whether a value is a finite number, or ``[re, 0]`` as bound parameters are encoded."""
    if isinstance(value, list):
        return len(value) == 2 and _real(value[0]) and value[1] == 0
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return isfinite(value) and abs(value) < _LARGEST_PARAMETER
    except OverflowError:
        return False


def _value(value: Any) -> float:
    return float(value[0] if isinstance(value, list) else value)
