"""Terra's warnings about what this package keeps alive are silenced, and nothing else."""

import subprocess
import sys
import warnings

import pytest
from qiskit import QuantumCircuit

from ibmq_backend._compat.quiet import silence_terra

MISLEADING = [
    "The qiskit.IBMQ entrypoint and the qiskit-ibmq-provider package (accessible from ...",
    "The function ``qiskit.execute_function.execute()`` is deprecated as of qiskit 0.46.0. It ...",
    "'qiskit.tools.parallel' is deprecated. This path will no longer work in Qiskit 1.0.0",
    "`qiskit.qasm` is superseded.\n It will be removed in the Qiskit 1.0.0 release.",
    "Importing from 'qiskit.providers.aer' is deprecated. Import from 'qiskit_aer' instead",
    "The `QasmSimulator` backend will be deprecated in the future. It has been superseded by ...",
    "The qiskit.ignis package is deprecated and has been supersceded by the ...",
    "The use of qiskit-ignis for measurement mitigation is deprecated and will be removed in ...",
    "The retworkx package is deprecated and has been renamed to rustworkx. Rustworkx is a ...",
]
OTHERS = [
    "my_function() is deprecated",
    "qiskit.something() is slow",
    "This will be removed when we move to Qiskit 1.0",
    "np.asscalar is deprecated as of numpy 1.16",
]


@pytest.fixture
def errors():
    """Filters like those of ``-W error``."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        warnings.simplefilter("error")
        yield


@pytest.mark.parametrize("category", [DeprecationWarning, PendingDeprecationWarning])
@pytest.mark.parametrize("message", MISLEADING)
def test_misleading_warnings_are_no_errors(errors, message, category):
    silence_terra()
    warnings.warn(message, category, stacklevel=1)


def test_drawing_with_matplotlib_is_silent(errors):
    silence_terra()
    QuantumCircuit(1).draw("mpl")
    with pytest.raises(FutureWarning):
        warnings.warn("anything else", FutureWarning, stacklevel=1)


@pytest.mark.parametrize("message", OTHERS)
def test_other_warnings_stay_errors(errors, message):
    silence_terra()
    with pytest.raises(DeprecationWarning):
        warnings.warn(message, DeprecationWarning, stacklevel=1)


@pytest.mark.parametrize("message", MISLEADING)
def test_warnings_of_other_categories_stay_errors(errors, message):
    silence_terra()
    with pytest.raises(UserWarning):
        warnings.warn(message, UserWarning, stacklevel=1)


def test_filters_of_the_program_about_the_same_messages_are_kept(errors):
    warnings.filterwarnings("error", "The qiskit.IBMQ entrypoint", DeprecationWarning)
    silence_terra()
    with pytest.raises(DeprecationWarning):
        warnings.warn(MISLEADING[0], DeprecationWarning, stacklevel=1)
    warnings.warn(MISLEADING[1], DeprecationWarning, stacklevel=1)


def test_a_second_call_changes_nothing(errors):
    silence_terra()
    before = list(warnings.filters)
    silence_terra()
    assert sorted(map(repr, warnings.filters)) == sorted(map(repr, before))


def test_a_variable_switches_it_off(errors, monkeypatch):
    monkeypatch.setenv("IBMQ_BACKEND_ADAPT", "never")
    silence_terra()
    with pytest.raises(DeprecationWarning):
        warnings.warn(MISLEADING[0], DeprecationWarning, stacklevel=1)


def python(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


def test_python_starts_and_looks_for_qiskit_without_this_package():
    code = "import sys; print(*sys.modules); import importlib.util as u; u.find_spec('qiskit')"
    started, looked = python("-c", f"{code}; print(*sys.modules)").stdout.splitlines()
    assert "_ibmq_backend_startup" in started.split()
    assert {"ibmq_backend", "qiskit", "re", "logging", "importlib.metadata"}.isdisjoint(
        started.split()
    )
    # Finders that import packages make threads wait for each other.
    assert {"ibmq_backend", "qiskit", "logging"}.isdisjoint(looked.split())


@pytest.mark.parametrize("option", ["error", "default"])
def test_old_imports_print_nothing(option):
    code = """
from qiskit import IBMQ, Aer, BasicAer, execute, assemble
from qiskit.tools.monitor import job_monitor
from qiskit.providers.ibmq import least_busy
from qiskit.providers.aer.noise import NoiseModel
from qiskit.test.mock import FakeVigo
IBMQ.providers()
Aer.get_backend("qasm_simulator")
import warnings
try:
    warnings.warn("mine", DeprecationWarning)
    print("shown")
except DeprecationWarning:
    print("raised")
"""
    done = python("-W", option, "-c", code)
    assert done.stdout == ("raised\n" if option == "error" else "shown\n")
    assert [line for line in done.stderr.splitlines() if "mine" not in line] == []


PROJECT = """
import warnings
import pytest
from qiskit import IBMQ, Aer, QuantumCircuit, execute


def test_counts():
    circuit = QuantumCircuit(1, 1)
    circuit.measure(0, 0)
    backend = IBMQ.load_account().get_backend("ibmq_vigo")
    assert execute(circuit, backend, shots=7).result().get_counts() != {}


def test_with_the_fixture(local_ibmq):
    assert IBMQ.load_account().get_backend("ibmq_vigo").name() == "ibmq_vigo"
    Aer.get_backend("qasm_simulator")


def test_warnings_of_the_project_are_errors():
    for category in (DeprecationWarning, UserWarning):
        with pytest.raises(category):
            warnings.warn("mine", category)


@pytest.mark.filterwarnings("error:The qiskit.IBMQ entrypoint")
def test_own_filter():
    with pytest.raises(DeprecationWarning):
        message = "The qiskit.IBMQ entrypoint and the qiskit-ibmq-provider package"
        warnings.warn(message, DeprecationWarning)
"""


@pytest.mark.integration
def test_a_project_that_makes_warnings_errors(tmp_path, clean_account):
    (tmp_path / "conftest.py").write_text("import qiskit\n")
    (tmp_path / "test_project.py").write_text(PROJECT)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-W", "error", "-q", "-p", "no:xdist"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout
    assert "warning" not in done.stdout
