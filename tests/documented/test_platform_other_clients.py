"""Jobs of other clients, read by an old program."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from qiskit.providers import JobStatus
from sqlalchemy import update

from ibmq_backend import IBMQ
from ibmq_backend.emulator.devices.options import DeviceOptions
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.emulator.service_state import Settings
from ibmq_backend.emulator.store.schema import program_runs
from ibmq_backend.exceptions import IBMQJobApiError
from tests.support import heron
from tests.support.other_clients import post_job

DEVICE = "ibm_exact"
HEAD = 'OPENQASM 3.0;\ninclude "stdgates.inc";\n'
TWO_REGISTERS = (
    HEAD + "bit[2] alpha;\nbit[9] beta;\nx $0;\nx $2;\nsx $3;\n"
    "alpha[0] = measure $0;\nalpha[1] = measure $1;\nbeta[8] = measure $2;\nbeta[0] = measure $3;\n"
)
SWEEP = (
    HEAD + "input float[64] theta;\nbit[1] c;\nsx $0;\nrz(theta) $0;\nsx $0;\nc[0] = measure $0;\n"
)
QPY = json.loads((Path(__file__).parents[1] / "emulator/sampler/qpy_samples.json").read_text())


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = heron.write_device(
        tmp_path_factory.mktemp("devices"), DEVICE, qubits=8, calibrated=False
    )
    with LocalService(settings=Settings(seed=11), options=DeviceOptions((folder,))) as running:
        yield running


@pytest.fixture
def backend(service):
    provider = IBMQ.enable_account(service.api_key, service.platform_url, instance=service.crn)
    return provider.get_backend(DEVICE)


def params(*pubs, typed):
    return {"version": 2, "support_qiskit": typed, "pubs": list(pubs)}


@pytest.mark.parametrize("typed", [True, False])
def test_several_registers_of_typed_and_plain_results(service, backend, typed):
    job_id = post_job(service, DEVICE, "sampler", params([TWO_REGISTERS, None, 300], typed=typed))
    job = backend.retrieve_job(job_id)
    result = job.result(timeout=120)
    counts = result.get_counts()
    assert set(counts) == {"100000000 01", "100000001 01"}
    assert min(counts.values()) > 100
    assert Counter(result.get_memory()) == Counter(counts)
    header = result.results[0].header
    assert header.creg_sizes == [["alpha", 2], ["beta", 9]]
    assert (result.job_id, result.backend_name) == (job_id, DEVICE)
    (circuit,) = job.circuits()
    assert circuit.count_ops() == {"measure": 4, "x": 2, "sx": 1}


def test_a_sweep_is_one_result_for_each_set_of_values(service, backend):
    values = {"theta": [0.0, 3.141592653589793]}
    job_id = post_job(service, DEVICE, "sampler", params([SWEEP, values, 50], typed=True))
    job = backend.retrieve_job(job_id)
    result = job.result(timeout=120)
    assert [result.get_counts(index) for index in range(2)] == [{"1": 50}, {"0": 50}]
    with pytest.raises(IBMQJobApiError, match="has parameters"):
        job.circuits()


def test_circuits_of_a_newer_qiskit(service, backend):
    circuit = {"__type__": "QuantumCircuit", "__value__": QPY["basic-17"]}
    job_id = post_job(service, DEVICE, "sampler", params([circuit, None, 10], typed=True))
    job = backend.retrieve_job(job_id)
    job.wait_for_final_state(timeout=120)
    with pytest.raises(IBMQJobApiError, match="QPY"):
        job.circuits()
    assert job.status() in (JobStatus.DONE, JobStatus.ERROR)


@pytest.mark.parametrize("program", ["estimator", "executor", "noise-learner"])
def test_jobs_of_other_programs_are_described(service, backend, program):
    """Mark a job as one of another program, because the emulator runs not all of them."""
    job_id = post_job(
        service, DEVICE, "sampler", params([TWO_REGISTERS, None, 5], typed=True), tags=["theirs"]
    )
    backend.retrieve_job(job_id).wait_for_final_state(timeout=120)
    with service.service_state.store.write() as connection:
        connection.execute(
            update(program_runs).where(program_runs.c.job_id == job_id).values(program=program)
        )
    provider = backend.provider()
    listed = provider.backend.jobs(limit=5, job_tags=["theirs"])
    assert listed[0].job_id() == job_id
    assert job_id in {each["id"] for each in provider.backend.job_ids(limit=5)}
    job = backend.retrieve_job(job_id)
    assert (job.status(), job.tags(), job.name()) == (JobStatus.DONE, ["theirs"], None)
    assert list(job.time_per_step()) == ["QUEUED", "RUNNING", "COMPLETED"]
    assert job.error_message() is None
    assert job.properties() is None
    assert job_id in repr(job)
    for call in (job.result, job.circuits, job.backend_options, job.header):
        with pytest.raises(IBMQJobApiError, match=f"not a circuit job.*'{program}'"):
            call()
    assert job.update_tags(additional_tags=["seen"]) == ["theirs", "seen"]
