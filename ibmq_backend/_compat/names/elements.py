"""What to write instead of Aqua, the package of algorithms that ended in 2021, and of its siblings.

``gone_packages`` raises the errors; the doctor reads the rows as well.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Final

from ibmq_backend._compat.names.old_name import GoneName
from ibmq_backend.installation.owners import install_beside

PACKAGES: Final = (
    "qiskit.aqua",
    "qiskit.chemistry",
    "qiskit.finance",
    "qiskit.ml",
    "qiskit.optimization",
)
"""The packages of the distribution qiskit-aqua."""

HOMES: Final[dict[str, str]] = {
    "qiskit.aqua": "qiskit.utils",
    "qiskit.aqua.algorithms": "qiskit.algorithms",
    "qiskit.aqua.components.optimizers": "qiskit.algorithms.optimizers",
    "qiskit.aqua.operators": "qiskit.opflow",
}
"""Modules of Terra that took over classes and functions under their names."""

_ORDER_FINDING: Final = (
    "Find the order with `from qiskit.algorithms import PhaseEstimation`, applied to the gate that "
    "multiplies by a number modulo N."
)
_OWN_CIRCUIT: Final = "Write its circuit out with `from qiskit import QuantumCircuit`."
_EIGENSOLVER: Final = "from qiskit.algorithms import NumPyMinimumEigensolver"
_PAULI_SUM: Final = "from qiskit.opflow import PauliSumOp  # PauliSumOp.from_list([('ZZ', 0.5)])"
_MACHINE_LEARNING: Final = install_beside("qiskit-machine-learning")
_FINANCE: Final = install_beside("qiskit-finance")
_OPTIMIZATION: Final = install_beside("qiskit-optimization")

ALGORITHMS_GONE: Final[dict[str, str]] = {
    "HHL": "No package replaces it; solve with NumPy, or write the circuit out around "
    "`from qiskit.algorithms import PhaseEstimation`.",
    "Shor": _ORDER_FINDING,
    "factorizers": _ORDER_FINDING,
    "linear_solvers": "Solve with NumPy, or write the circuit out around "
    "`from qiskit.algorithms import PhaseEstimation`.",
}
"""Algorithms that moved from Aqua to ``qiskit.algorithms``, and what to do instead."""

ELEMENTS_GONE: Final = tuple(
    GoneName(f"qiskit.algorithms.{name}", f"it was removed in 2023. {advice}", name.islower())
    for name, advice in ALGORITHMS_GONE.items()
)
"""Names of Terra whose import ends in an error."""

ADVICE: Final[dict[str, str]] = {
    "qiskit.aqua": "from qiskit.algorithms import QAOA, VQE",
    "qiskit.aqua.AquaError": "from qiskit.algorithms import AlgorithmError",
    "qiskit.aqua.QuantumInstance": "from qiskit.utils import QuantumInstance",
    "qiskit.aqua.aqua_globals": "from qiskit.utils import algorithm_globals",
    "qiskit.aqua.algorithms": "from qiskit.algorithms import Grover, NumPyMinimumEigensolver, "
    "QAOA, VQE",
    "qiskit.aqua.algorithms.BernsteinVazirani": _OWN_CIRCUIT,
    "qiskit.aqua.algorithms.DeutschJozsa": _OWN_CIRCUIT,
    "qiskit.aqua.algorithms.EOH": "from qiskit.opflow import PauliTrotterEvolution",
    "qiskit.aqua.algorithms.ExactEigensolver": _EIGENSOLVER,
    "qiskit.aqua.algorithms.Grover": "from qiskit.algorithms import AmplificationProblem, Grover  "
    "# Grover(quantum_instance=...).amplify(AmplificationProblem(oracle))",
    "qiskit.aqua.algorithms.HHL": ALGORITHMS_GONE["HHL"],
    "qiskit.aqua.algorithms.IQPE": "from qiskit.algorithms import IterativePhaseEstimation",
    "qiskit.aqua.algorithms.QAOA": "from qiskit.algorithms import QAOA  # QAOA(optimizer, "
    "quantum_instance=...).compute_minimum_eigenvalue(operator)",
    "qiskit.aqua.algorithms.QPE": "from qiskit.algorithms import PhaseEstimation",
    "qiskit.aqua.algorithms.QSVM": _MACHINE_LEARNING,
    "qiskit.aqua.algorithms.Shor": _ORDER_FINDING,
    "qiskit.aqua.algorithms.Simon": _OWN_CIRCUIT,
    "qiskit.aqua.algorithms.VQC": _MACHINE_LEARNING,
    "qiskit.aqua.algorithms.VQE": "from qiskit.algorithms import VQE  # VQE(ansatz, optimizer, "
    "quantum_instance=...).compute_minimum_eigenvalue(operator)",
    "qiskit.aqua.circuits": "from qiskit.circuit.library import MCMT, QFT",
    "qiskit.aqua.circuits.gates": "circuit.mcx(controls, target) and the other methods of circuits",
    "qiskit.aqua.components": "from qiskit.algorithms.optimizers import COBYLA, SLSQP, SPSA",
    "qiskit.aqua.components.feature_maps": "from qiskit.circuit.library import PauliFeatureMap, "
    "ZFeatureMap, ZZFeatureMap",
    "qiskit.aqua.components.initial_states": "QuantumCircuit(qubits), with the gates that prepare "
    "the state",
    "qiskit.aqua.components.iqfts": "from qiskit.circuit.library import QFT  # QFT(n).inverse()",
    "qiskit.aqua.components.multiclass_extensions": _MACHINE_LEARNING,
    "qiskit.aqua.components.neural_networks": _MACHINE_LEARNING,
    "qiskit.aqua.components.optimizers": "from qiskit.algorithms.optimizers import COBYLA, SLSQP, "
    "SPSA",
    "qiskit.aqua.components.oracles": "from qiskit.circuit.library import PhaseOracle",
    "qiskit.aqua.components.qfts": "from qiskit.circuit.library import QFT",
    "qiskit.aqua.components.uncertainty_models": _FINANCE,
    "qiskit.aqua.components.uncertainty_problems": _FINANCE,
    "qiskit.aqua.components.variational_forms": "from qiskit.circuit.library import EfficientSU2, "
    "RealAmplitudes",
    "qiskit.aqua.components.variational_forms.RY": "from qiskit.circuit.library import "
    "RealAmplitudes",
    "qiskit.aqua.components.variational_forms.RYRZ": "from qiskit.circuit.library import "
    "EfficientSU2",
    "qiskit.aqua.input": "Pass the operator to compute_minimum_eigenvalue().",
    "qiskit.aqua.operators": "from qiskit.opflow import I, PauliSumOp, X, Y, Z",
    "qiskit.aqua.operators.MatrixOperator": "from qiskit.opflow import MatrixOp",
    "qiskit.aqua.operators.TPBGroupedWeightedPauliOperator": "from qiskit.opflow import "
    "AbelianGrouper",
    "qiskit.aqua.operators.WeightedPauliOperator": _PAULI_SUM,
    "qiskit.aqua.operators.legacy": _PAULI_SUM,
    "qiskit.aqua.translators.data_providers": _FINANCE,
    "qiskit.aqua.translators.ising": _OPTIMIZATION,
    "qiskit.aqua.utils": "from qiskit.utils import QuantumInstance",
    "qiskit.aqua.utils.split_dataset_to_data_and_labels": _MACHINE_LEARNING,
    "qiskit.chemistry": install_beside("qiskit-nature"),
    "qiskit.finance": _FINANCE,
    "qiskit.ml": _MACHINE_LEARNING,
    "qiskit.optimization": _OPTIMIZATION,
    **{f"qiskit.algorithms.{name}": advice for name, advice in ALGORITHMS_GONE.items()},
}
"""A line or a sentence by dotted name, which holds for what is below it as well."""


def same_name_above(name: str) -> Iterator[str]:
    """Yield a dotted name, and the same attribute of the packages above its module."""
    *above, attribute = name.split(".")
    while len(above) > 1:
        yield ".".join([*above, attribute])
        above.pop()


def advice_for(name: str) -> str:
    """Return what to write instead of a name in one of the packages.

    A name in a module below counts as one of the package, which had it too.
    """
    for each in same_name_above(name):
        if each in ADVICE:
            return ADVICE[each]
        package, _, attribute = each.rpartition(".")
        home = HOMES.get(package)
        if home and hasattr(importlib.import_module(home), attribute):
            return f"from {home} import {attribute}"
    while name not in ADVICE:
        name = name.rpartition(".")[0]
    return ADVICE[name]


def describe_gone(*names: str) -> str:
    """Return the message about names in one of the packages: what they were, and what to write."""
    advices = dict.fromkeys(map(advice_for, names))
    return (
        f"There is no {' and no '.join(names)}: qiskit-aqua ended in 2021. "
        f"{' '.join(map(_as_sentence, advices))} "
        "`ibmq-backend doctor PROGRAM` lists the other lines to change."
    )


def _as_sentence(advice: str) -> str:
    if advice.startswith("pip "):
        return f"Run `{advice}` for what replaces it."
    return advice if advice.endswith(".") else f"Write `{advice}`."
