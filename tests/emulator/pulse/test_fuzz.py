"""Any pulses are simulated, or refused with a reason."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibmq_backend.emulator.checks.qobj import JobRefused, validate
from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.changed_documents import DROPPED, Path, places, replaced
from tests.support.pulse_jobs import acquire, constant, schedule_job

CATALOG = Catalog()
SIMULATOR = Simulator(threads=1)
NAMES = ["parametric_pulse", "acquire", "fc", "shiftp", "setp", "setf", "shiftf", "delay",
         "snapshot", "mine", "pv", ""]  # fmt: skip
PULSES = [
    constant(0, 64, 0.1),
    {"name": "mine", "t0": 64, "ch": "d0"},
    {"name": "fc", "t0": 128, "ch": "d0", "phase": 0.5},
    {"name": "shiftf", "t0": 128, "ch": "d0", "frequency": 0.001},
    {"name": "delay", "t0": 128, "ch": "d0", "duration": 32},
    acquire(160),
]
LIBRARY = [{"name": "mine", "samples": [[0.1, 0.2]] * 2 + [[0, 0]] * 62}]
SCHEDULE = schedule_job(
    *PULSES, pulse_library=LIBRARY, shots=5, qubit_lo_freq=[4.97], meas_lo_freq=[6.99],
    rep_time=1000, meas_level=1, memory=False,
)  # fmt: skip
CIRCUIT: dict[str, Any] = {
    **schedule_job(
        {"name": "x", "qubits": [0], "params": []},
        {"name": "sx", "qubits": [0]},
        {"name": "rz", "qubits": [0], "params": [0.1]},
        {"name": "measure", "qubits": [0], "memory": [0]},
    ),
    "type": "QASM",
}
CIRCUIT["config"] = {
    "shots": 5, "memory_slots": 1, "meas_level": 2, "pulse_library": LIBRARY,
    "qubit_lo_freq": [4.971852852405576],
    "calibrations": {"gates": [
        {"name": "x", "qubits": [0], "params": [], "instructions": PULSES[:2]},
    ]},
}  # fmt: skip

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
numbers = st.integers(-5, 400) | st.floats(-6, 6) | st.just(10**400) | st.just(1e308)
instructions = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES), "t0": st.integers(0, 400) | numbers | json_values},
    optional={
        "ch": st.sampled_from(["d0", "m0", "a0", "u0", "d1", "d"]) | json_values,
        "phase": numbers | json_values,
        "frequency": numbers | json_values,
        "duration": numbers | json_values,
        "qubits": st.just([0]) | json_values,
        "memory_slot": st.just([0]) | json_values,
        "pulse_shape": st.sampled_from(["gaussian", "gaussian_square", "drag", "constant"])
        | json_values,
        "parameters": st.dictionaries(
            st.sampled_from(["duration", "amp", "sigma", "width", "beta"]),
            numbers | st.just([0.1, 0.2]) | json_values,
        )
        | json_values,
        "conditional": json_values,
    },
)


def few_samples(good: dict[str, Any]) -> list[Path]:
    """Return the paths in a document, but only the first ones of a long list such as samples."""
    return [path for path in places(good) if not any(isinstance(at, int) and at > 7 for at in path)]


def tried(document: dict[str, Any]) -> None:
    refused: JobRefused | None = None
    try:
        validate(CATALOG.get("ibmq_armonk"), document)
        for entry in SIMULATOR.run("job", "ibmq_armonk", document, 1)["results"]:
            # The header repeats what was sent.
            json.dumps([entry["data"], entry["metadata"]], allow_nan=False)
    except JobRefused as error:
        refused = error
    if refused is not None:
        assert refused.message
        assert 1000 <= refused.code <= 9999


@pytest.mark.slow
@given(found=st.lists(instructions, max_size=4))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_instructions(found: list[Any]) -> None:
    document = copy.deepcopy(SCHEDULE)
    document["experiments"][0]["instructions"] += found
    tried(document)


@pytest.mark.slow
@pytest.mark.parametrize("good", [SCHEDULE, CIRCUIT], ids=["schedule", "circuit"])
@given(data=st.data())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_change_of_a_good_document(good: dict[str, Any], data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(few_samples(good)))
    value = DROPPED if data.draw(st.booleans()) else data.draw(json_values | numbers)
    tried(replaced(good, path, value))


@pytest.mark.parametrize("good", [SCHEDULE, CIRCUIT], ids=["schedule", "circuit"])
def test_the_unchanged_documents_are_good(good: dict[str, Any]) -> None:
    document = json.loads(json.dumps(good))
    validate(CATALOG.get("ibmq_armonk"), document)
    (entry,) = SIMULATOR.run("job", "ibmq_armonk", document, 1)["results"]
    assert entry["success"]
    assert entry["metadata"]["method"] == "transmon_lindblad"
