"""Writes experiments of a Qobj as OpenQASM 3 on physical qubits.

The same input gives the same text. Data that OpenQASM 3 cannot express is written in comments: one
line with the header of each circuit, and in the first circuit one line with the data of the job.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ibmq_backend.api.sampler.device import Device
from ibmq_backend.api.sampler.isa import circuit_name
from ibmq_backend.api.sampler.registers import Register, bit_text, in_order, registers_for
from ibmq_backend.exceptions import ApiInputError

VERSION_LINE: Final = "OPENQASM 3.0;"
INCLUDE_LINE: Final = 'include "stdgates.inc";'
CIRCUIT_COMMENT: Final = "// ibmq_backend circuit "
JOB_COMMENT: Final = "// ibmq_backend job "
IDENTITY_COMMENT: Final = " // id"

_LIBRARY: Final = """
    p x y z h s sdg t tdg sx rx ry rz cx cy cz cp crx cry crz ch swap ccx cswap cu u1 u2 u3
    """
LIBRARY_GATES: Final = frozenset(_LIBRARY.split())
"""Gates that have the same name in ``stdgates.inc`` and in a Qobj."""

OWN_DEFINITIONS: Final[dict[str, str]] = {
    "ecr": "gate ecr _a, _b { s _a; sx _b; cx _a, _b; x _a; }",
    "rzz": "gate rzz(_t) _a, _b { cx _a, _b; rz(_t) _b; cx _a, _b; }",
}
"""Definitions of hardware gates that the library lacks; equal up to a global phase."""

_TIME_UNITS: Final[dict[str, float]] = {"s": 1e9, "ms": 1e6, "us": 1e3, "µs": 1e3, "ns": 1.0}
_PICOSECONDS: Final = 1e-3


def write_experiment(
    experiment: Mapping[str, Any],
    index: int,
    device: Device,
    job: Mapping[str, Any] | None = None,
) -> str:
    """Return the text of one experiment.

    Args:
        experiment: the experiment in plain JSON, on the qubits of the device.
        index: the position of the experiment in the job, for messages.
        device: the device, for definitions of gates, the time step and the duration of ``id``,
            which is written as a delay since the service does not run it.
        job: the data of the job, for the comment.

    Raises:
        ApiInputError: the experiment cannot be written as OpenQASM 3.
    """
    where = circuit_name(experiment, index)
    registers = registers_for(experiment)
    instructions = experiment.get("instructions") or ()
    lines = [VERSION_LINE, INCLUDE_LINE]
    if job is not None:
        lines.append(JOB_COMMENT + _one_line(job))
    lines.append(CIRCUIT_COMMENT + _one_line(_short_header(experiment)))
    lines.extend(_definitions(where, instructions, device))
    lines.extend(f"bit[{register.size}] {register.name};" for register in registers)
    writer = _Writer(where, registers, device)
    lines.extend(writer.lines(instructions))
    return "\n".join(lines) + "\n"


class _Writer:
    def __init__(self, where: str, registers: Sequence[Register], device: Device) -> None:
        self._where = where
        self._registers = registers
        self._device = device
        self._conditions: dict[int, tuple[int, int]] = {}

    def lines(self, instructions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Yield the statements of the instructions."""
        for instruction in instructions:
            if instruction["name"] == "bfunc":
                self._remember(instruction)
                continue
            statements = list(self._statements(instruction))
            condition = instruction.get("conditional")
            if condition is None:
                yield from statements
            else:
                yield from self._guarded(int(condition), statements)
            self._forget_changed(instruction)

    def _statements(self, instruction: Mapping[str, Any]) -> Iterator[str]:
        name = instruction["name"]
        qubits = [f"${int(qubit)}" for qubit in instruction.get("qubits") or ()]
        if name == "barrier":
            if qubits:
                yield f"barrier {', '.join(qubits)};"
        elif name == "measure":
            yield from self._measurements(instruction, qubits)
        elif name == "reset":
            yield from (f"reset {qubit};" for qubit in qubits)
        elif name == "delay":
            length = self._delay(instruction)
            yield from (f"delay[{length}] {qubit};" for qubit in qubits)
        elif name == "id":
            yield from self._identities(instruction, qubits)
        else:
            angles = ", ".join(self._number(name, angle) for angle in _parameters(instruction))
            call = f"{name}({angles})" if angles else name
            yield f"{call} {', '.join(qubits)};"

    def _measurements(self, instruction: Mapping[str, Any], qubits: Sequence[str]) -> Iterator[str]:
        slots = instruction.get("memory")
        if slots is None or len(slots) != len(qubits):
            raise self._refusal("a 'measure' without a memory slot for each qubit")
        for qubit, slot in zip(qubits, slots, strict=True):
            yield f"{bit_text(self._registers, int(slot))} = measure {qubit};"

    def _delay(self, instruction: Mapping[str, Any]) -> str:
        parameters = _parameters(instruction)
        if len(parameters) != 1:
            raise self._refusal("a 'delay' without a length")
        length = float(parameters[0])
        if not math.isfinite(length) or length < 0:
            raise self._refusal(f"a 'delay' of length {length}")
        unit = instruction.get("unit")
        if unit is None:
            # assemble() drops the unit: integers are time steps, other numbers are seconds.
            unit = "dt" if length == int(length) else "s"
        if unit == "dt":
            return f"{int(length)}dt"
        factor = _PICOSECONDS if unit == "ps" else _TIME_UNITS.get(str(unit))
        if factor is None:
            raise self._refusal(f"a 'delay' in the unit {unit!r}")
        return f"{_plain_number(length * factor)}ns"

    def _identities(self, instruction: Mapping[str, Any], qubits: Sequence[str]) -> Iterator[str]:
        for number, qubit in zip(instruction["qubits"], qubits, strict=True):
            length = self._device.identity_lengths.get(int(number)) or 0.0
            dt = self._device.dt
            text = f"{_plain_number(length)}ns" if dt is None else f"{round(length / dt)}dt"
            yield f"delay[{text}] {qubit};{IDENTITY_COMMENT}"

    def _remember(self, instruction: Mapping[str, Any]) -> None:
        if instruction.get("relation") != "==":
            raise self._refusal(f"the condition {instruction.get('relation')!r}")
        mask, value = (int(str(instruction[key]), 16) for key in ("mask", "val"))
        if value & ~mask or not mask:
            raise self._refusal("a condition that can never hold")
        self._conditions[int(instruction["register"])] = mask, value

    def _guarded(self, condition: int, statements: Sequence[str]) -> Iterator[str]:
        if condition not in self._conditions:
            raise self._refusal("a condition on results that are measured again before it is used")
        yield f"if ({self._test(*self._conditions[condition])}) {{"
        yield from (f"  {statement}" for statement in statements)
        yield "}"

    def _test(self, mask: int, value: int) -> str:
        for register in self._registers:
            if mask == register.mask and register.size > 1:
                return f"{register.name} == {value >> register.offset}"
        slot = mask.bit_length() - 1  # a single bit, since ``isa`` rejects parts of registers
        return f"{'' if value else '!'}{bit_text(self._registers, slot)}"

    def _forget_changed(self, instruction: Mapping[str, Any]) -> None:
        if instruction["name"] != "measure":
            return
        changed = sum(1 << int(slot) for slot in set(instruction.get("memory") or ()))
        self._conditions = {
            register: (mask, value)
            for register, (mask, value) in self._conditions.items()
            if not mask & changed
        }

    def _number(self, name: str, value: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._refusal(f"{name!r} with the parameter {value!r}, which is not a number")
        if not math.isfinite(value):
            raise self._refusal(f"{name!r} with the parameter {value!r}")
        return repr(float(value))

    def _refusal(self, what: str) -> ApiInputError:
        return ApiInputError(
            f"{self._where} contains {what}, which cannot be written as OpenQASM 3."
        )


def _definitions(
    where: str, instructions: Sequence[Mapping[str, Any]], device: Device
) -> Iterator[str]:
    """Yield the ``gate`` blocks that the text needs."""
    known = LIBRARY_GATES | {"barrier", "measure", "reset", "delay", "id", "bfunc"}
    for name in dict.fromkeys(instruction["name"] for instruction in instructions):
        if name in known:
            continue
        text = OWN_DEFINITIONS.get(name) or device.definitions.get(name)
        if text is None:
            raise ApiInputError(
                f"{where} contains the gate {name!r}, which cannot be written as OpenQASM 3, since "
                f"{device.name} does not define it. Run transpile(circuit, backend) first."
            )
        yield " ".join(text.split())


def _short_header(experiment: Mapping[str, Any]) -> dict[str, Any]:
    """Return the header without redundant entries."""
    header = dict(experiment.get("header") or {})
    for kind, labels in (("qreg_sizes", "qubit_labels"), ("creg_sizes", "clbit_labels")):
        if header.get(labels) == labels_of(header.get(kind) or ()):
            header.pop(labels, None)
    config = experiment.get("config") or {}
    return {"header": header, **({"config": config} if config else {})}


def labels_of(sizes: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the labels of the bits of registers for the header of a Qobj.

    Raises:
        ValueError: the registers have more than ``MAX_BITS`` bits in total.
    """
    in_order((name, int(size)) for name, size in sizes)
    return [[name, index] for name, size in sizes for index in range(int(size))]


def _parameters(instruction: Mapping[str, Any]) -> Sequence[Any]:
    return instruction.get("params") or ()


def _plain_number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _one_line(document: Mapping[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))
