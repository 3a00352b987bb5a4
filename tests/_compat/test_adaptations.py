"""Every adaptation of Terra takes hold, whether its module is loaded before or after."""

import subprocess
import sys

import pytest

from ibmq_backend._compat.adaptations import ADAPTATIONS
from ibmq_backend._compat.circuit_methods import METHODS, RENAMED
from ibmq_backend._compat.replacing import _MARK

REPLACED = {
    "qiskit.circuit.random.utils": ["random_circuit"],
    "qiskit.tools.jupyter.backend_monitor": ["_backend_monitor"],
    "qiskit.tools.jupyter.backend_overview": ["BackendOverview.qiskit_backend_overview"],
    "qiskit.tools.jupyter.jupyter_magics": ["_html_checker"],
    "qiskit.tools.jupyter.watcher_monitor": ["_job_checker"],
    "qiskit.tools.monitor.job_monitor": ["_text_checker"],
    "qiskit.tools.monitor.overview": [
        "backend_monitor",
        "backend_overview",
        "get_unique_backends",
    ],
    "qiskit.utils.run_circuits": ["_safe_get_job_status"],
    "qiskit.visualization.gate_map": ["plot_coupling_map"],
    "qiskit_aer.noise.noise_model": ["NoiseModel.from_backend.__func__"],
}


def python(code):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_table_and_test_agree():
    assert set(REPLACED) | {"qiskit.circuit.quantumcircuit"} == set(ADAPTATIONS)


PROBE = f"""
import importlib, operator, sys
modules = {REPLACED!r}
def load():
    return {{name: importlib.import_module(name) and sys.modules[name] for name in modules}}
def adapted():
    for name, functions in modules.items():
        for function in functions:
            found = operator.attrgetter(function)(sys.modules[name])
            print(name, function, hasattr(found, {_MARK!r}), sep=":")
"""


@pytest.mark.parametrize(
    "order", ["load(); import qiskit.providers.ibmq", "import qiskit.providers.ibmq; load()"]
)
def test_every_function_is_replaced(order):
    lines = python(PROBE + order + "; adapted()")
    assert lines == [
        f"{module}:{function}:True"
        for module, functions in REPLACED.items()
        for function in functions
    ]


def test_source_of_an_adapted_module_can_still_be_read():
    code = """
import inspect, qiskit.providers.ibmq
import qiskit.tools.monitor.overview as overview
print(len(inspect.getsource(overview)) > 1000, type(overview.__loader__).__name__)
"""
    assert python(code) == ["True", "SourceFileLoader"]


def test_circuit_methods_appear_with_the_old_path_only():
    names = [*METHODS, *RENAMED]
    code = f"""
from qiskit import QuantumCircuit
names = {names!r}
def count():
    return sum(hasattr(QuantumCircuit, name) for name in names)
import ibmq_backend
from ibmq_backend import IBMQ
before = count()
import qiskit.providers.ibmq
print(before, count() == len(names))
"""
    assert python(code) == ["0", "True"]


def test_circuit_methods_do_what_they_did():
    code = """
import qiskit.providers.ibmq
from math import pi
import numpy as np
from qiskit import QuantumCircuit, QuantumRegister, ClassicalRegister
from qiskit.circuit.exceptions import CircuitError
from qiskit.quantum_info import Operator
old, new = QuantumCircuit(3), QuantumCircuit(3)
old.u1(0.1, 0); old.u2(0.2, 0.3, 1); old.u3(0.4, 0.5, 0.6, [1, 2]); old.iden(0); old.u0(1, 0)
new.p(0.1, 0); new.u(pi / 2, 0.2, 0.3, 1); new.u(0.4, 0.5, 0.6, [1, 2])
old.cu1(0.7, 0, 1); old.cu3(0.8, 0.9, 1.0, 1, 2); old.mcu1(1.1, [0, 1], 2)
new.cp(0.7, 0, 1); new.cu(0.8, 0.9, 1.0, 0, 1, 2); new.mcp(1.1, [0, 1], 2)
print(Operator(old).equiv(Operator(new)), old.n_qubits)
q, c = QuantumRegister(2, 'q'), ClassicalRegister(2, 'c')
left, right = QuantumCircuit(q), QuantumCircuit(q, c)
left.h(0); right.measure(q, c)
both = left + right
print(len(left.data), len(both.data), both.num_clbits)
print(both.name != left.name, (left + right).name != both.name)
left += right
left += left
print(len(left.data), left.n_qubits)
try:
    left + QuantumCircuit(QuantumRegister(3, 'q'))
except CircuitError:
    print('refused')
conditional = QuantumCircuit(q, c)
conditional.x(0).c_if(c, 1)
print((right + conditional).data[-1].operation.condition[1])
"""
    assert python(code) == [
        *("True", "3"),
        *("1", "3", "2", "True", "True"),
        *("6", "2", "refused", "1"),
    ]


def test_noise_model_of_a_calibration_alone():
    code = """
import qiskit.providers.ibmq
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.fake_provider import FakeVigo
device = FakeVigo()
print(NoiseModel.from_backend(device.properties(), readout_error=False).noise_instructions)
print(NoiseModel.from_backend(device).noise_qubits)
"""
    lines = " ".join(python(code))
    assert "'cx'" in lines
    assert "'measure'" not in lines
    assert "[0, 1, 2, 3, 4]" in lines


def test_foreign_objects_get_terra_s_own_answers():
    code = """
import qiskit.providers.ibmq
from qiskit.exceptions import QiskitError
from qiskit.providers.fake_provider import FakeVigo
from qiskit.tools.monitor import backend_monitor, backend_overview
try:
    backend_overview()
except QiskitError as error:
    print('load_account' in str(error))
try:
    backend_monitor('text')
except QiskitError as error:
    print('not of type' in str(error))
backend_monitor(FakeVigo())
"""
    lines = python(code)
    assert lines[:3] == ["True", "True", "fake_vigo"]
