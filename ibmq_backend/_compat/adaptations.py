"""The changes to Terra and Aer, by the module that is changed when it is loaded.

``terra`` decides whether they are made.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import partial
from types import ModuleType
from typing import Final

from ibmq_backend._compat.adapting import Adaptation
from ibmq_backend._compat.names.attributes import add_names, names_by_module

ADAPTATIONS: Final[dict[str, str]] = {
    "qiskit": "star_import.extend_star_import",
    "qiskit.circuit": "renamed_arguments.adapt_drawing",
    "qiskit.circuit.quantumcircuit": "circuit_methods.add_old_methods",
    "qiskit.circuit.random.utils": "renamed_arguments.adapt_random_circuit",
    "qiskit.compiler": "renamed_arguments.adapt_transpile",
    "qiskit.compiler.transpiler": "faulty_gates.adapt_transpiler",
    "qiskit.execute_function": "renamed_arguments.adapt_execute",
    "qiskit.ignis.verification.tomography.fitters.gateset_fitter": (
        "gate_set_tomography.adapt_gateset_fitter"
    ),
    "qiskit.providers.basicaer.qasm_simulator": "basic_backends.adapt_simulator",
    "qiskit.providers.basicaer.unitary_simulator": "basic_backends.adapt_simulator",
    "qiskit.providers.models.backendconfiguration": "old_pulse.adapted.adapt_configuration",
    "qiskit.providers.models.backendproperties": "renamed_methods.add_as_dict",
    "qiskit.providers.models.backendstatus": "renamed_methods.add_as_dict",
    "qiskit.providers.models.pulsedefaults": "old_pulse.adapted.adapt_pulse_defaults",
    "qiskit.pulse": "old_pulse.adapted.extend_star_import",
    "qiskit.pulse.channels": "old_pulse.adapted.adapt_channels",
    "qiskit.pulse.instruction_schedule_map": "old_pulse.adapted.adapt_schedule_map",
    "qiskit.pulse.instructions.acquire": "old_pulse.adapted.adapt_acquire",
    "qiskit.pulse.instructions.delay": "old_pulse.adapted.adapt_delay",
    "qiskit.pulse.instructions.instruction": "old_pulse.adapted.adapt_instruction",
    "qiskit.pulse.library.pulse": "old_pulse.adapted.adapt_pulse",
    "qiskit.pulse.library.symbolic_pulses": "old_pulse.adapted.adapt_symbolic_pulses",
    "qiskit.pulse.schedule": "old_pulse.adapted.adapt_schedule",
    "qiskit.qasm2": "qasm_files.adapt_qasm",
    "qiskit.qasm3": "qasm_files.adapt_qasm",
    "qiskit.qobj.pulse_qobj": "renamed_methods.add_as_dict",
    "qiskit.qobj.qasm_qobj": "renamed_methods.add_as_dict",
    "qiskit.result.postprocess": "old_aer.arrays.adapt_rounding",
    "qiskit.result.result": "renamed_methods.add_as_dict",
    "qiskit.tools.jupyter.backend_monitor": "notebook_magics.adapt_backend_monitor",
    "qiskit.tools.jupyter.backend_overview": "notebook_magics.adapt_backend_overview",
    "qiskit.tools.jupyter.jupyter_magics": "monitors.adapt_status_magic",
    "qiskit.tools.jupyter.watcher_monitor": "monitors.adapt_job_watcher",
    "qiskit.tools.monitor.job_monitor": "monitors.adapt_job_monitor",
    "qiskit.tools.monitor.overview": "monitors.adapt_overview",
    "qiskit.transpiler.passes.basis.unroller": "unrolling.adapt_unroller",
    "qiskit.transpiler.passes.calibration.rzx_builder": "renamed_arguments.adapt_rzx_builder",
    "qiskit.transpiler.passes.scheduling.alignments.check_durations": (
        "unscheduled_delays.adapt_duration_check"
    ),
    "qiskit.transpiler.passes.scheduling.alignments.pulse_gate_validation": (
        "unscheduled_delays.adapt_pulse_validation"
    ),
    "qiskit.transpiler.passes.scheduling.alignments.reschedule": (
        "unscheduled_delays.adapt_reschedule"
    ),
    "qiskit.utils.run_circuits": "monitors.adapt_run_circuits",
    "qiskit.visualization.circuit.circuit_visualization": "renamed_arguments.adapt_drawer",
    "qiskit.visualization.gate_map": "pictures.adapt_gate_map",
    "qiskit.visualization.pulse_v2.interface": "old_pulse.drawing.adapt_pulse_drawer",
    "qiskit.visualization.utils": "pictures.adapt_inline_backends",
    "qiskit_aer.aerprovider": "old_aer.backends.adapt_provider",
    "qiskit_aer.backends.aerbackend": "old_aer.backends.adapt_backends",
    "qiskit_aer.backends.compatibility": "old_aer.arrays.adapt_saved_states",
    "qiskit_aer.noise.errors.quantum_error": "old_aer.noise.adapt_quantum_error",
    "qiskit_aer.noise.errors.standard_errors": "old_aer.noise.adapt_errors",
    "qiskit_aer.noise.noise_model": "noise_models.adapt_noise_model",
}
"""The function of ``_compat`` that adapts each module; it is imported only then."""


def all_adaptations() -> Mapping[str, tuple[Adaptation, ...]]:
    """Return the functions that change each module, old names included."""
    found: dict[str, tuple[Adaptation, ...]] = {
        module: (partial(_adapt, function=function),) for module, function in ADAPTATIONS.items()
    }
    for module, names in names_by_module().items():
        found[module] = (*found.get(module, ()), partial(add_names, names=names))
    return found


def _adapt(module: ModuleType, function: str) -> None:
    home, _, name = function.rpartition(".")
    getattr(importlib.import_module(f"ibmq_backend._compat.{home}"), name)(module)
