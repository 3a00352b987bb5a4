"""The gates under the names that they had in ``qiskit.extensions.standard``.

Each gate was also a module, such as ``qiskit.extensions.standard.cx``, and until Terra 0.10 a
function of the same name: ``cx(circuit, control, target)``. The modules here are both.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, Final

import qiskit.circuit.library.standard_gates as present
from qiskit.circuit import Barrier as Barrier
from qiskit.circuit import QuantumCircuit
from qiskit.circuit.library import MSGate as MSGate
from qiskit.circuit.library.standard_gates import *  # noqa: F403

__path__: list[str] = []

CXBase = CnotGate = present.CXGate
ToffoliGate = present.CCXGate
FredkinGate = present.CSwapGate
IdGate = present.IGate
CrxGate = present.CRXGate
CryGate = present.CRYGate
CrzGate = present.CRZGate
Cu1Gate = present.CU1Gate
Cu3Gate = present.CU3Gate
CyGate = present.CYGate
CzGate = present.CZGate
UBase = present.UGate


def U0Gate(m: Any = 1, label: str | None = None) -> present.IGate:
    """Return an identity gate, which replaces the former wait for ``m`` cycles."""
    del m
    return present.IGate(label=label)


_SAME_NAME: Final = (
    "barrier ccx ch crx cry crz cswap cu1 cu3 cx cy cz dcx h iswap ms r rx rxx ry ryy rz rzx rzz s "
    "sdg swap t tdg u0 u1 u2 u3 x y z"
)
METHODS: Final[dict[str, str]] = {
    **{name: name for name in _SAME_NAME.split()},
    "cxbase": "cx",
    "fredkin": "cswap",
    "i": "id",
    "iden": "id",
    "toffoli": "ccx",
    "ubase": "u",
}
"""Methods of circuits by the names of the functions."""

OTHER_MODULES: Final = (
    "multi_control_rotation_gates",
    "multi_control_toffoli_gate",
    "multi_control_u1_gate",
    "relative_phase_toffoli",
    "equivalence_library",
)


class GateModule(ModuleType):
    """A module of a gate, which is also the function that appends it."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.modules[__name__], name)

    def __call__(self, circuit: QuantumCircuit, *args: Any) -> Any:
        """Append the gate to a circuit.

        Args:
            circuit: the circuit.
            args: arguments of the method of the circuit: parameters, then qubits.
        """
        return getattr(circuit, METHODS[self.__name__.rpartition(".")[2]])(*args)


def _add_modules(package: str) -> None:
    module = sys.modules[__name__]
    for name in (*METHODS, *OTHER_MODULES):
        full_name = f"{package}.{name}"
        made = sys.modules.setdefault(full_name, GateModule(full_name))
        setattr(module, name, made)
    equivalences = "equivalence_library"
    setattr(module, equivalences, getattr(present, equivalences))
    sys.modules[f"{package}.{equivalences}"] = sys.modules[f"{present.__name__}.{equivalences}"]


_add_modules("qiskit.extensions.standard")
__all__ = ["U0Gate"]
__all__ += [name for name, value in vars().items() if isinstance(value, type | GateModule)]
