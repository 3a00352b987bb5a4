"""What to write instead of the names that Terra, Aer, NumPy and Python have dropped.

Only advice is kept here: whether a name is gone is looked up in the installed packages. A row
holds for the name and for everything below it, and the longest one counts. A row that begins with
``from`` or ``import`` is a line to write.
"""

from __future__ import annotations

from typing import Final

from ibmq_backend._compat.names.elements import ADVICE
from ibmq_backend.installation.owners import install_beside

_NO_RUNTIME: Final = (
    "Use IBMQ and backend.run(); today's package needs another Qiskit, which cannot be installed "
    "beside this one."
)

REPLACEMENTS: Final[dict[str, str]] = {
    # Terra
    "qiskit.Qconfig": "IBMQ.load_account()",
    "qiskit.QISKitError": "from qiskit.exceptions import QiskitError",
    "qiskit.QuantumProgram": "from qiskit import QuantumCircuit, execute",
    "qiskit.available_backends": "from qiskit import Aer, IBMQ  # then Aer.backends()",
    "qiskit.backends.ibmq": "from qiskit.providers.ibmq import IBMQ, least_busy",
    "qiskit.backends.local": "from qiskit import Aer, BasicAer",
    "qiskit.get_backend": "from qiskit import Aer, IBMQ  # then Aer.get_backend(name)",
    "qiskit.LegacySimulators": "from qiskit import BasicAer",
    "qiskit.register": "from qiskit import IBMQ  # then IBMQ.load_account()",
    "qiskit.tools.qcvv": install_beside("qiskit-experiments"),
    "qiskit.tools.visualization.matplotlib_circuit_drawer": "from qiskit.visualization import "
    "circuit_drawer",
    "qiskit.wrapper": "from qiskit import execute",
    # Aer
    "qiskit.providers.aer.PulseSimulator": "Run schedules on a device: backend.run(schedule), for "
    "example of ibmq_armonk.",
    "qiskit.providers.aer.pulse": "Run schedules on a device: backend.run(schedule), for example "
    "of ibmq_armonk.",
    "qiskit_aer.PulseSimulator": "Run schedules on a device: backend.run(schedule), for example of "
    "ibmq_armonk.",
    # Elements that became packages or parts of Terra
    **ADVICE,
    "qiskit_aqua": ADVICE["qiskit.aqua"],
    "qiskit_chemistry": ADVICE["qiskit.chemistry"],
    # packages of IBM Quantum Lab and of today's service
    "kaleidoscope": "from qiskit.visualization import plot_bloch_multivector, plot_histogram",
    "qc_grader": "Delete the import and the grading; the grader of the challenge is closed.",
    "google.colab": "Delete the import; it exists in Google Colab only.",
    "qiskit_ibm": _NO_RUNTIME,
    "qiskit_ibm_provider": _NO_RUNTIME,
    "qiskit_ibm_runtime": _NO_RUNTIME,
    "IBMQuantumExperience": "from qiskit import IBMQ",
    "Qconfig": "Delete the import; save an account once with `ibmq-backend account save`.",
    "qiskit_textbook": "Delete the import; functions of the textbook are in its repository only.",
    # methods
    "QuantumCircuit.add": "circuit.add_register(register)",
    "QuantumCircuit.number_atomic_gates": "circuit.size()",
    "Result.get_snapshot": "result.data()['snapshots']",
    "Result.get_snapshots": "result.data()['snapshots']",
    # NumPy, SciPy and Python
    "collections.Mapping": "from collections.abc import Mapping",
    "collections.Iterable": "from collections.abc import Iterable",
    "collections.Sequence": "from collections.abc import Sequence",
    "fractions.gcd": "from math import gcd",
    "inspect.getargspec": "from inspect import getfullargspec",
    "numpy.asscalar": "array.item()",
    "numpy.bool8": "numpy.bool_",
    "numpy.complex": "complex",
    "numpy.complex_": "numpy.complex128",
    "numpy.float": "float",
    "numpy.float_": "numpy.float64",
    "numpy.Inf": "numpy.inf",
    "numpy.infty": "numpy.inf",
    "numpy.int": "int",
    "numpy.NaN": "numpy.nan",
    "numpy.object": "object",
    "numpy.product": "numpy.prod",
    "numpy.str": "str",
    "numpy.trapz": "numpy.trapezoid",
    "numpy.in1d": "numpy.isin",
    "scipy.integrate.simps": "from scipy.integrate import simpson",
    "scipy.integrate.trapz": "from scipy.integrate import trapezoid",
    "scipy.integrate.cumtrapz": "from scipy.integrate import cumulative_trapezoid",
    "scipy.misc.comb": "from scipy.special import comb",
    "scipy.misc.factorial": "from scipy.special import factorial",
    "time.clock": "from time import perf_counter",
}
"""What to write instead, by the dotted name that is gone."""

DISTRIBUTIONS: Final[dict[str, str]] = {
    "PIL": "pillow",
    "bs4": "beautifulsoup4",
    "cirq": "cirq",
    "cv2": "opencv-python",
    "cvxpy": "cvxpy",
    "docplex": "docplex",
    "networkx": "networkx",
    "pandas": "pandas",
    "plotly": "plotly",
    "pyscf": "pyscf",
    "qutip": "qutip",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "sympy": "sympy",
    "tqdm": "tqdm",
    "yaml": "pyyaml",
}
"""Distributions by the package that they install: those that old programs often use."""

SEARCHED_MODULES: Final = (
    "qiskit",
    "qiskit.circuit",
    "qiskit.circuit.library",
    "qiskit.quantum_info",
    "qiskit.visualization",
    "qiskit.providers.ibmq",
    "qiskit.providers.ibmq.job",
    "qiskit.providers.ibmq.managed",
    "qiskit.providers.ibmq.exceptions",
    "qiskit.providers",
    "qiskit.providers.models",
    "qiskit.providers.fake_provider",
    "qiskit.transpiler",
    "qiskit.transpiler.passes",
    "qiskit.converters",
    "qiskit.compiler",
    "qiskit.assembler",
    "qiskit.qobj",
    "qiskit.result",
    "qiskit.pulse",
    "qiskit.pulse.library",
    "qiskit.opflow",
    "qiskit.algorithms",
    "qiskit.algorithms.optimizers",
    "qiskit.utils",
    "qiskit.utils.mitigation",
    "qiskit.extensions",
    "qiskit.tools.monitor",
    "qiskit.tools.events",
    "qiskit.tools",
    "qiskit.exceptions",
    "qiskit_aer",
    "qiskit_aer.noise",
    "qiskit_aer.library",
)
"""Modules in which a name is looked for that is no longer where a program imports it from."""


def advice_for(name: str) -> str | None:
    """Return the row for a dotted name or the nearest name above it."""
    while name:
        if name in REPLACEMENTS:
            return REPLACEMENTS[name]
        name = name.rpartition(".")[0]
    return None


def install_command(package: str) -> str:
    """Return the command that installs a foreign package, which must not replace Terra."""
    distribution = DISTRIBUTIONS.get(package, package.replace("_", "-"))
    return install_beside(distribution) if "qiskit" in package else f"pip install {distribution}"
