"""The sampler without the service: circuits are read, checked for the device and simulated."""

from __future__ import annotations

import base64
import json
import zlib
from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from qiskit import QuantumCircuit, transpile
from qiskit.qasm3 import Exporter
from qiskit.quantum_info import hellinger_fidelity
from qiskit_aer import AerSimulator

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.sampler.form import MAX_EXECUTIONS
from ibmq_backend.emulator.sampler.run import run_sampler
from ibmq_backend.emulator.sampler.typed_values import encode_array
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.emulated_platform import array_of

HEAD = 'OPENQASM 3.0; include "stdgates.inc"; '
ECR = "gate ecr a, b { s a; sx b; cx a, b; x a; } "
EAGLE = "ibm_sherbrooke"


@lru_cache(maxsize=1)
def simulator() -> Simulator:
    return Simulator(threads=1)


def sampled(*pubs: Any, device: str = EAGLE, seed: int = 1, **params: Any) -> Any:
    """The document of a job."""
    result = run_sampler(simulator(), "job", device, {"pubs": list(pubs), **params}, seed)
    return json.loads(json.dumps(result["document"]))


def counts(document: Any, pub: int = 0, register: str = "c") -> Counter[str]:
    return Counter(document["results"][pub]["data"][register]["samples"])


def refusal(circuit: Any, *rest: Any, device: str = EAGLE, **params: Any) -> JobRefused:
    with pytest.raises(JobRefused) as caught:
        sampled([circuit, *rest] if rest else circuit, device=device, **params)
    assert 1000 <= caught.value.code <= 9999
    return caught.value


QPY: dict[str, str] = json.loads(
    Path(__file__).with_name("qpy_samples.json").read_text(encoding="utf-8")
)
"""Files that Qiskit 2.6.2 wrote; those with a condition of a gate, Qiskit 1.4."""


def packed(name: str) -> dict[str, str]:
    """A circuit as clients send it encoded."""
    return {"__type__": "QuantumCircuit", "__value__": QPY[name]}


def exported(circuit: QuantumCircuit, device: str) -> str:
    basis = [*Catalog().get(device).basis_gates]
    text: str = Exporter(
        includes=["stdgates.inc"], basis_gates=basis, disable_constants=True
    ).dumps(circuit)
    return text


# -- what is sampled -----------------------------------------------------------------------


def test_a_plain_result() -> None:
    circuit = HEAD + "bit[2] c; bit[3] d; x $0; c[0] = measure $0; d[2] = measure $0;"
    document = sampled([circuit, None, 200], [circuit])
    first, second = document["results"]
    assert list(first["data"]) == ["c", "d"]
    assert first["data"]["c"]["num_bits"] == 2
    assert len(first["data"]["c"]["samples"]) == 200
    assert len(second["data"]["d"]["samples"]) == 4096
    assert counts(document).most_common(1)[0][0] == "0x1"
    assert counts(document, register="d").most_common(1)[0][0] == "0x4"
    assert document["metadata"]["version"] == 2
    stated = document["metadata"]["emulation"]
    assert stated["emulated"] is True
    assert stated["noise"] is True
    assert stated["snapshot_date"].startswith("2025-02-26")


def test_registers_of_a_shot_belong_together() -> None:
    circuit = HEAD + "bit[1] a; bit[1] b; sx $0; a[0] = measure $0; b[0] = measure $0;"
    data = sampled([circuit, None, 1000])["results"][0]["data"]
    same = sum(
        one == other for one, other in zip(data["a"]["samples"], data["b"]["samples"], strict=True)
    )
    assert same > 900


