"""Noise models are the same after the conversion to JSON that clients do."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from qiskit.providers.fake_provider import FakeVigo
from qiskit_aer.noise import (
    NoiseModel,
    QuantumError,
    ReadoutError,
    amplitude_damping_error,
    coherent_unitary_error,
    depolarizing_error,
)

from ibmq_backend.emulator.checks.qobj import JobRefused
from ibmq_backend.emulator.simulation.noise_documents import read_noise_model


def on_the_wire(model: NoiseModel) -> Any:
    """The document as the original client encodes it: complex numbers as pairs."""

    def plain(value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return value.tolist()
        return [value.real, value.imag]

    return json.loads(json.dumps(model.to_dict(), default=plain))


def errors_of(model: NoiseModel) -> dict[Any, QuantumError]:
    return {
        (name, qubits): error
        for name, by_qubits in model._local_quantum_errors.items()
        for qubits, error in by_qubits.items()
    }


@pytest.mark.filterwarnings("ignore:All fake backend instances:DeprecationWarning")
def test_a_device_model_comes_back_with_the_same_channels() -> None:
    sent = NoiseModel.from_backend(FakeVigo())
    got = read_noise_model(on_the_wire(sent))
    assert got is not None
    sent_errors, got_errors = errors_of(sent), errors_of(got)
    assert got_errors.keys() == sent_errors.keys()
    for place in (("cx", (0, 1)), ("sx", (2,))):
        assert np.allclose(
            got_errors[place].to_quantumchannel().data,
            sent_errors[place].to_quantumchannel().data,
        )
    assert got._local_readout_errors == sent._local_readout_errors


@pytest.mark.parametrize(
    "error",
    [
        amplitude_damping_error(0.25),
        coherent_unitary_error(np.array([[0, -1j], [1j, 0]])),
        depolarizing_error(0.1, 1),
    ],
    ids=["kraus", "unitary", "pauli"],
)
def test_errors_of_all_qubits_come_back(error: QuantumError) -> None:
    sent = NoiseModel()
    sent.add_all_qubit_quantum_error(error, ["x"])
    got = read_noise_model(on_the_wire(sent))
    assert got is not None
    channel = got._default_quantum_errors["x"].to_quantumchannel()
    assert np.allclose(channel.data, error.to_quantumchannel().data)


def test_a_readout_error_comes_back() -> None:
    sent = NoiseModel()
    sent.add_all_qubit_readout_error(ReadoutError([[0.8, 0.2], [0.4, 0.6]]))
    got = read_noise_model(on_the_wire(sent))
    assert got is not None
    assert got._default_readout_error == sent._default_readout_error


@pytest.mark.parametrize("document", [None, {}])
def test_no_model(document: object) -> None:
    assert read_noise_model(document) is None


@pytest.mark.parametrize(
    "document",
    [
        "noise",
        {"errors": [{"type": "weather"}]},
        {"errors": ["error"]},
        {"errors": 5},
        {
            "errors": [
                {
                    "type": "qerror",
                    "operations": ["x"],
                    "instructions": [[{"name": "kraus", "qubits": [0], "params": [[1, 0]]}]],
                    "probabilities": [1.0],
                }
            ]
        },
    ],
)
def test_invalid_models_are_refused_with_their_code(document: object) -> None:
    with pytest.raises(JobRefused, match="noise_model") as caught:
        read_noise_model(document)
    assert caught.value.code == 1002
