"""Jobs of the sampler: circuits of all kinds, their results, sessions, and what fails."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from accounts import DEVICE
from circuits import bell, share, transpiled
from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
from qiskit.circuit import Parameter
from qiskit_ibm_runtime import Batch, SamplerV2, Session
from qiskit_ibm_runtime.exceptions import RuntimeJobFailureError
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


def test_a_session_has_jobs_and_is_closed(device: Any) -> None:
    with Session(backend=device) as session:
        job = SamplerV2(mode=session).run([transpiled(bell(), device)], shots=50)
        job.result()
        assert job.session_id == session.session_id
        assert session.details()["state"] == "active"
    assert session.details()["state"] == "closed"


def test_a_batch_is_cancelled(device: Any) -> None:
    batch = Batch(backend=device)
    assert batch.details()["mode"] == "batch"
    batch.cancel()
    assert batch.details()["state"] == "closed"