@pytest.mark.slow
@pytest.mark.parametrize("width", [1, 8, 9, 17])
def test_typed_and_plain_results_agree(width: int) -> None:
    flips = "".join(f"x ${index}; " for index in range(0, width, 3))
    reads = "".join(f"c[{index}] = measure ${index}; " for index in range(width))
    circuit = HEAD + f"bit[{width}] c; " + flips + reads
    plain = sampled([circuit, None, 50])["results"][0]["data"]["c"]["samples"]
    typed = sampled([circuit, None, 50], support_qiskit=True)["__value__"]
    (result,) = typed["pub_results"]
    data = result["__value__"]["data"]["__value__"]
    assert (data["field_names"], data["field_types"], data["shape"]) == (["c"], ["BitArray"], [])
    bits = data["fields"]["c"]["__value__"]
    array = array_of(bits["array"])
    assert bits["num_bits"] == width
    assert array.shape == (50, -(-width // 8))
    assert [hex(int.from_bytes(bytes(row), "big")) for row in array] == plain


def test_the_encoding_of_arrays_has_the_known_form() -> None:
    known = (
        "eJyb7BfqGxDJyFDGUK2eklqcXKRupaBeU2qorqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+RomOgqG"
        "mjoKtQpkAy4GZmYGAOUhG74="
    )
    made = encode_array(np.array([[0], [3], [3], [0]], dtype=np.uint8))["__value__"]
    assert zlib.decompress(base64.b64decode(made)) == zlib.decompress(base64.b64decode(known))


def test_the_same_seed_gives_the_same_samples() -> None:
    circuit = HEAD + "bit[1] c; sx $0; c[0] = measure $0;"
    same, again, other = (sampled([circuit, None, 100], seed=seed) for seed in (1, 1, 2))
    assert same == again
    assert same["results"] != other["results"]


def test_a_circuit_without_measurement_or_bits() -> None:
    assert counts(sampled([HEAD + "bit[2] c; x $0;", None, 5])) == {"0x0": 5}
    assert sampled([HEAD + "x $0;", None, 5])["results"][0]["data"] == {}
    assert sampled()["results"] == []


def test_declared_qubits_are_those_of_the_device() -> None:
    """The second register continues after the first."""
    circuit = (
        HEAD
        + ECR
        + ("bit[2] c; qubit[1] a; qubit[1] b; x b[0]; ecr b[0], a[0]; c[1] = measure b[0];")
    )
    # Qubit 1 drives qubit 0 on this device, not the other way round.
    assert sampled([circuit, None, 100])
    assert refusal(circuit.replace("ecr b[0], a[0]", "ecr a[0], b[0]")).code == 1517


def test_delay_reset_and_barrier() -> None:
    circuit = (
        HEAD + "bit[1] c; x $0; delay[160dt] $0; delay[2us] $0; barrier $0, $5; reset $0; "
        "x $0; c[0] = measure $0;"
    )
    assert counts(sampled([circuit, None, 300]))["0x1"] > 250


def test_a_delay_decays() -> None:
    circuit = HEAD + "bit[1] c; x $0; delay[{}us] $0; c[0] = measure $0;"
    short, long = (
        counts(sampled([circuit.format(time), None, 1000]))["0x1"] for time in (0.1, 2000)
    )
    assert short > 900
    assert long < 200


def test_a_qubit_decays_while_another_waits() -> None:
    wait = "barrier $0, $1; delay[2ms] $1; barrier $0, $1; "
    document = sampled([HEAD + f"bit[1] c; x $0; {wait} c[0] = measure $0;", None, 1000])
    assert counts(document)["0x1"] < 200
    stated = document["metadata"]["emulation"]
    assert (stated["noise_model"], stated["scheduling_method"]) == ("full", "alap")


@pytest.mark.slow
@pytest.mark.parametrize("device", [EAGLE, "ibm_prague", "ibm_lagos"])
def test_agreement_with_aer(device: str) -> None:
    """The gates of each era: ecr, cz, cx."""
    basis = [name for name in Catalog().get(device).basis_gates if name not in ("reset", "id")]
    coupling = [list(pair) for pair in sorted(Catalog().get(device).coupling or ())]
    for seed in range(3):
        source = QuantumCircuit(3, 3)
        for layer in range(3):
            source.ry(0.3 + seed + layer, layer)
            source.cx(layer, (layer + 1) % 3)
        source.measure(range(3), range(3))
        made = transpile(
            source,
            basis_gates=basis,
            coupling_map=coupling,
            seed_transpiler=seed,
            optimization_level=1,
        )
        document = sampled([exported(made, device), None, 4000], device=device, seed=seed)
        found = {format(int(one, 16), "03b"): n for one, n in counts(document).items()}
        exact = AerSimulator(seed_simulator=1).run(source, shots=20_000).result().get_counts()
        assert hellinger_fidelity(found, exact) > 0.9


@pytest.mark.slow
def test_many_qubits_and_many_registers() -> None:
    reads = "".join(f"m{index}[0] = measure ${index}; " for index in range(127))
    declared = "".join(f"bit[1] m{index}; " for index in range(127))
    document = sampled([HEAD + declared + "x $126; " + reads, None, 20])
    data = document["results"][0]["data"]
    assert len(data) == 127
    assert Counter(data["m126"]["samples"])["0x1"] > 10


# -- parameters ----------------------------------------------------------------------------

ROTATION = (
    HEAD + "input float[64] b; input float[64] a; bit[1] c; "
    "sx $0; rz(a) $0; rz(2 * b) $0; sx $0; c[0] = measure $0;"
)


@pytest.mark.parametrize(
    "values",
    [
        {"a": np.pi, "b": 0},
        [np.pi, 0],
        [float(np.pi), 0.0],
        {"b": np.pi / 2, "a": 0},
        encode_array(np.array([np.pi, 0.0])),
        {
            "__type__": "BindingsArray",
            "__value__": {
                "shape": [],
                "data": {'["b", "a"]': encode_array(np.array([0.0, np.pi]))},
            },
        },
    ],
)
def test_values_for_parameters(values: Any) -> None:
    """Values without names are in the alphabetical order of the parameters."""
    found = counts(sampled([ROTATION, values, 500]))
    assert found["0x0"] > 450


def test_a_sweep() -> None:
    values = {"a": [0, np.pi, 0], "b": 0}
    document = sampled([ROTATION, values, 100], support_qiskit=True)["__value__"]
    data = document["pub_results"][0]["__value__"]["data"]["__value__"]
    assert data["shape"] == [3]
    array = array_of(data["fields"]["c"]["__value__"]["array"])
    assert array.shape == (3, 100, 1)
    assert [bool(point.mean() > 0.5) for point in array] == [True, False, True]
    grid = encode_array(np.zeros((2, 3, 2)))
    result = run_sampler(simulator(), "job", EAGLE, {"pubs": [[ROTATION, grid, 10]]}, 1)
    assert result["shapes"] == [[[2, 3], 10]]
    assert result["executions"] == [10] * 6


@pytest.mark.parametrize(
    "values",
    [
        None,
        {},
        {"a": 1},
        {"a": 1, "b": 2, "c": 3},
        [1],
        [1, 2, 3],
        ["x", "y"],
        {"a": [1, 2], "b": [1, 2, 3]},
        {"a": float("inf"), "b": 0},
        encode_array(np.array(1.0)),
        encode_array(np.array([1j, 1])),
        {"__type__": "ndarray", "__value__": "nonsense"},
        {"__type__": "set", "__value__": [1, 2]},
    ],
)
def test_values_that_do_not_fit(values: Any) -> None:
    assert refusal(ROTATION, values).code == 3211


# -- control flow --------------------------------------------------------------------------


def test_gates_that_depend_on_a_measurement() -> None:
    circuit = HEAD + (
        "bit[2] c; bit[1] d; x $0; c[0] = measure $0; "
        "if (c[0]) { x $1; delay[100ns] $1; } else { x $14; } if (c == 1) { x $7; } "
        "c[1] = measure $1; d[0] = measure $7;"
    )
    document = sampled([circuit, None, 500])
    assert counts(document).most_common(1)[0][0] == "0x3"
    assert counts(document, register="d")["0x1"] > 440


@pytest.mark.slow
def test_the_noise_of_a_block_is_that_of_its_gates() -> None:
    """801 flips, or a long wait, in a branch and outside of one: the same decay."""
    head = HEAD + "bit[1] c; bit[1] d; x $0; c[0] = measure $0; "
    for body in ("x $1; " * 801, "x $1; delay[200us] $1; "):
        still = counts(sampled([head + body + "d[0] = measure $1;", None, 1000]), register="d")
        branches = f"if (!c[0]) {{ {body} }} else {{ {body} }} "
        moving = counts(sampled([head + branches + "d[0] = measure $1;", None, 1000]), register="d")
        assert 0.4 < still["0x1"] / 1000 < 0.9
        assert abs(still["0x1"] - moving["0x1"]) < 100


def test_teleportation_by_qpy() -> None:
    circuit = QuantumCircuit(3, 3)
    circuit.x(0)
    circuit.h(1)
    circuit.cx(1, 2)
    circuit.cx(0, 1)
    circuit.h(0)
    circuit.measure([0, 1], [0, 1])
    with circuit.if_test((circuit.clbits[1], 1)):
        circuit.x(2)
    with circuit.if_test((circuit.clbits[0], 1)):
        circuit.z(2)
    circuit.measure(2, 2)
    device = "ibm_lagos"
    made = transpile(
        circuit,
        basis_gates=["rz", "sx", "x", "cx", "if_else"],
        coupling_map=[list(pair) for pair in sorted(Catalog().get(device).coupling or ())],
        seed_transpiler=3,
        optimization_level=1,
    )
    for sent in (packed("teleportation-17"), exported(made, device)):
        found = counts(sampled([sent, None, 500], device=device))
        assert sum(n for value, n in found.items() if int(value, 16) & 4) > 380


def test_old_style_conditions() -> None:
    found = counts(sampled([packed("condition-13"), None, 500]))
    assert found.most_common(1)[0][0] == "0x3"


def test_too_many_qubits_for_control_flow() -> None:
    flips = "".join(f"x ${index}; " for index in range(30))
    circuit = HEAD + "bit[1] c; c[0] = measure $0; if (c[0]) { " + flips + "}"
    assert refusal(circuit).code == 1520


# -- what is refused -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("circuit", "parts"),
    [
        ("h $0;", ["instruction h", "(0,)"]),
        ("id $3;", ["instruction u", "(3,)"]),
        (ECR + "ecr $0, $1;", ["instruction ecr", "(0, 1)", "only (1, 0)"]),
        (ECR + "ecr $0, $5;", ["instruction ecr", "(0, 5)"]),
        ("cx $1, $0;", ["instruction cx", "(1, 0)"]),
        ("x $127;", ["128 qubits", "127"]),
        ("gate mine a { x a; } mine $4;", ["instruction mine", "(4,)"]),
        ("bit[1] c; while (c == 0) { x $0; }", ["while_loop"]),
        ("bit[1] c; if (c == 1) { h $2; }", ["instruction h", "(2,)"]),
    ],
)
def test_circuits_outside_the_instruction_set(circuit: str, parts: list[str]) -> None:
    refused = refusal(HEAD + circuit)
    assert refused.code == 1517
    for part in ["circuit 0", EAGLE, *parts]:
        assert part in refused.message


@pytest.mark.parametrize(
    ("circuit", "name", "reason"),
    [
        ("if (c[0]) { x $1; reset $2; }", "reset", "cannot depend on a condition"),
        ("if (c[0]) { x $1; } else { c[0] = measure $2; }", "measure", "cannot depend"),
        ("if (c[0]) { if (c[1]) { x $2; } }", "if_else", "is within another condition"),
        ("if (c == 1) { x $2; }", "if_else", "depends on 33 bits; at most 32 are possible"),
    ],
)
def test_conditions_that_the_service_does_not_run(circuit: str, name: str, reason: str) -> None:
    refused = refusal(HEAD + "bit[33] c; " + circuit)
    assert refused.code == 1517
    assert f"The instruction {name} on qubits (2,) of circuit 0 {reason}" in refused.message


def test_the_circuit_is_named() -> None:
    good = HEAD + "x $0;"
    with pytest.raises(JobRefused, match=r"circuit 1 \('other'\)"):
        sampled([good], [packed("other-17")])


def test_gates_that_are_out_of_order() -> None:
    device = Catalog().get("ibm_washington")
    name, (first, second) = next(gate for gate in sorted(device.broken_gates))
    circuit = HEAD + f"{name} ${first}, ${second};"
    refused = refusal(circuit, device=device.name)
    assert refused.code == 1517
    assert "out of order" in refused.message


@pytest.mark.parametrize(
    "text",
    [
        "these are words",
        "OPENQASM 2.0; qreg q[1];",
        'include "stdgates.inc"; OPENQASM 3.0;',
        "qubit[1] q;",
        "OPENQASM 3.0; x $0;",
        HEAD + "x $0",
        HEAD + "x $0, $0;",
        HEAD + "rzz(0.5) $0, $1;",
        HEAD + "c = measure $0;",
        HEAD + "switch (1) { case 1 { } }",
        HEAD + "\x00",
        HEAD + "bit[1000000000] c;",
        HEAD + "qreg q[1_000_000_000];",
        HEAD + "x $1000000000;",
    ],
)
def test_texts_that_cannot_be_loaded(text: str) -> None:
    refused = refusal(text)
    assert refused.code == 1506
    assert refused.message.startswith("circuit 0")


_words = st.sampled_from(
    [
        "bit[2] c;", "qubit[2] q;", "x $0;", "x q[0];", "measure $0;", "c[0] = measure $0;",
        "if (c[0]) {", "}", "else {", "gate g a {", "rz(", "1/0", ") $1;", "input float a;", "a",
        "const int n = 3;", "for int i in [0:2] {", "while (c == 1) {", "delay[", "1ns] $0;",
        "def f() {", "U(0, 0, 0) $3;", "ctrl @ x $0, $1;", "barrier;", "reset $0;", "\\", '"',
        "((((", "]", "0x1F", "end;", "include", "box {", "pragma x", "@note", "extern e();",
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_words, max_size=12).map(" ".join))
def test_any_text_is_sampled_or_refused(text: str) -> None:
    try:
        document = sampled([HEAD + text, None, 3])
    except JobRefused as error:
        assert error.code in (1506, 1517, 1520, 1521, 3211)  # noqa: PT017 (either is fine)
    else:
        assert len(document["results"]) == 1


def test_comments_go_before_the_header() -> None:
    assert sampled("// mine\n/* of\n today */ OPENQASM 3;\nbit[1] c;")


def test_only_ecr_is_known_without_a_definition() -> None:
    assert sampled([HEAD + "bit[1] c; ecr $1, $0; c[0] = measure $0;", None, 10])
    assert refusal(HEAD + "rzz(0.1) $0, $1;").code == 1506


@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        base64.b64encode(b"not compressed").decode(),
        base64.b64encode(zlib.compress(b"no qpy")).decode(),
        base64.b64encode(zlib.compress(b"QISKIT\x0a broken")).decode(),
        base64.b64encode(zlib.compress(b"QISKIT\x0a" * 50)[:-8]).decode(),
        3,
        None,
    ],
)
def test_encoded_circuits_that_cannot_be_loaded(value: Any) -> None:
    assert refusal({"__type__": "QuantumCircuit", "__value__": value}).code == 1603


