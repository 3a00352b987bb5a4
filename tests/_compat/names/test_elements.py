"""What the errors about Aqua recommend."""

import re
from math import gcd

import pytest
from qiskit import Aer, QuantumCircuit
from qiskit.algorithms import PhaseEstimation
from qiskit.utils import QuantumInstance

from ibmq_backend._compat.names.elements import ADVICE, PACKAGES, advice_for, describe_gone


def test_names_that_terra_took_over_are_imported_from_there():
    assert advice_for("qiskit.aqua.algorithms.NumPyEigensolver") == (
        "from qiskit.algorithms import NumPyEigensolver"
    )
    assert advice_for("qiskit.aqua.components.optimizers.TNC") == (
        "from qiskit.algorithms.optimizers import TNC"
    )


@pytest.mark.parametrize(
    ("deep", "name"),
    [
        ("algorithms.adaptive.vqe.vqe.VQE", "algorithms.VQE"),
        ("algorithms.classifiers.vqc.VQC", "algorithms.VQC"),
        ("algorithms.many_sample.EOH", "algorithms.EOH"),
        ("components.optimizers.cobyla.COBYLA", "components.optimizers.COBYLA"),
        (
            "operators.weighted_pauli_operator.WeightedPauliOperator",
            "operators.WeightedPauliOperator",
        ),
        ("operators.primitive_ops.PauliOp", "operators.PauliOp"),
        ("quantum_instance.QuantumInstance", "QuantumInstance"),
    ],
)
def test_names_in_deeper_modules_have_the_advice_for_the_name(deep, name):
    assert advice_for(f"qiskit.aqua.{deep}") == advice_for(f"qiskit.aqua.{name}")


def test_other_names_have_the_advice_for_what_is_above_them():
    for package in PACKAGES:
        assert advice_for(f"{package}.any.thing") == ADVICE[package]


def test_messages_are_short_sentences():
    for name in ADVICE:
        assert re.fullmatch(r"There is no \S+: .+[.]", describe_gone(name))
        assert len(describe_gone(name)) < 300
    assert "Run `pip install qiskit-machine-learning" in describe_gone("qiskit.ml.datasets")
    assert describe_gone("qiskit.aqua.QuantumInstance", "qiskit.aqua.aqua_globals") == (
        "There is no qiskit.aqua.QuantumInstance and no qiskit.aqua.aqua_globals: qiskit-aqua "
        "ended in 2021. Write `from qiskit.utils import QuantumInstance`. "
        "Write `from qiskit.utils import algorithm_globals`. "
        "`ibmq-backend doctor PROGRAM` lists the other lines to change."
    )


def test_phase_estimation_finds_the_order_that_shor_needs():
    times_seven = QuantumCircuit(4)  # x -> 7x mod 15
    for pair in ((0, 1), (1, 2), (2, 3)):
        times_seven.swap(*pair)
    times_seven.x(range(4))
    one = QuantumCircuit(4)
    one.x(0)
    backend = Aer.get_backend("aer_simulator")
    estimation = PhaseEstimation(3, QuantumInstance(backend, seed_simulator=1))
    phases = estimation.estimate(times_seven, one).filter_phases(0.1)
    order = max(round(1 / phase) for phase in phases if phase)
    assert pow(7, order, 15) == 1
    assert {gcd(7 ** (order // 2) - 1, 15), gcd(7 ** (order // 2) + 1, 15)} == {3, 5}
