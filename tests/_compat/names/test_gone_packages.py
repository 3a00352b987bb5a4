"""Imports of Aqua and Ignis, which are not part of Terra, say what to do."""

import importlib.util
import sys
from importlib.machinery import PathFinder

import pytest

import ibmq_backend  # noqa: F401  # Qiskit is adapted
from ibmq_backend._compat.names.gone_packages import GonePackageFinder, imported_names
from ibmq_backend.installation.extras import find_extra


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("import qiskit.aqua", "aqua"),
        ("import qiskit.aqua.operators as op", "aqua.operators"),
        ("from qiskit import aqua", "aqua"),
        ("from qiskit import execute, aqua", "aqua"),
        ("from qiskit.aqua import algorithms", "aqua.algorithms"),
        ("from qiskit.aqua.algorithms import Grover as G", "aqua.algorithms.Grover"),
        ("def f():\n from qiskit.aqua.algorithms import VQE\nf()", "aqua.algorithms.VQE"),
        (
            "from qiskit.aqua import QuantumInstance, aqua_globals",
            "aqua.QuantumInstance and no qiskit.aqua.aqua_globals",
        ),
        ("from qiskit.aqua.components.optimizers import *", "aqua.components.optimizers"),
        ("from qiskit.aqua.operators.legacy import pauli", "aqua.operators.legacy.pauli"),
        ("from qiskit.chemistry.drivers import PySCFDriver", "chemistry.drivers.PySCFDriver"),
        ("from qiskit.optimization.ising import tsp", "optimization.ising.tsp"),
        ("from qiskit.finance.data_providers import *", "finance.data_providers"),
        ("from qiskit.ml.datasets import wine", "ml.datasets.wine"),
        ("\n".join(f"a{i} = b{i} = {i}" for i in range(300)) + "\nimport qiskit.ml.x", "ml.x"),
    ],
)
def test_an_import_says_what_to_write_for_its_names(line, names):
    with pytest.raises(ModuleNotFoundError) as caught:
        exec(line, {})
    assert f"There is no qiskit.{names}: qiskit-aqua ended in 2021." in str(caught.value)
    assert "qiskit.aqua" not in sys.modules


def test_other_ways_to_import_say_it_for_the_package():
    with pytest.raises(ModuleNotFoundError, match=r"There is no qiskit\.aqua: "):
        importlib.import_module("qiskit.aqua.algorithms")
    assert imported_names(sys._getframe()) == imported_names(None) == []


def test_it_says_nothing_about_other_modules():
    for name in ("qiskit.circuit", "qiskit.ignis.verification", "qiskit.aqua_like", "aqua"):
        assert GonePackageFinder().find_spec(name) is None


@pytest.mark.parametrize("name", ["qiskit.aqua", "qiskit.chemistry"])
def test_a_program_may_ask_whether_a_package_is_installed(name):
    assert importlib.util.find_spec(name) is None


def test_ignis_that_is_not_installed_names_the_extra():
    """The finder is asked after that of installed packages, so not while Ignis is installed."""
    asked = [isinstance(each, GonePackageFinder) for each in sys.meta_path]
    assert asked.index(True) > sys.meta_path.index(PathFinder)
    with pytest.raises(ModuleNotFoundError) as caught:
        GonePackageFinder().find_spec("qiskit.ignis")
    assert str(caught.value) == (
        "qiskit.ignis needs qiskit-ignis, which is not installed. "
        f"Run `{find_extra('ignis').install_command}`."
    )