def test_other_encoded_values_are_not_circuits() -> None:
    assert refusal({"__type__": "Result", "__value__": {}}).code == 1603
    assert refusal({"mine": 1}).code == 1603


def test_too_many_executions() -> None:
    circuit = HEAD + "bit[1] c; c[0] = measure $0;"
    assert refusal(circuit, None, MAX_EXECUTIONS + 1).code == 1520
    with pytest.raises(JobRefused):
        sampled([ROTATION, encode_array(np.zeros((3, 2))), MAX_EXECUTIONS // 2])


@pytest.mark.parametrize(
    "execution",
    [{"rep_delay": 1.0}, {"rep_delay": -1e-6}],
)
def test_options_that_change_the_result(execution: dict[str, Any]) -> None:
    circuit = HEAD + "bit[1] c; c[0] = measure $0;"
    assert refusal(circuit, options={"execution": execution}).code == 1521


@pytest.mark.parametrize("kind", ["kerneled", "avg_kerneled"])
@pytest.mark.parametrize("typed", [False, True])
def test_points_in_the_iq_plane(kind: str, typed: bool) -> None:
    circuit = (
        HEAD + "bit[2] c; bit[1] d; input float theta; x $0; rz(theta) $1; c[0] = measure $0; "
        "d[0] = measure $1;"
    )
    values = encode_array(np.zeros((3, 1)))
    options = {"execution": {"meas_type": kind}}
    document = sampled([circuit, values, 400], options=options, support_qiskit=typed)
    if typed:
        data = document["__value__"]["pub_results"][0]["__value__"]["data"]["__value__"]
        assert data["field_types"] == ["ndarray", "ndarray"]
        fields, stated = data["fields"], document["__value__"]["metadata"]
    else:
        fields, stated = document["results"][0]["data"], document["metadata"]
    assert "synthetic" in stated["emulation"]["iq"]
    shots = () if kind == "avg_kerneled" else (400,)
    points = {name: array_of(field) for name, field in fields.items()}
    assert points["c"].shape == (3, *shots, 2)
    assert points["d"].shape == (3, *shots, 1)
    assert not points["c"][..., 1].any()  # not measured
    assert (points["c"][..., 0].mean() - points["d"].mean()).real > 4e14  # level 1 and level 0


def test_points_of_circuits_with_control_flow() -> None:
    circuit = HEAD + "bit[1] c; c[0] = measure $0; if (c[0]) { x $0; }"
    assert refusal(circuit, options={"execution": {"meas_type": "kerneled"}}).code == 1521


def test_options_that_would_only_improve_the_result_are_named() -> None:
    circuit = HEAD + "bit[1] c; c[0] = measure $0;"
    options = {
        "twirling": {"enable_gates": True},
        "dynamical_decoupling": {"enable": True},
        "execution": {"rep_delay": 250e-6},
    }
    stated = sampled([circuit, None, 5], options=options)["metadata"]["emulation"]
    assert stated["ignored_options"] == ["dynamical_decoupling", "twirling"]


def test_shots_by_pub_job_and_option() -> None:
    circuit = HEAD + "bit[1] c; c[0] = measure $0;"
    document = sampled(
        [circuit, None, 7], [circuit, None, None], shots=9, options={"default_shots": 11}
    )
    lengths = [len(one["data"]["c"]["samples"]) for one in document["results"]]
    assert lengths == [7, 9]
    document = sampled([circuit], options={"default_shots": 11})
    assert len(document["results"][0]["data"]["c"]["samples"]) == 11
