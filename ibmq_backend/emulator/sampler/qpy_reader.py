"""Reader of circuits in QPY versions 13 to 17, which current clients write.

Terra 0.46 reads up to version 10 and evaluates text of the file. This reader treats the whole file
as data: classes come from a table, and expressions are lists of steps. It supports the instructions
of circuits for devices: standard gates, measurements, delays, conditions, if-else, parameters and
expressions of them. Other instructions are refused, or become opaque ones of the same name, which
the check against the device then names.
"""

from __future__ import annotations

import json
from typing import Any, Final

from qiskit.circuit import (
    Barrier,
    ClassicalRegister,
    Clbit,
    Delay,
    Gate,
    IfElseOp,
    Instruction,
    Measure,
    ParameterExpression,
    QuantumCircuit,
    QuantumRegister,
    Qubit,
    Reset,
)
from qiskit.circuit.library.standard_gates import get_standard_gate_name_mapping

from ibmq_backend.emulator.sampler.qpy_values import Reader, Values

OLDEST: Final = 13
NEWEST: Final = 17
MAX_BITS: Final = 100_000
"""Limit of qubits and of bits of a circuit, so that a file cannot exhaust the memory."""

_GATES: Final[dict[str, Gate]] = {
    one.base_class.__name__: one
    for one in get_standard_gate_name_mapping().values()
    if isinstance(one, Gate)
}
"""An instance of each gate that a file can contain, by the name of its class."""

_NO_CONDITION, _EQUALS = 0, 1
_ANNOTATED: Final = 0x80
_CONTROL_FLOW: Final = {
    "WhileLoopOp": "while_loop",
    "ForLoopOp": "for_loop",
    "SwitchCaseOp": "switch_case",
    "BoxOp": "box",
    "BreakLoopOp": "break_loop",
    "ContinueLoopOp": "continue_loop",
    "Store": "store",
}


def read_qpy(content: bytes) -> QuantumCircuit:
    """Read a file with one circuit.

    Args:
        content: the file, starting with ``QISKIT``.

    Raises:
        ValueError: if the file is damaged, of another version, or uses something unsupported.
    """
    reader = Reader(content)
    preface, version, *_, programs = reader.unpack("!6sBBBBQ")
    if preface != b"QISKIT" or not OLDEST <= version <= NEWEST:
        raise ValueError(f"it is not QPY of version {OLDEST} to {NEWEST}")
    reader.take(1)  # how expressions were encoded before version 13
    if reader.take(1) != b"q" or programs != 1:
        raise ValueError("it must contain exactly one circuit")
    if version >= 16:
        (offset,) = reader.unpack("!Q")
        reader = Reader(content, offset)
    return _CircuitReader(reader, version, Values()).read()


