"""Every adaptation of Terra works, whether its module is loaded before or after."""

import subprocess
import sys

import pytest
from qiskit.tools.monitor import backend_monitor

from ibmq_backend._compat.adaptations import ADAPTATIONS
from ibmq_backend._compat.circuit_methods import METHODS, RENAMED
from ibmq_backend._compat.replacing import _MARK

REPLACED = {
    "qiskit.circuit": ["QuantumCircuit.draw"],
    "qiskit.circuit.random.utils": ["random_circuit"],
    "qiskit.compiler": ["transpile"],
    "qiskit.execute_function": ["execute"],
    "qiskit.visualization.circuit.circuit_visualization": ["circuit_drawer"],
    "qiskit.compiler.transpiler": ["_parse_coupling_map", "generate_preset_pass_manager"],
    "qiskit.tools.jupyter.backend_monitor": ["_backend_monitor"],
    "qiskit.tools.jupyter.backend_overview": ["BackendOverview.qiskit_backend_overview"],
    "qiskit.tools.jupyter.jupyter_magics": ["_html_checker"],
    "qiskit.tools.jupyter.watcher_monitor": ["_job_checker"],
    "qiskit.tools.monitor.job_monitor": ["_text_checker"],
    "qiskit.qasm2": ["load", "loads"],
    "qiskit.qasm3": ["load", "loads"],
    "qiskit.tools.monitor.overview": [
        "backend_monitor",
        "backend_overview",
        "get_unique_backends",
    ],
    "qiskit.utils.run_circuits": ["_safe_get_job_status"],
    "qiskit.visualization.gate_map": [
        "plot_circuit_layout",
        "plot_coupling_map",
        "plot_error_map",
        "plot_gate_map",
    ],
    "qiskit_aer.noise.noise_model": ["NoiseModel.from_backend.__func__"],
}

TESTED_ELSEWHERE = {
    "basic_backends",
    "circuit_methods",
    "gate_set_tomography",
    "old_aer",
    "old_pulse",
    "pictures.adapt_inline_backends",
    "renamed_arguments.adapt_rzx_builder",
    "renamed_methods",
    "star_import",
    "unrolling",
    "unscheduled_delays",
}
"""Modules and functions with tests of their own."""


def python(code):
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_table_and_test_agree():
    others = {
        module
        for module, function in ADAPTATIONS.items()
        if function.partition(".")[0] in TESTED_ELSEWHERE or function in TESTED_ELSEWHERE
    }
    assert set(REPLACED) | others == set(ADAPTATIONS)


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


def test_circuit_methods_appear_when_qiskit_is_imported():
    """And the source of an adapted module can still be read."""
    names = [*METHODS, *RENAMED]
    code = f"""
from qiskit import QuantumCircuit
print([name for name in {names!r} if not hasattr(QuantumCircuit, name)])
import inspect
import qiskit.tools.monitor.overview as overview
print(len(inspect.getsource(overview)) > 1000, type(overview.__loader__).__name__)
"""
    assert python(code) == ["[]", "True", "SourceFileLoader"]


def test_circuit_methods_work_as_before():
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


def test_gates_with_several_controls_and_targets():
    code = """
from qiskit import QuantumCircuit
from qiskit.circuit.library import HGate
from qiskit.quantum_info import Operator
expected = QuantumCircuit(5)
expected.append(HGate().control(2), [0, 1, 2]); expected.append(HGate().control(2), [0, 1, 3])
for args in [('ch', [0, 1], [2, 3]), (HGate(), [0, 1], [2, 3])]:
    made = QuantumCircuit(5)
    made.mcmt(*args)
    print(Operator(made) == Operator(expected))
made = QuantumCircuit(5)
made.mcmt([0, 1], [4], QuantumCircuit.ch, [2, 3])
print(Operator(made).data[:16, :16].round(9).tolist()
      == Operator(expected).data[:16, :16].round(9).tolist())
"""
    assert python(code) == ["True", "True", "True"]


def test_old_arguments_of_functions():
    code = """
from qiskit import BasicAer, QuantumCircuit, execute, transpile
from qiskit.transpiler import PassManager
from qiskit.transpiler.passes import RemoveBarriers
from qiskit.visualization import circuit_drawer
circuit = QuantumCircuit(2, 2)
circuit.h([0, 1])
circuit.barrier()
circuit.measure([0, 1], [0, 1])
simulator = BasicAer.get_backend('qasm_simulator')
counts = [execute(circuit, simulator, **given, shots=500).result().get_counts() for given in (
    {'seed': 3, 'seed_mapper': 1}, {'config': {'seed_simulator': 3}}, {'seed_simulator': 3})]
print(counts[0] == counts[1] == counts[2])
print(transpile(circuit, pass_manager=PassManager(RemoveBarriers())).count_ops().get('barrier'))
print(transpile(circuit, simulator, seed_mapper=1, pass_manager=None).num_qubits)
from qiskit.providers.fake_provider import FakeRome
for method in ('as_late_as_possible', 'as_soon_as_possible'):
    print(transpile(circuit, FakeRome(), scheduling_method=method).duration > 0)
width = {'line_length': 15}
folded = [circuit.draw(**width), circuit_drawer(circuit, **width), circuit.draw(fold=15)]
print(len({str(each) for each in folded}) == 1, str(folded[0]) != str(circuit.draw()))
"""
    assert python(code) == ["True", "None", "2", "True", "True", "True", "True"]


def test_calibrations_and_noise_of_a_backend():
    code = """
import qiskit.providers.ibmq
from qiskit.providers.aer.noise import NoiseModel
from qiskit.providers.fake_provider import FakeAthens
from qiskit.transpiler.passes import RZXCalibrationBuilder, RZXCalibrationBuilderNoEcho
for kind in (RZXCalibrationBuilder, RZXCalibrationBuilderNoEcho):
    schedules = FakeAthens().defaults().instruction_schedule_map
    for made in (
        kind(FakeAthens()),
        kind(backend=FakeAthens()),
        kind(schedules),
        kind(instruction_schedule_map=schedules),
    ):
        print(made._inst_map.has('cx', [0, 1]))
calibration = FakeAthens().properties()
print(NoiseModel.from_backend(calibration, readout_error=False).noise_instructions)
print(NoiseModel.from_backend(FakeAthens()).noise_qubits)
"""
    words = python(code)
    assert words[:8] == ["True"] * 8
    lines = " ".join(words[8:])
    assert "'cx'" in lines
    assert "'measure'" not in lines
    assert "[0, 1, 2, 3, 4]" in lines


def test_other_objects_get_the_results_of_terra():
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


def test_backend_monitor_says_that_a_device_has_no_calibration(provider, simulator, capsys):
    backend_monitor(provider.get_backend("ibmqx5"))
    assert capsys.readouterr().out.endswith("\nibmqx5 has no calibration.\n")
    backend_monitor(simulator)
    assert "calibration" not in capsys.readouterr().out
