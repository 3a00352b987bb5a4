"""What ``from qiskit import *`` provided until Terra 0.18, when ``qiskit`` had no ``__all__``."""

from __future__ import annotations

from types import ModuleType
from typing import Final

NAMES: Final = (
    "BasicAer assembler circuit compiler converters dagcircuit exceptions extensions os providers "
    "pulse qasm qiskit qobj quantum_info result scheduler sys tools transpiler util version "
    "visualization warnings"
)


def extend_star_import(module: ModuleType) -> None:
    """Add the names to ``__all__`` of ``qiskit``; they are loaded by an import with a star only."""
    names: list[str] = module.__all__
    names += [name for name in NAMES.split() if name not in names]
