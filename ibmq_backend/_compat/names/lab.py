"""Packages that existed in IBM Quantum Lab only."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import OldName

_WIDGETS: Final = "ibmq_backend.jupyter.widgets"
_DRAWINGS: Final = "static drawings of circuits, see [notebooks.md](notebooks.md)"

LAB: Final[tuple[OldName, ...]] = (
    OldName("ibm_quantum_widgets", "2020-2023", _DRAWINGS, _WIDGETS),
    OldName("iqx", "2020", _DRAWINGS, _WIDGETS),
)
"""Modules by their old name."""
