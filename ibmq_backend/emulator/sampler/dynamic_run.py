"""Simulation of circuits with control flow, reduced to the qubits that they use.

Aer 0.14 inlines a block by the bits of the block and fails if the circuit does not have these, so
every block is rebuilt on all bits of the circuit.
"""

from __future__ import annotations

from typing import Any, Final

from qiskit.circuit import (
    Barrier,
    ClassicalRegister,
    Clbit,
    Delay,
    IfElseOp,
    Measure,
    QuantumCircuit,
    Qubit,
    Reset,
)
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.core.error_codes import ErrorCode
from ibmq_backend.emulator.devices.catalog import Device
from ibmq_backend.emulator.sampler.static_run import delay_samples
from ibmq_backend.emulator.simulation.aer import run_batch
from ibmq_backend.emulator.simulation.circuits import make_operation
from ibmq_backend.emulator.simulation.device_run import WIDEST_STATEVECTOR
from ibmq_backend.emulator.simulation.noise import DeviceNoise
from ibmq_backend.emulator.simulation.scheduling import (
    TIME_DIGITS,
    Entry,
    Timetable,
    timetable_of,
)

_UNMARKED: Final = frozenset({"barrier"})


def run_dynamic(
    simulator: AerSimulator,
    device: Device,
    noise: DeviceNoise | None,
    circuit: QuantumCircuit,
    shots: int,
    seed: int,
) -> list[int]:
    """Simulate one bound circuit.

    Args:
        simulator: Aer simulator to use.
        device: device of the job.
        noise: noise of the device; None without calibration.
        circuit: circuit whose qubit ``i`` is qubit ``i`` of the device.
        shots: number of shots.
        seed: seed of the simulation.

    Returns:
        For each shot the value of all classical bits, bit 0 the lowest.

    Raises:
        JobRefused: if the circuit, or one of its conditions, cannot be simulated.
    """
    used = used_qubits(circuit)
    if len(used) > WIDEST_STATEVECTOR:
        raise JobRefused(
            f"A circuit with control flow uses {len(used)} qubits; the emulator can simulate "
            f"{WIDEST_STATEVECTOR}",
            ErrorCode.OVER_SYSTEM_LIMITS,
        )
    reduced = reduce(circuit, used, device, noise)
    options: dict[str, Any] = {"shots": shots, "memory": True}
    if noise is not None:
        options["noise_model"] = noise.model(tuple(used))
    run = run_batch(simulator, [reduced], seed, **options)[0]
    if not run.success:
        raise JobRefused(f"The simulation failed: {run.status}", ErrorCode.PROGRAM_FAILED)
    return [int(value, 16) for value in run.data["memory"]]


def used_qubits(circuit: QuantumCircuit) -> list[int]:
    """Return the qubits with an instruction other than a barrier, ascending."""
    used: set[int] = set()
    _collect(circuit, list(range(circuit.num_qubits)), used)
    return sorted(used)


def reduce(
    circuit: QuantumCircuit, used: list[int], device: Device, noise: DeviceNoise | None
) -> QuantumCircuit:
    """Return a circuit on its used qubits only, with native gates and blocks that Aer can inline.

    With noise, qubits relax while they wait. A block lasts as long as the longest of its operation.

    Raises:
        JobRefused: if a condition is not emulated.
    """
    reduced = QuantumCircuit([Qubit() for _ in used], list(circuit.clbits))
    for register in circuit.cregs:
        reduced.add_register(register)
    places = {circuit.qubits[qubit]: index for index, qubit in enumerate(used)}
    clbits = {bit: bit for bit in circuit.clbits}
    _Reducer(used, device, noise).copy(circuit, reduced, places, clbits)
    return reduced


def _collect(circuit: QuantumCircuit, places: list[int], used: set[int]) -> None:
    index = dict(zip(circuit.qubits, places, strict=True))
    for instruction in circuit.data:
        qubits = [index[bit] for bit in instruction.qubits]
        blocks = getattr(instruction.operation, "blocks", None)
        if blocks is not None:
            for block in blocks:
                _collect(block, qubits, used)
        elif instruction.operation.name not in _UNMARKED:
            used.update(qubits)


