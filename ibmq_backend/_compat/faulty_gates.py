"""Adapts Terra to transpile around gates that a device reports as out of order.

Terra 0.16 to 0.24 left out the gates with ``operational`` 0 in the calibration of a BackendV1;
later versions read that only of a BackendV2, so a default ``execute`` used broken gates.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

from qiskit.transpiler import CouplingMap

from ibmq_backend._compat.replacing import replace_in_place


def working_couplings(backend: Any, coupling_map: CouplingMap) -> CouplingMap:
    """Return the couplings whose gates and qubits all work; all qubits are kept.

    Args:
        backend: a BackendV1.
        coupling_map: the coupling map of the backend.
    """
    properties = backend.properties()
    if properties is None:
        return coupling_map
    faulty = {tuple(gate.qubits) for gate in properties.faulty_gates()}
    faulty |= {(qubit,) for qubit in properties.faulty_qubits()}
    if not faulty:
        return coupling_map
    working = CouplingMap()
    for qubit in range(coupling_map.size()):
        working.add_physical_qubit(qubit)
    for first, second in coupling_map.get_edges():
        if faulty.isdisjoint(((first,), (second,), (first, second))):
            working.add_edge(first, second)
    return working


def _read_calibration(original: Callable[..., Any]) -> Callable[..., Any]:
    def parse_coupling_map(coupling_map: Any, backend: Any) -> Any:
        parsed = original(coupling_map, backend)
        if coupling_map is not None or parsed is None or getattr(backend, "version", None) != 1:
            return parsed
        return working_couplings(backend, parsed)

    return parse_coupling_map


def _place_in_one_part(original: Callable[..., Any]) -> Callable[..., Any]:
    """Replace the trivial layout of level 0 if it may put a circuit on separate parts."""

    def generate(optimization_level: int, *args: Any, **options: Any) -> Any:
        couplings = options.get("coupling_map")
        if (
            optimization_level == 0
            and isinstance(couplings, CouplingMap)
            and options.get("layout_method") is None
            and options.get("initial_layout") is None
            and not couplings.is_connected()
        ):
            options["layout_method"] = "dense"
        return original(optimization_level, *args, **options)

    return generate


def adapt_transpiler(module: ModuleType) -> None:
    """Adapt ``qiskit.compiler.transpiler``."""
    replace_in_place(module._parse_coupling_map, _read_calibration)
    replace_in_place(module.generate_preset_pass_manager, _place_in_one_part)
