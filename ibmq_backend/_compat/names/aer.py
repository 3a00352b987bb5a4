"""Names of Aer, which was ``qiskit.providers.aer`` until 0.10 and is ``qiskit_aer`` since 0.11."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import GoneName, OldName

_OLD_AER: Final = "ibmq_backend._compat.old_aer"
_EXTENSIONS: Final = f"{_OLD_AER}.extensions"
_DEVICE: Final = "qiskit_aer.noise.device"
_ERRORS: Final = "qiskit_aer.noise.errors"
_SNAPSHOTS: Final = "kept, and run as save instructions"

AER: Final[tuple[OldName, ...]] = (
    OldName("qiskit_aer.aerjob", "2019-2021", "`qiskit_aer.jobs.aerjob`", "qiskit_aer.jobs.aerjob"),
    OldName("qiskit_aer.extensions", "2019-2022", _SNAPSHOTS, _EXTENSIONS),
    *(
        OldName(f"qiskit_aer.extensions.{module}", "2019-2022", _SNAPSHOTS, _EXTENSIONS)
        for module in (
            "snapshot",
            "snapshot_density_matrix",
            "snapshot_expectation_value",
            "snapshot_probabilities",
            "snapshot_stabilizer",
            "snapshot_statevector",
        )
    ),
    OldName("qiskit_aer.noise.utils", "2019-2020", "`qiskit_aer.utils`", "qiskit_aer.utils"),
    OldName(
        f"{_DEVICE}.basic_device_model",
        "2020",
        "`NoiseModel.from_backend(backend)`",
        f"{_OLD_AER}.device_noise",
    ),
    *(
        OldName(
            f"{module}.basic_device_noise_model",
            "2019-2020",
            "`NoiseModel.from_backend(backend)`",
            f"{_OLD_AER}.device_noise:basic_device_noise_model",
        )
        for module in (_DEVICE, f"{_DEVICE}.models")
    ),
    OldName(
        f"{_ERRORS}.errorutils",
        "2019-2022",
        "`QuantumError` of circuits, gates and `Kraus`; four helpers are kept",
        f"{_OLD_AER}.errorutils",
    ),
)
"""Modules and functions by their old name."""

_PULSES: Final = (
    "Aer simulates no pulses any more. Run schedules on a device, which is emulated: "
    "IBMQ.load_account().get_backend('ibmq_armonk').run(schedule)."
)
_SMALLER_MODEL: Final = (
    "Make a noise model of the qubits that the circuit uses: "
    "NoiseModel().add_quantum_error(error, ['cx'], [0, 1])."
)
_TRANSFORMER: Final = (
    "Use approximate_quantum_error or approximate_noise_model of qiskit_aer.utils."
)
_INSTRUCTIONS: Final = (
    "QuantumError takes circuits, gates, Kraus and matrices: "
    "QuantumError([(XGate(), 0.1), (IGate(), 0.9)])."
)
_HELPERS: Final = "It changed assembled circuits. Use the methods of QuantumCircuit."
_PLUGIN: Final = "Circuits are transpiled for Aer without a plugin. Delete the import."

AER_GONE: Final[tuple[GoneName, ...]] = (
    GoneName("qiskit_aer.pulse", _PULSES),
    GoneName("qiskit_aer.pulse_simulator", _PULSES),
    GoneName("qiskit_aer.backends.pulse_simulator", _PULSES),
    *(
        GoneName(f"{module}.PulseSimulator", _PULSES, is_module=False)
        for module in ("qiskit_aer", "qiskit_aer.backends")
    ),
    GoneName("qiskit_aer.plugin", _PLUGIN),
    GoneName("qiskit_aer.backends.plugin", _PLUGIN),
    GoneName("qiskit_aer.utils.helpers", _HELPERS),
    GoneName("qiskit_aer.utils.qobj_utils", _HELPERS),
    GoneName("qiskit_aer.utils.noise_remapper", _SMALLER_MODEL),
    GoneName("qiskit_aer.utils.remap_noise_model", _SMALLER_MODEL, is_module=False),
    *(
        GoneName(f"{module}.NoiseTransformer", _TRANSFORMER, is_module=False)
        for module in ("qiskit_aer.utils", "qiskit_aer.utils.noise_transformation")
    ),
    *(
        GoneName(f"qiskit_aer.utils.noise_transformation.{name}", _TRANSFORMER, is_module=False)
        for name in ("pauli_operators", "reset_operators")
    ),
    *(
        GoneName(f"{_ERRORS}.errorutils.{name}", _INSTRUCTIONS, is_module=False)
        for name in (
            "circuit2superop",
            "kraus2instructions",
            "make_kraus_instruction",
            "make_unitary_instruction",
            "single_qubit_clifford_gates",
            "single_qubit_clifford_instructions",
            "single_qubit_clifford_matrix",
            "standard_gate_instruction",
            "standard_gates_instructions",
            "standard_instruction_channel",
            "standard_instruction_operator",
        )
    ),
)
"""Names without a substitute of the same meaning."""
