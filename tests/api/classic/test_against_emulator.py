"""Tests of the classic adapter with the emulator over loopback HTTP."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from qiskit import QuantumCircuit, assemble
from qiskit.providers.models import QasmBackendConfiguration
from qiskit.result import Result

from ibmq_backend.api.classic.auth import ClassicServiceClient
from ibmq_backend.emulator.http.embedded import LocalService
from ibmq_backend.exceptions import ApiNotFound, ApiStatusError
from ibmq_backend.records import JobQuery, Submission


@pytest.fixture(scope="module")
def account():
    service = LocalService()
    service.start()
    account = ClassicServiceClient(service.url, service.api_token, target="local")
    yield account
    account.close()
    service.stop()


@pytest.fixture(scope="module")
def client(account):
    return account.open(account.instances()[0].id)


@pytest.fixture(scope="module")
def qobj():
    circuit = QuantumCircuit(5, 2, name="bell")
    circuit.x(0)
    circuit.cx(0, 1)
    circuit.measure([0, 1], [0, 1])
    return assemble(circuit, shots=200).to_dict()


@pytest.fixture(scope="module")
def finished(client, qobj):
    record = client.submit(
        Submission("ibmq_vigo", qobj, "tests:submission-1", name="first", tags=("one", "two"))
    )
    words = [record.status]
    words += [change.status for change in client.watch_job(record.job_id, 60.0)]
    assert words[-1] == "DONE"
    return record.job_id


def test_backends_have_their_documented_fields(client):
    records = {record.name: record for record in client.backends()}
    assert {"ibmq_vigo", "ibmqx2", "ibmq_qasm_simulator"} <= set(records)
    assert records["ibmq_qasm_simulator"].simulator
    document = dict(records["ibmq_vigo"].configuration)
    assert QasmBackendConfiguration.from_dict(document).n_qubits == 5
    assert client.status("ibmq_vigo").operational
    assert client.job_limit("ibmq_vigo").running_jobs == 0


def test_calibration_has_a_date(client):
    newest = client.properties("ibmq_vigo")
    assert newest is not None
    assert newest["backend_name"] == "ibmq_vigo"
    assert client.properties("ibmq_vigo", datetime(2000, 1, 1, tzinfo=UTC)) is None
    assert client.properties("ibmq_qasm_simulator") is None


def test_a_job_from_submission_to_result(client, finished, qobj):
    job = client.job(finished)
    assert (job.status, job.backend_name, job.name) == ("DONE", "ibmq_vigo", "first")
    assert set(job.tags) == {"one", "two", "tests:submission-1"}
    assert list(job.time_per_step)[-1] == "COMPLETED"
    assert client.job_input(finished) == qobj
    counts = Result.from_dict(dict(client.job_result(finished))).get_counts()
    assert counts["11"] > 120
    assert sum(counts.values()) == 200
    assert client.job_properties(finished)["backend_name"] == "ibmq_vigo"
    assert client.cancel(finished) is False


def test_jobs_are_found_again(client, finished):
    def ids(**conditions):
        return [record.job_id for record in client.jobs(JobQuery(**conditions), None)]

    assert ids(statuses=("DONE",)) == [finished]
    assert ids(statuses=("RUNNING", "QUEUED", "ERROR")) == []
    assert ids(tags=("one", "other")) == [finished]
    assert ids(tags=("one", "other"), all_tags=True) == []
    assert ids(tags=("one", "two"), all_tags=True, backend_name="ibmq_vigo") == [finished]
    assert ids(name_pattern="^fir") == [finished]
    assert ids(name_pattern="nothing") == []
    created = client.job(finished).created
    assert ids(created_from=created, created_to=created) == [finished]
    assert [s.job_id for s in client.job_summaries(JobQuery(), 5)] == [finished]
    assert client.find("tests:submission-1").job_id == finished
    assert client.find("tests:submission-2") is None


def test_changing_name_and_tags(client, finished):
    client.relabel(finished, name="second")
    assert client.job(finished).name == "second"
    client.relabel(finished, name="first")


@pytest.mark.parametrize("ask", ["job", "job_status", "job_result", "cancel", "delete"])
def test_a_job_that_does_not_exist(client, ask):
    with pytest.raises(ApiNotFound) as caught:
        getattr(client, ask)("609100000000000000000001")
    assert caught.value.code == 3250
    assert caught.value.trace_id


def test_a_backend_that_does_not_exist(client, qobj):
    with pytest.raises(ApiStatusError):
        client.submit(Submission("ibmq_nowhere", qobj, "tests:submission-3"))
    assert client.find("tests:submission-3") is None


def test_no_secret_in_any_log(client, account, qobj, caplog):
    caplog.set_level("DEBUG")
    record = client.submit(Submission("ibmq_vigo", qobj, "tests:submission-4"))
    assert [change.status for change in client.watch_job(record.job_id, 60.0)][-1] == "DONE"
    client.job_result(record.job_id)
    client.delete(record.job_id)
    mine = [r for r in caplog.records if r.name.split(".")[0] in ("ibmq_backend", "httpx")]
    text = "\n".join(logging.Formatter("%(name)s %(message)s").format(r) for r in mine)
    assert "createJob" in text or "/Jobs" in text
    assert account._token.text() not in text
    assert "signature=" not in text
