"""Names of the transpiler, and of what compiles and executes circuits."""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.old_name import GoneName, OldName

_TRANSPILING: Final = "ibmq_backend._compat.old_modules.transpiling"
_PASSES: Final = "qiskit.transpiler.passes"
_MOVED: Final = {
    "analysis": "count_ops count_ops_longest_path dag_longest_path depth num_qubits "
    "num_tensor_factors resource_estimation size width",
    "basis": "decompose unroll_3q_or_more unroller",
    "optimization": "collect_2q_blocks commutation_analysis commutative_cancellation "
    "consolidate_blocks cx_cancellation optimize_1q_gates optimize_swap_before_measure "
    "remove_diagonal_gates_before_measure remove_reset_in_zero_state",
    "utils": "dag_fixed_point fixed_point merge_adjacent_barriers remove_final_measurements",
}
_MAPPING: Final = {
    "layout": "apply_layout dense_layout enlarge_with_ancilla full_ancilla_allocation "
    "noise_adaptive_layout set_layout trivial_layout",
    "routing": "basic_swap lookahead_swap stochastic_swap",
    "utils": "barrier_before_final_measurements check_map",
}
_DIRECTIONS: Final = {"CXDirection": "GateDirection", "CheckCXDirection": "CheckGateDirection"}

TRANSPILING: Final[tuple[OldName, ...]] = (
    *(
        OldName(f"{package}.{old}", "2018-2023", f"`{new}`", f"{_PASSES}:{new}")
        for package in (_PASSES, f"{_PASSES}.utils", f"{_PASSES}.utils.gate_direction")
        for old, new in _DIRECTIONS.items()
        if not (package.endswith("gate_direction") and old.startswith("Check"))
    ),
    OldName(
        f"{_PASSES}.utils.check_gate_direction.CheckCXDirection",
        "2018-2023",
        "`CheckGateDirection`",
        f"{_PASSES}:CheckGateDirection",
    ),
    *(
        OldName(f"{_PASSES}.{old}", "2018-2023", f"`{_PASSES}`", f"{_PASSES}.utils.{new}")
        for old, new in (
            ("utils.cx_direction", "gate_direction"),
            ("utils.check_cx_direction", "check_gate_direction"),
            ("mapping.cx_direction", "gate_direction"),
            ("mapping.check_cx_direction", "check_gate_direction"),
        )
    ),
    *(
        OldName(
            f"{package}.TimeUnitAnalysis",
            "2020-2021",
            "`TimeUnitConversion`",
            f"{_PASSES}:TimeUnitConversion",
        )
        for package in (_PASSES, f"{_PASSES}.scheduling")
    ),
    *(
        OldName(
            f"{_PASSES}.scheduling.{builder}",
            "2021",
            f"`{_PASSES}.{builder}`",
            f"{_PASSES}:{builder}",
        )
        for builder in ("RZXCalibrationBuilder", "RZXCalibrationBuilderNoEcho")
    ),
    OldName(
        f"{_PASSES}.mapping", "2018-2019", f"`{_PASSES}`; also the modules of the passes", _PASSES
    ),
    *(
        OldName(f"{_PASSES}{below}.{module}", "2018-2019", "", f"{_PASSES}.{package}.{module}")
        for below, table in (("", _MOVED), (".mapping", _MAPPING))
        for package, modules in table.items()
        for module in modules.split()
    ),
    OldName("qiskit.mapper", "2018-2019", "`qiskit.transpiler`", "qiskit.transpiler"),
    OldName("qiskit.transpiler.transpile", "2018-2019", "`qiskit.transpile`", "qiskit:transpile"),
    OldName(
        "qiskit.transpiler.transpile_dag",
        "2018-2019",
        "`qiskit.transpile`",
        f"{_TRANSPILING}:transpile_dag",
    ),
    *(
        OldName(
            f"{package}.compile",
            "2018-2019",
            "`transpile` and `assemble`",
            f"{_TRANSPILING}:compile",
        )
        for package in ("qiskit", "qiskit.tools")
    ),
    OldName("qiskit.tools.compiler", "2018-2019", "`transpile` and `assemble`", _TRANSPILING),
    OldName("qiskit.execute", "2019-2021", "`qiskit.execute_function`", "qiskit.execute_function"),
    *(
        OldName(
            f"qiskit.compiler.{old}",
            "2019-2021",
            f"`qiskit.compiler.{new}`",
            f"qiskit.compiler.{new}",
        )
        for old, new in (
            ("assemble", "assembler"),
            ("schedule", "scheduler"),
            ("sequence", "sequencer"),
            ("transpile", "transpiler"),
        )
    ),
    OldName("qiskit.util", "2018-2023", "`qiskit.utils`", "qiskit.utils"),
    OldName("qiskit.qiskiterror", "2018-2019", "`qiskit.exceptions`", "qiskit.exceptions"),
    OldName(
        "qiskit.exceptions.QiskitIndexError", "2020-2022", "`QiskitError`", "qiskit:QiskitError"
    ),
    OldName(
        "qiskit.tools.monitor.backend_overview",
        "2018-2020",
        "`qiskit.tools.monitor`",
        "qiskit.tools.monitor.overview",
    ),
)
"""The transpiler by its old names."""

TRANSPILING_GONE: Final[tuple[GoneName, ...]] = (
    GoneName(
        f"{_PASSES}.LegacySwap", "it was replaced. Write StochasticSwap instead.", is_module=False
    ),
    GoneName(
        f"{_PASSES}.BIPMapping",
        "it is another package. Write SabreSwap instead.",
        is_module=False,
    ),
    GoneName(
        "qiskit.transpiler.preset_passmanagers.default_pass_manager",
        "it was replaced. Write generate_preset_pass_manager(1, backend) instead.",
        is_module=False,
    ),
    GoneName(
        "qiskit.tools.qcvv",
        "it was replaced by qiskit.ignis. Write from qiskit.ignis.verification import tomography "
        "instead.",
    ),
)
"""Names of the transpiler and of tools without a substitute."""
