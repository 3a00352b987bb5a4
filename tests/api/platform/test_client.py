"""Requests and results of each method of the port for IBM Quantum Platform."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import httpx
import pytest
from qiskit.result import Result

from ibmq_backend.api.port import AccountClient, Capability
from ibmq_backend.exceptions import (
    ApiInputError,
    ApiNotFound,
    ApiNotSupported,
    ApiProtocolError,
    ApiServerError,
    ApiStatusError,
)
from ibmq_backend.records import JobQuery
from tests.support.fake_service import Turn
from tests.support.platform_replies import (
    CRN,
    DEVICE,
    JOB_ID,
    error_reply,
    examples,
    job,
    line_device,
    metrics,
    plain_results,
)
from tests.support.platform_submission import TAG, qobj, submission


def test_the_client_implements_the_port(client):
    assert isinstance(client, AccountClient)
    assert client.capabilities == {
        Capability.JOB_LOGS,
        Capability.JOB_NAMES,
        Capability.JOB_TERMS,
        Capability.PROPERTIES_BY_DATE,
        Capability.SESSIONS,
        Capability.USAGE,
    }
    assert client.instance.crn == CRN
    assert client.info.target == "platform"


# -- backends -------------------------------------------------------------------------------------


def test_configurations_are_read_on_first_use(service, client):
    records = client.backends()
    assert [record.name for record in records] == [DEVICE, "ibm_other"]
    assert service.names() == ["listBackends"]
    configuration = dict(records[0].configuration)
    assert configuration["backend_name"] == DEVICE
    assert configuration["open_pulse"] is False
    dict(records[0].configuration)
    client.backends()
    assert service.names() == ["listBackends", "getBackendConfiguration", "listBackends"]
    path = service.sent("getBackendConfiguration")[0].url.path
    assert path == f"/api/v1/backends/{DEVICE}/configuration"


@pytest.mark.parametrize("devices", examples("listBackends").values())
def test_lists_of_every_version(service, client, devices):
    service.replies["listBackends"] = devices
    assert [record.name for record in client.backends()] == ["ibm_example", "ibm_other"]


def test_a_listed_device_without_a_configuration(service, client):
    (record, _) = client.backends()
    service.replies["getBackendConfiguration"] = error_reply(404, 1009)
    with pytest.raises(ApiNotFound, match=f"{DEVICE}/configuration.*1009"):
        dict(record.configuration)
    service.replies["getBackendConfiguration"] = [1]
    with pytest.raises(ApiProtocolError):
        dict(record.configuration)
    service.replies["getBackendConfiguration"] = {"backend_name": DEVICE}
    with pytest.raises(KeyError, match="n_qubits"):
        dict(record.configuration)


def test_a_wrong_instance_has_a_hint(service, client):
    service.replies["listBackends"] = error_reply(
        404, 1279, f"No instance {CRN} here", solution="Use another region"
    )
    with pytest.raises(ApiNotFound) as caught:
        client.backends()
    error = caught.value
    assert (error.code, error.trace_id) == (1279, "7a0e6d2c-1111-4222-8333-abcdefabcdef")
    assert "Use another region" in error.message
    assert "Check that the CRN" in error.message
    assert "a/..." in error.message
    assert len(service.requests) == 1


def test_status(service, client):
    record = client.status(DEVICE)
    assert (record.operational, record.pending_jobs, record.version) == (True, 3, "1.0.3")
    service.replies["getBackendStatus"] = error_reply(404)
    with pytest.raises(ApiNotFound):
        client.status("nowhere")


def test_properties_and_their_date(service, client):
    document = client.properties(DEVICE)
    assert document["backend_name"] == DEVICE
    assert service.query("getBackendProperties") == {}
    client.properties(DEVICE, datetime(2026, 8, 1, 12, tzinfo=timezone(timedelta(hours=2))))
    assert service.query("getBackendProperties") == {
        "updated_before": ["2026-08-01T10:00:00+00:00"]
    }


@pytest.mark.parametrize(
    "nothing", [httpx.Response(200, content=b"null"), {}, error_reply(404, None)]
)
def test_no_properties(service, client, nothing):
    service.replies["getBackendProperties"] = nothing
    assert client.properties(DEVICE) is None


def test_malformed_properties(service, client):
    service.replies["getBackendProperties"] = {"qubits": [5], "gates": 3}
    with pytest.raises(ApiProtocolError, match="calibration"):
        client.properties(DEVICE)
    service.replies["getBackendProperties"] = error_reply(404, 1279)
    with pytest.raises(ApiNotFound):
        client.properties(DEVICE)


def test_there_are_no_defaults_and_none_are_requested(service, client):
    assert client.defaults(DEVICE) is None
    assert service.requests == []


def test_job_limit_counts_unfinished_jobs(service, client):
    service.replies["listJobs"] = {"jobs": [job(status="Queued")], "count": 7}
    limit = client.job_limit(DEVICE)
    assert (limit.maximum_jobs, limit.running_jobs) == (None, 7)
    query = service.query("listJobs")
    assert (query["pending"], query["backend"], query["limit"]) == (["true"], [DEVICE], ["1"])


def test_missing_features_raise_without_a_request(service, client):
    for refused in (
        lambda: client.reservations(DEVICE),
        client.my_reservations,
        lambda: client.watch_job(JOB_ID, None),
        lambda: client.jobs(JobQuery(where={"a": 1}), None),
        lambda: client.submit(submission(experiment_id="e")),
    ):
        with pytest.raises(ApiNotSupported):
            refused()
    assert service.requests == []


@pytest.mark.parametrize("name", ["", " ", ".", "..", None, 5])
def test_names_that_would_change_the_path_are_rejected(service, client, name):
    for ask in (client.status, client.job, client.job_result, client.cancel, client.delete):
        with pytest.raises(ApiNotFound):
            ask(name)
    assert service.requests == []


def test_ids_are_encoded(service, client):
    client.job_status("a/b?c")
    assert service.requests[0].url.raw_path.startswith(b"/api/v1/jobs/a%2Fb%3Fc?")


# -- reading jobs ---------------------------------------------------------------------------------


def test_a_finished_job_has_all_fields(service, client):
    record = client.job(JOB_ID)
    assert service.names() == ["getJob", "getJobMetrics"]
    assert service.query("getJob") == {"exclude_params": ["true"]}
    assert record.time_per_step["COMPLETED"] == datetime(2026, 8, 17, 1, 40, 12, 300000, tzinfo=UTC)
    assert record.client == {"ibmq-backend": "0.1.0"}
    assert record.extra["cost"] == 600
    client.job(JOB_ID)
    assert service.names() == ["getJob", "getJobMetrics", "getJob"]


def test_a_waiting_job_has_no_metrics_yet(service, client):
    service.replies["getJob"] = job(status="Queued", state={"status": "Queued"})
    record = client.job(JOB_ID)
    assert service.names() == ["getJob"]
    assert list(record.time_per_step) == ["QUEUED"]
    assert record.queue is None
    assert client.job_status(JOB_ID).status == "QUEUED"


def test_a_job_is_returned_without_its_metrics(service, client):
    service.replies["getJobMetrics"] = error_reply(500)
    assert client.job(JOB_ID).status == "DONE"
    assert client.job_result(JOB_ID)["results"]


def test_pending_usage_is_read_again(service, client):
    service.replies["getJobMetrics"] = metrics(
        usage={"qpu_charge_time_seconds": 0, "status": "pending"}
    )
    client.job(JOB_ID)
    client.job(JOB_ID)
    assert service.names().count("getJobMetrics") == 2


def test_a_job_of_a_session_has_its_mode(service, client):
    service.replies["getJob"] = job(session_id="6e2c7a1c")
    assert client.job(JOB_ID).run_mode == "batch"
    service.replies["getSession"] = error_reply(404)
    assert client.job(JOB_ID).run_mode is None


def test_a_failed_job_without_a_reason(service, client):
    service.replies["getJob"] = job(status="Failed", state={"status": "Failed", "reason": ""})
    body = "log\nTraceback (most recent call last):\n  boom"
    service.replies["getJobResults"] = httpx.Response(200, text=body)
    assert client.job(JOB_ID).error.message.endswith("boom")
    service.replies["getJobResults"] = httpx.Response(204)
    assert client.job(JOB_ID).error is None


def test_a_deleted_job(service, client):
    service.replies["getJob"] = error_reply(404, 1291, f"No job {JOB_ID}")
    with pytest.raises(ApiNotFound, match="1291.*IBMQ.providers"):
        client.job(JOB_ID)
    assert len(service.requests) == 1


def test_jobs_of_all_programs_are_listed(service, client):
    jobs = [job(id=f"j{n}", program={"id": name}) for n, name in enumerate(("executor", "x", "y"))]
    service.replies["listJobs"] = {"jobs": jobs, "count": 3, "offset": 0, "limit": 10}
    query = JobQuery(
        DEVICE, created_from=datetime(2026, 8, 1, tzinfo=UTC), tags=("a", "b"), all_tags=True
    )
    assert [record.kind for record in client.jobs(query, 10)] == ["executor", "x", "y"]
    assert service.query("listJobs") == {
        "limit": ["10"],
        "offset": ["0"],
        "backend": [DEVICE],
        "created_after": ["2026-08-01T00:00:00+00:00"],
        "sort": ["DESC"],
        "tags": ["a", "b"],
        "exclude_params": ["true"],
    }
    assert "program" not in service.query("listJobs")
    summaries = list(client.job_summaries(JobQuery(), 2))
    assert [summary.job_id for summary in summaries] == ["j0", "j1"]


def test_results_of_a_job_of_this_client(service, client):
    document = qobj(memory=True, qobj_header={"u": 1})
    job_id = client.submit(submission(qobj=document)).job_id
    service.requests.clear()
    result = Result.from_dict(dict(client.job_result(job_id)))
    assert service.names() == ["getJobResults", "getJobMetrics"]
    assert result.get_counts("bell") == {"00": 1, "11": 1}
    assert result.qobj_id == "qobj-1"
    assert result.header.u == 1
    assert result.results[0].header.metadata == {"k": 1}
    assert result.time_taken == 2.5
    assert result.backend_version == "1.0.3"


def test_results_and_input_of_a_job_of_another_process(service, client):
    document = json.loads(json.dumps(qobj(memory=True, qobj_header={"u": 1})))
    client.submit(submission(qobj=document))
    params = service.body("createJob")["params"]
    other = service.open()
    service.replies["getJob"] = job(params=params)
    service.requests.clear()
    result = Result.from_dict(dict(other.job_result(JOB_ID)))
    assert service.names() == ["getJob", "getJobResults", "getJobMetrics"]
    assert service.query("getJob") == {"exclude_params": ["false"]}
    assert result.get_memory("bell") == ["00", "11"]
    assert result.results[0].header.metadata == {"k": 1}
    assert result.header.u == 1
    assert other.job_input(JOB_ID) == document


@pytest.mark.parametrize("name", ["plain", "typed"])
def test_results_of_jobs_of_other_clients(service, client, name):
    binary = {"__type__": "QuantumCircuit", "__value__": "eJyL"}
    service.replies["getJob"] = job(params={"pubs": [[binary, None, 4]], "support_qiskit": True})
    service.replies["getJobResults"] = examples("getJobResults")[name]
    result = Result.from_dict(dict(client.job_result(JOB_ID)))
    assert result.get_counts() == {"00": 2, "11": 2}
    with pytest.raises(ApiNotSupported, match="QPY"):
        client.job_input(JOB_ID)


@pytest.mark.parametrize("program", ["estimator", "executor", "noise-learner"])
def test_jobs_of_other_programs_are_rejected(service, client, program):
    service.replies["getJob"] = job(program={"id": program}, params={"anything": [1]})
    assert client.job(JOB_ID).kind == program
    for ask in (client.job_result, client.job_input):
        with pytest.raises(ApiNotSupported, match=f"not a circuit job.*{program}"):
            ask(JOB_ID)
    assert "getJobResults" not in service.names()


def test_a_private_job(service, client):
    service.replies["getJob"] = job(private=True, params={})
    result = Result.from_dict(dict(client.job_result(JOB_ID)))
    assert result.get_counts() == {"00": 1, "11": 1}
    with pytest.raises(ApiNotSupported, match="private"):
        client.job_input(JOB_ID)


@pytest.mark.parametrize("nothing", [httpx.Response(204), httpx.Response(200, content=b" ")])
def test_no_results(service, client, nothing):
    service.replies["getJobResults"] = nothing
    with pytest.raises(ApiNotFound, match="stores no result"):
        client.job_result(JOB_ID)


def test_results_before_the_job_ends(service, client):
    service.replies["getJobResults"] = error_reply(400, 1234, "Not final")
    with pytest.raises(ApiStatusError, match="1234.*wait_for_final_state") as caught:
        client.job_result(JOB_ID)
    assert caught.value.code == 1234
    assert service.names().count("getJobResults") == 1


@pytest.mark.parametrize(
    "body",
    [b"not json", b"[]", b"{}", b'{"results": [{"data": {"c": 5}}]}', b'"text"', b"\xff\xfe\x00"],
)
def test_results_that_cannot_be_read(service, client, body):
    service.replies["getJobResults"] = httpx.Response(200, content=body)
    with pytest.raises(ApiProtocolError):
        client.job_result(JOB_ID)


def test_the_calibration_of_a_run(service, client):
    assert client.job_properties(JOB_ID)["backend_name"] == DEVICE
    assert service.query("getBackendProperties") == {
        "updated_before": ["2026-08-17T01:40:10+00:00"]
    }
    service.replies["getJobMetrics"] = {"timestamps": {"created": "2026-08-17T01:39:15Z"}}
    service.requests.clear()
    assert service.open().job_properties(JOB_ID) is None
    assert "getBackendProperties" not in service.names()


# -- changing jobs --------------------------------------------------------------------------------


def test_cancel(service, client):
    assert client.cancel(JOB_ID) is True
    assert service.names() == ["cancelJob"]
    assert service.requests[0].method == "POST"


@pytest.mark.parametrize("status", [400, 409])
@pytest.mark.parametrize(("word", "expected"), [("Cancelled", True), ("Completed", False)])
def test_a_refused_cancel_is_checked(service, client, status, word, expected):
    service.replies["cancelJob"] = error_reply(status)
    service.replies["getJob"] = job(status=word, state={"status": word})
    assert client.cancel(JOB_ID) is expected


def test_cancelling_an_unknown_job(service, client):
    service.replies["cancelJob"] = error_reply(404, 1291)
    with pytest.raises(ApiNotFound):
        client.cancel(JOB_ID)


def test_names_and_tags_are_changed_in_one_list(service, client):
    service.replies["getJob"] = job(tags=["a", TAG, "ibmq_name_old"])
    assert client.relabel(JOB_ID, name="new") is None
    assert service.body("replaceJobTags") == {"tags": ["a", TAG, "ibmq_name_new"]}
    client.relabel(JOB_ID, tags=["b", TAG])
    assert service.body("replaceJobTags") == {"tags": ["b", TAG, "ibmq_name_old"]}
    client.relabel(JOB_ID, tags=[])
    assert service.body("replaceJobTags") == {"tags": ["ibmq_name_old"]}
    client.relabel(JOB_ID, name="")
    assert service.body("replaceJobTags") == {"tags": ["a", TAG]}
    assert service.requests[-1].method == "PUT"
    with pytest.raises(ApiInputError):
        client.relabel(JOB_ID, name="n" * 80)


def test_delete(service, client):
    client.delete(JOB_ID)
    assert service.requests[0].method == "DELETE"
    service.replies["deleteJob"] = error_reply(400, None, "Not final.")
    with pytest.raises(ApiStatusError, match="Not final"):
        client.delete(JOB_ID)


@pytest.mark.parametrize("status", [200, 201, 202, 203, 299])
def test_a_document_with_another_success_status_is_read(service, client, status):
    for name in ("listBackends", "getBackendProperties", "getJob", "getJobResults"):
        service.replies[name] = httpx.Response(status, json=service.replies[name])
    assert client.backends()
    assert client.properties(DEVICE)["backend_name"] == DEVICE
    assert client.job_status(JOB_ID).status == "DONE"
    assert client.job_result(JOB_ID)["results"]
    for name in ("replaceJobTags", "cancelJob", "deleteJob"):
        service.replies[name] = httpx.Response(status)
    client.relabel(JOB_ID, tags=[])
    assert client.cancel(JOB_ID) is True
    client.delete(JOB_ID)


@pytest.mark.parametrize("status", [201, 202, 204])
def test_success_without_the_document_is_an_error(service, client, status):
    service.replies["getJob"] = httpx.Response(status)
    with pytest.raises(ApiProtocolError, match=str(status)):
        client.job_status(JOB_ID)


# -- requests -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(200, html="<html><title>Quantum</title></html>"),
        httpx.Response(200, content=b""),
        httpx.Response(200, json=None),
        httpx.Response(200, json=[]),
        httpx.Response(200, json={}),
        httpx.Response(200, json={"id": 5, "created": 5, "program": 5, "state": 5}),
        httpx.Response(302, headers={"location": "https://elsewhere.example"}),
    ],
    ids=lambda reply: f"{reply.status_code} {reply.content[:20]!r}",
)
def test_html_replies_are_errors(service, client, reply):
    for name, ask in (
        ("getJob", lambda: client.job(JOB_ID)),
        ("listJobs", lambda: list(client.jobs(JobQuery(), 1))),
        ("listBackends", client.backends),
    ):
        service.replies[name] = reply
        with pytest.raises(ApiProtocolError):
            ask()


def test_safe_requests_are_repeated(service, client):
    service.replies["getJob"] = [Turn(httpx.Response(520)), Turn(job())]
    assert client.job_status(JOB_ID).status == "DONE"
    service.replies["getJob"] = httpx.Response(520)
    with pytest.raises(ApiServerError):
        client.job_status(JOB_ID)


def test_the_device_is_read_from_the_list_again(service, client):
    (record, _) = client.backends()
    assert dict(record.configuration)["n_qubits"] == 5
    service.replies["getBackendConfiguration"] = line_device(qubits=7)
    (record, _) = client.backends()
    assert dict(record.configuration)["n_qubits"] == 7


def test_plain_results_can_be_large(service, client):
    samples = ["0x0", "0x1"] * 100_000
    service.replies["getJobResults"] = plain_results({"c": samples})
    document = client.job_result(JOB_ID)
    assert document["results"][0]["data"]["counts"] == {"0x0": 100_000, "0x1": 100_000}
