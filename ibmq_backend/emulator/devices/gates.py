"""The instructions of a circuit: one row for each gate and each instruction that saves a state.

Checks, simulation and the documents of the cloud simulators all read these tables, so a new gate is
one row. Qiskit's classes are given by name and imported when a circuit is built, because the server
reads the tables too and importing qiskit takes two seconds.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import pi
from typing import Any, Final

__all__ = [
    "ALWAYS_ACCEPTED",
    "BASES",
    "GATES",
    "NOT_GATES",
    "NO_CIRCUIT_INSTRUCTIONS",
    "SAVES",
    "SIMULATOR_INSTRUCTIONS",
    "Gate",
    "Save",
    "Step",
    "shape_of",
    "simulator_gates",
    "translate",
]

Step = tuple[str, tuple[float, ...]]
"""One gate: name and angles in radians."""

QASM: Final = "ibmq_qasm_simulator"
STATEVECTOR: Final = "simulator_statevector"
MPS: Final = "simulator_mps"
STABILIZER: Final = "simulator_stabilizer"
EXTENDED: Final = "simulator_extended_stabilizer"

_DENSE: Final = frozenset({QASM, STATEVECTOR})
_ALL: Final = _DENSE | {MPS, STABILIZER, EXTENDED}


@dataclass(frozen=True, slots=True)
class Gate:
    """One gate.

    Attributes:
        name: name on the wire.
        class_name: class in ``qiskit.circuit.library`` that takes the parameters; None for gates
            that ``simulation.circuits`` builds for their number of qubits.
        num_qubits: number of qubits; None = any.
        num_params: number of real parameters; None = not checked.
        simulators: names of the cloud simulators that list the gate.
        basis: the single-qubit basis that the gate belongs to, "u" or "rz"; None for others.
        rewrite: converts the angles to the same gate in the other basis, up to a global phase.
    """

    name: str
    class_name: str | None
    num_qubits: int | None
    num_params: int | None
    simulators: frozenset[str] = frozenset()
    basis: str | None = None
    rewrite: Callable[..., tuple[Step, ...]] | None = None

    def load_class(self) -> Any:
        """Import and return the class of Qiskit.

        Raises:
            ValueError: if the gate has no class of its own.
        """
        if self.class_name is None:
            raise ValueError(f"the gate {self.name} is built for its number of qubits")
        return getattr(importlib.import_module("qiskit.circuit.library"), self.class_name)


@dataclass(frozen=True, slots=True)
class Save:
    """One instruction that saves the state of a simulator.

    Attributes:
        class_name: class in ``qiskit_aer.library``.
        numbers: real numbers of one entry of the saved state.
        entries: entries of one qubit; n qubits have ``entries ** n``.
    """

    class_name: str
    numbers: int
    entries: int

    def load_class(self) -> Any:
        """Import and return the class of Aer."""
        return getattr(importlib.import_module("qiskit_aer.library"), self.class_name)


def _rz_of_u2(phi: float, lam: float) -> tuple[Step, ...]:
    return (("rz", (lam - pi / 2,)), ("sx", ()), ("rz", (phi + pi / 2,)))


def _rz_of_u3(theta: float, phi: float, lam: float) -> tuple[Step, ...]:
    return (
        ("rz", (lam,)), ("sx", ()), ("rz", (theta + pi,)), ("sx", ()), ("rz", (phi + pi,)),
    )  # fmt: skip


# In the order in which the documents of the simulators list them.
_ROWS: Final = (
    Gate("u1", "U1Gate", 1, 1, _DENSE | {MPS, EXTENDED}, "u", lambda lam: (("rz", (lam,)),)),
    Gate("u2", "U2Gate", 1, 2, _DENSE | {MPS}, "u", _rz_of_u2),
    Gate("u3", "U3Gate", 1, 3, _DENSE | {MPS}, "u", _rz_of_u3),
    Gate("u", "UGate", 1, 3, _DENSE | {MPS}),
    Gate("p", "PhaseGate", 1, 1, _DENSE | {MPS, EXTENDED}),
    Gate("r", "RGate", 1, 2, _DENSE | {MPS}),
    Gate("rx", "RXGate", 1, 1, _DENSE | {MPS}),
    Gate("ry", "RYGate", 1, 1, _DENSE | {MPS}),
    Gate("rz", "RZGate", 1, 1, _DENSE | {MPS}, "rz", lambda angle: (("u1", (angle,)),)),
    Gate("id", "IGate", 1, 0, _ALL),
    Gate("x", "XGate", 1, 0, _ALL, "rz",
         lambda: (("u3", (pi, 0.0, pi)),)),
    Gate("y", "YGate", 1, 0, _ALL),
    Gate("z", "ZGate", 1, 0, _ALL),
    Gate("h", "HGate", 1, 0, _ALL),
    Gate("s", "SGate", 1, 0, _ALL),
    Gate("sdg", "SdgGate", 1, 0, _ALL),
    Gate("sx", "SXGate", 1, 0, _ALL, "rz",
         lambda: (("u2", (-pi / 2, pi / 2)),)),
    Gate("sxdg", "SXdgGate", 1, 0, _ALL),
    Gate("t", "TGate", 1, 0, _DENSE | {MPS, EXTENDED}),
    Gate("tdg", "TdgGate", 1, 0, _DENSE | {MPS, EXTENDED}),
    Gate("swap", "SwapGate", 2, 0, _ALL),
    Gate("cx", "CXGate", 2, 0, _ALL),
    Gate("cy", "CYGate", 2, 0, _DENSE | {MPS, STABILIZER}),
    Gate("cz", "CZGate", 2, 0, _ALL),
    Gate("ch", "CHGate", 2, 0),
    Gate("csx", "CSXGate", 2, 0, _DENSE | {MPS}),
    Gate("cp", "CPhaseGate", 2, 1, _DENSE | {MPS}),
    Gate("cu", "CUGate", 2, 4, _DENSE),
    Gate("cu1", "CU1Gate", 2, 1, _DENSE | {MPS}),
    Gate("cu3", "CU3Gate", 2, 3, _DENSE),
    Gate("rxx", "RXXGate", 2, 1, _DENSE | {MPS}),
    Gate("ryy", "RYYGate", 2, 1, _DENSE | {MPS}),
    Gate("rzz", "RZZGate", 2, 1, _DENSE | {MPS}),
    Gate("rzx", "RZXGate", 2, 1, _DENSE | {MPS}),
    Gate("ecr", "ECRGate", 2, 0, _DENSE | {STABILIZER}),
    Gate("ccx", "CCXGate", 3, 0, _DENSE | {MPS, EXTENDED}),
    Gate("ccz", "CCZGate", 3, 0, frozenset({EXTENDED})),
    Gate("crx", "CRXGate", 2, 1, _DENSE),
    Gate("cry", "CRYGate", 2, 1, _DENSE),
    Gate("crz", "CRZGate", 2, 1, _DENSE),
    Gate("cswap", "CSwapGate", 3, 0, _DENSE | {MPS}),
    Gate("mcx", None, None, None, _DENSE),
    Gate("mcp", None, None, None, _DENSE),
    Gate("mcphase", None, None, None, _DENSE),
    Gate("mcx_gray", None, None, None, _DENSE),
    Gate("unitary", None, None, None, _DENSE | {MPS}),
    Gate("diagonal", None, None, None, _DENSE),
    Gate("initialize", None, None, None, _DENSE | {MPS}),
    Gate("pauli", None, None, None, _ALL),
    Gate("kraus", None, None, None, _DENSE | {MPS}),
    Gate("superop", None, None, None, frozenset({QASM})),
)  # fmt: skip

GATES: Final[dict[str, Gate]] = {gate.name: gate for gate in _ROWS}
"""All gates by name."""

BASES: Final[dict[str, frozenset[str]]] = {
    basis: frozenset(gate.name for gate in _ROWS if gate.basis == basis) for basis in ("rz", "u")
}
"""The two single-qubit bases: ``u1, u2, u3`` until late 2020, afterwards ``rz, sx, x``."""

SAVES: Final[dict[str, Save]] = {
    "save_statevector": Save("SaveStatevector", 2, 2),
    "save_density_matrix": Save("SaveDensityMatrix", 2, 4),
    "save_probabilities": Save("SaveProbabilities", 1, 2),
    "save_probabilities_dict": Save("SaveProbabilitiesDict", 1, 2),
    "save_unitary": Save("SaveUnitary", 2, 4),
}
"""Instructions that save a state by name."""

NOT_GATES: Final = frozenset({"measure", "barrier", "reset", "delay", "bfunc", "snapshot"})
"""Instructions without calibration or coupling."""

ALWAYS_ACCEPTED: Final = frozenset({"measure", "barrier"})
"""Instructions that every device accepts."""

SIMULATOR_INSTRUCTIONS: Final = frozenset({"reset", "delay", "bfunc", "snapshot", *SAVES})
"""Instructions that the cloud simulators accept besides gates."""

NO_CIRCUIT_INSTRUCTIONS: Final = frozenset({"play", "acquire", "setf", "shiftf", "if_else"})
"""Instructions that devices list, but that circuit jobs of the classic service cannot contain."""

_OTHER_SHAPES: Final = {"delay": (1, 1), "reset": (1, 0)}


def simulator_gates(simulator: str) -> tuple[str, ...]:
    """Return the gates that a cloud simulator lists, in the order of its document."""
    return tuple(gate.name for gate in GATES.values() if simulator in gate.simulators)


def shape_of(name: str) -> tuple[int, int] | None:
    """Return the numbers of qubits and of real parameters of an instruction; None if they vary."""
    gate = GATES.get(name)
    if gate is None:
        return _OTHER_SHAPES.get(name)
    if gate.num_qubits is None or gate.num_params is None:
        return None
    return gate.num_qubits, gate.num_params


def translate(name: str, params: Sequence[float], basis: str | None) -> tuple[Step, ...]:
    """Rewrite a single-qubit gate onto the calibrated gates of a device.

    A snapshot has calibration for one basis only. Circuits in the other basis are rewritten
    exactly, so that they get the device's noise. As on the devices, ``u3`` costs two ``sx`` pulses,
    ``u2`` one and ``u1`` none, for all angles.

    Args:
        name: gate name; anything but ``u1, u2, u3, rz, sx, x`` is returned unchanged.
        params: angles of the gate in radians.
        basis: the calibrated basis, "rz" or "u"; None for neither.

    Returns:
        The gates to apply, first to last, equal to the given one up to a global phase.
    """
    gate = GATES.get(name)
    if gate is None or gate.rewrite is None or basis is None or gate.basis == basis:
        return ((name, tuple(params)),)
    return gate.rewrite(*params)
