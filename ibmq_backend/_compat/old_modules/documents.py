"""``Qobj``, the class of assembled circuits and schedules, and its converters."""

from __future__ import annotations

from typing import Any

from qiskit.circuit import QuantumCircuit
from qiskit.compiler import assemble
from qiskit.qobj import PulseQobj, QasmQobj

from ibmq_backend.job.input import circuits_of


class _AnyQobj(type):
    """Counts what ``assemble`` returns as an instance."""

    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, QasmQobj | PulseQobj)

    def __subclasscheck__(cls, subclass: type) -> bool:
        return issubclass(subclass, QasmQobj | PulseQobj)


class Qobj(QasmQobj, metaclass=_AnyQobj):
    """Assembled circuits or schedules."""

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> QasmQobj | PulseQobj:
        """Return the object of a document, of the class for its type.

        Args:
            data: a Qobj document; its ``type`` is ``"QASM"`` or ``"PULSE"``.
        """
        kind = PulseQobj if data.get("type") == "PULSE" else QasmQobj
        return kind.from_dict(data)


def qobj_to_circuits(qobj: QasmQobj) -> list[QuantumCircuit] | None:
    """Return the circuits of a Qobj, ``None`` if it has none."""
    return circuits_of(qobj.to_dict()) or None


def circuits_to_qobj(
    circuits: Any,
    qobj_header: Any = None,
    qobj_id: str | None = None,
    backend_name: str | None = None,
    config: dict[str, Any] | None = None,
    shots: int | None = None,
    max_credits: int | None = None,
    basis_gates: list[str] | None = None,
    coupling_map: Any = None,
    seed: int | None = None,
    memory: bool | None = None,
) -> QasmQobj | PulseQobj:
    """Return the Qobj of circuits.

    Args:
        circuits: a circuit or several.
        qobj_header: entries of its header.
        qobj_id: its identifier.
        backend_name: name of the backend, for the header.
        config: further entries of its configuration.
        shots: number of shots.
        max_credits: ignored.
        basis_gates: ignored.
        coupling_map: ignored.
        seed: seed of a simulator.
        memory: whether the result of each shot is wanted.
    """
    del max_credits, basis_gates, coupling_map
    header = {**(qobj_header or {}), **({"backend_name": backend_name} if backend_name else {})}
    return assemble(
        circuits,
        qobj_header=header,
        qobj_id=qobj_id,
        shots=shots,
        seed_simulator=seed,
        memory=bool(memory),
        **(config or {}),
    )
