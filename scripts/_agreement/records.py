"""Published results of real devices, each with its circuit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qiskit import QuantumCircuit
from qiskit.circuit import CircuitInstruction, Delay

__all__ = ["Record", "RecordError", "read_records"]


class RecordError(ValueError):
    """A file of records cannot be read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One published result.

    Attributes:
        id: unique name; its first word is the family of circuits.
        device: name of the device.
        date: day of the run as ``YYYY-MM-DD``, None if unknown.
        counts: number of shots by value of the classical bits.
        qasm: the circuit before transpilation, in OpenQASM 2. An opaque ``delay(t)`` is a delay of
            t samples.
        layout: device qubits of the circuit's qubits, None where the transpiler chose them.
        optimization_level: of the transpiler.
        doubt: why the record does not count; None if it does.
    """

    id: str
    device: str
    date: str | None
    counts: Mapping[int, int]
    qasm: str
    layout: tuple[int, ...] | None
    optimization_level: int
    doubt: str | None

    @property
    def family(self) -> str:
        """The first word of the id."""
        return self.id.partition("-")[0]

    @property
    def shots(self) -> int:
        """Number of shots."""
        return sum(self.counts.values())

    def circuit(self) -> QuantumCircuit:
        """Return the circuit before transpilation."""
        circuit = QuantumCircuit.from_qasm_str(self.qasm)
        for index, (operation, qubits, clbits) in enumerate(circuit.data):
            if operation.name == "delay":
                delay = Delay(round(operation.params[0]), unit="dt")
                circuit.data[index] = CircuitInstruction(delay, qubits, clbits)
        return circuit


def read_records(paths: Sequence[Path]) -> list[Record]:
    """Read files of records; a record of an id that was read before is left out.

    Raises:
        RecordError: a file cannot be read.
    """
    found: dict[str, Record] = {}
    for path in paths:
        try:
            documents = json.loads(path.read_text(encoding="utf-8"))
            for record in map(_record, documents):
                found.setdefault(record.id, record)
        except OSError as error:
            raise RecordError(f"{path} cannot be read ({error.strerror or error}).") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise RecordError(f"{path} is not a list of records ({error!r}).") from error
    return list(found.values())


def _record(document: dict[str, Any]) -> Record:
    layout = document.get("layout")
    return Record(
        id=document["id"],
        device=document["device"],
        date=document.get("date"),
        counts={int(bits, 2): number for bits, number in document["counts"].items()},
        qasm=document["qasm"],
        layout=None if layout is None else tuple(layout),
        optimization_level=document["optimization_level"],
        doubt=document.get("doubt"),
    )
