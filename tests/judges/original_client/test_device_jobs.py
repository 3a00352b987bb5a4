"""Jobs on a device: what is sent, what comes back, and what the job knows afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from accounts import BOOKED_BY_US, DEVICE
from circuits import bell, constant, distance, share, transpiled
from qiskit import QuantumCircuit, assemble
from qiskit.circuit import Parameter
from qiskit.providers.ibmq.exceptions import IBMQBackendApiError, IBMQBackendError
from qiskit.providers.ibmq.job.exceptions import IBMQJobFailureError
from qiskit.providers.jobstatus import JobStatus
from qiskit_aer import AerSimulator
from traffic import watched


def test_a_qobj_is_submitted_with_three_requests(submitted_qobj: SimpleNamespace) -> None:
    assert [method for method, _, _ in submitted_qobj.seen.requests] == ["POST", "PUT", "POST"]
    result = submitted_qobj.job.result()
    assert result.qobj_id == submitted_qobj.document.qobj_id
    counts = result.get_counts()
    assert sum(counts.values()) == 4096
    assert share(counts, "00", "11") > 0.85
    assert 0.3 < share(counts, "11") < 0.6
    assert len(counts) == 4, "the device has no noise"


def test_counts_are_those_of_aer_with_the_noise_of_the_calibration(
    device: Any, submitted_qobj: SimpleNamespace
) -> None:
    reference = AerSimulator.from_backend(device)
    run = reference.run(transpiled(bell(), device), shots=100_000, seed_simulator=5)
    counts = submitted_qobj.job.result().get_counts()
    assert distance(counts, run.result().get_counts()) < 0.03


def test_name_tags_header_and_memory_of_a_job(named_job: Any) -> None:
    assert (named_job.name(), sorted(named_job.tags())) == ("named bell", ["bell", "named"])
    result = named_job.result()
    memory = result.get_memory()
    assert len(memory) == 500
    assert set(memory) <= {"00", "01", "10", "11"}
    counts = result.get_counts("bell")
    assert {key: memory.count(key) for key in counts} == dict(counts)
    header = result.header.to_dict()
    assert (header["note"], header["number"]) == ("kept", 7)
    assert result.results[0].header.name == "bell"
    assert (result.backend_name, result.job_id) == (DEVICE, named_job.job_id())
    assert isinstance(result.date, datetime)
    assert result.date.tzinfo


def test_results_of_several_circuits_come_in_order_and_by_name(device: Any) -> None:
    values = (0, 5, 18, 31)
    circuits = [constant(value, 5, f"value {value}") for value in values]
    result = device.run(transpiled(circuits, device), shots=1000).result()
    for index, value in enumerate(values):
        for key in (index, f"value {value}"):
            counts = result.get_counts(key)
            assert max(counts, key=counts.get) == format(value, "05b")


def test_parameters_are_bound(device: Any) -> None:
    angle = Parameter("angle")
    rotation = QuantumCircuit(1, 1)
    rotation.rx(angle, 0)
    rotation.measure(0, 0)
    binds = [{angle: value} for value in (0.0, 3.141592653589793)]
    job = device.run(transpiled(rotation, device), parameter_binds=binds, shots=1000)
    zero, one = job.result().get_counts()
    assert share(zero, "0") > 0.85
    assert share(one, "1") > 0.85


def test_a_retrieved_job_knows_what_the_submitted_one_knew(provider: Any, named_job: Any) -> None:
    with watched() as seen:
        job = provider.backend.retrieve_job(named_job.job_id())
    assert len(seen.requests) == 1
    assert (job.job_id(), job.backend().name()) == (named_job.job_id(), DEVICE)
    assert (job.name(), sorted(job.tags())) == ("named bell", ["bell", "named"])
    assert job.status() == JobStatus.DONE
    assert job.result().get_counts() == named_job.result().get_counts()
    assert job.header()["note"] == "kept"
    options = job.backend_options()
    assert (options["shots"], options["memory"]) == (500, True)
    (circuit,) = job.circuits()
    assert circuit.name == "bell"
    assert circuit.count_ops() == named_job.circuits()[0].count_ops()
    assert job.scheduling_mode() == "fairshare"
    assert job.client_version == {"qiskit": "0.46.3"}
    assert job.error_message() is None
    assert job.queue_info() is None
    assert job.summary_data_["summary"]["num_circuits"] == 1


def test_times_of_a_job_are_in_order_and_in_local_time(named_job: Any) -> None:
    named_job.refresh()
    times = named_job.time_per_step()
    steps = ["CREATING", "CREATED", "VALIDATING", "VALIDATED", "QUEUED", "RUNNING", "COMPLETED"]
    assert list(times) == steps
    moments = list(times.values())
    assert sorted(moments) == moments
    assert moments[0] == named_job.creation_date()
    assert 0 <= (datetime.now(UTC) - moments[-1]).total_seconds() < 300
    assert moments[0].utcoffset() == moments[0].astimezone().utcoffset()


def test_properties_of_a_job_are_those_of_the_device_at_its_run(
    device: Any, named_job: Any
) -> None:
    properties = named_job.properties()
    assert properties.backend_name == DEVICE
    now = device.properties()
    assert properties.gate_error("cx", [0, 1]) == now.gate_error("cx", [0, 1])


def test_a_job_of_another_device_is_refused(provider: Any, named_job: Any) -> None:
    with pytest.raises(IBMQBackendError, match="does not belong"):
        provider.get_backend(BOOKED_BY_US).retrieve_job(named_job.job_id())


def test_an_unknown_job_is_refused(device: Any) -> None:
    with pytest.raises(IBMQBackendApiError, match="404 Client Error.*Error code: 3250"):
        device.retrieve_job("0" * 24)


def test_a_job_runs_in_our_reservation(provider: Any) -> None:
    backend = provider.get_backend(BOOKED_BY_US)
    job = backend.run(transpiled(bell(), backend), shots=100)
    assert sum(job.result().get_counts().values()) == 100
    assert job.scheduling_mode() == "dedicated"


def test_an_unknown_instruction_is_named_in_the_error(device: Any, failed_job: Any) -> None:
    assert failed_job.status() == JobStatus.ERROR
    message = failed_job.error_message()
    for fragment in ("Instruction h", "not transpiled", DEVICE, "Error code: "):
        assert fragment in message
    with pytest.raises(IBMQJobFailureError, match="Instruction h") as error:
        failed_job.result()
    assert failed_job.job_id() in str(error.value)
    assert device.retrieve_job(failed_job.job_id()).error_message() == message


def test_a_gate_on_qubits_that_are_not_coupled_fails(device: Any) -> None:
    circuit = QuantumCircuit(5, 1)
    circuit.cx(0, 4)
    circuit.measure(4, 0)
    message = device.run(circuit, shots=100).error_message()
    assert "cx" in message
    assert "[0, 4]" in message


def test_too_many_shots_fail_with_a_code(device: Any) -> None:
    document = assemble(transpiled(bell(), device), device, shots=100)
    document.config.shots = 10_000  # the client refuses it in run()
    job = device.run(document)
    with pytest.raises(IBMQJobFailureError):
        job.result()
    assert "10000" in job.error_message()
    assert job.error_message().endswith("Error code: 1103.")
