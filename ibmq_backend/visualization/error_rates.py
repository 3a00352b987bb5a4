"""Error rates of the gates and the readout of a device."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ibmq_backend.visualization.colours import BROKEN_COLOUR, QUBIT_COLOUR, scale_colour

if TYPE_CHECKING:
    from qiskit.providers.models import BackendProperties
    from qiskit.transpiler import Target

BROKEN_GATE_ERROR: Final = 1.0
"""Error rate of a gate that is switched off."""

PREFERRED_GATES: Final = ("sx", "u2", "u3", "cx", "ecr", "cz")
"""Gates that are shown of those that a device has."""


@dataclass(frozen=True)
class GateErrors:
    """Error rates of one gate.

    Attributes:
        gate: name of the gate; empty if no gate has error rates.
        rates: error rate for each qubit, or for each pair of qubits in ascending order.
    """

    gate: str
    rates: dict[tuple[int, ...], float]

    @property
    def working(self) -> list[float]:
        """The error rates of the gates that are not switched off."""
        return [rate for rate in self.rates.values() if rate < BROKEN_GATE_ERROR]

    @property
    def num_broken(self) -> int:
        """The number of gates that are switched off."""
        return len(self.rates) - len(self.working)

    @property
    def limits(self) -> tuple[float, float] | None:
        """The lowest and the highest error rate of a working gate, without zeros."""
        known = [rate for rate in self.working if rate]
        return (min(known), max(known)) if known else None

    def colour_of(self, qubits: tuple[int, ...]) -> str:
        """Return the colour of the gate on a qubit, or on a pair in ascending order."""
        rate, limits = self.rates.get(qubits), self.limits
        if rate is not None and rate >= BROKEN_GATE_ERROR:
            return BROKEN_COLOUR
        if rate is None or limits is None:
            return QUBIT_COLOUR
        return scale_colour(rate, *limits)


@dataclass(frozen=True)
class ErrorRates:
    """Error rates of a device.

    Attributes:
        single: one gate on each qubit.
        pair: one gate on each pair of coupled qubits, in its worse direction.
        readout: readout error of each qubit.
    """

    single: GateErrors
    pair: GateErrors
    readout: dict[int, float]


def rates_of_properties(properties: BackendProperties) -> ErrorRates:
    """Return the error rates of a calibration."""
    return _rates(
        (
            (gate.gate, gate.qubits, parameter.value)
            for gate in properties.gates
            for parameter in gate.parameters
            if parameter.name == "gate_error"
        ),
        {
            qubit: value.value
            for qubit, values in enumerate(properties.qubits)
            for value in values
            if value.name == "readout_error"
        },
    )


def rates_of_document(properties: Mapping[str, Any]) -> ErrorRates:
    """Return the error rates of a calibration in the form of the service."""
    return _rates(
        (
            (gate["gate"], gate["qubits"], parameter["value"])
            for gate in properties["gates"]
            for parameter in gate["parameters"]
            if parameter["name"] == "gate_error"
        ),
        {
            qubit: value["value"]
            for qubit, values in enumerate(properties["qubits"])
            for value in values
            if value["name"] == "readout_error"
        },
    )


def rates_of_target(target: Target) -> ErrorRates:
    """Return the error rates of a backend of version 2."""
    found = [
        (name, qubits, properties.error)
        for name in target.operation_names
        for qubits, properties in (target[name] or {}).items()
        if qubits is not None and properties is not None and properties.error is not None
    ]
    return _rates(
        (each for each in found if each[0] != "measure"),
        {qubits[0]: error for name, qubits, error in found if name == "measure"},
    )


def _rates(
    gates: Iterable[tuple[str, Sequence[int], float]], readout: dict[int, float]
) -> ErrorRates:
    listed = [each for each in gates if each[2] >= 0]  # no NaN
    return ErrorRates(_of_one_gate(listed, 1), _of_one_gate(listed, 2), readout)


def _of_one_gate(gates: Sequence[tuple[str, Sequence[int], float]], num_qubits: int) -> GateErrors:
    names = Counter(name for name, qubits, rate in gates if len(qubits) == num_qubits and rate)
    chosen = next((name for name in PREFERRED_GATES if name in names), None)
    if chosen is None:
        chosen = names.most_common(1)[0][0] if names else ""
    rates: dict[tuple[int, ...], float] = {}
    for name, qubits, rate in gates:
        if name == chosen and len(qubits) == num_qubits:
            key = tuple(sorted(qubits))
            rates[key] = max(rate, rates.get(key, 0.0))
    return GateErrors(chosen, rates)
