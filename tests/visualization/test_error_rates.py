"""Error rates of calibrations and of backends of version 2."""

import pytest
from qiskit.providers.fake_provider import FakeSherbrooke, FakeVigo, FakeVigoV2
from qiskit.providers.models import BackendProperties

from ibmq_backend.emulator.devices.catalog import Catalog
from ibmq_backend.visualization.colours import BROKEN_COLOUR, QUBIT_COLOUR
from ibmq_backend.visualization.error_rates import (
    rates_of_document,
    rates_of_properties,
    rates_of_target,
)

DATE = "2021-05-04T12:00:00+00:00"


def properties(*gates, readout=0.02):
    """Return a calibration of two qubits with errors of (name, qubits, rate)."""
    return BackendProperties.from_dict(
        {
            "backend_name": "ibmq_two",
            "backend_version": "1.0.0",
            "last_update_date": DATE,
            "qubits": [[{"name": "readout_error", "date": DATE, "unit": "", "value": readout}]] * 2,
            "gates": [
                {
                    "gate": name,
                    "name": f"{name}{qubits}",
                    "qubits": qubits,
                    "parameters": [
                        {"name": "gate_length", "date": DATE, "unit": "ns", "value": 30},
                        {"name": "gate_error", "date": DATE, "unit": "", "value": rate},
                    ],
                }
                for name, qubits, rate in gates
            ],
            "general": [],
        }
    )


@pytest.mark.parametrize(
    ("name", "gates"), [("ibmq_vigo", ("sx", "cx")), ("ibm_sherbrooke", ("sx", "ecr"))]
)
def test_gates_have_their_names(name, gates):
    document = Catalog().get(name).properties()
    rates = rates_of_properties(BackendProperties.from_dict(document))
    assert (rates.single.gate, rates.pair.gate) == gates
    assert len(rates.readout) == len(rates.single.rates) == len(document["qubits"])
    assert rates_of_document(document) == rates


def test_the_worse_direction_and_gates_that_are_switched_off():
    rates = rates_of_properties(
        properties(
            ("id", [0], 0.9), ("u1", [0], 0), ("u2", [0], 0.001), ("u2", [1], 1),
            ("cx", [0, 1], 0.01), ("cx", [1, 0], 0.03),
        )
    )  # fmt: skip
    assert (rates.single.gate, rates.single.rates) == ("u2", {(0,): 0.001, (1,): 1})
    assert (rates.single.working, rates.single.limits) == ([0.001], (0.001, 0.001))
    assert (rates.pair.gate, rates.pair.rates) == ("cx", {(0, 1): 0.03})
    assert rates.readout == {0: 0.02, 1: 0.02}


@pytest.mark.parametrize("rate", [1.0, 1.5])
def test_gates_that_are_switched_off_are_shown_as_such_even_if_none_works(rate):
    pair = rates_of_properties(properties(("cx", [0, 1], rate), ("sx", [0], 0.01))).pair
    assert (pair.num_broken, pair.limits) == (1, None)
    assert pair.colour_of((0, 1)) == BROKEN_COLOUR
    assert pair.colour_of((1, 2)) == QUBIT_COLOUR


def test_gates_with_other_names():
    rates = rates_of_properties(properties(("prx", [0], 0.001), ("zz", [1, 0], 0.01)))
    assert (rates.single.gate, rates.pair.gate) == ("prx", "zz")


def test_without_rates():
    rates = rates_of_properties(properties(("sx", [0], 0.0), ("cx", [0, 1], float("nan"))))
    assert (rates.single.gate, rates.single.rates, rates.single.limits) == ("", {}, None)
    assert rates.pair.rates == {}


def test_version_2_has_the_same_rates():
    assert rates_of_target(FakeVigoV2().target) == rates_of_properties(FakeVigo().properties())
    assert rates_of_target(FakeSherbrooke().target).pair.gate == "ecr"
