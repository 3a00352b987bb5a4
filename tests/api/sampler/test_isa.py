"""Circuits that a device cannot run are rejected with circuit, gate and qubits."""

from __future__ import annotations

import math

import pytest

from ibmq_backend.api.sampler.device import device_of
from ibmq_backend.api.sampler.isa import check_experiment, check_shots
from ibmq_backend.exceptions import ApiInputError
from tests.support.platform_replies import calibration, line_device


def experiment(*instructions, name="bell"):
    return {"header": {"name": name}, "instructions": list(instructions)}


def gate(name, *qubits, **more):
    return {"name": name, "qubits": list(qubits), **more}


def check(*instructions, device=None, known=None, **changes):
    configuration = line_device(**(device or {})) | changes
    check_experiment(experiment(*instructions), 2, device_of(configuration).calibrated(known))


def test_supported_instructions_are_accepted():
    check(
        gate("rz", 4, params=[0.1]),
        gate("sx", 0),
        gate("x", 1),
        gate("id", 1),
        gate("cz", 1, 0),
        gate("cz", 0, 1),
        gate("barrier", 0, 2, 4),
        gate("delay", 0, params=[100]),
        gate("measure", 0, memory=[0]),
        {"name": "bfunc", "mask": "0x1", "val": "0x1", "relation": "==", "register": 1},
        gate("x", 1, conditional=1),
        gate("reset", 0),
    )


@pytest.mark.parametrize(
    ("instruction", "message"),
    [
        (gate("h", 0), r"Circuit 2 \('bell'\), instruction 0: 'h' on qubit 0: not an instruction"),
        (gate("u2", 0), "Native gates: cz, id, rz, sx, x. Run transpile"),
        (gate("rzx", 0, 1), r"'rzx' on qubits \[0, 1\]: .*nearest: rz"),
        (gate("cz", 0, 2), r"no 'cz' on them; nearby it has \[0, 1\], \[1, 0\], \[1, 2\]"),
        (gate("cz", 0, 0), "the same qubit is named twice"),
        (gate("x", 5), "qubit 5: ibm_five has 5 qubits"),
        (gate("x", -1), "has 5 qubits"),
        (gate("snapshot", 0), "not an instruction"),
        (gate("unitary", 0, params=[[[1, 0], [0, 1]]]), "not an instruction"),
    ],
)
def test_unsupported_instructions_are_named(instruction, message):
    with pytest.raises(ApiInputError, match=message) as caught:
        check(instruction)
    assert not caught.value.accepted


def test_the_direction_of_a_gate_is_checked():
    with pytest.raises(ApiInputError, match=r"only on \[0, 1\]"):
        check(gate("ecr", 1, 0), device={"gate": "ecr"})
    check(gate("ecr", 0, 1), device={"gate": "ecr"})


def test_the_position_of_the_instruction_is_named():
    with pytest.raises(ApiInputError, match="instruction 2"):
        check(gate("x", 0), gate("x", 1), gate("y", 0))


def test_conditions_need_a_device_that_supports_them():
    with pytest.raises(ApiInputError, match="does not support conditions"):
        check(gate("x", 0, conditional=1), supported_instructions=["x", "measure"])


def conditional(name, mask, cregs=(("a", 2), ("b", 40)), **more):
    bfunc = {"name": "bfunc", "mask": hex(mask), "val": "0x0", "relation": "==", "register": 50}
    header = {"name": "bell", "creg_sizes": cregs, "memory_slots": 42}
    instructions = [bfunc, gate(name, 1, conditional=50, **more)]
    return {"header": header, "instructions": instructions}


@pytest.mark.parametrize(
    ("refused", "message"),
    [
        (conditional("measure", 1, memory=[0]), r"it cannot depend .* Measure without it"),
        (conditional("reset", 1), r"it cannot depend .* apply 'x'"),
        (conditional("x", (1 << 42) - 4), r"compares 40 bits; at most 32 .* a single bit"),
        (conditional("x", 0b101), r"several bits that are not a register.* Use a whole register"),
    ],
    ids=["measure", "reset", "too wide", "part"],
)
def test_conditions_that_the_service_does_not_run(refused, message):
    where = r"Circuit 2 \('bell'\), instruction 1: '\w+' on qubit 1: .*"
    with pytest.raises(ApiInputError, match=where + message):
        check_experiment(refused, 2, device_of(line_device()))


@pytest.mark.parametrize("mask", [1, 0b11, 1 << 41], ids=["bit", "register", "bit of many"])
def test_conditions_that_the_service_runs(mask):
    check_experiment(conditional("x", mask), 2, device_of(line_device()))


@pytest.mark.parametrize("angle", [-0.1, math.pi / 2 + 1e-6])
def test_angles_of_fractional_gates(angle):
    with pytest.raises(ApiInputError, match="outside 0 to π/2"):
        check(gate("rzz", 0, 1, params=[angle]), device={"gate": "rzz"})
    check(gate("rzz", 0, 1, params=[math.pi / 2]), device={"gate": "rzz"})


def test_gates_without_a_coupling_map():
    without = [{"name": "cz"}, {"name": "rz"}]
    check(gate("cz", 0, 1), gate("rz", 3, params=[0.1]), gate("x", 4), gates=without)
    with pytest.raises(ApiInputError, match="no 'cz' on them"):
        check(gate("cz", 0, 3), gates=without)
    check(gate("cz", 0, 3), gates=without, coupling_map=None)


def test_a_device_without_supported_instructions():
    check(gate("measure", 0, memory=[0]), gate("reset", 0), supported_instructions=None)


def test_broken_gates_and_qubits_are_named():
    document = calibration()
    mark = {"name": "operational", "value": 0, "unit": "", "date": "2026-08-17T00:40:11Z"}
    document["qubits"][3].append(mark)
    document["gates"].append({"gate": "cz", "qubits": [0, 1], "parameters": [mark]})
    document["gates"].append({"gate": "x", "qubits": [0], "parameters": [{**mark, "value": 1}]})
    document["other_gates"] = [{"gate": "rzz", "qubits": [2, 3], "parameters": [mark]}]
    device = device_of(line_device())
    assert device.calibrated(document).broken == {("", (3,)), ("cz", (0, 1)), ("rzz", (2, 3))}
    with pytest.raises(ApiInputError, match="qubit 3 as not operational"):
        check(gate("x", 3), known=document)
    with pytest.raises(ApiInputError, match="this gate as not operational"):
        check(gate("cz", 0, 1), known=document)
    check(gate("cz", 1, 0), gate("x", 0), known=document)
    assert device.calibrated(None).broken == frozenset()


def test_lengths_of_identities_in_nanoseconds():
    device = device_of(line_device())
    document = calibration(2)
    document["gates"][1]["parameters"][1]["unit"] = "us"
    document["gates"][1]["parameters"][1]["value"] = 0.05
    assert device.calibrated(document).identity_lengths == {0: 32.0, 1: pytest.approx(50.0)}
    for entry in document["gates"]:
        entry["gate"] = "cz"
    assert device.calibrated(document).identity_lengths == {}
    assert device.calibrated(None).identity_lengths == {}


@pytest.mark.parametrize("shots", [0, -1, True, 1.0, "5", None])
def test_shots_are_whole_numbers(shots):
    with pytest.raises(ApiInputError, match="shots"):
        check_shots(shots, 1)


def test_executions_of_a_job():
    assert check_shots(100_000, 100) == 100_000
    with pytest.raises(ApiInputError, match="10100000 executions"):
        check_shots(100_000, 101)
