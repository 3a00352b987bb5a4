"""Names of gates and circuits."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import GoneName, OldName

_GATES: Final = "ibmq_backend._compat.old_modules.gates"
_LIBRARY: Final = "qiskit.circuit.library"

_CLASSES: Final = {
    "CnotGate": "CXGate",
    "ToffoliGate": "CCXGate",
    "FredkinGate": "CSwapGate",
    "IdGate": "IGate",
    "CrxGate": "CRXGate",
    "CryGate": "CRYGate",
    "CrzGate": "CRZGate",
    "Cu1Gate": "CU1Gate",
    "Cu3Gate": "CU3Gate",
    "CyGate": "CYGate",
    "CzGate": "CZGate",
}
_PACKAGES: Final = ("qiskit.extensions", _LIBRARY, f"{_LIBRARY}.standard_gates")
_FUNCTIONS: Final = "barrier ccx ch crz cswap cu1 cu3 cx cxbase cy cz iden ms u0 ubase"
_INITIALIZERS: Final = {
    "diag": "generalized_gates.diagonal",
    "diagonal": "generalized_gates.diagonal",
    "initializer": "data_preparation.initializer",
    "isometry": "generalized_gates.isometry",
    "mcg_up_to_diagonal": "generalized_gates.mcg_up_to_diagonal",
    "uc": "generalized_gates.uc",
    "uc_pauli_rot": "generalized_gates.uc_pauli_rot",
    "ucg": "generalized_gates.uc",
    "ucrot": "generalized_gates.uc_pauli_rot",
    "ucrx": "generalized_gates.ucrx",
    "ucry": "generalized_gates.ucry",
    "ucrz": "generalized_gates.ucrz",
    "ucx": "generalized_gates.ucrx",
    "ucy": "generalized_gates.ucry",
    "ucz": "generalized_gates.ucrz",
}
_INITIALIZER_CLASSES: Final = {
    "DiagGate": ("diag", "DiagonalGate"),
    "UCG": ("ucg", "UCGate"),
    "UCX": ("ucx", "UCRXGate"),
    "UCY": ("ucy", "UCRYGate"),
    "UCZ": ("ucz", "UCRZGate"),
}

CIRCUITS: Final[tuple[OldName, ...]] = (
    OldName(
        "qiskit.extensions.standard",
        "2018-2020",
        "classes of `qiskit.circuit.library` and methods of circuits; also its modules, such as "
        "`qiskit.extensions.standard.cx`",
        _GATES,
    ),
    *(
        OldName(
            f"{package}.{old}",
            "2018-2020" if package == "qiskit.extensions" else "2020",
            f"`{new}`",
            f"{_GATES}:{old}",
        )
        for package in _PACKAGES
        for old, new in _CLASSES.items()
    ),
    *(
        OldName(f"qiskit.extensions.{old}", "2018-2019", f"`{new}`", f"{_GATES}:{old}")
        for old, new in (("CXBase", "CXGate"), ("UBase", "UGate"), ("U0Gate", "IGate"))
    ),
    *(
        OldName(
            f"qiskit.extensions.{name}",
            "2018-2019",
            "methods of circuits, such as `circuit.cx`; also "
            + ", ".join(f"`{each}`" for each in _FUNCTIONS.split()[1:])
            if name == "barrier"
            else "",
            f"{_GATES}:{name}",
        )
        for name in _FUNCTIONS.split()
    ),
    *(
        OldName(
            f"{package}.MSGate", "2019-2021", "`qiskit.circuit.library.MSGate`", f"{_GATES}:MSGate"
        )
        for package in ("qiskit.extensions", f"{_LIBRARY}.standard_gates")
    ),
    OldName(
        "qiskit.extensions.unitary",
        "2019-2023",
        "`qiskit.circuit.library`",
        f"{_LIBRARY}.generalized_gates.unitary",
    ),
    OldName(
        "qiskit.extensions.hamiltonian_gate",
        "2020-2023",
        "`qiskit.circuit.library`",
        f"{_LIBRARY}.hamiltonian_gate",
    ),
    OldName(
        "qiskit.extensions.initializer",
        "2018-2019",
        "`qiskit.circuit.library`",
        f"{_LIBRARY}.data_preparation.initializer",
    ),
    *(
        OldName(
            f"qiskit.extensions.quantum_initializer.{old}",
            "2019-2023",
            "`qiskit.circuit.library`; also the other modules of the package"
            if old == "initializer"
            else "",
            f"{_LIBRARY}.{new}",
        )
        for old, new in _INITIALIZERS.items()
    ),
    *(
        OldName(name, "2019-2020", f"`{new}`", f"{_LIBRARY}:{new}")
        for old, (module, new) in _INITIALIZER_CLASSES.items()
        for name in (
            f"qiskit.extensions.quantum_initializer.{old}",
            f"{_LIBRARY}.{_INITIALIZERS[module]}.{old}",
        )
    ),
)
"""Gates and circuits by their old names."""

CIRCUITS_GONE: Final[tuple[GoneName, ...]] = (
    GoneName(
        "qiskit.circuit.CompositeGate",
        "it grouped gates. Write circuit.to_gate() instead.",
        is_module=False,
    ),
    *(
        GoneName(
            f"{_LIBRARY}.{name}Distribution",
            "the distributions have moved. Write circuit.initialize(numpy.sqrt(probabilities)) "
            "instead.",
            is_module=False,
        )
        for name in ("Normal", "LogNormal", "Uniform")
    ),
)
"""Names of circuits without a substitute."""
