"""A Qobj converted to OpenQASM 3 and back gives the same Qobj and the same counts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import qiskit_qasm3_import
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister, assemble, transpile
from qiskit.circuit import Clbit, Qubit
from qiskit.circuit.library import ECRGate, RZZGate
from qiskit.circuit.random import random_circuit
from qiskit.qobj import QasmQobj
from qiskit.quantum_info import Operator
from qiskit_aer import AerSimulator

from ibmq_backend.api.plain_json import plain_qobj
from ibmq_backend.api.sampler import programs
from ibmq_backend.api.sampler.device import device_of
from ibmq_backend.api.sampler.qasm_writer import JOB_COMMENT, OWN_DEFINITIONS
from ibmq_backend.api.sampler.typed_json import decode
from ibmq_backend.exceptions import ApiInputError, ApiNotSupported
from tests.support.platform_replies import calibration, line_device

SHOTS = 500
CIRCUITS = 18  # each kind of circuit below three times
SEED = 20260817


def document(circuits, **options):
    return plain_qobj(assemble(circuits, **{"shots": SHOTS, **options}).to_dict())


def prepared(qobj, device=None, known=None):
    """The parameters for a Qobj; the calibration is requested only for ``id``."""
    asked = []
    device = device_of(line_device() if device is None else device)
    job = programs.prepare(qobj, device, lambda needed: asked.append(needed) or known)
    assert asked == ["'id'" in str(qobj)]
    assert job.plan == programs.plan_of(job.params)
    return job.params


def params_of(circuits, gate="cz", **options):
    return prepared(document(circuits, **options), line_device(gate), calibration())


def text_of(circuit, gate="cz", **options):
    return params_of(circuit, gate, **options)["pubs"][0][0]


def body_of(text):
    """The statements after registers and comments."""
    return [line for line in text.split("\n") if line and not line.startswith(("//", "bit["))][2:]


@pytest.mark.slow
@pytest.mark.parametrize("gate", ["cx", "ecr", "cz"])
def test_random_circuits_round_trip(gate):
    device = line_device(gate)
    circuits = [
        transpile(
            random_circuit(
                4, 4, measure=True, conditional=seed % 2 == 0, reset=seed % 3 == 0, seed=seed
            ),
            basis_gates=device["basis_gates"],
            coupling_map=device["coupling_map"],
            optimization_level=1,
            seed_transpiler=SEED,
        )
        for seed in range(CIRCUITS)
    ]
    qobj = document(circuits, memory=True)
    params = prepared(qobj, device, calibration())
    assert programs.qobj_of(params, "job") == qobj
    simulator = AerSimulator()
    for circuit, (text, values, shots) in zip(circuits, params["pubs"], strict=True):
        assert (values, shots) == (programs.NO_PARAMETERS, SHOTS)
        read = qiskit_qasm3_import.parse(text)
        wanted, found = (
            simulator.run(each, shots=SHOTS, seed_simulator=SEED).result().get_counts()
            for each in (circuit, read)
        )
        assert found == wanted


def test_the_values_of_no_parameters_are_an_empty_array():
    values = decode(programs.NO_PARAMETERS)
    assert (values.dtype, values.shape) == (np.float64, (0,))


@pytest.mark.parametrize("values", [[], [None], [[]], [{}]])
def test_all_forms_of_no_parameters_are_read(values):
    params = params_of(QuantumCircuit(1, 1, name="none"))
    text = params["pubs"][0][0]
    assert programs.qobj_of({"pubs": [[text, *values]], "shots": SHOTS}, "job") == (
        programs.qobj_of(params, "job")
    )


def test_the_text_is_the_same_every_time_and_pinned():
    left, right = ClassicalRegister(2, "left"), ClassicalRegister(1, "right")
    circuit = QuantumCircuit(QuantumRegister(3, "q"), left, right, name="all", metadata={"a": 1})
    circuit.rz(-0.1, 0)
    circuit.sx(1)
    circuit.cz(1, 2)
    circuit.barrier(0, 2)
    circuit.delay(160, 1)
    circuit.id(2)
    circuit.measure(0, left[1])
    circuit.x(1).c_if(left, 2)
    circuit.reset(0)
    circuit.measure([0, 1], [left[0], right[0]])
    circuit.x(2).c_if(right[0], 0)
    text = text_of(circuit, qobj_id="one", memory=True, qobj_header={"u": 2})
    assert text == text_of(circuit, qobj_id="one", memory=True, qobj_header={"u": 2})
    golden = Path(__file__).parent / "every_statement.qasm"
    assert text == golden.read_text("utf-8")


def test_definitions_are_those_of_the_gates():
    for name, gate in (("ecr", ECRGate()), ("rzz", RZZGate(0.3))):
        call = f"{name}(0.3) $0, $1;" if name == "rzz" else f"{name} $0, $1;"
        text = f'OPENQASM 3.0;\ninclude "stdgates.inc";\n{OWN_DEFINITIONS[name]}\n{call}'
        read = Operator(qiskit_qasm3_import.parse(text))
        circuit = QuantumCircuit(2)
        circuit.append(gate, [0, 1])
        assert read.equiv(Operator(circuit)), name


def test_a_gate_that_only_the_device_knows_gets_its_definition():
    device = line_device()
    definition = "gate xslow q {\n  U(pi, 0, pi) q;\n}"
    device["basis_gates"].append("xslow")
    device["gates"].append({"name": "xslow", "qasm_def": definition, "coupling_map": [[0]]})
    qobj = document(QuantumCircuit(1, 1))
    qobj["experiments"][0]["instructions"] = [{"name": "xslow", "qubits": [0]}]
    params = prepared(qobj, device)
    assert "gate xslow q { U(pi, 0, pi) q; }" in params["pubs"][0][0]
    device["gates"][-1]["qasm_def"] = None
    with pytest.raises(ApiInputError, match="'xslow'.*does not define it"):
        prepared(qobj, device)


@pytest.mark.parametrize(
    ("length", "unit", "written"),
    [
        (100, None, "delay[100dt] $0;"),
        (100.0, None, "delay[100dt] $0;"),
        (2.5e-7, None, "delay[250ns] $0;"),
        (1.5, "us", "delay[1500ns] $0;"),
        (250, "ps", "delay[0.25ns] $0;"),
        (7, "dt", "delay[7dt] $0;"),
    ],
)
def test_delays_and_their_units(length, unit, written):
    qobj = document(QuantumCircuit(1, 1))
    delay = {"name": "delay", "params": [length], "qubits": [0]}
    qobj["experiments"][0]["instructions"] = [delay | ({"unit": unit} if unit else {})]
    params = prepared(qobj)
    assert body_of(params["pubs"][0][0]) == [written]


def test_an_identity_is_written_as_a_delay():
    circuit = QuantumCircuit(2)
    circuit.id(0)
    circuit.id(1)
    known = calibration(1)
    params = prepared(document(circuit), known=known)
    assert body_of(params["pubs"][0][0]) == ["delay[8dt] $0; // id", "delay[0dt] $1; // id"]
    qobj = programs.qobj_of(params, "j")
    names = [each["name"] for each in qobj["experiments"][0]["instructions"]]
    assert names == ["id", "id"]
    params = prepared(document(circuit), line_device() | {"dt": None}, known)
    assert body_of(params["pubs"][0][0])[0] == "delay[32ns] $0; // id"


# -- registers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["c 1", "measure", "lambda", "cz", "π", "1st", "", "pi", "_x", "Alice"]
)
def test_invalid_register_names_are_replaced(name):
    circuit = QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(2, "ok"))
    qobj = document(circuit)
    header = qobj["experiments"][0]["header"]
    header["creg_sizes"] = [["ok", 1], [name, 1]]
    header["clbit_labels"] = [["ok", 0], [name, 0]]
    qobj["experiments"][0]["instructions"] = [
        {"name": "measure", "qubits": [0], "memory": [1]},
    ]
    params = prepared(qobj)
    assert "c_1[0] = measure $0;" in params["pubs"][0][0]
    plan = programs.plan_of(params).circuits[0]
    assert [(each.name, each.offset) for each in plan.registers] == [("ok", 0), ("c_1", 1)]
    assert plan.header["creg_sizes"] == [["ok", 1], [name, 1]]
    assert programs.qobj_of(params, "job") == qobj


def test_replaced_register_names_are_unique():
    qobj = document(QuantumCircuit(1, 1))
    qobj["experiments"][0]["header"]["creg_sizes"] = [["c_1", 1], ["if", 1], ["c_1", 1]]
    qobj["experiments"][0]["header"]["memory_slots"] = 3
    text = prepared(qobj)["pubs"][0][0]
    assert "bit[1] c_1;\nbit[1] c_1_;\nbit[1] c_1__;" in text


def test_bits_without_a_register_get_one():
    circuit = QuantumCircuit([Qubit(), Qubit(), Clbit(), Clbit()])
    circuit.measure(0, 1)
    text = text_of(circuit)
    assert "bit[2] c;" in text
    assert "c[1] = measure $0;" in text
    mixed = QuantumCircuit(QuantumRegister(1, "q"), ClassicalRegister(1, "a"), [Clbit(), Clbit()])
    mixed.measure(0, 2)
    assert "bit[1] a;\nbit[2] more;\nmore[1] = measure $0;" in text_of(mixed)


def test_a_header_with_too_many_bits_is_ignored():
    qobj = document(QuantumCircuit(1, 2))
    qobj["experiments"][0]["header"]["creg_sizes"] = [["a", 2], ["b", 2]]
    text = prepared(qobj)["pubs"][0][0]
    assert "bit[2] c;" in text
    assert "bit[2] a;" not in text


# -- conditions -----------------------------------------------------------------------------------


def conditioned(mask, value, cregs=((2, "a"), (2, "b"))):
    qobj = document(
        QuantumCircuit(QuantumRegister(1, "q"), *(ClassicalRegister(*c) for c in cregs))
    )
    qobj["experiments"][0]["instructions"] = [
        {"name": "bfunc", "mask": hex(mask), "relation": "==", "val": hex(value), "register": 9},
        {"name": "x", "qubits": [0], "conditional": 9},
    ]
    return qobj


@pytest.mark.parametrize(
    ("mask", "value", "test"),
    [
        (0b0011, 0b0010, "a == 2"),
        (0b1100, 0b0100, "b == 1"),
        (0b0100, 0b0100, "b[0]"),
        (0b1000, 0b0000, "!b[1]"),
    ],
)
def test_conditions(mask, value, test):
    qobj = conditioned(mask, value)
    params = prepared(qobj)
    lines = [line.strip() for line in body_of(params["pubs"][0][0])]
    assert lines == [f"if ({test}) {{", "x $0;", "}"]
    qiskit_qasm3_import.parse(params["pubs"][0][0])
    back = programs.qobj_of(params, "job")["experiments"][0]["instructions"]
    assert (int(back[0]["mask"], 16), int(back[0]["val"], 16)) == (mask, value)
    assert back[1]["conditional"] == back[0]["register"]


@pytest.mark.parametrize(
    "change",
    [
        lambda bfunc, gate: bfunc.update(relation="!="),
        lambda bfunc, gate: bfunc.update(val="0xF0"),
        lambda bfunc, gate: gate.update(conditional=3),
    ],
)
def test_conditions_that_cannot_be_written(change):
    qobj = conditioned(0b11, 0b01)
    change(*qobj["experiments"][0]["instructions"])
    with pytest.raises(ApiInputError, match="Circuit 0"):
        prepared(qobj)


def test_a_condition_on_bits_measured_again_is_refused():
    qobj = conditioned(0b11, 0b01)
    qobj["experiments"][0]["instructions"].insert(
        1, {"name": "measure", "qubits": [0], "memory": [0]}
    )
    with pytest.raises(ApiInputError, match="measured again"):
        prepared(qobj)


# -- the whole job --------------------------------------------------------------------------------


def test_options_of_the_qobj():
    qobj = document(QuantumCircuit(1, 1), shots=77, init_qubits=False, memory=True)
    qobj["config"]["rep_delay"] = 250.0  # µs
    params = prepared(qobj)
    assert params["version"] == 2
    assert params["support_qiskit"] is False
    assert params["pubs"][0][1:] == [programs.NO_PARAMETERS, 77]
    assert params["options"] == {
        "execution": {"init_qubits": False, "rep_delay": pytest.approx(2.5e-4)}
    }
    plan = programs.plan_of(params)
    assert (plan.memory, plan.level, plan.circuits[0].shots) == (True, 2, 77)


@pytest.mark.parametrize(("meas_return", "kind"), [("single", "kerneled"), ("avg", "avg_kerneled")])
def test_level_1_measurements(meas_return, kind):
    params = params_of(QuantumCircuit(1, 1), meas_level=1, meas_return=meas_return)
    assert params["support_qiskit"] is True
    assert params["options"]["execution"]["meas_type"] == kind
    plan = programs.plan_of(params)
    assert (plan.level, plan.averaged) == (1, meas_return == "avg")


def test_headers_are_restored_from_the_parameters():
    circuits = []
    for name in ("one", "two"):
        circuit = QuantumCircuit(2, 2, name=name, metadata={"name": name}, global_phase=0.25)
        circuit.measure([0, 1], [1, 0])
        circuits.append(circuit)
    qobj = document(circuits, qobj_header={"user": {"nested": [1, None]}}, qobj_id="mine")
    params = json.loads(json.dumps(prepared(qobj)))
    assert programs.qobj_of(params, "job") == qobj
    assert QasmQobj.from_dict(programs.qobj_of(params, "job")).qobj_id == "mine"
    plan = programs.plan_of(params)
    assert plan.header == {"user": {"nested": [1, None]}}
    assert [each.header["name"] for each in plan.circuits] == ["one", "two"]
    assert plan.circuits[1].header == qobj["experiments"][1]["header"]
    assert JOB_COMMENT not in params["pubs"][1][0]


def test_shots_of_a_single_circuit_count():
    qobj = document(QuantumCircuit(1, 1))
    qobj["experiments"][0]["config"]["shots"] = 3
    params = prepared(qobj)
    assert params["pubs"][0][2] == 3


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda q: q.update(type="PULSE"), ApiNotSupported, "no pulse access"),
        (lambda q: q["config"].update(qubit_lo_freq=[5.0]), ApiNotSupported, "'qubit_lo_freq'"),
        (lambda q: q["config"].update(meas_level=0), ApiNotSupported, "meas_level=0"),
        (lambda q: q["config"].update(meas_level=1, meas_return="x"), ApiInputError, "'x'"),
        (lambda q: q["config"].update(shots=0), ApiInputError, "not 0"),
        (lambda q: q["config"].update(shots=1.5), ApiInputError, "1.5"),
        (lambda q: q["config"].pop("shots"), ApiInputError, "None"),
        (lambda q: q["config"].update(shots=10**7 + 1), ApiInputError, "10000000"),
        (lambda q: q.update(experiments=[]), ApiInputError, "no circuits"),
        (
            lambda q: q["experiments"][0]["config"].update(calibrations={"gates": []}),
            ApiNotSupported,
            "add_calibration",
        ),
    ],
)
def test_circuits_that_cannot_run_are_rejected(change, error, message):
    qobj = document(QuantumCircuit(1, 1))
    change(qobj)
    with pytest.raises(error, match=message):
        prepared(qobj)


@pytest.mark.parametrize("parameter", ["a", True, None, [0.1, 0.2]])
def test_parameters_that_are_not_numbers(parameter):
    qobj = document(QuantumCircuit(1, 1))
    qobj["experiments"][0]["instructions"] = [
        {"name": "rz", "params": [parameter], "qubits": [0]},
    ]
    with pytest.raises(ApiInputError, match="'rz'"):
        prepared(qobj)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({}, "private jobs"),
        ({"pubs": [[{"__type__": "QuantumCircuit", "__value__": "eJyL"}, None, 1]]}, "QPY"),
        ({"pubs": [["OPENQASM 3.0;", {"theta": 1.0}, 1]]}, "has parameters"),
        ({"pubs": [[]]}, "QPY"),
    ],
)
def test_inputs_that_cannot_be_read(params, message):
    with pytest.raises(ApiNotSupported, match=message):
        programs.qobj_of(params, "j")


def test_plans_for_jobs_of_other_clients():
    binary = {"__type__": "QuantumCircuit", "__value__": "eJyL"}
    plan = programs.plan_of({"pubs": [binary, [binary, None, 7], ["bit[2] c;"]], "shots": 11})
    assert [each.shots for each in plan.circuits] == [11, 7, 11]
    assert [each.registers is None for each in plan.circuits] == [True, True, False]
    assert programs.plan_of({}).circuits == ()
    broken = "OPENQASM 3.0;\n// ibmq_backend circuit {not json\n// ibmq_backend job [1]\n"
    assert programs.plan_of({"pubs": [[broken, None, 1]]}).header == {}
