"""Jobs that pass validation are run or refused, and never break the worker."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.emulator.checks.test_qobj_fuzz import GOOD, json_values

SIMULATOR = Simulator(threads=1)
NAMES = ["u1", "u3", "rz", "x", "cx", "barrier", "reset", "delay", "unitary", "initialize",
         "snapshot", "save_statevector", "save_probabilities", "mcx", "mcp", "kraus", "superop",
         "diagonal", "pauli"]  # fmt: skip
OPTIONS = ["method", "noise_model", "backend_options", "fusion_enable", "memory",
           "fusion_max_qubit", "zero_threshold", "seed_simulator",
           "matrix_product_state_max_bond_dimension"]  # fmt: skip

qubits = st.lists(st.integers(0, 2), min_size=1, max_size=3, unique=True)
number = st.integers(-3, 3) | st.floats(-10, 10)
params = st.lists(number | st.text(max_size=2) | st.lists(number, max_size=3), max_size=4)
gate = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES), "qubits": qubits},
    optional={
        "params": params | json_values,
        "label": json_values,
        "snapshot_type": st.sampled_from(["single", "list", "c_list", "statevector"]) | json_values,
        "conditional": st.just(1),
    },
)
measure = st.fixed_dictionaries(
    {"name": st.just("measure"), "qubits": st.just([0]), "memory": st.just([0])}
)
condition = st.fixed_dictionaries(
    {
        "name": st.just("bfunc"),
        "register": st.just(1),
        "mask": st.sampled_from(["0x1", "0x3"]),
        "val": st.sampled_from(["0x0", "0x1", "0x8"]),
        "relation": st.sampled_from(["==", "!="]),
    }
)


@pytest.mark.slow
@pytest.mark.parametrize("device", ["ibmq_vigo", "ibmq_qasm_simulator", "simulator_mps"])
@given(instructions=st.lists(gate | measure | condition, min_size=1, max_size=5))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_gates(device: str, instructions: list[dict[str, Any]]) -> None:
    document = copy.deepcopy(GOOD)
    (experiment,) = document["experiments"]
    experiment["config"] = {"memory_slots": 2, "n_qubits": 3}
    experiment["instructions"] = [*instructions, *experiment["instructions"]]
    try:
        result = SIMULATOR.run("job", device, document, 1)
    except JobRefused:
        return
    entry = result["results"][0]
    assert entry["success"] == (entry["status"] == "DONE")


@given(config=st.dictionaries(st.sampled_from(OPTIONS), json_values, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_options(config: dict[str, Any]) -> None:
    document = copy.deepcopy(GOOD)
    document["config"].update(config)
    try:
        result = SIMULATOR.run("job", "ibmq_qasm_simulator", document, 1)
    except JobRefused:
        return
    assert len(result["results"]) == 1
