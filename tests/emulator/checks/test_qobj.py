"""Jobs that a device cannot run are refused with the reason and the code of the service."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.devices.catalog import Catalog

H: dict[str, Any] = {"name": "h", "qubits": [0]}
U2: dict[str, Any] = {"name": "u2", "qubits": [0], "params": [0.0, 3.14]}
CX: dict[str, Any] = {"name": "cx", "qubits": [0, 1]}
M0: dict[str, Any] = {"name": "measure", "qubits": [0], "memory": [0]}
M1: dict[str, Any] = {"name": "measure", "qubits": [1], "memory": [1]}
BFUNC: dict[str, Any] = {
    "name": "bfunc", "register": 2, "mask": "0x1", "relation": "==", "val": "0x1",
}  # fmt: skip


def qobj(*instructions: dict[str, Any], copies: int = 1, **config: Any) -> dict[str, Any]:
    experiment = {
        "header": {"name": "bell"},
        "config": {"memory_slots": 2},
        "instructions": copy.deepcopy(list(instructions)),
    }
    return {
        "qobj_id": "id",
        "type": "QASM",
        "schema_version": "1.3.0",
        "header": {},
        "config": {"shots": 1024, **config},
        "experiments": [copy.deepcopy(experiment) for _ in range(copies)],
    }


def refusal(catalog: Catalog, device: str, document: object) -> JobRefused:
    with pytest.raises(JobRefused) as caught:
        validate(catalog.get(device), document)
    return caught.value


@pytest.mark.parametrize(
    ("device", "instructions"),
    [
        ("ibmq_vigo", [U2, CX, M0, M1]),
        ("ibmq_vigo", [{"name": "rz", "qubits": [0], "params": [1]}, {"name": "sx", "qubits": [0]},
                       {"name": "x", "qubits": [0]}, M0]),
        ("ibmq_vigo", [{"name": "rz", "qubits": [0], "params": [[0.5, 0.0]]}, M0]),
        ("ibmq_vigo", [{"name": "delay", "qubits": [3], "params": [160]},
                       {"name": "reset", "qubits": [3]}, {"name": "barrier", "qubits": [0, 1, 2]},
                       {"name": "measure", "qubits": [0, 1], "memory": [0, 1]}]),
        ("ibmq_london", [{"name": "sx", "qubits": [4]}, U2, M0]),
        ("ibmq_london", [{"name": "barrier", "qubits": [0, 1]}, U2,
                         {"name": "reset", "qubits": [1]}, M0]),
        ("ibmq_vigo", [M0, {**M1, "memory": [0], "register": [0]}]),
        ("ibm_sherbrooke", [{"name": "ecr", "qubits": [1, 0]}, M0]),
        ("ibmqx4", [{"name": "cx", "qubits": [1, 0]}, M0]),
        ("ibmq_qasm_simulator", [H, {"name": "ccx", "qubits": [0, 5, 31]}]),
        ("ibmq_qasm_simulator", [M0, BFUNC, {**H, "conditional": 2}]),
        ("ibm_geneva", [{"name": "cx", "qubits": [19, 20]}, M0]),
    ],
)  # fmt: skip
def test_good_jobs_pass_and_stay_unchanged(
    catalog: Catalog, device: str, instructions: list[dict[str, Any]]
) -> None:
    document = qobj(*instructions)
    before = copy.deepcopy(document)
    validate(catalog.get(device), document)
    assert document == before


@pytest.mark.parametrize(
    ("instruction", "code", "words"),
    [
        (H, 7001, ["Instruction h", "number 0", "[0]", "circuit 'bell' (index 0)", "ibmq_vigo"]),
        ({"name": "u", "qubits": [0], "params": [1, 2, 3]}, 7001, ["Instruction u", "u3"]),
        ({"name": "cx", "qubits": [0, 4]}, 1107, ["cx", "[0, 4]", "not coupled"]),
        ({"name": "rz", "qubits": [5], "params": [1]}, 1109, ["qubit 5", "qubits 0 to 4"]),
        ({"name": "rz", "qubits": [-1], "params": [1]}, 1109, ["qubit -1"]),
        ({"name": "cx", "qubits": [1, 1]}, 1101, ["twice"]),
        ({"name": "rz", "qubits": [0]}, 1101, ["needs 1 parameters, 0 are given"]),
        ({"name": "rz", "qubits": [0], "params": [float("nan")]}, 1101, ["not a real number"]),
        ({"name": "rz", "qubits": [0], "params": [[1, 2]]}, 1101, ["not a real number"]),
        ({"name": "rz", "qubits": [0], "params": [10**400]}, 1101, ["not a real number"]),
        ({"name": "delay", "qubits": [0], "params": [10**15]}, 1101, ["number below 1e+15"]),
        ({"name": "delay", "qubits": [0], "params": [-1]}, 1101, ["negative duration"]),
        ({"name": "cx", "qubits": [0]}, 1101, ["must act on 2 qubits"]),
        ({"name": "x"}, 1101, ["needs a list of qubits"]),
        ({"name": "measure", "qubits": [0], "memory": [7]}, 1101, ["slot 7", "2 memory slots"]),
        ({"name": "measure", "qubits": [0]}, 1101, ["one memory slot for each qubit"]),
        ({"qubits": [0]}, 1101, ["instruction 0 of circuit 'bell' (index 0) has no name"]),
        (BFUNC, 8013, ["does not support conditional"]),
        ({**U2, "conditional": 2}, 8013, ["Instruction u2", "conditional"]),
    ],
)
def test_bad_instructions_are_named(
    catalog: Catalog, instruction: dict[str, Any], code: int, words: list[str]
) -> None:
    error = refusal(catalog, "ibmq_vigo", qobj(instruction, M0))
    assert error.code == code
    for word in words:
        assert word in error.message
    assert str(error).endswith(f". Error code: {code}.")


def test_resets_of_used_qubits_need_a_device_that_has_them(catalog: Catalog) -> None:
    error = refusal(catalog, "ibmq_london", qobj(U2, {"name": "reset", "qubits": [0]}, M0))
    assert (error.code, "Instruction reset (number 1" in error.message) == (7001, True)


def test_the_second_circuit_is_named_by_its_index(catalog: Catalog) -> None:
    document = qobj(M0, copies=2)
    document["experiments"][1]["instructions"].insert(0, H)
    document["experiments"][1]["header"] = {"name": "second"}
    assert "circuit 'second' (index 1)" in refusal(catalog, "ibmq_vigo", document).message
    document["experiments"][1]["header"] = {}
    assert "circuit 1" in refusal(catalog, "ibmq_vigo", document).message


@pytest.mark.parametrize(
    ("device", "pair", "words"),
    [
        ("ibmqx4", [0, 1], "only the direction [1, 0] exists"),
        ("ibm_geneva", [20, 19], "cx on [19, 20] works"),
        ("ibm_washington", [17, 12], "broken on ibm_washington"),
        ("ibmq_cambridge", [10, 11], "2020-07-16"),
    ],
)
def test_wrong_directions_and_broken_gates(
    catalog: Catalog, device: str, pair: list[int], words: str
) -> None:
    error = refusal(catalog, device, qobj({"name": "cx", "qubits": pair}, M0))
    assert words in error.message
    assert error.code == (1107 if device == "ibmqx4" else 7000)
    if error.code == 7000:
        assert "initial_layout" in error.message


@pytest.mark.parametrize(
    ("device", "duration", "runs"),
    [
        ("ibm_oslo", 8, False),  # pulse_alignment 16
        ("ibm_oslo", 160.4, True),  # fractions are rounded
        ("ibm_oslo", 0, True),
        ("ibm_nairobi", 4, True),  # pulse_alignment 1
        ("ibmqx2", 3, True),  # no constraint is stated
    ],
)
def test_delays_are_multiples_of_the_samples_that_a_device_states(
    catalog: Catalog, device: str, duration: float, runs: bool
) -> None:
    document = qobj({"name": "delay", "qubits": [0], "params": [duration]}, M0)
    if runs:
        validate(catalog.get(device), document)
        return
    error = refusal(catalog, device, document)
    assert (error.code, "a multiple of 16 dt" in error.message) == (8043, True)


@pytest.mark.parametrize(
    ("config", "code", "words"),
    [
        ({"shots": 8193}, 1103, "8193 is greater than the maximum of ibmq_vigo, 8192"),
        ({"shots": 0}, 6001, "at least 1"),
        ({"shots": True}, 1101, "must be an integer"),
        ({"shots": 1e3}, 1101, "must be an integer"),
        ({"memory": "yes"}, 1101, "'memory' must be a boolean"),
        ({"seed_simulator": "a"}, 1101, "'seed_simulator' is not an integer"),
        ({"meas_level": 1}, 8009, "meas_level 1"),
        ({"calibrations": {"gates": []}}, 8011, "calibrations"),
        ({"rep_delay": 501}, 8030, "0.0 to 500.0 µs"),
        ({"memory_slots": -1}, None, ""),
    ],
)
def test_job_wide_settings(
    catalog: Catalog, config: dict[str, Any], code: int | None, words: str
) -> None:
    document = qobj(M0, **config)
    if code is None:
        validate(catalog.get("ibmq_vigo"), document)  # the number of the circuit takes precedence
        return
    error = refusal(catalog, "ibmq_vigo", document)
    assert error.code == code
    assert words in error.message


def test_numbers_of_circuits(catalog: Catalog) -> None:
    validate(catalog.get("ibmq_vigo"), qobj(M0, copies=75))
    error = refusal(catalog, "ibmq_vigo", qobj(M0, copies=76))
    assert (error.code, "76 circuits" in error.message) == (1102, True)
    assert refusal(catalog, "ibmq_vigo", qobj(M0, copies=0)).code == 3236


def test_devices_without_shot_memory_refuse_it(catalog: Catalog) -> None:
    assert refusal(catalog, "ibmqx4", qobj(M0, memory=True)).code == 1104


def test_circuits_without_measurement(catalog: Catalog) -> None:
    error = refusal(catalog, "ibmq_vigo", qobj(U2))
    assert (error.code, "no measurement" in error.message) == (1002, True)
    validate(catalog.get("ibmq_qasm_simulator"), qobj(U2))


def test_circuits_wider_than_the_device(catalog: Catalog) -> None:
    document = qobj(M0)
    document["experiments"][0]["config"]["n_qubits"] = 6
    error = refusal(catalog, "ibmq_vigo", document)
    assert (error.code, "needs 6 qubits, ibmq_vigo has 5" in error.message) == (1109, True)


def test_gates_outside_the_method_of_a_simulator(catalog: Catalog) -> None:
    gate = {"name": "t", "qubits": [0]}
    assert refusal(catalog, "simulator_stabilizer", qobj(gate)).code == 7001
    validate(catalog.get("simulator_extended_stabilizer"), qobj(gate))


@pytest.mark.parametrize(
    "change",
    [{"relation": ">"}, {"mask": "0x8"}, {"mask": 1}, {"mask": "0x0"}, {"val": "zz"},
     {"register": None}],
)  # fmt: skip
def test_bad_conditions(catalog: Catalog, change: dict[str, Any]) -> None:
    refusal(catalog, "ibmq_qasm_simulator", qobj(M0, {**BFUNC, **change}))


def test_a_condition_needs_its_bfunc(catalog: Catalog) -> None:
    assert (
        "no bfunc" in refusal(catalog, "ibmq_qasm_simulator", qobj({**H, "conditional": 2})).message
    )


def test_pulse_jobs_for_devices_without_pulses(catalog: Catalog) -> None:
    document = {**qobj(M0), "type": "PULSE"}
    assert refusal(catalog, "ibmq_vigo", document).code == 1108
    # On devices with pulses, test_pulse_instructions.py tests the instructions.
    assert refusal(catalog, "ibmq_armonk", document).code == 1101


@pytest.mark.parametrize("document", [None, 1, "text", [], {}])
def test_documents_that_are_not_a_qobj(catalog: Catalog, document: object) -> None:
    assert refusal(catalog, "ibmq_vigo", document).code == 1101


@pytest.mark.parametrize("key", list(qobj()))
def test_missing_and_mistyped_keys_are_named(catalog: Catalog, key: str) -> None:
    document = qobj(M0)
    value = document.pop(key)
    assert repr(key) in refusal(catalog, "ibmq_vigo", document).message
    document[key] = 1 if not isinstance(value, int) else "1"
    assert repr(key) in refusal(catalog, "ibmq_vigo", document).message
