"""``from qiskit import *`` and ``import qiskit`` provide what they did until 2021."""

import pytest

from ibmq_backend._compat.star_import import NAMES


def test_star_import():
    names: dict = {}
    exec("from qiskit import *", names)
    assert set(NAMES.split()) <= set(names)
    assert {"Aer", "IBMQ", "QuantumCircuit", "execute"} <= set(names)
    assert names["BasicAer"].get_backend("qasm_simulator").name() == "qasm_simulator"


@pytest.mark.parametrize("statement", ["import qiskit.execute", "import qiskit.compiler.transpile"])
def test_modules_do_not_replace_functions_of_their_name(statement):
    names: dict = {}
    exec(statement, names)
    assert callable(names["qiskit"].execute)
    assert callable(names["qiskit"].compiler.transpile)
