"""The program under test."""

from qiskit import IBMQ, QuantumCircuit, execute


def bell_counts(device: str, shots: int = 1000) -> dict[str, int]:
    """Return the counts of a Bell circuit on a device of the user's account."""
    bell = QuantumCircuit(2)
    bell.h(0)
    bell.cx(0, 1)
    bell.measure_all()
    backend = IBMQ.load_account().get_backend(device)
    counts: dict[str, int] = execute(bell, backend, shots=shots).result().get_counts()
    return counts