class _CircuitReader:
    """Reads one circuit, or the body of a block."""

    def __init__(self, reader: Reader, version: int, values: Values) -> None:
        self._reader = reader
        self._version = version
        self._values = values
        self._cregs: dict[str, ClassicalRegister] = {}
        self._defined: set[str] = set()
        self._circuit = QuantumCircuit()

    def read(self) -> QuantumCircuit:
        reader = self._reader
        (
            name_size, phase_kind, phase_size, qubits, clbits, metadata_size, registers,
            instructions, variables,
        ) = reader.unpack("!H1cHIIQIQI")  # fmt: skip
        if max(qubits, clbits) > MAX_BITS:
            raise ValueError(f"it has more than {MAX_BITS} bits")
        name = reader.text(name_size)
        phase = self._values.plain(phase_kind.decode("latin-1"), reader.take(phase_size))
        metadata = json.loads(reader.take(metadata_size) or b"{}")
        self._circuit = self._bits(qubits, clbits, registers)
        self._circuit.name = name
        self._circuit.global_phase = phase
        self._circuit.metadata = metadata if isinstance(metadata, dict) else {}
        if variables:
            raise ValueError("classical variables are not supported")
        if self._version >= 15:
            self._skip_annotation_states()
        self._skip_definitions()
        for _ in range(instructions):
            self._instruction()
        # Calibrations and layout follow; they do not change the circuit.
        return self._circuit

    def _bits(self, qubits: int, clbits: int, registers: int) -> QuantumCircuit:
        bits: dict[str, list[Any]] = {"q": [None] * qubits, "c": [None] * clbits}
        makers: dict[str, Any] = {"q": QuantumRegister, "c": ClassicalRegister}
        found: list[tuple[str, bool, str, list[int], bool]] = []
        for _ in range(registers):
            kind, own, size, name_size, inside = self._reader.unpack("!1c?IH?")
            if size > MAX_BITS:
                raise ValueError(f"a register has more than {MAX_BITS} bits")
            name = self._reader.text(name_size)
            indices = list(self._reader.unpack(f"!{size}q"))
            found.append((kind.decode("latin-1"), own, name, indices, inside))
        made: list[tuple[str, Any, bool]] = []
        for kind, own, name, indices, inside in found:
            if own:
                register = makers[kind](len(indices), name)
                made.append((kind, register, inside))
                for bit, index in zip(register, indices, strict=True):
                    if index >= 0:
                        bits[kind][index] = bit
        loose: dict[str, Any] = {"q": Qubit, "c": Clbit}
        for kind, listed in bits.items():
            bits[kind] = [loose[kind]() if bit is None else bit for bit in listed]
        for kind, own, name, indices, inside in found:
            if not own:
                members = [bits[kind][i] if i >= 0 else loose[kind]() for i in indices]
                made.append((kind, makers[kind](name=name, bits=members), inside))
        circuit = QuantumCircuit(bits["q"], bits["c"])
        order = {name: place for place, (_, _, name, _, _) in enumerate(found)}
        for kind, register, inside in sorted(made, key=lambda one: order[one[1].name]):
            if kind == "c":
                self._cregs[register.name] = register
            if inside:
                circuit.add_register(register)
        return circuit

    def _skip_annotation_states(self) -> None:
        (count,) = self._reader.unpack("!I")
        for _ in range(count):
            name_size, state_size = self._reader.unpack("!IQ")
            self._reader.take(name_size)
            self._reader.take(state_size)

    def _skip_definitions(self) -> None:
        """Skip the definitions of custom gates, which no device has."""
        (count,) = self._reader.unpack("!Q")
        for _ in range(count):
            name_size, *_, custom, size, _, _, base_size = self._reader.unpack("!H1cII?QIIQ")
            self._defined.add(self._reader.text(name_size))
            if custom:
                self._reader.take(size)
            self._reader.take(base_size)

    def _instruction(self) -> None:
        reader = self._reader
        (
            name_size, label_size, num_params, num_qubits, num_clbits, extras, register_size,
            wanted, controls, control_state,
        ) = reader.unpack("!HHHIIBHqII")  # fmt: skip
        name = reader.text(name_size)
        reader.take(label_size)
        register = reader.take(register_size)
        if extras & ~_ANNOTATED not in (_NO_CONDITION, _EQUALS):
            raise ValueError("conditions that compute with bits are not supported")
        condition = (self._left(register), wanted) if extras & _EQUALS else None
        places = [reader.unpack("!1cI") for _ in range(num_qubits + num_clbits)]
        qubits = [self._circuit.qubits[index] for _, index in places[:num_qubits]]
        clbits = [self._circuit.clbits[index] for _, index in places[num_qubits:]]
        params = [self._parameter(*reader.typed()) for _ in range(num_params)]
        if extras & _ANNOTATED:
            (count,) = reader.unpack("!I")
            for _ in range(count):
                _, size = reader.unpack("!IQ")
                reader.take(size)
        if name == "IfElseOp":
            operation: Instruction = IfElseOp(condition, *params)
        else:
            if name in self._defined:
                name, params = name.rpartition("_")[0], []  # the writer appended an id
            operation = _operation(name, params, len(qubits), len(clbits))
            if controls and control_state != (1 << controls) - 1:
                raise ValueError("open controls are not supported")
            if condition is not None:
                operation = operation.c_if(*condition)
        self._circuit.append(operation, qubits, clbits)

    def _left(self, content: bytes) -> Clbit | ClassicalRegister:
        """Return the operand of a condition: a register by name, or a bit by number."""
        if content[:1] == b"\0":
            return self._circuit.clbits[int(content[1:])]
        return self._cregs[content.decode("utf-8")]

    def _parameter(self, kind: str, content: bytes) -> Any:
        if kind == "q":
            return _CircuitReader(Reader(content), self._version, self._values).read()
        if kind in ("r", "t", "R", "x", "n", "m"):
            return None  # for instructions that no emulated device supports
        return self._values.of_instruction(kind, content)


def _operation(name: str, params: list[Any], qubits: int, clbits: int) -> Instruction:
    """Return the operation of a class name; an opaque one for an unknown class."""
    if name == "Measure":
        return Measure()
    if name == "Reset":
        return Reset()
    if name == "Barrier":
        return Barrier(qubits)
    if name == "Delay":
        # The file has no unit; its readers assume samples.
        return Delay(params[0], unit="dt")
    if name in _CONTROL_FLOW:
        return Instruction(_CONTROL_FLOW[name], qubits, clbits, [])
    known = _GATES.get(name)
    if (
        known is not None
        and (known.num_qubits, len(known.params)) == (qubits, len(params))
        and all(isinstance(one, int | float | ParameterExpression) for one in params)
    ):
        gate: Instruction = known.base_class(*params)
        return gate
    if clbits:
        return Instruction(name, qubits, clbits, [])
    return Gate(name, qubits, [])
