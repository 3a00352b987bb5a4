"""Options of the simulator that have a wrong type or are out of range never reach Aer."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ibmq_backend.emulator.checks.instructions import JobRefused
from ibmq_backend.emulator.checks.simulator_options import checked_options
from ibmq_backend.emulator.simulation.simulator import Simulator
from tests.support.emulator import bell

TIME = "extended_stabilizer_metropolis_mixing_time"
ERROR = "extended_stabilizer_approximation_error"
BOND = "matrix_product_state_max_bond_dimension"


@pytest.mark.parametrize(
    "given",
    [
        {TIME: 1},
        {TIME: 1_000_000},
        {ERROR: 1},
        {ERROR: 0.001},
        {BOND: 64, "matrix_product_state_truncation_threshold": 1e-16},
        {"fusion_enable": False, "fusion_max_qubit": 10, "fusion_threshold": 1},
        {"zero_threshold": 0, "validation_threshold": 1e-8},
        {"extended_stabilizer_sampling_method": "norm_estimation"},
        {"method": "statevector"},
    ],
)
def test_options_within_their_ranges_are_passed_on(given: dict[str, Any]) -> None:
    assert checked_options(given) == given


def test_absent_and_unknown_options_are_left_out() -> None:
    machine = {"device": "GPU", "max_parallel_threads": 10**9, "max_memory_mb": 10**9,
               "precision": "double", "blocking_qubits": 3, "target_gpus": [0]}  # fmt: skip
    assert checked_options({TIME: None, "colour": "red", **machine}) == {}
    assert checked_options({"method": "density_matrix_gpu"}) == {"method": "density_matrix"}


@pytest.mark.parametrize(
    ("option", "value", "allowed"),
    [
        *((TIME, value, "an integer from 1 to 1000000")
          for value in (10**15, 0, -1, True, 5.0, "5", [5], {}, float("nan"), float("inf"))),
        *((ERROR, value, "a number from 0.001 to 1")
          for value in (0, 1e-9, 1.5, -0.1, "0.1", False, float("nan"), 10**400)),
        *((BOND, value, "an integer from 1 to 1000000") for value in (0, 10**9, 2**64, "64")),
        ("matrix_product_state_truncation_threshold", -1, "a number from 0 to 1"),
        *(("fusion_enable", value, "true or false") for value in ("no", 0, 1, [])),
        ("fusion_max_qubit", 30, "an integer from 1 to 10"),
        ("fusion_threshold", -5, "an integer from 1 to 64"),
        ("zero_threshold", float("inf"), "a number from 0 to 1"),
        ("validation_threshold", "strict", "a number from 0 to 1"),
        ("extended_stabilizer_sampling_method", "quick", "one of metropolis, norm_estimation, re"),
        *(("method", value, "one of automatic, density_matrix, extended_stabilizer")
          for value in ("unitary", "", 3, ["statevector"])),
    ],
)  # fmt: skip
def test_other_values_are_refused_by_name_value_and_range(
    option: str, value: Any, allowed: str
) -> None:
    with pytest.raises(JobRefused) as caught:
        checked_options({option: value})
    assert caught.value.code == 1002
    assert f"{option!r} is " in caught.value.message
    assert str(value)[:10] in caught.value.message
    assert f"it must be {allowed}" in caught.value.message


def test_a_huge_value_is_not_repeated() -> None:
    with pytest.raises(JobRefused) as caught:
        checked_options({"method": "x" * 1_000_000})
    assert len(caught.value.message) < 300


def test_options_are_checked_in_both_positions() -> None:
    simulator = Simulator(threads=1)
    for config in ({TIME: 10**15}, {"backend_options": {TIME: 10**15}}):
        with pytest.raises(JobRefused, match="mixing_time"):
            simulator.run("job", "ibmq_qasm_simulator", bell(**config), 1)
    # A simulator with a method of its own keeps it, whatever the job says.
    result = simulator.run("job", "simulator_mps", bell(method="magic"), 1)
    assert result["results"][0]["metadata"]["method"] == "matrix_product_state"
    assert json.dumps(result)
