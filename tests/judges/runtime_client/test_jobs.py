"""Jobs of the sampler: circuits of all kinds, their options and results, and what fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from accounts import DEVICE
from circuits import bell, share, transpiled
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit_ibm_runtime import SamplerV2
from qiskit_ibm_runtime.api.exceptions import RequestsApiError
from qiskit_ibm_runtime.exceptions import (
    IBMInputValueError,
    IBMRuntimeError,
    RuntimeJobFailureError,
    RuntimeJobMaxTimeoutError,
)
from qiskit_ibm_runtime.executor_sampler import SamplerV2 as ExecutorSampler
from traffic import watched

HEAD = 'OPENQASM 3.0; include "stdgates.inc";'


def run(backend: Any, *circuits: Any, shots: int = 200) -> Any:
    """Run circuits on a device and wait for the result."""
    return SamplerV2(mode=backend).run(list(circuits), shots=shots).result()


def send(client: Any, backend: Any, pub: list[Any], *, support_qiskit: bool = True) -> Any:
    """Submit a sampler job whose program the client's sampler would not send."""
    body = {"pubs": [pub], "version": 2, "support_qiskit": support_qiskit}
    return client._run("sampler", body, options={"backend": backend})


def test_counts_metadata_and_times_of_a_bell_pair(bell_job: Any) -> None:
    result = bell_job.result()
    counts = result[0].data.c.get_counts()
    assert sum(counts.values()) == 500
    assert share(counts, "00", "11") > 0.85
    assert result[0].metadata["circuit_metadata"] == {"lesson": 3}
    spans = result.metadata["execution"]["execution_spans"]
    assert spans[0].size == 500
    assert spans.start <= spans.stop
    assert result.metadata["emulation"]["device"] == DEVICE


def test_a_run_creates_one_job(device: Any) -> None:
    circuit = transpiled(bell(), device)
    with watched() as seen:
        run(device, circuit)
    assert seen.count("POST", "/api/v1/jobs") == 1


def test_several_circuits_with_several_registers(device: Any) -> None:
    circuit = QuantumCircuit(
        QuantumRegister(2, "q"), ClassicalRegister(1, "first"), ClassicalRegister(9, "second")
    )
    circuit.x(1)
    circuit.measure(0, 0)
    circuit.measure(1, 9)
    result = run(device, *transpiled([circuit, bell()], device))
    assert len(result) == 2
    data = result[0].data
    assert share(data.first.get_counts(), "0") > 0.9
    assert share(data.second.get_counts(), "100000000") > 0.85
    assert data.second.num_bits == 9
    assert share(result[0].join_data().get_counts(), "1000000000") > 0.8


def test_a_sweep_over_a_parameter(device: Any) -> None:
    angle = Parameter("angle")
    circuit = QuantumCircuit(1, 1)
    circuit.rx(angle, 0)
    circuit.measure(0, 0)
    angles = np.linspace(0, np.pi, 4).reshape(4, 1)
    data = run(device, (transpiled(circuit, device), angles))[0].data.c
    assert data.shape == (4,)
    ones = [share(data[index].get_counts(), "1") for index in range(4)]
    assert ones == sorted(ones)
    assert ones[0] < 0.1 < 0.9 < ones[3]


def test_gates_depend_on_a_measurement(device: Any) -> None:
    circuit = QuantumCircuit(2, 2)
    circuit.x(0)
    circuit.measure(0, 0)
    with circuit.if_test((circuit.clbits[0], 1)) as otherwise:
        circuit.x(1)
    with otherwise:
        circuit.sx(1)
    circuit.measure(1, 1)
    data = run(device, transpiled(circuit, device))[0].data
    assert share(data.c.get_counts(), "11") > 0.85


@pytest.mark.parametrize("name", ["ibm_lagos", "ibm_prague"])  # cx and cz instead of ecr
def test_devices_with_other_gates(client: Any, name: str) -> None:
    backend = client.backend(name)
    counts = run(backend, transpiled(bell(), backend))[0].data.c.get_counts()
    assert share(counts, "00", "11") > 0.8


def test_openqasm_2_fails_with_code_and_reason(client: Any, device: Any) -> None:
    job = send(client, device, ["OPENQASM 2.0;", None, 10])
    with pytest.raises(RuntimeJobFailureError, match=r"(?s)1506.*OPENQASM 3|OPENQASM 3.*1506"):
        job.result()
    assert job.status() == "ERROR"
    assert "1506" in job.error_message()
    assert "1506" in job.logs()


def test_an_instruction_that_the_device_lacks_fails_with_its_code(client: Any, device: Any) -> None:
    job = send(client, device, [f"{HEAD} bit[1] c; h $0; c[0] = measure $0;"])
    with pytest.raises(RuntimeJobFailureError, match="1517") as error:
        job.result()
    assert "instruction h" in str(error.value)


def test_results_as_plain_json(client: Any, device: Any) -> None:
    pub = [f"{HEAD} bit[1] c; x $0; c[0] = measure $0;", None, 9]
    job = send(client, device, pub, support_qiskit=False)
    job.wait_for_final_state(timeout=30)
    result = job._api_client.job_results(job.job_id())
    assert '"num_bits":1' in result.replace(" ", "")


