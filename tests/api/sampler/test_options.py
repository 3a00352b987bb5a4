"""Circuits that dynamical decoupling and twirling do not allow are refused by name."""

import pytest

from ibmq_backend.api.sampler.options import sampler_options
from ibmq_backend.exceptions import ApiInputError

DECOUPLED = {"dynamical_decoupling": {"enable": True}}
TWIRLED_GATES = {"twirling": {"enable_gates": True}}
TWIRLED_READOUT = {"twirling": {"enable_measure": True}}


def circuits(*instructions):
    plain = {"header": {"name": "plain"}, "instructions": [{"name": "x", "qubits": [0]}]}
    return [plain, {"header": {"name": "other"}, "instructions": list(instructions)}]


CONDITIONED = circuits({"name": "x", "qubits": [0], "conditional": 0})
FRACTIONAL = circuits({"name": "rzz", "qubits": [0, 1], "params": [0.1]})


@pytest.mark.parametrize(
    ("terms", "experiments", "config", "message"),
    [
        (DECOUPLED, CONDITIONED, {}, r"Circuit 1 \('other'\) has conditions, which dynamical_dec"),
        (TWIRLED_GATES, FRACTIONAL, {}, r"Circuit 1 \('other'\) has fractional gates"),
        (TWIRLED_READOUT, circuits(), {"meas_level": 1}, "needs meas_level=2, not 1"),
    ],
)
def test_a_circuit_that_would_fail_is_refused(terms, experiments, config, message):
    with pytest.raises(ApiInputError, match=message):
        sampler_options(config, terms, experiments)


@pytest.mark.parametrize(
    ("terms", "experiments", "config"),
    [
        ({"dynamical_decoupling": {"enable": False}}, CONDITIONED, {}),
        (DECOUPLED, FRACTIONAL, {}),
        (TWIRLED_GATES, CONDITIONED, {}),
        ({"twirling": {"enable_gates": False}}, FRACTIONAL, {}),
        (TWIRLED_READOUT, FRACTIONAL, {"meas_level": 2}),
        (TWIRLED_GATES, circuits(), {"meas_level": 1}),
    ],
)
def test_others_are_sent_as_they_are(terms, experiments, config):
    options = sampler_options(config, terms, experiments)
    assert {name: options[name] for name in terms} == terms


def test_without_a_request_there_are_no_options():
    assert sampler_options({}, {}, circuits()) == {}