class _Reducer:
    """Copies circuits and blocks; a qubit of the copy is given by its index."""

    def __init__(self, used: list[int], device: Device, noise: DeviceNoise | None) -> None:
        self._used, self._device, self._noise = used, device, noise
        self._method = noise.method if noise else None
        self._known: dict[tuple[int, tuple[int, ...]], Timetable] = {}

    def copy(
        self,
        source: QuantumCircuit,
        target: QuantumCircuit,
        qubits: dict[Qubit, int],
        clbits: dict[Clbit, Clbit],
        seconds: float | None = None,
    ) -> None:
        """Append a circuit, or a block that lasts a time in seconds, to another."""
        times = self._times(source, qubits, clbits)
        free = {} if seconds is None else dict.fromkeys(qubits.values(), 0.0)
        late = 0.0 if seconds is None or self._method != "alap" else seconds - times.seconds
        for instruction, start in zip(source.data, times.starts, strict=True):
            operation = instruction.operation
            places = [qubits[bit] for bit in instruction.qubits if bit in qubits]
            if operation.name == "barrier":
                if places:
                    target.append(Barrier(len(places)), places)
                continue
            length = self._seconds(instruction, qubits, clbits)
            if operation.name == "delay" and self._noise is not None:
                if self._method is None:
                    self._wait(target, places[0], length)
                continue
            for place in places:
                if place in free:
                    self._wait(target, place, start + late - free[place])
                free[place] = start + late + length
            condition = getattr(operation, "condition", None)
            moved = None if condition is None else _condition(condition, clbits, target)
            if isinstance(operation, IfElseOp):
                bodies = [
                    self._block(block, instruction, target, qubits, clbits, length)
                    for block in _branches(operation, timed=length > 0)
                ]
                target.append(IfElseOp(moved, *bodies), target.qubits, target.clbits)
                continue
            native = _native(operation, self._device)
            bits = [clbits[bit] for bit in instruction.clbits]
            target.append(native if moved is None else native.c_if(*moved), places, bits)
        if seconds is not None:
            for place, end in free.items():
                self._wait(target, place, seconds - end)

    def _block(
        self,
        block: QuantumCircuit,
        instruction: Any,
        target: QuantumCircuit,
        qubits: dict[Qubit, int],
        clbits: dict[Clbit, Clbit],
        seconds: float,
    ) -> QuantumCircuit:
        inner = QuantumCircuit(target.qubits, target.clbits)
        for register in target.cregs:
            inner.add_register(register)
        inner_qubits, inner_clbits = _inside(block, instruction, qubits, clbits)
        self.copy(block, inner, inner_qubits, inner_clbits, seconds)
        # A condition on part of a register has added a register, which the outer circuit needs too.
        for register in inner.cregs:
            if register not in target.cregs:
                target.add_register(register)
        return inner

    def _wait(self, target: QuantumCircuit, place: int, seconds: float) -> None:
        seconds = round(seconds, TIME_DIGITS)
        if seconds > 0 and self._noise is not None:
            target.append(self._noise.relaxation(self._used[place], seconds), [place])

    def _times(
        self, source: QuantumCircuit, qubits: dict[Qubit, int], clbits: dict[Clbit, Clbit]
    ) -> Timetable:
        if self._method is None:
            return Timetable([0.0] * len(source.data), 0.0)
        key = id(source), tuple(qubits.values())
        if key not in self._known:
            entries = [
                Entry(
                    (
                        *(qubits[bit] for bit in one.qubits if bit in qubits),
                        *(clbits[bit] for bit in (*one.clbits, *_read(one.operation))),
                    ),
                    self._seconds(one, qubits, clbits),
                )
                for one in source.data
            ]
            self._known[key] = timetable_of(entries, self._method)
        return self._known[key]

    def _seconds(
        self, instruction: Any, qubits: dict[Qubit, int], clbits: dict[Clbit, Clbit]
    ) -> float:
        operation = instruction.operation
        if self._noise is None or operation.name == "barrier":
            return 0.0
        if isinstance(operation, IfElseOp):
            return max(
                self._times(block, *_inside(block, instruction, qubits, clbits)).seconds
                for block in operation.blocks
            )
        if self._method is None and operation.name != "delay":
            return 0.0
        params = operation.params
        if operation.name == "delay":
            params = [delay_samples(operation, self._device)]
        places = [self._used[qubits[bit]] for bit in instruction.qubits]
        return self._noise.durations.of(
            {"name": operation.name, "qubits": places, "params": params}
        )


def _branches(operation: IfElseOp, *, timed: bool) -> list[QuantumCircuit]:
    """Return the blocks of both branches, if they take time also of one in which qubits wait."""
    blocks = list(operation.blocks)
    if len(blocks) == 1 and timed:
        blocks.append(QuantumCircuit(blocks[0].qubits, blocks[0].clbits))
    return blocks


def _inside(
    block: QuantumCircuit,
    instruction: Any,
    qubits: dict[Qubit, int],
    clbits: dict[Clbit, Clbit],
) -> tuple[dict[Qubit, int], dict[Clbit, Clbit]]:
    inner_qubits = {
        mine: qubits[outer]
        for mine, outer in zip(block.qubits, instruction.qubits, strict=True)
        if outer in qubits
    }
    inner_clbits = {
        mine: clbits[outer] for mine, outer in zip(block.clbits, instruction.clbits, strict=True)
    }
    return inner_qubits, inner_clbits


def _read(operation: Any) -> list[Clbit]:
    """Return the bits on which an instruction depends."""
    condition = getattr(operation, "condition", None)
    if not isinstance(condition, tuple):
        return []
    return [condition[0]] if isinstance(condition[0], Clbit) else list(condition[0])


def _condition(
    condition: Any, clbits: dict[Clbit, Clbit], target: QuantumCircuit
) -> tuple[Clbit | ClassicalRegister, int]:
    if not isinstance(condition, tuple):
        raise JobRefused("A condition that computes with bits is not emulated", ErrorCode.NOT_ISA)
    left, value = condition
    if isinstance(left, Clbit):
        return clbits[left], int(value)
    bits = [clbits[bit] for bit in left]
    for register in target.cregs:
        if list(register) == bits:
            return register, int(value)
    register = ClassicalRegister(bits=bits)
    target.add_register(register)
    return register, int(value)


def _native(operation: Any, device: Device) -> Any:
    if operation.name == "measure":
        return Measure()
    if operation.name == "reset":
        return Reset()
    if operation.name == "delay":
        return Delay(delay_samples(operation, device), unit="dt")
    if operation.name == "store":
        raise JobRefused("Classical variables are not emulated", ErrorCode.NOT_ISA)
    params = [float(value) for value in operation.params]
    return make_operation(operation.name, params, operation.num_qubits)