def test_values_by_name_and_shots_of_each_circuit(device: Any) -> None:
    first, second = Parameter("first"), Parameter("second")
    circuit = QuantumCircuit(1, 1)
    circuit.rx(first, 0)
    circuit.rx(second, 0)
    circuit.measure(0, 0)
    values = {"second": [[0.0], [np.pi]], "first": [[np.pi], [np.pi]]}
    pub = (transpiled(circuit, device), values, 50)
    result = SamplerV2(mode=device).run([pub, (*pub[:2], 20)], shots=10).result()
    assert [one.data.c.num_shots for one in result] == [50, 20]
    assert [share(result[0].data.c[index].get_counts(), "1") > 0.5 for index in (0, 1)] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("options", "ignored"),
    [
        ({"execution": {"init_qubits": False, "rep_delay": 0.0003}}, None),
        ({"experimental": {"anything": 1}}, None),
        (
            {"dynamical_decoupling": {"enable": True, "sequence_type": "XY4"}},
            ["dynamical_decoupling"],
        ),
        (
            {"twirling": {"enable_gates": True, "num_randomizations": 8, "strategy": "all"}},
            ["twirling"],
        ),
    ],
)
def test_options(device: Any, options: dict[str, Any], ignored: list[str] | None) -> None:
    sampler = SamplerV2(mode=device, options={"default_shots": 64, **options})
    result = sampler.run([transpiled(bell(), device)]).result()
    assert result[0].data.c.num_shots == 64
    assert result.metadata["emulation"].get("ignored_options") == ignored


@pytest.mark.parametrize(("kind", "shape"), [("kerneled", (30, 2)), ("avg_kerneled", (2,))])
def test_points_in_the_iq_plane(device: Any, kind: str, shape: tuple[int, ...]) -> None:
    sampler = SamplerV2(mode=device, options={"execution": {"meas_type": kind}})
    points = sampler.run([transpiled(bell(), device)], shots=30).result()[0].data.c
    assert (points.shape, points.dtype) == (shape, complex)


def test_a_seed_repeats_the_counts(device: Any) -> None:
    options = {"simulator": {"seed_simulator": 5}}
    circuit = transpiled(bell(), device)
    first, again = (
        SamplerV2(mode=device, options=options).run([circuit], shots=100).result()[0]
        for _ in range(2)
    )
    assert first.data.c.get_bitstrings() == again.data.c.get_bitstrings()


def test_the_environment_of_a_job(client: Any, device: Any) -> None:
    options = {
        "max_execution_time": 100,
        "environment": {"log_level": "DEBUG", "job_tags": ["dusk"], "private": False},
    }
    job = SamplerV2(mode=device, options=options).run([transpiled(bell(), device)], shots=5)
    job.wait_for_final_state(timeout=60)
    assert (job.done(), job.in_final_state(), job.errored()) == (True, True, False)
    assert (job.tags, job.private, job.session_id) == (["dusk"], False, None)
    assert job.error_message() is None
    assert job.usage(partial=True) == job.usage()
    assert job.instance == client.active_instance()


def test_a_job_that_takes_longer_than_its_maximum(device: Any) -> None:
    sampler = SamplerV2(mode=device, options={"max_execution_time": 1})
    job = sampler.run([transpiled(bell(), device)], shots=100_000)
    with pytest.raises(RuntimeJobMaxTimeoutError, match="1305"):
        job.result()
    assert (job.status(), job.usage()) == ("ERROR", 1)


def test_too_many_shots(device: Any) -> None:
    sampler, circuit = SamplerV2(mode=device), transpiled(bell(), device)
    with pytest.raises(IBMRuntimeError, match="1208.*1 to 10000000"):
        sampler.run([circuit], shots=20_000_000)
    with pytest.raises(RuntimeJobFailureError, match="1520.*15000000 executions"):
        sampler.run([circuit] * 3, shots=5_000_000).result()


def test_circuits_of_other_devices_are_refused(client: Any, device: Any) -> None:
    with pytest.raises(IBMInputValueError, match="instruction h"):
        SamplerV2(mode=device).run([bell()])
    lagos = client.backend("ibm_lagos")
    with pytest.raises(IBMInputValueError, match="127 qubits"):
        SamplerV2(mode=lagos).run([transpiled(bell(), device)])


def test_results_before_the_end(waiting_job: Any) -> None:
    with pytest.raises(RequestsApiError, match="1234") as error:
        waiting_job._api_client.job_results(waiting_job.job_id())
    assert error.value.status_code == 400


def test_a_job_of_the_executor_is_listed_and_fails(client: Any, device: Any) -> None:
    job = ExecutorSampler(mode=device).run([transpiled(bell(), device)], shots=10)
    with pytest.raises(RuntimeJobFailureError, match="1500.*'executor'.*'estimator'"):
        job.result()
    (listed,) = client.jobs(program_id="executor")
    assert listed.job_id() == job.job_id()
    assert "quantum_program" in listed.inputs
