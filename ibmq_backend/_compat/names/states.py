"""Names of states, operators and their synthesis."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import GoneName, OldName

_STATES: Final = "ibmq_backend._compat.old_modules.states"
_OBSERVABLES: Final = "ibmq_backend._compat.old_modules.observables"
_INFO: Final = "qiskit.quantum_info"

_TOOLS: Final = (
    "partial_trace vectorize devectorize choi_to_pauli chop outer entropy shannon_entropy "
    "concurrence entanglement_of_formation mutual_information is_pos_def qft"
)
_SYNTHESIS: Final = {
    "one_qubit_decompose": "one_qubit.one_qubit_decompose",
    "xx_decompose": "two_qubit.xx_decompose",
}

STATES: Final[tuple[OldName, ...]] = (
    OldName("qiskit.tools.qi", "2018-2020", "`qiskit.quantum_info`", _STATES),
    OldName("qiskit.tools.qi.qi", "2018-2020", "`qiskit.quantum_info`; arrays as then", _STATES),
    *(
        OldName(
            f"qiskit.tools.{name}",
            "2019-2020",
            "`qiskit.quantum_info`; also the other functions of `qiskit.tools.qi.qi`"
            if name == "outer"
            else "",
            f"{_STATES}:{name}",
        )
        for name in _TOOLS.split()
    ),
    *(
        OldName(f"{module}.basis_state", "2018-2020", "`Statevector.from_label(bits).data`", target)
        for module in (_INFO, f"{_INFO}.states")
        for target in (f"{_STATES}:basis_state",)
    ),
    *(
        OldName(f"{module}.projector", "2018-2020", "`DensityMatrix(state).data`", target)
        for module in (_INFO, f"{_INFO}.states")
        for target in (f"{_STATES}:projector",)
    ),
    *(
        OldName(f"{module}.random_state", "2018-2020", "`random_statevector(dim).data`", target)
        for module in (_INFO, f"{_INFO}.random")
        for target in (f"{_STATES}:random_state",)
    ),
    OldName(f"{_INFO}.random.utils", "2018-2020", "`qiskit.quantum_info`", _STATES),
    OldName(f"{_INFO}.states.states", "2018-2020", "`qiskit.quantum_info`", _STATES),
    OldName(f"{_INFO}.states.counts", "2020", "`Statevector.probabilities_dict()`", _STATES),
    OldName(
        f"{_INFO}.states.state_to_counts",
        "2020",
        "`Statevector.probabilities_dict()`",
        f"{_STATES}:state_to_counts",
    ),
    *(
        OldName(f"{module}.pauli_group", "2018-2022", "`pauli_basis`", f"{_STATES}:pauli_group")
        for module in (_INFO, f"{_INFO}.operators", f"{_INFO}.operators.symplectic.pauli")
    ),
    OldName(
        f"{_INFO}.operators.pauli",
        "2018-2023",
        "`qiskit.quantum_info`",
        f"{_INFO}.operators.symplectic.pauli",
    ),
    *(
        OldName(f"{_INFO}.{old}", "2019-2023", "`qiskit.quantum_info`", f"{_INFO}.quaternion")
        for old in ("operators.quaternion", "synthesis.quaternion")
    ),
    OldName(
        f"{_INFO}.operators.Quaternion",
        "2019-2021",
        "`qiskit.quantum_info`",
        f"{_INFO}:Quaternion",
    ),
    *(
        OldName(
            f"{_INFO}.synthesis.{old}", "2019-2023", "`qiskit.synthesis`", f"qiskit.synthesis.{new}"
        )
        for old, new in _SYNTHESIS.items()
    ),
    *(
        OldName(
            f"{module}.euler_angles_1q",
            "2018-2021",
            "`OneQubitEulerDecomposer().angles`",
            f"{_STATES}:euler_angles_1q",
        )
        for module in (_INFO, f"{_INFO}.synthesis")
    ),
    OldName(
        f"{_INFO}.decompose_clifford",
        "2020-2023",
        "`qiskit.synthesis.synth_clifford_full`",
        "qiskit.synthesis:synth_clifford_full",
    ),
    OldName(f"{_INFO}.analyzation", "2018-2019", "removed; works as then", _OBSERVABLES),
    OldName(f"{_INFO}.analyzation.average", "2018-2019", "removed; works as then", _OBSERVABLES),
    OldName(
        f"{_INFO}.analyzation.make_observable", "2018-2019", "removed; works as then", _OBSERVABLES
    ),
)
"""States and operators by their old names."""

STATES_GONE: Final[tuple[GoneName, ...]] = (
    *(
        GoneName(f"{module}.{old}", f"it was replaced. Write {new} instead.", is_module=False)
        for old, new in (
            ("PauliTable", "PauliList"),
            ("StabilizerTable", "PauliList"),
        )
        for module in (_INFO, f"{_INFO}.operators", f"{_INFO}.operators.symplectic")
    ),
    *(
        GoneName(
            f"{module}.{old}",
            "it was replaced. Write random_pauli_list instead.",
            is_module=False,
        )
        for old in ("random_pauli_table", "random_stabilizer_table")
        for module in (_INFO, f"{_INFO}.random")
    ),
)
"""Names of states and operators without a substitute."""
