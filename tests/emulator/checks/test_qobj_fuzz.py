"""Validation accepts or refuses any document, and raises no other error."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.devices.catalog import Catalog
from tests.support.changed_documents import DROPPED, places, replaced

CATALOG = Catalog()
DEVICES = ["ibmq_vigo", "ibmq_qasm_simulator", "ibmqx4", "simulator_stabilizer", "ibmq_armonk"]
NAMES = ["u1", "u3", "rz", "x", "cx", "measure", "barrier", "reset", "delay", "bfunc", "unitary",
         "initialize", "snapshot", "save_statevector", "mcx", "kraus", ""]  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
fields = st.one_of(json_values, st.lists(st.integers(-2, 6), max_size=3))
instruction = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES)},
    optional={
        "qubits": fields,
        "params": fields,
        "memory": fields,
        "register": fields,
        "conditional": fields,
        "mask": fields | st.sampled_from(["0x1", "0xg", "-0x1", "0x_1"]),
        "val": fields | st.just("0x1"),
        "relation": st.sampled_from(["==", "!=", ">"]) | json_values,
        "snapshot_type": json_values,
    },
)
GOOD: dict[str, Any] = {
    "qobj_id": "id",
    "type": "QASM",
    "schema_version": "1.3.0",
    "header": {},
    "config": {"shots": 10, "memory_slots": 1, "n_qubits": 1},
    "experiments": [
        {
            "header": {"name": "one"},
            "config": {"memory_slots": 1, "n_qubits": 1},
            "instructions": [
                {"name": "u3", "qubits": [0], "params": [1, 2, 3]},
                {"name": "measure", "qubits": [0], "memory": [0], "register": [0]},
            ],
        }
    ],
}


def tried(device: str, document: object) -> None:
    refused: JobRefused | None = None
    try:
        validate(CATALOG.get(device), document)
    except JobRefused as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert 1000 <= refused.code <= 9999


@pytest.mark.slow
@pytest.mark.parametrize("device", DEVICES)
@given(instructions=st.lists(instruction | json_values, max_size=4))
@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
def test_any_instructions(device: str, instructions: list[Any]) -> None:
    document = copy.deepcopy(GOOD)
    document["experiments"][0]["instructions"] = instructions
    tried(device, document)


@pytest.mark.slow
@pytest.mark.parametrize("device", ["ibmq_vigo", "ibmq_qasm_simulator"])
@given(path=st.sampled_from(list(places(GOOD))), value=json_values, remove=st.booleans())
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_any_change_of_a_good_document(
    device: str, path: tuple[Any, ...], value: Any, remove: bool
) -> None:
    tried(device, replaced(GOOD, path, DROPPED if remove else value))


@given(document=json_values)
def test_any_document(document: Any) -> None:
    tried("ibmq_vigo", document)


def test_the_unchanged_document_is_good() -> None:
    validate(CATALOG.get("ibmq_vigo"), json.loads(json.dumps(GOOD)))
