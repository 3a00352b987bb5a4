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
    reduced = reduce(circuit, used, device)
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


def reduce(circuit: QuantumCircuit, used: list[int], device: Device) -> QuantumCircuit:
    """Return a circuit on its used qubits only, with native gates and blocks that Aer can inline.

    Raises:
        JobRefused: if a condition is not emulated.
    """
    reduced = QuantumCircuit([Qubit() for _ in used], list(circuit.clbits))
    for register in circuit.cregs:
        reduced.add_register(register)
    places = {circuit.qubits[qubit]: reduced.qubits[index] for index, qubit in enumerate(used)}
    clbits = {bit: bit for bit in circuit.clbits}
    _copy(circuit, reduced, places, clbits, device)
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


def _copy(
    source: QuantumCircuit,
    target: QuantumCircuit,
    qubits: dict[Qubit, Qubit],
    clbits: dict[Clbit, Clbit],
    device: Device,
) -> None:
    for instruction in source.data:
        operation = instruction.operation
        places = [qubits[bit] for bit in instruction.qubits if bit in qubits]
        bits = [clbits[bit] for bit in instruction.clbits]
        condition = getattr(operation, "condition", None)
        moved = None if condition is None else _condition(condition, clbits, target)
        if isinstance(operation, IfElseOp):
            bodies = [
                _block(block, instruction, target, qubits, clbits, device)
                for block in operation.blocks
            ]
            rebuilt = IfElseOp(moved, *bodies)
            target.append(rebuilt, target.qubits, target.clbits)
            continue
        if operation.name == "barrier":
            if places:
                target.append(Barrier(len(places)), places)
            continue
        native = _native(operation, device)
        target.append(native if moved is None else native.c_if(*moved), places, bits)


def _block(
    block: QuantumCircuit,
    instruction: Any,
    target: QuantumCircuit,
    qubits: dict[Qubit, Qubit],
    clbits: dict[Clbit, Clbit],
    device: Device,
) -> QuantumCircuit:
    inner = QuantumCircuit(target.qubits, target.clbits)
    for register in target.cregs:
        inner.add_register(register)
    inner_qubits = {
        mine: qubits[outer]
        for mine, outer in zip(block.qubits, instruction.qubits, strict=True)
        if outer in qubits
    }
    inner_clbits = {
        mine: clbits[outer] for mine, outer in zip(block.clbits, instruction.clbits, strict=True)
    }
    _copy(block, inner, inner_qubits, inner_clbits, device)
    # A condition on part of a register has added a register, which the outer circuit needs too.
    for register in inner.cregs:
        if register not in target.cregs:
            target.add_register(register)
    return inner


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
