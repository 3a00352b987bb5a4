"""What is changed in Terra and Aer when the old import path is first used.

``terra`` decides whether it is changed at all.
"""

from __future__ import annotations

from types import ModuleType
from typing import Final

from ibmq_backend._compat.adapting import Adaptation
from ibmq_backend._compat.circuit_methods import add_old_methods
from ibmq_backend._compat.monitors import (
    adapt_job_monitor,
    adapt_job_watcher,
    adapt_overview,
    adapt_run_circuits,
    adapt_status_magic,
)
from ibmq_backend._compat.noise_models import adapt_noise_model
from ibmq_backend._compat.notebook_magics import adapt_backend_monitor, adapt_backend_overview
from ibmq_backend._compat.pictures import adapt_gate_map
from ibmq_backend._compat.renamed_arguments import with_old_names
from ibmq_backend._compat.replacing import replace_in_place


def adapt_random_circuit(module: ModuleType) -> None:
    """Accept ``n_qubits``, as until Terra 0.16: the documented program calls it so."""
    replace_in_place(module.random_circuit, with_old_names({"n_qubits": "num_qubits"}))


ADAPTATIONS: Final[dict[str, Adaptation]] = {
    "qiskit.circuit.quantumcircuit": add_old_methods,
    "qiskit.circuit.random.utils": adapt_random_circuit,
    "qiskit.tools.jupyter.backend_monitor": adapt_backend_monitor,
    "qiskit.tools.jupyter.backend_overview": adapt_backend_overview,
    "qiskit.tools.jupyter.jupyter_magics": adapt_status_magic,
    "qiskit.tools.jupyter.watcher_monitor": adapt_job_watcher,
    "qiskit.tools.monitor.job_monitor": adapt_job_monitor,
    "qiskit.tools.monitor.overview": adapt_overview,
    "qiskit.utils.run_circuits": adapt_run_circuits,
    "qiskit.visualization.gate_map": adapt_gate_map,
    "qiskit_aer.noise.noise_model": adapt_noise_model,
}
"""Module to what is done with it once it is loaded."""
