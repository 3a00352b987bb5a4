"""Jobs of the estimator: observables, parameter values, options, and what fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from circuits import transpiled
from qiskit import QuantumCircuit
from qiskit.circuit import Parameter
from qiskit.quantum_info import PauliList, SparseObservable, SparsePauliOp
from qiskit_ibm_runtime import Batch, EstimatorV2, Session
from qiskit_ibm_runtime.exceptions import IBMInputValueError, RuntimeJobFailureError


@pytest.fixture(scope="module")
def pair(device: Any) -> QuantumCircuit:
    """A Bell pair: ZZ and XX are 1, YY is -1, and single letters are 0."""
    circuit = QuantumCircuit(2, name="pair")
    circuit.h(0)
    circuit.cx(0, 1)
    circuit.metadata = {"lesson": 4}
    return transpiled(circuit, device)


def on(circuit: QuantumCircuit, *terms: Any) -> SparsePauliOp:
    """Return an observable of pairs of letters and factors on the qubits of the circuit."""
    return SparsePauliOp.from_list(terms).apply_layout(circuit.layout)


def estimated(mode: Any, *pubs: Any, options: Any = None, **run: Any) -> Any:
    """Run an estimator and wait for its result."""
    return EstimatorV2(mode=mode, options=options).run(list(pubs), **run).result()


def test_a_sum_of_paulis(client: Any, device: Any, pair: QuantumCircuit) -> None:
    observable = on(pair, ("ZZ", 1), ("XX", 0.5), ("YY", -2), ("II", 3))
    job = EstimatorV2(mode=device).run([(pair, observable)])
    result = job.result()
    data = result[0].data
    assert data.evs == pytest.approx(6.5, abs=0.3)
    assert 0 < data.stds < 0.05
    assert data.ensemble_standard_error == data.stds
    assert data.evs.shape == data.shape == ()
    assert result[0].metadata == {
        "shots": 4096,
        "target_precision": 0.015625,
        "circuit_metadata": {"lesson": 4},
        "resilience": {},
        "num_randomizations": 1,
    }
    assert (job.primitive_id, job.status()) == ("estimator", "DONE")
    assert job.usage() > 0
    assert job.usage_estimation["quantum_seconds"] > 0
    assert [one.job_id() for one in client.jobs(program_id="estimator", limit=1)] == [job.job_id()]


def test_observables_of_every_form(device: Any, pair: QuantumCircuit) -> None:
    zz, zi = on(pair, ("ZZ", 1)), on(pair, ("ZI", 1))
    label = zz.paulis[0].to_label()
    forms = [zz, zz.paulis[0], label, {label: 1.0}, SparseObservable.from_sparse_pauli_op(zz)]
    result = estimated(device, *((pair, form) for form in forms), precision=0.05)
    assert [one.data.evs for one in result] == pytest.approx([1] * 5, abs=0.3)
    arrays = [PauliList([zz.paulis[0], zi.paulis[0]]), [[zz], [zi]], [zz, {label: 0.5}]]
    result = estimated(device, *((pair, array) for array in arrays), precision=0.05)
    assert [one.data.shape for one in result] == [(2,), (2, 1), (2,)]
    assert result[0].data.evs == pytest.approx([1, 0], abs=0.3)
    assert result[2].data.evs == pytest.approx([1, 0.5], abs=0.3)


def test_values_and_observables_are_broadcast(device: Any) -> None:
    angle, phase = Parameter("angle"), Parameter("phase")
    circuit = QuantumCircuit(2)
    circuit.rz(phase, 1)
    circuit.ry(angle, 0)
    circuit.cx(0, 1)
    circuit = transpiled(circuit, device)
    observables = [[on(circuit, ("ZZ", 1))], [on(circuit, ("IZ", 1))]]
    angles = np.array([0, np.pi / 2, np.pi])
    values = np.stack([angles, np.ones(3)], axis=-1)
    by_name = {angle: angles, phase: np.ones(3)}
    result = estimated(device, (circuit, observables, values), (circuit, observables, by_name))
    for one in result:
        assert one.data.shape == (2, 3)
        assert one.data.evs == pytest.approx(np.array([[1, 1, 1], [1, 0, -1]]), abs=0.12)


def test_precision_of_a_pub_of_a_run_and_by_default(device: Any, pair: QuantumCircuit) -> None:
    pub = (pair, on(pair, ("XX", 1)))
    result = estimated(device, (*pub, None, 0.1), pub, precision=0.05)
    assert [one.metadata["shots"] for one in result] == [100, 400]
    by_default = estimated(device, pub, options={"default_precision": 0.25})
    assert by_default[0].metadata["shots"] == 16
    by_shots = estimated(device, pub, options={"default_shots": 64})
    assert by_shots[0].metadata["target_precision"] == 0.125


def test_readout_is_mitigated_by_default(device: Any, pair: QuantumCircuit) -> None:
    observable = on(pair, ("ZZ", 1))
    raw, usual = (
        estimated(device, (pair, observable), options=options, precision=0.004)
        for options in ({"resilience_level": 0}, None)
    )
    assert raw[0].data.evs < usual[0].data.evs < 1.02
    mitigated = [one.metadata["resilience"]["measure_mitigation"] for one in (raw, usual)]
    assert mitigated == [False, True]


@pytest.mark.parametrize(
    ("options", "ignored"),
    [
        ({"resilience_level": 2}, ["zne_mitigation"]),
        (
            {
                "resilience": {
                    "zne_mitigation": True,
                    "zne": {
                        "amplifier": "pea",
                        "noise_factors": [1, 3, 5],
                        "extrapolator": ["exponential", "linear"],
                    },
                    "layer_noise_learning": {"layer_pair_depths": [0, 1, 2]},
                }
            },
            ["zne_mitigation"],
        ),
        (
            {"resilience": {"pec_mitigation": True, "pec": {"noise_gain": "auto"}}},
            ["pec_mitigation"],
        ),
        (
            {
                "dynamical_decoupling": {"enable": True},
                "twirling": {"enable_gates": True, "shots_per_randomization": 64},
                "execution": {"rep_delay": 0.0003},
                "resilience": {
                    "measure_mitigation": True,
                    "measure_noise_learning": {"num_randomizations": 16},
                },
            },
            ["dynamical_decoupling", "twirling"],
        ),
    ],
)
def test_options_that_are_not_applied_are_named(
    device: Any, pair: QuantumCircuit, options: dict[str, Any], ignored: list[str]
) -> None:
    pub = (pair, on(pair, ("ZZ", 1)))
    result = estimated(device, pub, options=options, precision=0.1)
    assert result[0].data.evs == pytest.approx(1, abs=0.3)
    assert result.metadata["emulation"]["ignored_options"] == ignored
    assert result.metadata["resilience"]["zne_mitigation"] is False


def test_a_seed_repeats_the_estimates(device: Any, pair: QuantumCircuit) -> None:
    pub = (pair, [on(pair, ("ZI", 1)), on(pair, ("XI", 1))])
    first, again, other = (
        estimated(device, pub, options={"seed_estimator": seed}, precision=0.05)[0].data.evs
        for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("kind", [Session, Batch])
def test_estimators_in_sessions_and_batches(
    client: Any, device: Any, pair: QuantumCircuit, kind: Any
) -> None:
    with kind(backend=device) as mode:
        job = EstimatorV2(mode=mode).run([(pair, on(pair, ("ZZ", 1)))], precision=0.1)
        evs = job.result()[0].data.evs
    assert job.session_id == mode.session_id
    again = client.job(job.job_id())
    assert again.result()[0].data.evs == evs
    circuit, observables, _, precision = again.inputs["pubs"][0]
    assert circuit.num_qubits == device.num_qubits
    assert (list(observables.values()), precision) == ([1.0], 0.1)


def test_a_private_estimate(client: Any, device: Any, pair: QuantumCircuit) -> None:
    estimator = EstimatorV2(mode=device)
    estimator.options.environment.private = True
    job = estimator.run([(pair, on(pair, ("ZZ", 1)))], precision=0.1)
    assert job.result()[0].data.evs == pytest.approx(1, abs=0.3)
    assert client.job(job.job_id()).inputs == {}


def test_what_the_client_refuses(device: Any) -> None:
    circuit = QuantumCircuit(2)
    circuit.h(0)
    with pytest.raises(IBMInputValueError, match="instruction h"):
        EstimatorV2(mode=device).run([(circuit, "ZZ")])


def test_what_the_service_refuses(client: Any, device: Any, pair: QuantumCircuit) -> None:
    zz = on(pair, ("ZZ", 1))
    with pytest.raises(RuntimeJobFailureError, match="1520.*executions"):
        estimated(device, (pair, zz), precision=1e-4)
    conditional = QuantumCircuit(2, 1)
    conditional.measure(0, 0)
    with conditional.if_test((conditional.clbits[0], 1)):
        conditional.x(1)
    with pytest.raises(RuntimeJobFailureError, match="1522.*control flow"):
        estimated(device, (transpiled(conditional, device), "Z" * 127))
    body = {"pubs": [[pair, "ZZ", None, 0.1]], "version": 2, "support_qiskit": True}
    narrow = client._run("estimator", body, options={"backend": device})
    with pytest.raises(RuntimeJobFailureError, match="1501.*127 qubits"):
        narrow.result()


def test_estimates_as_plain_json(client: Any, device: Any, pair: QuantumCircuit) -> None:
    label = on(pair, ("ZZ", 1)).paulis[0].to_label()
    pub = [pair, [label, "I" * 127], None, 0.1]
    body = {"pubs": [pub], "version": 2, "support_qiskit": False}
    job = client._run("estimator", body, options={"backend": device})
    data = job.result()["results"][0]["data"]
    assert data["evs"] == pytest.approx([1, 1], abs=0.3)
    assert data["stds"][1] == 0
