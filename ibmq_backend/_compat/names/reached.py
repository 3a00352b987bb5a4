"""Modules that ``import qiskit`` loaded, and that programs use without another import."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import OldName

REACHED: Final[tuple[OldName, ...]] = tuple(
    OldName(
        name, "2018-2023", "the same, without another import" if name.count(".") == 1 else "", name
    )
    for name in (
        "qiskit.extensions",
        "qiskit.visualization",
        "qiskit.circuit.classicalfunction",
        "qiskit.providers.aer",
        "qiskit.providers.basicaer",
        "qiskit.providers.ibmq",
        "qiskit.providers.providerutils",
        "qiskit.quantum_info.synthesis",
        "qiskit.tools.jupyter",
        "qiskit.tools.monitor",
        "qiskit.tools.visualization",
    )
)
"""Modules that are loaded when they are first used."""
